"""Grid worlds in MiniGrid's manner: what is seen, what opens, what it pays; every world can be solved."""

from collections import deque

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv
from envs.scenes.minigrid import (
    BALL,
    CLOSED,
    EMPTY,
    FORWARD,
    GOAL,
    KEY,
    LEFT,
    LOCKED,
    OPEN,
    PICKUP,
    RIGHT,
    SIDE,
    TOGGLE,
    WALL,
    cell_at,
)

DOOR_KEY, MULTI_ROOM, MEMORY = (envs.find(name) for name in ("door_key", "multi_room", "memory"))


def first_states(environment, count, **params):
    """States at the start of episodes."""
    batch = Batch(environment, count, params=params)
    batch.seed(0)
    batch.reset(np.zeros((count, 7, 7, 8), np.uint8))
    return batch.states


def reached(grid, start, blocked=(WALL, LOCKED)):
    """Cells that can be walked to, doors opened on the way."""
    found, queue = {start}, deque([start])
    while queue:
        cell = queue.popleft()
        for there in (cell + 1, cell - 1, cell + SIDE, cell - SIDE):
            if there not in found and grid[there] not in blocked:
                found.add(there)
                queue.append(there)
    return found


MARKS = ".#DLOKBG"
"""Of the codes, from EMPTY to GOAL: floor, wall, doors that are closed, locked and open, key, ball, goal."""


def world(environment, picture, at, heading, **fields):
    """An episode in a world drawn with `MARKS`."""
    env = SingleEnv(environment)
    env.reset(seed=0)
    grid = np.full((SIDE, SIDE), WALL, np.uint8)
    for y, line in enumerate(picture):
        for x, mark in enumerate(line):
            grid[y, x] = MARKS.index(mark)
    env.state["grid"] = grid.reshape(-1)
    for name, value in {"at": cell_at(*at), "heading": heading, "carrying": EMPTY, **fields}.items():
        env.state[name] = value
    return env


def codes(obs):
    """What is in view as characters, as in `world`; ? is not seen."""
    marks = np.array(list(MARKS))
    found = np.where(obs[..., 1:].any(axis=-1), 1 + obs[..., 1:].argmax(axis=-1), 0)
    return ["".join(row) for row in np.where(obs[..., 0] > 0, marks[found], "?")]


ROOM = ["#######", "#..D..#", "#..#..#", "#.K#.G#", "#######"]


@pytest.mark.thorough
def test_walls_and_closed_doors_hide_what_is_behind():
    env = world(DOOR_KEY, ROOM, at=(1, 1), heading=0)
    obs, *_ = env.step(TOGGLE)  # nothing is in front: nothing happens
    assert codes(obs) == [*["???????"] * 4, "??#D###", "??#..K#", "??#...#"]
    env = world(DOOR_KEY, [line.replace("D", "O") for line in ROOM], at=(1, 1), heading=0)
    obs, *_ = env.step(TOGGLE)
    # Through an open door sight spreads in the room behind, around its corners too, as in MiniGrid.
    assert codes(obs)[:5] == ["???????", "??#####", "??#..G#", "??#...#", "??#O###"]


def test_what_is_seen_turns_with_who_looks():
    env = world(DOOR_KEY, ROOM, at=(1, 3), heading=2)
    facing = [codes(env.step(RIGHT)[0])[-1] for _ in range(4)]  # up, right, down, left
    assert [row[2:5] for row in facing] == ["#.K", "..#", "K.#", "#.."]


def test_a_key_opens_the_locked_door_and_is_kept():
    env = world(DOOR_KEY, ["#####", "#.#.#", "#KL.#", "#.#G#", "#####"], at=(1, 1), heading=1)
    grid = env.state["grid"]
    key, door = cell_at(1, 2), cell_at(2, 2)
    env.step(FORWARD)
    assert env.state["at"] == cell_at(1, 1), "a key is in the way"
    env.step(TOGGLE)
    assert grid[key] == KEY
    obs, *_ = env.step(PICKUP)
    assert grid[key] == EMPTY and env.state["carrying"] == KEY and obs[6, 3, KEY] == 255
    env.step(FORWARD)
    env.step(LEFT)
    env.step(FORWARD)
    assert env.state["at"] == key, "a locked door is in the way"
    for expected in (OPEN, CLOSED, OPEN):
        env.step(TOGGLE)
        assert grid[door] == expected
    rewards = [env.step(action)[1:3] for action in (FORWARD, FORWARD, RIGHT, FORWARD)]
    assert rewards[:3] == [(0.0, False)] * 3
    # The 13th step of at most 250.
    assert rewards[3] == (pytest.approx(1 - 0.9 * 13 / 250), True)


def test_a_locked_door_stays_locked_without_its_key():
    env = world(DOOR_KEY, ["#####", "#.L.#", "#K#G#", "#####"], at=(1, 1), heading=0)
    env.step(TOGGLE)
    assert env.state["grid"][cell_at(2, 1)] == LOCKED


@pytest.mark.parametrize("side", [5, 6, 8, 16])
def test_the_key_is_needed_and_within_reach(side):
    for state in first_states(DOOR_KEY, 40, side=side):
        grid, at = state["grid"], int(state["at"])
        goal = cell_at(side - 2, side - 2)
        assert grid[goal] == GOAL and (grid == LOCKED).sum() == 1 and (grid == KEY).sum() == 1
        here = reached(grid, at)
        assert int(np.flatnonzero(grid == KEY)[0]) in here and goal not in here
        assert goal in reached(grid, at, blocked=(WALL,))
        assert all(cell % SIDE < side - 1 and cell // SIDE < side - 1 for cell in here)


@pytest.mark.thorough
@pytest.mark.parametrize(("rooms", "most"), [(2, 4), (4, 5), (6, 10)])
def test_rooms_are_a_chain_of_closed_doors(rooms, most):
    for state in first_states(MULTI_ROOM, 20, rooms=rooms, most=most):
        grid = state["grid"]
        assert state["rooms"] == rooms and (grid == CLOSED).sum() == rooms - 1
        goal = int(np.flatnonzero(grid == GOAL)[0])
        assert goal in reached(grid, int(state["at"]), blocked=(WALL,))
        # Each door that stays shut cuts the goal off.
        for door in np.flatnonzero(grid == CLOSED):
            shut = grid.copy()
            shut[door] = WALL
            assert goal not in reached(shut, int(state["at"]), blocked=(WALL,))
        for part in ("width", "height"):
            assert (state[part][:rooms] >= 4).all() and (state[part][:rooms] <= most).all()


@pytest.mark.thorough
@pytest.mark.parametrize("side", [7, 9, 13, 17])
def test_the_thing_in_the_room_tells_the_side(side):
    sides = set()
    for state in first_states(MEMORY, 60, side=side):
        grid = state["grid"].reshape(SIDE, SIDE)
        middle, passage = side // 2, side - 2
        thing = grid[middle - 1, 1]
        upwards = grid[middle - 2, passage] == thing
        assert {grid[middle - 2, passage], grid[middle + 2, passage]} == {KEY, BALL}
        assert state["good"] == cell_at(passage, middle + (-1 if upwards else 1))
        assert state["bad"] == cell_at(passage, middle + (1 if upwards else -1))
        assert state["heading"] == 0 and state["at"] // SIDE == middle and 1 <= state["at"] % SIDE < passage
        assert int(state["good"]) in reached(state["grid"], int(state["at"]))
        sides.add((int(thing), bool(upwards)))
    assert len(sides) == 4


def test_the_wrong_side_ends_it_with_nothing():
    rewards = {}
    for good in (True, False):
        env = SingleEnv(MEMORY, side=9)
        env.reset(seed=1)
        target = int(env.state["good" if good else "bad"])
        env.state["at"] = cell_at(7, 4)
        env.state["heading"] = 3 if target < cell_at(7, 4) else 1
        _, rewards[good], terminated, _, info = env.step(FORWARD)
        assert terminated and info["wrong"] != good
    assert rewards == {True: pytest.approx(1 - 0.9 / 405), False: 0.0}


@pytest.mark.parametrize(
    ("environment", "limit"), [(DOOR_KEY, 250), (MULTI_ROOM, 40), (MEMORY, 405)], ids=lambda value: str(value)
)
def test_time_runs_out(environment, limit):
    env = SingleEnv(environment)
    env.reset(seed=0)
    ends = [env.step(LEFT)[1:3] for _ in range(limit)]
    assert ends == [(0.0, False)] * (limit - 1) + [(0.0, True)]


@pytest.mark.parametrize(
    ("environment", "params"),
    [(DOOR_KEY, {}), (DOOR_KEY, {"side": 8}), (MULTI_ROOM, {}), (MEMORY, {}), (MEMORY, {"side": 13})],
    ids=["door key", "larger", "rooms", "memory", "longer"],
)
def test_the_hand_written_players_solve_them(environment, params, play):
    played = play(environment, environment.baseline, episodes=20, **params)
    assert (played.returns > 0.5).all()
