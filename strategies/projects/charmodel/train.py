"""Trains and leaves the weights. It says no number: score.py does."""

import os

import numpy as np

from model import train

text = open("train.txt", encoding="utf-8").read()
vocabulary = sorted(set(text))
weights = train(text, vocabulary, int(os.environ.get("RALPH_SEED", "1")))
os.makedirs("out", exist_ok=True)
np.savez("out/weights.npz", **weights)
