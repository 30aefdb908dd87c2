"""The rule that is searched for, in the words of backtesting.py. Only this file may be changed."""

from backtesting import Strategy


class Rule(Strategy):
    days = 60

    def init(self):
        pass

    def next(self):
        if len(self.data) <= self.days:
            return
        up = self.data.Close[-1] > self.data.Close[-1 - self.days]
        if up and not self.position.is_long:
            self.position.close()
            self.buy(size=0.95)
        elif not up:
            self.position.close()
