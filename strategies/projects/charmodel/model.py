"""How the model is built and trained. Only this file may be changed."""

import numpy as np

CONTEXT = 3  # characters that it sees
EMBED = 8
HIDDEN = 32
STEPS = 300
BATCH = 64
RATE = 0.1


def train(text, vocabulary, seed):
    """Weights of a network of one hidden layer: embed (V, d), w1 (k d, h), b1 (h), w2 (h, V), b2 (V)."""
    random = np.random.default_rng(seed)
    size = len(vocabulary)
    codes = np.array([vocabulary.index(c) for c in text])
    w = {
        "embed": random.normal(0, 0.1, (size, EMBED)),
        "w1": random.normal(0, 0.1, (CONTEXT * EMBED, HIDDEN)),
        "b1": np.zeros(HIDDEN),
        "w2": random.normal(0, 0.1, (HIDDEN, size)),
        "b2": np.zeros(size),
    }
    for _ in range(STEPS):
        at = random.integers(CONTEXT, len(codes), BATCH)
        seen = codes[at[:, None] - np.arange(CONTEXT, 0, -1)]
        x = w["embed"][seen].reshape(BATCH, -1)
        h = np.tanh(x @ w["w1"] + w["b1"])
        logits = h @ w["w2"] + w["b2"]
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(BATCH), codes[at]] -= 1
        p /= BATCH
        dh = (p @ w["w2"].T) * (1 - h * h)
        dx = (dh @ w["w1"].T).reshape(BATCH, CONTEXT, EMBED)
        w["w2"] -= RATE * (h.T @ p)
        w["b2"] -= RATE * p.sum(0)
        w["w1"] -= RATE * (x.T @ dh)
        w["b1"] -= RATE * dh.sum(0)
        np.add.at(w["embed"], seen, -RATE * dx)
    return w
