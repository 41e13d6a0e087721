"""How hand-written players of grid worlds get to what they see, and look for what they do not."""

from collections import deque

import numpy as np

from envs.scenes.minigrid import FORWARD, LEFT, OPEN, REACH, RIGHT, TOGGLE, VIEW, ahead_x, ahead_y

START: tuple[int, int, int] = (VIEW - 1, REACH, 3)
"""Row, column and heading in one's own view: at the bottom, looking up."""


def front_of(pose):
    """Row and column of the place in front."""
    row, column, heading = pose
    return row + ahead_y(heading), column + ahead_x(heading)


def way_to(obs, code):
    """The first action of the shortest way to the front of a thing in view: None if there is no such way.

    Returns:
        An action, or -1 if one stands in front of it.
    """
    targets = {(int(row), int(column)) for row, column in np.argwhere(obs[:, :, code])} - {START[:2]}
    if not targets:
        return None
    free = (obs[:, :, 0] > 0) & ~(obs[:, :, 1:] > 0).any(axis=2) | (obs[:, :, OPEN] > 0)
    queue, first = deque([START]), {START: -1}
    while queue:
        pose = queue.popleft()
        row, column, heading = pose
        if front_of(pose) in targets:
            return first[pose]
        there = front_of(pose)
        walks = 0 <= there[0] < VIEW and 0 <= there[1] < VIEW and free[there]
        moves = [(FORWARD, (*there, heading))] if walks else []
        moves += [(LEFT, (row, column, (heading + 3) % 4)), (RIGHT, (row, column, (heading + 1) % 4))]
        for action, new in moves:
            if new not in first:
                first[new] = action if pose == START else first[pose]
                queue.append(new)
    return None


def is_free_ahead(obs):
    """Whether a step forward leads somewhere."""
    there = obs[VIEW - 2, REACH]
    return bool(there[0] and (not there[1:].any() or there[OPEN]))


def seek(obs, memory, wanted):
    """Get to the first of several things that is in view, or look around; goes through doors it has opened.

    Args:
        obs: one observation.
        memory: steps to walk straight on, and turns made in vain; None at the start.
        wanted: kinds of things and what to do in front of them, the most urgent first.

    Returns:
        Action and memory.
    """
    straight, turns = memory or (0, 0)
    if straight and is_free_ahead(obs):
        return FORWARD, (straight - 1, 0)
    for code, use in wanted:
        action = way_to(obs, code)
        if action == -1:
            return use, (2 if use == TOGGLE else 0, 0)
        if action is not None:
            return action, (0, 0)
    if turns < 4 or not is_free_ahead(obs):
        return RIGHT, (0, turns + 1)
    return FORWARD, (0, 0)
