"""Two small MLPs, a policy's and a value's, asked about positions one after the other, in plain Python.

`compile.py` compiles it. Each layer adds up the rows of its weights whose input is not zero. Boards are
mostly zeros, and so is what ReLU leaves of a hidden layer, so that a position costs a fraction of the matrix
products that torch would make of it, and none of the calls.
"""

import math


def layer(inputs, weights, start, width, outputs, out):
    """Write one layer's sums into `outputs`: (width, out) weights, then biases; returns where they end."""
    biases = start + width * out
    for j in range(out):
        outputs[j] = weights[biases + j]
    for i in range(width):
        x = inputs[i]
        if x != 0:
            row = weights[start + i * out : start + (i + 1) * out]
            for j in range(out):
                outputs[j] += x * row[j]
    return biases + out


def tower(obs, sizes, weights, start, hidden, out):
    """Go through the layers of one MLP; returns which row of `hidden` has the result, and where it ends."""
    width = obs.shape[0]
    for i in range(width):
        hidden[0, i] = obs[i]
    now = 0
    for k in range(sizes.shape[0]):
        start = layer(hidden[now], weights, start, width, hidden[1 - now], sizes[k])
        now, width = 1 - now, sizes[k]
        for j in range(width):
            if hidden[now, j] < 0:
                hidden[now, j] = 0
    start = layer(hidden[now], weights, start, width, hidden[1 - now], out)
    return 1 - now, start


def judge_each(obs, allowed, sizes, weights, hidden, doubt, values, chances):
    """Write values, from -1 to 1, and the probabilities of what is allowed.

    `obs` (B, D), `sizes` of the hidden layers, `weights` of one MLP after the other, two rows of memory in
    `hidden`; all allowed actions share `doubt` of the probabilities alike.
    """
    for i in range(obs.shape[0]):
        K = chances.shape[1]
        at, end = tower(obs[i], sizes, weights, 0, hidden, K)
        count, highest, total = 0, -math.inf, 0.0
        for a in range(K):
            if allowed[i, a]:
                count += 1
                highest = max(highest, hidden[at, a])
        for a in range(K):
            chances[i, a] = math.exp(hidden[at, a] - highest) if allowed[i, a] else 0.0
            total += chances[i, a]
        for a in range(K):
            if allowed[i, a]:
                chances[i, a] = (1 - doubt) * chances[i, a] / total + doubt / count
        at, end = tower(obs[i], sizes, weights, end, hidden, 1)
        values[i] = min(1.0, max(-1.0, hidden[at, 0]))
