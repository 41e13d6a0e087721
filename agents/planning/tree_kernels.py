"""The loops of a tree search over the states of one environment, in plain Python.

`compile.py` makes one compiled copy of these functions for each environment, in which the placeholders of
`envs.engine.core.kernels` (`step`, `write_obs`, the dtypes) and `allowed` are replaced by its own.

A tree is a set of arrays with a row for each node: the state's bytes; `children` (M, K), -1 for none; how
often each action was taken, and the sum of the returns that followed; the reward that led into the node;
the return from there, NaN while it is not known for certain; which actions are allowed; their prior
probabilities; and how many ways into it still wait for an answer of a network. Row M of the states is where
random games are played.

In a game of two players who take turns gamma is negative: what is good for the next to move is bad for this
one. There the tree also proves who wins (Winands et al. 2008, "Monte-Carlo Tree Search Solver"): an action
that is known to lose is no longer allowed, and one that is known to win is the only one. Such games are
taken to be without chance, and any return above 0 to be a win.

Returns are scaled to [0, 1] by the smallest and largest seen in the tree (Schrittwieser et al. 2020).
"""

import math

import numpy as np

from envs.engine.core.kernels import (
    PARAMS,
    STATE,
    STATE_BYTES,
    copy_bytes,
    mask,
    records,
    step,
)

NODES, FOUND, DEEPEST, ASKED = range(4)
"""What `counts` holds: nodes and simulations so far, the longest way down, and nodes that want advice."""
BY_GAMES, ALONE, TOGETHER = range(3)
"""What leads a search: random games, or a network that is asked about one node, or about many at once."""


def everything_allowed(state, params, row):
    """Allow all actions, in an environment that says nothing of it."""
    row[:] = True


def masked_allowed(state, params, row):
    """Ask the environment."""
    row[:] = False
    mask(state, params, row)


def allowed(state, params, row):
    """Placeholder for one of the two functions above."""


def draw_bits(rng):
    """The next 32 random bits (xorshift64*; Vigna 2016)."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return (x * np.uint64(2685821657736338717)) >> np.uint64(32)


def draw_below(rng, n):
    """A random integer from 0 to n - 1."""
    return np.int64((draw_bits(rng) * np.uint64(n)) >> np.uint64(32))


def draw_action(rng, row):
    """A random action that is allowed, -1 if there is none."""
    count = 0
    for a in range(row.shape[0]):
        if row[a]:
            count += 1
    if count == 0:
        return -1
    left = draw_below(rng, count)
    for a in range(row.shape[0]):
        if row[a]:
            if left == 0:
                return a
            left -= 1
    return -1


def advance(state, params, action, rng, limit):
    """Play one action; the random numbers to come are drawn anew, because no player may know them."""
    state.rng = (draw_bits(rng) << np.uint64(32)) | (draw_bits(rng) | np.uint64(1))
    result = step(state, action, params)
    state.steps += 1
    return float(result[0]), bool(result[1]) or 0 < limit <= state.steps


def is_known(value):
    """Whether a return is known for certain; NaN if not."""
    return value == value


def prepare_node(states, params, node, children, visits, totals, priors, legal, pending):
    """Clear a node's row and write which actions are allowed there."""
    for a in range(children.shape[1]):
        children[node, a] = -1
        visits[node, a] = 0
        totals[node, a] = 0.0
        priors[node, a] = 1.0
    pending[node] = 0
    allowed(states[node], params, legal[node])


def plant(
    raw_states,
    raw_params,
    children,
    visits,
    totals,
    rewards,
    known,
    legal,
    priors,
    pending,
    counts,
    bounds,
):
    """Make the state in row 0 the root of a new tree."""
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    prepare_node(states, params, 0, children, visits, totals, priors, legal, pending)
    rewards[0], known[0] = 0.0, math.nan
    counts[NODES], counts[FOUND], counts[DEEPEST], counts[ASKED] = 1, 0, 0, 0
    bounds[0], bounds[1] = math.inf, -math.inf


def choose(node, children, visits, totals, legal, priors, pending, bounds, rng, explore, guided):
    """The action to look at next: UCB1 (Kocsis & Szepesvari 2006), or PUCT (Silver et al. 2017) if guided."""
    total, count, mean, waiting = 0, 0, 0.0, 0
    for a in range(legal.shape[1]):
        if legal[node, a]:
            count += 1
            total += visits[node, a]
            mean += totals[node, a]
    if count == 0:
        return -1
    low, unit = bounds[0], 1.0 / max(bounds[1] - bounds[0], 1e-9)
    # What was not tried is worth what was: the mean of the others.
    first = (mean / total - low) * unit if total > 0 else 0.5
    wide = explore * math.sqrt(total + 1) if guided > BY_GAMES else math.log(total + 1)
    best, found, ties = -math.inf, -1, 0
    for a in range(legal.shape[1]):
        if not legal[node, a]:
            continue
        tried = visits[node, a]
        value = (totals[node, a] / tried - low) * unit if tried > 0 else first
        if guided > BY_GAMES:
            if guided == TOGETHER:
                # Ways that wait for an answer count as lost, so that a batch looks at different ones.
                waiting = pending[children[node, a]] if children[node, a] >= 0 else 0
                if waiting < 0:
                    continue
                value *= max(tried, 1) / (max(tried, 1) + waiting)
            score = value + wide * priors[node, a] / (1 + tried + waiting)
        elif tried == 0:
            score = 1e9
        else:
            score = value + explore * math.sqrt(wide / tried)
        if score > best:
            best, found, ties = score, a, 1
        elif score == best:
            ties += 1
            if draw_below(rng, ties) == 0:
                found = a
    return found


def descend(
    raw_states, states, params, children, visits, totals, rewards, known, legal, priors, pending, counts,
    bounds, rng, explore, guided, gamma, limit, way_nodes, way_actions,
):  # fmt: skip
    """Go down from the root to a node that is new, or known; returns it and the length of the way.

    Returns -1 as the node if there is no room for a new one.
    """
    node, depth = 0, 0
    while not is_known(known[node]) and depth < way_nodes.shape[0]:
        if guided == TOGETHER and pending[node] < 0:
            break  # its network has not answered yet
        action = choose(node, children, visits, totals, legal, priors, pending, bounds, rng, explore, guided)
        if action < 0 and guided > BY_GAMES:
            return -1, depth  # all of them wait
        if action < 0:
            known[node] = 0.0
            break
        way_nodes[depth], way_actions[depth] = node, action
        depth += 1
        child = children[node, action]
        if child >= 0:
            node = child
            continue
        child = counts[NODES]
        if child >= children.shape[0]:
            return -1, depth
        counts[NODES] += 1
        copy_bytes(raw_states, node * STATE_BYTES, child * STATE_BYTES, STATE_BYTES)
        rewards[child], is_over = advance(states[child], params, action, rng, limit)
        prepare_node(states, params, child, children, visits, totals, priors, legal, pending)
        known[child] = 0.0 if is_over else math.nan
        if gamma < 0 and not is_over:
            known[child] = won_at_once(raw_states, states, params, child, legal, rng, limit)
        children[node, action] = child
        node = child
        break
    counts[DEEPEST] = max(counts[DEEPEST], depth)
    return node, depth


def won_at_once(raw_states, states, params, node, legal, rng, limit):
    """In a game of two players, the reward of an action that wins at once; NaN if there is none.

    Teytaud & Teytaud 2010, "On the Huge Benefit of Decisive Moves in Monte-Carlo Tree Search Algorithms".
    """
    scratch = states.shape[0] - 1
    for a in range(legal.shape[1]):
        if legal[node, a]:
            copy_bytes(raw_states, node * STATE_BYTES, scratch * STATE_BYTES, STATE_BYTES)
            reward, is_over = advance(states[scratch], params, a, rng, limit)
            if is_over and reward > 0:
                return reward
    return math.nan


def back_up(
    value, depth, way_nodes, way_actions, children, visits, totals, rewards, known, legal, counts, bounds,
    gamma,
):  # fmt: skip
    """Add a return to all actions of a way, and what is known by it."""
    for k in range(depth - 1, -1, -1):
        node, action = way_nodes[k], way_actions[k]
        child = children[node, action]
        certain = is_known(known[child])
        value = rewards[child] + gamma * (known[child] if certain else value)
        visits[node, action] += 1
        totals[node, action] += value
        bounds[0], bounds[1] = min(bounds[0], value), max(bounds[1], value)
        if gamma < 0 and certain and not is_known(known[node]):
            prove(node, action, value, children, rewards, known, legal, gamma)
    counts[FOUND] += 1


def prove(node, action, value, children, rewards, known, legal, gamma):
    """Write what is known of a node, now that the return of one of its actions is known for certain."""
    if value > 0:
        legal[node] = False
        legal[node, action] = True
        known[node] = value
        return
    if value < 0:
        legal[node, action] = False
    found = -math.inf
    for a in range(legal.shape[1]):
        if legal[node, a]:
            child = children[node, a]
            if child < 0 or not is_known(known[child]):
                return
            found = max(found, rewards[child] + gamma * known[child])
    known[node] = value if found == -math.inf else found  # without any left all of them lose


def conclude(visits, totals, known, legal, left):
    """Write into `left` (K,) how often the root's actions were tried, and 0 for those known to lose.

    Where only losing ones were tried all others count once. Returns the return of the root if it is known,
    else of the most tried action that is left.
    """
    some, best, tries, total = False, 0, 0, 0.0
    for a in range(legal.shape[1]):
        some = some or legal[0, a]
        tries += visits[0, a]
        total += totals[0, a]
    for a in range(legal.shape[1]):
        left[a] = visits[0, a] if legal[0, a] or not some else 0
        if left[a] > left[best]:
            best = a
    if is_known(known[0]):
        return known[0]
    if left[best] > 0:
        return totals[0, best] / visits[0, best]
    for a in range(legal.shape[1]):
        left[a] = legal[0, a]
    return total / max(tries, 1)
