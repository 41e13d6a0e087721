"""Small networks of a policy and a value, alone and inside a tree search, in plain Python.

`compile.py` compiles it. Each layer adds up the rows of its weights whose input is not zero. Boards are
mostly zeros, and so is what ReLU leaves of a hidden layer, so that a position costs a fraction of the matrix
products that torch would make of it, and none of the calls.
"""

import math

import numpy as np

from agents.planning.tree_kernels import back_up, descend, ends_with_reward
from envs.engine.core.kernels import PARAMS, STATE, records, write_obs

ZERO = np.float32(0)


def layer(inputs, weights, biases, outputs, active):
    """Write the sums of one layer, with `weights` (width, out), into the first places of `outputs`.

    Four rows at a time, so that the sums are read and written a quarter as often, and no branch for each
    input, which no processor could foresee: several times as fast as one row after the other.
    """
    width, out = weights.shape
    for j in range(out):
        outputs[j] = biases[j]
    count = 0
    for i in range(width):
        active[count] = i
        count += inputs[i] != 0
    for k in range(0, count - 3, 4):
        a, b, c, d = active[k], active[k + 1], active[k + 2], active[k + 3]
        x, y, z, w = inputs[a], inputs[b], inputs[c], inputs[d]
        for j in range(out):
            outputs[j] += x * weights[a, j] + y * weights[b, j] + z * weights[c, j] + w * weights[d, j]
    for k in range(count - count % 4, count):
        a = active[k]
        x = inputs[a]
        for j in range(out):
            outputs[j] += x * weights[a, j]


def tower(obs, sizes, numbers, hidden, active):
    """Go through the layers of one MLP; returns which row of `hidden` has the result.

    `numbers` has the weights (width, out) and the biases (out,) of one layer after the other.
    """
    width, last, start = obs.shape[0], sizes.shape[0] - 1, 0
    for i in range(width):
        hidden[0, i] = obs[i]
    now = 0
    for k in range(last + 1):
        out = sizes[k]
        middle, end = start + width * out, start + width * out + out
        weights = numbers[start:middle].reshape((width, out))
        layer(hidden[now], weights, numbers[middle:end], hidden[1 - now], active)
        now, width, start = 1 - now, out, end
        for j in range(width if k < last else 0):
            x = hidden[now, j]
            hidden[now, j] = x if x > ZERO else ZERO
    return now


def judge_each(obs, allowed, sizes, numbers, hidden, active, doubt, values, chances):
    """Write values, from -1 to 1, and the probabilities of what is allowed.

    `obs` (B, D); `sizes` (2, L) of the layers of both MLPs and their `numbers` (2, P), or (1, L) and (1, P)
    of one network whose last output is the value; `hidden` (2, W) and `active` (W + 1,) are memory. All
    allowed actions share `doubt` of the probabilities alike.
    """
    for i in range(obs.shape[0]):
        outputs = hidden[tower(obs[i], sizes[0], numbers[0], hidden, active)]
        count, highest, total = 0, -math.inf, 0.0
        for a in range(chances.shape[1]):
            if allowed[i, a]:
                count += 1
                highest = max(highest, outputs[a])
        for a in range(chances.shape[1]):
            chances[i, a] = math.exp(outputs[a] - highest) if allowed[i, a] else 0.0
            total += chances[i, a]
        for a in range(chances.shape[1]):
            if allowed[i, a]:
                chances[i, a] = (1 - doubt) * chances[i, a] / total + doubt / count
        if sizes.shape[0] == 1:
            value = outputs[chances.shape[1]]
        else:
            value = hidden[tower(obs[i], sizes[1], numbers[1], hidden, active)][0]
        values[i] = min(1.0, max(-1.0, value))


def search_with_network(
    raw_states, raw_params, children, visits, totals, rewards, over, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, obs, sizes, numbers, hidden, active, doubt, values, chances, simulations,
    explore, gamma, limit,
):  # fmt: skip
    """Grow a tree by so many simulations whose ends a network values; returns how many were made.

    `obs`, `values` and `chances` are memory for one position.
    """
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    row = obs.reshape((1, obs.size))
    for i in range(simulations):
        node, depth = descend(
            raw_states, states, params, children, visits, totals, rewards, over, legal, priors, pending,
            counts, bounds, rng, explore, True, limit, way_nodes, way_actions,
        )  # fmt: skip
        if node < 0:
            return i
        value, winning = 0.0, -1
        if not over[node]:
            winning, value = ends_with_reward(raw_states, states, params, node, legal, rng, gamma, limit)
        if winning >= 0:
            for a in range(priors.shape[1]):
                priors[node, a] = a == winning
        elif not over[node]:
            write_obs(states[node], params, obs, 0)
            judge_each(row, legal[node : node + 1], sizes, numbers, hidden, active, doubt, values, chances)
            value = values[0]
            for a in range(priors.shape[1]):
                priors[node, a] = chances[0, a]
        back_up(
            value, depth, way_nodes, way_actions, children, visits, totals, rewards, counts, bounds, gamma
        )
    return simulations
