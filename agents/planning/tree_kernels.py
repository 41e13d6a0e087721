"""The loops of a tree search over the states of one environment, in plain Python.

`compile.py` makes one compiled copy of these functions for each environment, in which the placeholders of
`envs.engine.core.kernels` (`step`, `write_obs`, the dtypes) and `allowed` are replaced by its own.

A tree is a set of arrays with a row for each node: the state's bytes; `children` (M, K), -1 for none; how
often each action was taken, and the sum of the returns that followed; the reward that led into the node;
whether the game is over there; which actions are allowed; their prior probabilities; and how many ways into
it still wait for an answer of a network. Row M of the states is where random games are played.

In a game of two players who take turns gamma is negative: what is good for the next to move is bad for this
one. Returns are scaled to [0, 1] by the smallest and largest seen in the tree (Schrittwieser et al. 2020).
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
    write_obs,
)

NODES, FOUND, DEEPEST, ASKED = range(4)
"""What `counts` holds: nodes and simulations so far, the longest way down, and nodes that want advice."""


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
    over,
    legal,
    priors,
    pending,
    counts,
    bounds,
):
    """Make the state in row 0 the root of a new tree."""
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    prepare_node(states, params, 0, children, visits, totals, priors, legal, pending)
    rewards[0], over[0] = 0.0, False
    counts[NODES], counts[FOUND], counts[DEEPEST], counts[ASKED] = 1, 0, 0, 0
    bounds[0], bounds[1] = math.inf, -math.inf


def scaled(value, bounds):
    """A return between the smallest and the largest seen."""
    return (value - bounds[0]) / max(bounds[1] - bounds[0], 1e-9)


def choose(node, children, visits, totals, legal, priors, pending, bounds, rng, explore, guided):
    """The action to look at next: UCB1 (Kocsis & Szepesvari 2006), or PUCT (Silver et al. 2017) if guided."""
    total, count, mean = 0, 0, 0.0
    for a in range(legal.shape[1]):
        if legal[node, a]:
            count += 1
            total += visits[node, a]
            mean += totals[node, a]
    if count == 0:
        return -1
    # What was not tried is worth what was: the mean of the others.
    first = scaled(mean / total, bounds) if total > 0 else 0.5
    best, found, ties = -math.inf, -1, 0
    for a in range(legal.shape[1]):
        if not legal[node, a]:
            continue
        tried = visits[node, a]
        value = scaled(totals[node, a] / tried, bounds) if tried > 0 else first
        if guided:
            # Ways that wait for an answer count as lost, so that a batch looks at different ones.
            waiting = pending[children[node, a]] if children[node, a] >= 0 else 0
            if waiting < 0:
                continue
            value *= max(tried, 1) / (max(tried, 1) + waiting)
            score = value + explore * priors[node, a] * math.sqrt(total + 1) / (1 + tried + waiting)
        elif tried == 0:
            score = 1e9
        else:
            score = value + explore * math.sqrt(math.log(total + 1) / tried)
        if score > best:
            best, found, ties = score, a, 1
        elif score == best:
            ties += 1
            if draw_below(rng, ties) == 0:
                found = a
    return found


def descend(
    raw_states, states, params, children, visits, totals, rewards, over, legal, priors, pending, counts,
    bounds, rng, explore, guided, limit, way_nodes, way_actions,
):  # fmt: skip
    """Go down from the root to a node that is new, or over; returns it and the length of the way.

    Returns -1 as the node if there is no room for a new one.
    """
    node, depth = 0, 0
    while not over[node] and depth < way_nodes.shape[0]:
        if guided and pending[node] < 0:
            break  # its network has not answered yet
        action = choose(node, children, visits, totals, legal, priors, pending, bounds, rng, explore, guided)
        if action < 0 and guided:
            return -1, depth  # all of them wait
        if action < 0:
            over[node] = True
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
        rewards[child], over[child] = advance(states[child], params, action, rng, limit)
        prepare_node(states, params, child, children, visits, totals, priors, legal, pending)
        children[node, action] = child
        node = child
        break
    counts[DEEPEST] = max(counts[DEEPEST], depth)
    return node, depth


def back_up(value, depth, way_nodes, way_actions, children, visits, totals, rewards, counts, bounds, gamma):
    """Add a return to all actions of a way."""
    for k in range(depth - 1, -1, -1):
        node, action = way_nodes[k], way_actions[k]
        value = rewards[children[node, action]] + gamma * value
        visits[node, action] += 1
        totals[node, action] += value
        bounds[0], bounds[1] = min(bounds[0], value), max(bounds[1], value)
    counts[FOUND] += 1


def ends_with_reward(raw_states, states, params, node, legal, rng, gamma, limit):
    """In a game of two players, an action that wins at once and what it brings; -1 if there is none.

    Teytaud & Teytaud 2010, "On the Huge Benefit of Decisive Moves in Monte-Carlo Tree Search Algorithms".
    """
    scratch = states.shape[0] - 1
    for a in range(legal.shape[1] if gamma < 0 else 0):
        if legal[node, a]:
            copy_bytes(raw_states, node * STATE_BYTES, scratch * STATE_BYTES, STATE_BYTES)
            reward, is_over = advance(states[scratch], params, a, rng, limit)
            if is_over and reward > 0:
                return a, reward
    return -1, 0.0


def random_game(raw_states, states, params, node, rng, row, gamma, horizon, limit):
    """The return of random play from a node."""
    scratch = states.shape[0] - 1
    copy_bytes(raw_states, node * STATE_BYTES, scratch * STATE_BYTES, STATE_BYTES)
    state = states[scratch]
    total, discount = 0.0, 1.0
    for _ in range(horizon):
        allowed(state, params, row)
        action = draw_action(rng, row)
        if action < 0:
            break
        reward, is_over = advance(state, params, action, rng, limit)
        total += discount * reward
        discount *= gamma
        if is_over:
            break
    return total


def search_with_games(
    raw_states, raw_params, children, visits, totals, rewards, over, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, row, leaves, obs, simulations, threshold, explore, gamma, horizon, limit,
):  # fmt: skip
    """Grow the tree by so many simulations that end with a random game; returns how many were made.

    Nodes that were visited `threshold` times ask for advice, as long as there is room in `leaves` and `obs`;
    none do with a threshold of 0.
    """
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    for i in range(simulations):
        node, depth = descend(
            raw_states, states, params, children, visits, totals, rewards, over, legal, priors, pending,
            counts, bounds, rng, explore, False, limit, way_nodes[0], way_actions[0],
        )  # fmt: skip
        if node < 0:
            return i
        value, winning = 0.0, -1
        if not over[node]:
            winning, value = ends_with_reward(raw_states, states, params, node, legal, rng, gamma, limit)
        if not over[node] and winning < 0:
            value = random_game(raw_states, states, params, node, rng, row, gamma, horizon, limit)
        back_up(
            value,
            depth,
            way_nodes[0],
            way_actions[0],
            children,
            visits,
            totals,
            rewards,
            counts,
            bounds,
            gamma,
        )
        for k in range(depth if threshold > 0 else 0):
            action = way_actions[0][k]
            child, asked = children[way_nodes[0][k], action], counts[ASKED]
            due = visits[way_nodes[0][k], action] >= threshold and pending[child] == 0 and not over[child]
            if due and asked < leaves.shape[0]:
                pending[child], leaves[asked] = 1, child
                write_obs(states[child], params, obs, asked)
                counts[ASKED] += 1
    return simulations


def gather(
    raw_states, raw_params, children, visits, totals, rewards, over, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, row, depths, leaves, games, obs, explore, gamma, horizon, limit,
):  # fmt: skip
    """Find nodes that a network shall value and write their observations; returns how many there are.

    From each of them a random game is played, too, and its return is written into `games`. A way to a node
    where the game is over needs no network and is added at once. It ends early when all that could be looked
    at waits already, or there is no room; then the count is less than the rows of `obs`.
    """
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    count = 0
    for _ in range(4 * obs.shape[0]):
        if count == obs.shape[0]:
            break
        nodes, actions = way_nodes[count], way_actions[count]
        node, depth = descend(
            raw_states, states, params, children, visits, totals, rewards, over, legal, priors, pending,
            counts, bounds, rng, explore, True, limit, nodes, actions,
        )  # fmt: skip
        if node < 0 or pending[node] < 0:
            break
        if over[node]:
            back_up(0.0, depth, nodes, actions, children, visits, totals, rewards, counts, bounds, gamma)
            continue
        for k in range(1, depth):
            pending[nodes[k]] += 1
        pending[node] = -1  # until its answer comes
        depths[count], leaves[count] = depth, node
        write_obs(states[node], params, obs, count)
        games[count] = random_game(raw_states, states, params, node, rng, row, gamma, horizon, limit)
        count += 1
    return count


def answer(
    children, visits, totals, rewards, priors, pending, counts, bounds, way_nodes, way_actions, depths,
    leaves, count, values, chances, gamma,
):  # fmt: skip
    """Give nodes their values and priors, and add them to the ways that led there."""
    for i in range(count):
        node = leaves[i]
        for a in range(priors.shape[1]):
            priors[node, a] = chances[i, a]
        pending[node] = 0
        for k in range(1, depths[i]):
            pending[way_nodes[i, k]] -= 1
        back_up(
            values[i], depths[i], way_nodes[i], way_actions[i], children, visits, totals, rewards, counts,
            bounds, gamma,
        )  # fmt: skip
    return count


def advise(visits, totals, legal, counts, bounds, leaves, q_values, weight):
    """Let each action of the nodes that asked count as tried `weight` times, with these returns.

    Gelly & Silver 2007, "Combining online and offline knowledge in UCT".
    """
    for i in range(counts[ASKED]):
        node = leaves[i]
        for a in range(legal.shape[1]):
            if legal[node, a]:
                visits[node, a] += weight
                totals[node, a] += weight * q_values[i, a]
                bounds[0] = min(bounds[0], q_values[i, a])
                bounds[1] = max(bounds[1], q_values[i, a])
    counts[ASKED] = 0
