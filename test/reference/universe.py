"""A second implementation of a universe, written from src/backtest/README.md and sharing no code with the engine.

    python3 universe.py FOLDER FROM TO [digest]   (dates such as 2016-01-01) prints {strategy: {fills, equity}} as JSON;
                                                  with digest: how many fills, their value, and a hash of which they were

It knows what the five strategies below need: market orders to a weight, stops, fees, slippage, ticks, lots, a cap by volume, the book's
gross limit, and who fills first. Perpetuals without funding; the plain standard library.
"""
import bisect
import calendar
import gzip
import hashlib
import json
import math
import sys
import time as clock

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WARMUP = 40 * DAY
NAN = math.nan
CASH = 10_000.0
TAKER = 0.0010
COSTS = {  # slippage as a fraction, share of the range, share of the volume, tick, lot
    'BTCUSD': (0.0001, 0.05, 0.1, 0.01, 0.001),
    'ETHUSD': (0.0002, 0.05, 0.1, 0.001, 0.01),
    'LTCUSD': (0.0002, 0.05, 0.1, 0.0001, 0.1),
}
NAMES = sorted(COSTS)


class Market:
    """Minutes of one symbol and its closed bars by timeframe."""

    def __init__(self, path, first, last):
        self.t, self.o, self.h, self.l, self.c, self.v = [], [], [], [], [], []
        with gzip.open(path, 'rt') as rows:
            for row in rows:
                if not first <= int(row[:13]) < last:
                    continue
                t, o, c, h, l, v = row.split(',')
                if self.t and int(t) == self.t[-1]:
                    continue
                self.t.append(int(t))
                for column, value in zip((self.o, self.h, self.l, self.c, self.v), (o, h, l, c, v)):
                    column.append(float(value))

    def bars(self, step):
        """(time of the close, close) of each bucket that has a minute."""
        times, closes = [], []
        for i, t in enumerate(self.t):
            end = (t // step + 1) * step
            if times and times[-1] == end:
                closes[-1] = self.c[i]
            else:
                times.append(end)
                closes.append(self.c[i])
        return times, closes


def up(price, tick):
    return math.ceil(price / tick - 1e-9) * tick


def down(price, tick):
    return math.floor(price / tick + 1e-9) * tick


def lots(quantity, lot):
    return math.trunc(quantity / lot + (1e-9 if quantity > 0 else -1e-9)) * lot


class Order:
    def __init__(self, weight, desired, side, live, stop):
        self.weight, self.desired, self.side, self.live, self.stop = weight, desired, side, live, stop
        self.started = self.done = False
        self.reason = 'market'
        self.reduce = False


class Symbol:
    def __init__(self, name, market, step, account):
        self.name, self.market, self.account = name, market, account
        self.slip, self.range_share, self.cap, self.tick, self.lot = COSTS[name]
        self.times, self.closes = market.bars(step)
        self.bar = -1  # last closed decision bar
        self.next = 0  # next minute to play
        self.position, self.held, self.stop = 0.0, 0.0, NAN
        self.orders = []
        self.last = NAN
        self.left = math.inf
        self.budget = None
        self.live = False

    def close(self, ago=0):
        return self.closes[self.bar - ago] if self.bar >= ago else NAN

    def slipped(self, price, quantity, m):
        away = price * self.slip + self.range_share * (self.market.h[m] - self.market.l[m])
        return up(price + away, self.tick) if quantity > 0 else max(0.0, down(price - away, self.tick))

    # -- what decide() asks for ----------------------------------------------------------------
    def committed(self):
        if self.orders:
            return self.orders[0].weight
        if self.position == 0:
            return 0.0
        return self.position * self.close() / self.account.marked() if math.isnan(self.held) else self.held

    def target(self, weight, stop):
        stop = NAN if stop is None else (down(stop, self.tick) if weight > 0 else up(stop, self.tick))
        same = next((order for order in self.orders if order.weight == weight), None)
        if same:
            if not math.isnan(stop):
                same.stop = stop
            self.orders = [same]
            return
        self.orders = []
        if weight == self.held:
            if self.position != 0 and not math.isnan(stop):
                self.stop = stop
            return
        units = lots(weight * self.account.marked() / self.close(), self.lot) if weight else 0.0
        quantity = units - self.position
        if quantity != 0:
            # Live from the first minute that begins when the bar has closed.
            live = bisect.bisect_left(self.market.t, self.times[self.bar])
            self.orders.append(Order(weight, units, 1 if quantity > 0 else -1, live, stop))

    # -- what a minute does --------------------------------------------------------------------
    def opening(self, order):
        """What an order closes and opens of its remainder."""
        size = (order.desired - self.position) * order.side
        if size <= 0:
            return 0.0, 0.0
        closing = min(abs(self.position), size) if self.position * order.side < 0 else 0.0
        if closing > 0 and abs(abs(self.position) - size) < abs(self.position) * 1e-9:
            return abs(self.position), 0.0
        return closing, 0.0 if order.reduce else size - closing

    def trade(self, m, quantity, price, reason):
        self.account.cash -= quantity * price + abs(quantity * price) * TAKER
        self.account.fills.append([self.market.t[m], self.name, quantity, price, reason])
        before = self.position
        self.position = before + quantity
        if before != 0 and abs(quantity) >= abs(before) and before * quantity < 0:
            if abs(quantity) == abs(before):
                self.position = 0.0
            self.held, self.stop = 0.0, NAN

    def fill(self, order, m):
        closing, opens = self.opening(order)
        if closing + opens == 0:
            order.done = True
            return
        price = self.slipped(self.market.o[m], order.side * (closing + opens), m)
        if opens > 0:
            if self.budget is not None:
                most = self.budget / (price * (1 + TAKER))
            else:
                equity = self.account.cash + self.position * price + self.account.others(self)
                room = equity - self.account.gross_beside(self)
                most = room / (price * (1 + TAKER)) - (0 if closing > 0 else abs(self.position))
            if opens > most:
                opens = lots(most, self.lot) if most > 0 else 0.0
        whole = size = closing + opens
        if size > self.left:
            size = lots(self.left, self.lot)
        order.done = size == whole
        if size <= 0:
            return
        self.left -= size
        if self.budget is not None:
            self.budget -= (size - closing) * price * (1 + TAKER)
        before = self.position
        self.trade(m, order.side * size, price, order.reason)
        if self.position != 0:
            self.held = order.weight if order.done and self.stands(order, price) else NAN
            opened = before * self.position <= 0
            turning = order.desired * self.position < 0
            if (opened or not order.started and not turning) and not math.isnan(order.stop):
                self.stop = order.stop
        order.started = True

    def stands(self, order, price):
        """Nine tenths of a target, by its units or by its part of the equity at this price, pass for all of it; so does a lot too few."""
        size = abs(self.position) + self.lot
        equity = self.account.cash + self.position * price + self.account.others(self)
        return size >= 0.9 * abs(order.desired) or size * price >= 0.9 * abs(order.weight) * equity

    def leave(self, m, price, reason):
        size = whole = abs(self.position)
        side = -1 if self.position > 0 else 1
        self.orders = [order for order in self.orders if not (order.started and order.side == -side)]
        if size > self.left:
            size = lots(self.left, self.lot)
        if size > 0:
            self.left -= size
            self.trade(m, side * size, self.slipped(price, side * size, m), reason)
        if size < whole:
            rest = Order(0, 0.0, side, m + 1, NAN)
            rest.started, rest.reduce, rest.reason = True, True, reason
            self.orders.append(rest)
            self.stop = NAN

    def busy(self, m):
        if any(order.live <= m for order in self.orders):
            return True
        if self.position > 0:
            return self.market.l[m] <= self.stop
        return self.position < 0 and self.market.h[m] >= self.stop

    def at_open(self, m):
        self.left = self.cap * self.market.v[m]
        for order in list(self.orders):
            if order.live <= m:
                self.fill(order, m)
        self.orders = [order for order in self.orders if not order.done]
        side = 1 if self.position > 0 else -1
        if self.position != 0 and side * (self.market.o[m] - self.stop) <= 0:
            self.leave(m, self.market.o[m], 'stop')

    def inside(self, m):
        side = 1 if self.position > 0 else -1
        worst = self.market.l[m] if side > 0 else self.market.h[m]
        if self.position != 0 and side * (worst - self.stop) <= 0:
            self.leave(m, self.stop, 'stop')


class Account:
    def __init__(self, markets, step):
        self.cash, self.fills = CASH, []
        self.symbols = [Symbol(name, markets[name], step, self) for name in NAMES]

    def marked(self):
        """Equity at the closes of the last decision bars."""
        return self.cash + sum(s.position * s.close() for s in self.symbols if s.position != 0)

    def equity(self):
        return self.cash + self.others(None)

    def others(self, one):
        return sum(s.position * s.last for s in self.symbols if s is not one and s.position != 0)

    def gross_beside(self, one):
        return sum(abs(s.position * s.last) for s in self.symbols if s is not one and s.position != 0)

    def settle(self, wishes):
        """Cuts what a decision adds to the weights by one factor, so that they sum to 1 at most; then the orders."""
        base = {s: abs(s.committed()) for s in self.symbols}
        added = {s: 0.0 for s in self.symbols}
        for s, (weight, _) in wishes.items():
            held = s.committed()
            base[s] = min(abs(held), abs(weight)) if held * weight > 0 else 0.0
            added[s] = abs(weight) - base[s]
        kept, more = sum(base.values()), sum(added.values())
        factor = 1.0
        if kept + more > 1 + 1e-9:
            factor = min(1.0, (1 - kept) / more) if 1 - kept > 1e-9 else 0.0
        for s, (weight, stop) in wishes.items():
            if factor < 1 and added[s] > 0:
                weight = math.copysign(base[s] + added[s] * factor, weight)
            s.target(weight, stop)

    def minute(self, t):
        now = [s for s in self.symbols if s.next < len(s.market.t) and s.market.t[s.next] == t]
        for s in now:
            s.last = s.market.o[s.next]
        start = t // MINUTE % len(self.symbols)
        turn = [self.symbols[(start + i) % len(self.symbols)] for i in range(len(self.symbols))]
        busy = [s for s in turn if s in now and s.busy(s.next)]
        need, beside, gain = {}, {}, {}
        for s in busy:
            for order in s.orders:
                if order.live > s.next or order.reduce:
                    continue
                size = (order.desired - s.position) * order.side
                closing = min(abs(s.position), size) if s.position * order.side < 0 else 0.0
                opens = min(size, s.cap * s.market.v[s.next]) - closing
                if size > 0 and opens > 0:
                    price = s.slipped(s.market.o[s.next], order.side * size, s.next)
                    need[s] = need.get(s, 0.0) + opens * price * (1 + TAKER)
                    beside[s] = 0.0 if closing > 0 else abs(s.position) * price * (1 + TAKER)
                    gain[s] = s.position * (price - s.market.o[s.next])
        for s in busy:
            if s not in need:
                s.at_open(s.next)
        openers = [s for s in busy if s in need]
        if len(openers) > 1:
            room = self.equity() - self.gross_beside(None)
            room += sum(gain[s] - beside[s] + abs(s.position * s.last) for s in openers)
            wanted = sum(need[s] for s in openers)
            for s in openers:
                s.budget = math.inf if wanted <= room else need[s] * max(0.0, room) / wanted
        for s in openers:
            s.at_open(s.next)
            s.budget = None
        for s in busy:
            s.inside(s.next)
        for s in now:
            s.last = s.market.c[s.next]
            s.next += 1


def play(markets, step, warmup, decide, start, end):
    account = Account(markets, step)
    equity = []
    for s in account.symbols:
        s.next = bisect.bisect_left(s.market.t, start)
        s.bar = bisect.bisect_left(s.times, start) - 1
    moments = sorted({t for s in account.symbols for t in s.times if start <= t <= end})
    if not moments or moments[-1] < end:
        moments.append(end)
    day = start + DAY
    for moment in moments:
        while day < moment:
            equity.append(account.equity())
            day += DAY
        while True:
            ahead = [s.market.t[s.next] for s in account.symbols if s.next < len(s.market.t) and s.market.t[s.next] < moment]
            if not ahead:
                break
            idle = not any(s.orders or (s.position != 0 and not math.isnan(s.stop)) for s in account.symbols)
            if not idle:
                account.minute(min(ahead))
                continue
            for s in account.symbols:
                to = bisect.bisect_left(s.market.t, moment)
                if to > s.next:
                    s.next, s.last = to, s.market.c[to - 1]
        any_live = False
        for s in account.symbols:
            closed = s.bar + 1 < len(s.times) and s.times[s.bar + 1] == moment
            s.bar += 1 if closed else 0
            s.live = closed and s.bar + 1 >= warmup
            any_live |= s.live
        if any_live and moment <= end:
            wishes = {s: wish for s, wish in decide(account).items() if s.bar + 1 >= warmup}
            if wishes:
                account.settle(wishes)
    while day <= end:
        equity.append(account.equity())
        day += DAY
    return {'fills': account.fills, 'equity': equity}


# -- the five strategies ---------------------------------------------------------------------------
def top(values, k):
    known = sorted((v for v in values if not math.isnan(v)), reverse=True)
    edge = known[k - 1] if len(known) > k else -math.inf
    above = sum(v > edge for v in known)
    tied = sum(v == edge for v in known)
    return [1 / k if v > edge else (k - above) / tied / k if v == edge else 0.0 for v in values]


def momentum(account):
    speed = [s.close() / s.close(7) - 1 if s.live else NAN for s in account.symbols]
    return {s: (w, None) for s, w in zip(account.symbols, top(speed, 1))}


def reversal(account):
    score = [-(s.close() / s.close(6) - 1) if s.live else NAN for s in account.symbols]
    known = [v for v in score if not math.isnan(v)]
    mean = sum(known) / len(known)
    rest = [0.0 if math.isnan(v) else v - mean for v in score]
    gross = sum(abs(v) for v in rest)
    if gross <= 1e-12 * sum(abs(v) for v in known):
        return {s: (0.0, None) for s in account.symbols}
    return {s: (round(v / gross * 8) / 8, None) for s, v in zip(account.symbols, rest)}


def pair(account):
    btc, ltc = (next(s for s in account.symbols if s.name == name) for name in ('BTCUSD', 'LTCUSD'))
    if not (btc.live and ltc.live):
        return {}
    ratio = [math.log(btc.close(k) / ltc.close(k)) for k in range(48)]
    mean = sum(ratio) / 48
    deviation = math.sqrt(sum((r - mean) ** 2 for r in ratio) / 48)
    z = (ratio[0] - mean) / deviation
    if z > 2:
        return {btc: (-0.5, None), ltc: (0.5, None)}
    if z < -2:
        return {btc: (0.5, None), ltc: (-0.5, None)}
    if abs(z) < 0.5:
        return {btc: (0.0, None), ltc: (0.0, None)}
    return {}


def parity(account):
    inverse = []
    for s in account.symbols:
        if not s.live:
            inverse.append(0.0)
            continue
        returns = [s.close(k) / s.close(k + 1) - 1 for k in range(20)]
        mean = sum(returns) / 20
        inverse.append(1 / math.sqrt(sum((r - mean) ** 2 for r in returns) / 20))
    total = sum(inverse)
    return {s: (round(v / total * 10) / 10, None) for s, v in zip(account.symbols, inverse)}


def regime(account):
    btc = next(s for s in account.symbols if s.name == 'BTCUSD')
    average = sum(btc.close(k) for k in range(30)) / 30
    if not btc.close() > average:
        return {s: (0.0, None) for s in account.symbols}
    # More than the book may hold: it is cut for all alike.
    return {s: (0.6, s.close() * 0.97) for s in account.symbols if s.position == 0 and s.live}


STRATEGIES = {
    'rank-momentum': (DAY, 8, momentum),
    'rank-reversal': (4 * HOUR, 7, reversal),
    'pair-ratio': (HOUR, 48, pair),
    'volatility-parity': (DAY, 21, parity),
    'market-regime': (4 * HOUR, 30, regime),
}


def main(folder, start, end, digest=None):
    first, last = (calendar.timegm(clock.strptime(day, '%Y-%m-%d')) * 1000 for day in (start, end))
    markets = {name: Market(f'{folder}/{name}-1m-2016.csv.gz', first - WARMUP, last) for name in NAMES}
    played = {name: play(markets, step, warmup, decide, first, last) for name, (step, warmup, decide) in STRATEGIES.items()}
    for one in played.values() if digest else []:
        one['count'], one['traded'] = len(one['fills']), sum(abs(q * p) for _, _, q, p, _ in one['fills'])
        one['fills'] = hashlib.sha256(' '.join(key(fill) for fill in one['fills']).encode()).hexdigest()
    json.dump(played, sys.stdout)


def key(fill):
    time, name, quantity, _, reason = fill
    return f'{time} {name} {"buy" if quantity > 0 else "sell"} {reason}'


if __name__ == '__main__':
    main(*sys.argv[1:])
