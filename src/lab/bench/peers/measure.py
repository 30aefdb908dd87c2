"""Peers of the engine: reads the name of a task a line from standard input, runs it once and prints what it found as JSON.

Arguments: a file of float64 columns (time, open, high, low, close, volume) and how many symbols they are cut into. The first line
printed names the versions that are installed. The time is taken by who asks.
"""

import importlib.metadata
import importlib.util
import json
import sys
import warnings

warnings.filterwarnings("ignore")


def version(name):
    # What is installed under another name, such as a folder called the same, has no metadata.
    try:
        return importlib.metadata.version(name) if importlib.util.find_spec(name) else None
    except importlib.metadata.PackageNotFoundError:
        return None


PEERS = {name: version(name) for name in ("vectorbt", "backtesting", "numba")}
print(json.dumps(PEERS), flush=True)
if not any(PEERS.values()):
    sys.exit()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

FEE = 0.001
CASH = 10_000_000
columns = np.fromfile(sys.argv[1], dtype="<f8").reshape(6, -1)
symbols = int(sys.argv[2])
when = pd.to_datetime(columns[0], unit="ms")
tasks = {}

if PEERS["vectorbt"]:
    import vectorbt as vbt

    def crossed(open_, close, **options):
        """Long while the fast average is above the slow one, from the next open on; returns entries and final equity."""
        fast = vbt.MA.run(close, 10, ewm=True, short_name="fast").ma.to_numpy()
        slow = vbt.MA.run(close, 50, ewm=True, short_name="slow").ma.to_numpy()
        above = fast > slow
        # Both averages are known from the 50th bar on; what is decided at a close fills at the next open.
        above[:50] = False
        entries = np.zeros_like(above)
        exits = np.zeros_like(above)
        entries[1:] = above[:-1]
        exits[1:] = ~above[:-1]
        book = vbt.Portfolio.from_signals(
            close, entries, exits, price=open_, size=1, fees=FEE, init_cash=CASH, freq="1min", **options
        )
        value = book.value()
        drawdown = (1 - value / value.cummax()).max()
        return {"entries": int(np.sum(book.orders.records["side"] == 0)), "equity": float(value.iloc[-1]), "drawdown": float(drawdown)}

    whole = {name: pd.Series(columns[k], index=when) for k, name in ((1, "open"), (4, "close"))}
    length = len(when) // symbols
    parts = {
        name: pd.DataFrame(columns[k][: length * symbols].reshape(symbols, length).T.copy(), index=when[:length])
        for k, name in ((1, "open"), (4, "close"))
    }
    tasks["vectorbt one"] = lambda: crossed(whole["open"], whole["close"])
    tasks["vectorbt several"] = lambda: crossed(parts["open"], parts["close"], group_by=True, cash_sharing=True)

if PEERS["backtesting"]:
    import backtesting
    from backtesting import Backtest, Strategy

    # A bar of progress would be timed too.
    backtesting.backtesting._tqdm = lambda steps, **_: steps

    frame = pd.DataFrame({name: columns[k] for k, name in enumerate(("Open", "High", "Low", "Close", "Volume"), 1)}, index=when)

    def average(values, n):
        return pd.Series(values).ewm(span=n, adjust=False).mean()

    class Cross(Strategy):
        def init(self):
            self.fast = self.I(average, self.data.Close, 10)
            self.slow = self.I(average, self.data.Close, 50)

        def next(self):
            if self.fast[-1] > self.slow[-1]:
                if not self.position:
                    self.buy(size=1)
            elif self.position:
                self.position.close()

    def bookkept():
        stats = Backtest(frame, Cross, cash=CASH, commission=FEE, finalize_trades=True).run()
        return {"entries": int(stats["# Trades"]), "equity": float(stats["Equity Final [$]"])}

    tasks["backtesting one"] = bookkept

if PEERS["numba"]:
    from numba import njit

    close = columns[4].copy()

    @njit
    def scan(x, share):
        made = np.empty_like(x)
        state = 0.0
        for i in range(len(x)):
            state = share * x[i] + (1 - share) * state
            made[i] = state
        return made

    @njit
    def deviation(x, n):
        made = np.full_like(x, np.nan)
        for i in range(n - 1, len(x)):
            mean = 0.0
            for j in range(i - n + 1, i + 1):
                mean += x[j]
            mean /= n
            away = 0.0
            for j in range(i - n + 1, i + 1):
                away += abs(x[j] - mean)
            made[i] = away / n
        return made

    @njit
    def median(x, n):
        made = np.full_like(x, np.nan)
        for i in range(n - 1, len(x)):
            made[i] = np.sort(x[i - n + 1 : i + 1])[n >> 1]
        return made

    tasks["numba scan"] = lambda: {"last": float(scan(close, 0.1)[-1])}
    tasks["numba rolling"] = lambda: {"last": float(deviation(close, 20)[-1])}
    tasks["numba median"] = lambda: {"last": float(median(close, 21)[-1])}

for line in sys.stdin:
    print(json.dumps(tasks[line.strip()]()), flush=True)
