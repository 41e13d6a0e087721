"""Small networks of a policy and a value, alone and inside a tree search, in plain Python.

`compile.py` compiles it. Each layer adds up the rows of its weights whose input is not zero. Boards are
mostly zeros, and so is what ReLU leaves of a hidden layer, so that a position costs a fraction of the matrix
products that torch would make of it, and none of the calls.
"""

import math

import numpy as np

from agents.planning.tree_kernels import ALONE, back_up, conclude, descend, is_known, plant
from envs.engine.core.kernels import PARAMS, STATE, STATE_BYTES, records, write_obs

ZERO, NOTHING = np.float32(0), np.int16(0)


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


def look_at_lines(obs, lines, channels, table, units, sums, outputs, active):
    """Write what stands on each line of a board, as the first places of `outputs` after a ReLU.

    `obs` (D,) are the `channels` numbers of each cell, whose code is its last channel that is not zero, from
    1 on, or 0. `lines` (N, n) has the cells of each line, `table` (R, out) a row for each of the
    (channels + 1)**n things that can stand on each of them, as whole numbers of `units` (out,): reading the
    rows is what takes long, and these are half as long as others. `sums` (out,) and `active` are memory.
    """
    count, length = lines.shape
    cells, out = obs.shape[0] // channels, table.shape[1]
    for cell in range(cells):
        code = 0
        for c in range(channels):
            code = c + 1 if obs[cell * channels + c] != 0 else code
        active[cell] = code
    of_each = table.shape[0] // count
    for k in range(count):
        number = 0
        for i in range(length):
            number = number * (channels + 1) + active[lines[k, i]]
        active[cells + k] = k * of_each + number
    for j in range(out):
        sums[j] = NOTHING
    for k in range(cells, cells + count - 3, 4):
        a, b, c, d = active[k], active[k + 1], active[k + 2], active[k + 3]
        for j in range(out):
            sums[j] += np.int16((table[a, j] + table[b, j]) + (table[c, j] + table[d, j]))
    for k in range(cells + count - count % 4, cells + count):
        a = active[k]
        for j in range(out):
            sums[j] += table[a, j]
    for j in range(out):
        x = units[j] * np.float32(sums[j])
        outputs[j] = x if x > ZERO else ZERO


def judge_each(
    obs, allowed, lines, channels, table, units, sums, sizes, numbers, hidden, active, doubt, values, chances
):  # fmt: skip
    """Write values, from -1 to 1, and the probabilities of what is allowed.

    `obs` (B, D); `lines`, `channels`, `table`, `units` and `sums` for `look_at_lines`, if there are lines;
    `sizes` (2, L) of the layers of both MLPs and their `numbers` (2, P), or (1, L) and (1, P) of one network
    whose last output is the value; `hidden` (2, W) and `active` are memory. All allowed actions share `doubt`
    of the probabilities alike.
    """
    for i in range(obs.shape[0]):
        if lines.shape[0] > 0:
            look_at_lines(obs[i], lines, channels, table, units, sums, hidden[1], active)
            features = hidden[1, : table.shape[1]]
            outputs = hidden[tower(features, sizes[0], numbers[0], hidden, active)]
        else:
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
    raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, obs, lines, channels, table, units, sums, sizes, numbers, hidden, active,
    doubt, values, chances, simulations, explore, gamma, limit,
):  # fmt: skip
    """Grow a tree by so many simulations whose ends a network values; returns how many were made.

    `obs`, `values` and `chances` are memory for one position.
    """
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    row = obs.reshape((1, obs.size))
    for i in range(simulations):
        if is_known(known[0]):
            return i
        node, depth = descend(
            raw_states, states, params, children, visits, totals, rewards, known, legal, priors, pending,
            counts, bounds, rng, explore, ALONE, gamma, limit, way_nodes, way_actions,
        )  # fmt: skip
        if node < 0:
            return i
        value = known[node]
        if not is_known(value):
            write_obs(states[node], params, obs, 0)
            judge_each(
                row, legal[node : node + 1], lines, channels, table, units, sums, sizes, numbers,
                hidden, active, doubt, values, chances,
            )  # fmt: skip
            value = values[0]
            for a in range(priors.shape[1]):
                priors[node, a] = chances[0, a]
        back_up(
            value, depth, way_nodes, way_actions, children, visits, totals, rewards, known, legal, counts,
            bounds, gamma,
        )  # fmt: skip
    return simulations


def search_each(
    roots, first_priors, raw_states, raw_params, children, visits, totals, rewards, known, legal, priors,
    pending, counts, bounds, rng, way_nodes, way_actions, obs, lines, channels, table, units, sums, sizes,
    numbers, hidden, active, doubt, values, chances, simulations, explore, gamma, limit, left, found, certain,
):  # fmt: skip
    """Look ahead from each of T states, one after the other in the memory of one tree.

    `roots` (T, bytes) and their `first_priors` (T, K); writes `left` (T, K) and `found` (T,) as `conclude`
    does, and whether the latter is known for `certain` (T,).
    """
    for t in range(roots.shape[0]):
        for k in range(STATE_BYTES):
            raw_states[k] = roots[t, k]
        plant(
            raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts,
            bounds,
        )  # fmt: skip
        bounds[0], bounds[1] = -1.0, 1.0
        priors[0] = first_priors[t]
        search_with_network(
            raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts,
            bounds, rng, way_nodes, way_actions, obs, lines, channels, table, units, sums, sizes, numbers,
            hidden, active, doubt, values, chances, simulations, explore, gamma, limit,
        )  # fmt: skip
        found[t] = conclude(visits, totals, known, legal, left[t])
        certain[t] = is_known(known[0])
