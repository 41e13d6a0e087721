"""The loops of a search in one tree, in plain Python: random games, or a network outside of them.

`compile.py` compiles them together with `tree_kernels.py`, whose arrays they share.
"""

from agents.planning.tree_kernels import (
    ASKED,
    BY_GAMES,
    DEEPEST,
    FOUND,
    NODES,
    TOGETHER,
    advance,
    allowed,
    back_up,
    descend,
    draw_action,
    is_known,
)
from envs.engine.core.kernels import PARAMS, STATE, STATE_BYTES, copy_bytes, records, write_obs


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
    raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, row, leaves, obs, simulations, threshold, explore, gamma, horizon, limit,
):  # fmt: skip
    """Grow the tree by so many simulations that end with a random game; returns how many were made.

    Nodes that were visited `threshold` times ask for advice, as long as there is room in `leaves` and `obs`;
    none do with a threshold of 0.
    """
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    for i in range(simulations):
        if is_known(known[0]):
            return i
        node, depth = descend(
            raw_states, states, params, children, visits, totals, rewards, known, legal, priors, pending,
            counts, bounds, rng, explore, BY_GAMES, gamma, limit, way_nodes[0], way_actions[0],
        )  # fmt: skip
        if node < 0:
            return i
        value = known[node]
        if not is_known(value):
            value = random_game(raw_states, states, params, node, rng, row, gamma, horizon, limit)
        back_up(
            value, depth, way_nodes[0], way_actions[0], children, visits, totals, rewards, known, legal,
            counts, bounds, gamma,
        )  # fmt: skip
        for k in range(depth if threshold > 0 else 0):
            action = way_actions[0][k]
            child, asked = children[way_nodes[0][k], action], counts[ASKED]
            due = visits[way_nodes[0][k], action] >= threshold and pending[child] == 0
            if due and not is_known(known[child]) and asked < leaves.shape[0]:
                pending[child], leaves[asked] = 1, child
                write_obs(states[child], params, obs, asked)
                counts[ASKED] += 1
    return simulations


def gather(
    raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, row, depths, leaves, games, obs, explore, gamma, horizon, limit,
):  # fmt: skip
    """Find nodes that a network shall value and write their observations; returns how many there are.

    From each of them a random game is played, too, and its return is written into `games`. A way to a node
    that is known needs no network and is added at once. It ends early when all that could be looked at waits
    already, or there is no room; then the count is less than the rows of `obs`.
    """
    states, params = records(raw_states, STATE), records(raw_params, PARAMS)[0]
    count = 0
    for _ in range(4 * obs.shape[0]):
        if count == obs.shape[0] or is_known(known[0]):
            break
        nodes, actions = way_nodes[count], way_actions[count]
        node, depth = descend(
            raw_states, states, params, children, visits, totals, rewards, known, legal, priors, pending,
            counts, bounds, rng, explore, TOGETHER, gamma, limit, nodes, actions,
        )  # fmt: skip
        if node < 0 or pending[node] < 0:
            break
        if is_known(known[node]):
            back_up(
                known[node], depth, nodes, actions, children, visits, totals, rewards, known, legal, counts,
                bounds, gamma,
            )  # fmt: skip
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
    children, visits, totals, rewards, known, legal, priors, pending, counts, bounds, way_nodes, way_actions,
    depths, leaves, count, values, chances, gamma,
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
            values[i], depths[i], way_nodes[i], way_actions[i], children, visits, totals, rewards, known,
            legal, counts, bounds, gamma,
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


def keep_below(
    raw_states, children, visits, totals, rewards, known, legal, priors, pending, counts, root, places, todo,
):  # fmt: skip
    """Make a node the root of the tree; it and what lies below it move to the first rows, the rest is lost.

    `places` and `todo` (M,) are memory.
    """
    for node in range(counts[NODES]):
        places[node] = -1
    places[root], todo[0], left = 0, root, 1
    while left > 0:
        left -= 1
        node = todo[left]
        for a in range(children.shape[1]):
            child = children[node, a]
            if child >= 0 and places[child] < 0:
                places[child], todo[left] = 0, child
                left += 1
    kept = 0
    for node in range(counts[NODES]):  # a node is newer than its parent, so that the root stays the first
        if places[node] >= 0:
            places[node] = kept
            kept += 1
    for node in range(root, counts[NODES]):
        to = places[node]
        if to < 0 or node == root == 0:
            continue
        copy_bytes(raw_states, node * STATE_BYTES, to * STATE_BYTES, STATE_BYTES)
        for a in range(children.shape[1]):
            child = children[node, a]
            children[to, a] = places[child] if child >= 0 else -1
            visits[to, a], totals[to, a] = visits[node, a], totals[node, a]
            legal[to, a], priors[to, a] = legal[node, a], priors[node, a]
        rewards[to], known[to], pending[to] = rewards[node], known[node], pending[node]
    rewards[0] = 0.0
    counts[NODES], counts[FOUND], counts[DEEPEST], counts[ASKED] = kept, 0, 0, 0
