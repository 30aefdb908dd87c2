"""Loss of the weights on text that neither the model's author nor the training has seen. It runs none of their code."""

import numpy as np

vocabulary = sorted(set(open("train.txt", encoding="utf-8").read()))
size = len(vocabulary)
w = np.load("out/weights.npz", allow_pickle=False)
embed, w1, b1, w2, b2 = (np.asarray(w[name], dtype=np.float64) for name in ("embed", "w1", "b1", "w2", "b2"))
depth = embed.shape[1]
context = w1.shape[0] // depth
if embed.shape[0] != size or w1.shape[0] != context * depth or w2.shape[1] != size or not 1 <= context <= 16:
    raise SystemExit(f"the shapes do not fit: embed {embed.shape}, w1 {w1.shape}, w2 {w2.shape}")
codes = np.array([vocabulary.index(c) for c in open("val.txt", encoding="utf-8").read()])
at = np.arange(16, len(codes))
x = embed[codes[at[:, None] - np.arange(context, 0, -1)]].reshape(len(at), -1)
logits = np.tanh(x @ w1 + b1) @ w2 + b2
top = logits.max(1, keepdims=True)
loss = np.mean(np.log(np.exp(logits - top).sum(1)) + top[:, 0] - logits[np.arange(len(at)), codes[at]])
print(f"val_loss={loss:.6f}")
print(f"parameters={embed.size + w1.size + b1.size + w2.size + b2.size}")
