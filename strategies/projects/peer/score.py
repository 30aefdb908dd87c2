"""What was held after one close earns the change to the next; each change of it costs. It runs none of the rule's code."""

import csv
import os

COST = 0.0005
with open("prices.csv", encoding="utf-8") as file:
    prices = list(csv.reader(file))[1:]
with open("out/positions.csv", encoding="utf-8") as file:
    held = list(csv.reader(file))
if [day for day, _ in held] != [day for day, _ in prices]:
    raise SystemExit("expected one position for each day of prices.csv")
with open(os.path.join(os.environ["RALPH_RESULT"], "returns.csv"), "w", encoding="utf-8") as file:
    before = 0.0
    for (_, old), (day, new), (_, text) in zip(prices, prices[1:], held):
        position = float(text)
        if not abs(position) <= 1:
            raise SystemExit(f"the position before {day} is {text}: expected -1 to 1")
        file.write(f"{day},{position * (float(new) / float(old) - 1) - COST * abs(position - before)}\n")
        before = position
