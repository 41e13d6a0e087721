"""The loops over many trees at once, one for each game that is played, in plain Python.

Arrays are those of `tree_kernels.py` with a first axis more, of T trees. Every tree asks a network about one
position at a time, so that a batch of T positions needs no guess about answers that are still to come.
"""

from agents.planning.tree_kernels import ALONE, FOUND, back_up, conclude, descend, is_known, plant
from envs.engine.core.kernels import PARAMS, STATE, records, write_obs


def plant_each(
    raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts, bounds,
):  # fmt: skip
    """Make the state in row 0 of each tree its root."""
    for t in range(raw_states.shape[0]):
        plant(
            raw_states[t], raw_params, children[t], visits[t], totals[t], rewards[t], known[t], legal[t],
            priors[t], pending[t], counts[t], bounds[t],
        )  # fmt: skip
        bounds[t, 0], bounds[t, 1] = -1.0, 1.0


def gather_each(
    raw_states, raw_params, children, visits, totals, rewards, known, legal, priors, pending, counts, bounds,
    rng, way_nodes, way_actions, depths, leaves, trees, obs, allowed_there, simulations, explore, gamma,
    limit,
):  # fmt: skip
    """Find a position of each tree for a network to value; returns how many there are.

    Their observations and what is allowed there are written into `obs` and `allowed_there`; `trees` says
    whose they are. A tree that was looked through `simulations` times, or whose root is known, has none. Ways
    to what is known need no network and are added at once.
    """
    params = records(raw_params, PARAMS)[0]
    count = 0
    for t in range(raw_states.shape[0]):
        states = records(raw_states[t], STATE)
        while counts[t, FOUND] < simulations and not is_known(known[t, 0]):
            node, depth = descend(
                raw_states[t], states, params, children[t], visits[t], totals[t], rewards[t], known[t],
                legal[t], priors[t], pending[t], counts[t], bounds[t], rng, explore, ALONE, gamma, limit,
                way_nodes[t], way_actions[t],
            )  # fmt: skip
            if node < 0:
                break
            if is_known(known[t, node]):
                back_up(
                    known[t, node], depth, way_nodes[t], way_actions[t], children[t], visits[t], totals[t],
                    rewards[t], known[t], legal[t], counts[t], bounds[t], gamma,
                )  # fmt: skip
                continue
            depths[t], leaves[t], trees[count] = depth, node, t
            write_obs(states[node], params, obs, count)
            allowed_there[count] = legal[t, node]
            count += 1
            break
    return count


def answer_each(
    children, visits, totals, rewards, known, legal, priors, counts, bounds, way_nodes, way_actions, depths,
    leaves, trees, count, values, chances, gamma,
):  # fmt: skip
    """Give the positions that were gathered their values and priors, and add them to the ways there."""
    for i in range(count):
        t = trees[i]
        for a in range(priors.shape[2]):
            priors[t, leaves[t], a] = chances[i, a]
        back_up(
            values[i], depths[t], way_nodes[t], way_actions[t], children[t], visits[t], totals[t],
            rewards[t], known[t], legal[t], counts[t], bounds[t], gamma,
        )  # fmt: skip


def conclude_each(visits, totals, known, legal, left, found, certain):
    """Write what each tree came to, and whether it is known for certain."""
    for t in range(visits.shape[0]):
        found[t] = conclude(visits[t], totals[t], known[t], legal[t], left[t])
        certain[t] = is_known(known[t, 0])
