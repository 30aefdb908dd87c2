"""Plays the rule in backtesting.py and writes what it held after each close. It says no number: score.py makes returns of it."""

import os

import pandas as pd
from backtesting import Backtest

from strategy import Rule

prices = pd.read_csv("prices.csv", index_col=0, parse_dates=True)
close = prices["close"]
# An order given at a close is filled at the next open, which is that close.
opens = close.shift(1).fillna(close.iloc[0])
bars = pd.DataFrame(
    {"Open": opens, "High": pd.concat([opens, close], axis=1).max(axis=1), "Low": pd.concat([opens, close], axis=1).min(axis=1), "Close": close}
)
trades = Backtest(bars, Rule, cash=1_000_000, finalize_trades=True).run()["_trades"]
held = [0] * len(bars)
for size, entry, leave in zip(trades["Size"], trades["EntryBar"], trades["ExitBar"]):
    # What is still held at the end is closed there by the library, one bar late.
    last = len(bars) if leave == len(bars) - 1 else leave - 1
    for bar in range(entry - 1, last):
        held[bar] = 1 if size > 0 else -1
os.makedirs("out", exist_ok=True)
with open("out/positions.csv", "w", encoding="utf-8") as file:
    file.writelines(f"{day:%Y-%m-%d},{position}\n" for day, position in zip(bars.index, held))
