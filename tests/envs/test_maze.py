"""Mazes against breadth-first search, and what memory is worth in them."""

from collections import deque

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv
from envs.maze import DOWN, LEFT, MAX_SIZE, RIGHT, SIDE, UP, cell_of, shift

MAZE = envs.find("maze")
AROUND = {UP: (1, 2), RIGHT: (2, 3), DOWN: (3, 2), LEFT: (2, 1)}  # in an observation
WALL, RED, BLUE, EXIT, BEFORE, TIME = range(6)


def search(walls, start):
    """Steps from a cell to every other, by breadth-first search; -1 where no way leads."""
    steps, queue = np.full(walls.size, -1), deque([start])
    steps[start] = 0
    while queue:
        cell = queue.popleft()
        for direction in range(4):
            there = cell + shift(direction, SIDE)
            if not walls[there] and steps[there] < 0:
                steps[there] = steps[cell] + 1
                queue.append(there)
    return steps


def first_states(count, **params):
    """States at the start of episodes, and their observations."""
    batch = Batch(MAZE, count, params=params)
    obs = np.zeros((count, 5, 5, 6), np.uint8)
    batch.seed(0)
    batch.reset(obs)
    return batch.states, obs


@pytest.mark.quick("2-*")
@pytest.mark.parametrize(("rooms", "branching"), [(2, 0.3), (5, 0.0), (5, 1.0), (MAX_SIZE, 0.3)])
def test_there_is_exactly_one_way_between_any_two_rooms(rooms, branching):
    for state in first_states(30, rooms=rooms, branching=branching)[0]:
        walls = state["walls"].reshape(SIDE, SIDE)
        inside = walls[: 2 * rooms + 1, : 2 * rooms + 1]
        # A tree: as many passages as rooms, less one, and all rooms can be reached.
        assert (inside == 0).sum() == 2 * rooms**2 - 1
        assert walls.sum() == walls.size - (inside == 0).sum()
        steps = search(state["walls"], state["start"])
        assert (steps >= 0).sum() == 2 * rooms**2 - 1
        assert state["shortest"] == steps.max() == steps[state["exit"]]


def test_signs_point_to_the_exit():
    signs = 0
    for state in first_states(50)[0]:
        from_exit, from_start = search(state["walls"], state["exit"]), search(state["walls"], state["start"])
        for row, column in np.ndindex(5, 5):
            room = row * MAX_SIZE + column
            cell = cell_of(room)
            arms = [d for d in range(4) if not state["walls"][cell + shift(d, SIDE)]]
            closer = [d for d in arms if from_exit[cell + shift(d, SIDE)] < from_exit[cell]]
            assert [state["onward"][room]] == (closer or [-1])
            has_sign = cell != state["exit"] and len(arms) >= (2 if cell == state["start"] else 3)
            assert (state["decoy"][room] >= 0) == has_sign
            if has_sign:
                signs += 1
                assert state["decoy"][room] in set(arms) - set(closer)
                # Never the way back, which nobody would take.
                assert from_start[cell + shift(int(state["decoy"][room]), SIDE)] > from_start[cell]
    assert signs > 100


def explorer(color):
    """A player who takes the arms of one colour, 1 or 2, and goes on where there is no sign."""

    def act(obs, space):
        colored = [d for d, place in AROUND.items() if obs[place][color]]
        free = [d for d, place in AROUND.items() if not obs[place][WALL]]
        ahead = [d for d in free if not obs[AROUND[d]][BEFORE]]
        return (colored or ahead or free)[0]

    return act


@pytest.mark.parametrize("rooms", [3, 5, MAX_SIZE])
def test_who_remembers_the_colour_takes_the_shortest_way(rooms):
    env = SingleEnv(MAZE, rooms=rooms, horizon=1000)
    for seed in range(10):
        obs, info = env.reset(seed=seed)
        assert (obs[2, 2, RED] > 0) != (obs[2, 2, BLUE] > 0)
        player = explorer(RED if obs[2, 2, RED] else BLUE)
        rewards, terminated, after = [], False, info
        while not terminated:
            obs, reward, terminated, _, after = env.step(player(obs, env.action_space))
            rewards.append(reward)
        assert len(rewards) == info["shortest"]
        assert sum(rewards) == pytest.approx(1 - 0.01 * len(rewards))
        assert after["wrong_turns"] == 0


def test_without_memory_one_colour_is_as_good_as_the_other(play):
    wins = [(play(MAZE, explorer(color), 200).returns > 0).mean() for color in (RED, BLUE)]
    assert sum(wins) == pytest.approx(1)
    assert wins[0] == pytest.approx(0.5, abs=0.15)


def test_the_colour_is_seen_at_the_start_only_unless_reminded():
    for remind in (False, True):
        env = SingleEnv(MAZE, remind=remind)
        obs, _ = env.reset(seed=1)
        color = RED if obs[2, 2, RED] else BLUE
        direction = next(d for d, place in AROUND.items() if not obs[place][WALL])
        obs = env.step(direction)[0]
        assert (obs[2, 2, color] > 0) == remind
        assert obs[2, 2, RED + BLUE - color] == 0


def test_walls_stop_a_step_and_the_view_moves_along():
    env = SingleEnv(MAZE)
    obs, _ = env.reset(seed=0)
    blocked = next(d for d, place in AROUND.items() if obs[place][WALL])
    same, reward, _, _, _ = env.step(blocked)
    assert reward == -0.01
    np.testing.assert_array_equal(same[:, :, :TIME], obs[:, :, :TIME])
    free = next(d for d, place in AROUND.items() if not obs[place][WALL])
    moved = env.step(free)[0]
    (row, column), (back_row, back_column) = AROUND[free], AROUND[(free + 2) % 4]
    assert moved[back_row, back_column, BEFORE] == 255
    shifted = np.roll(obs[:, :, WALL], (2 - row, 2 - column), (0, 1))
    assert (moved[:, :, WALL] == shifted).sum() >= 20  # all but the line that came into view


def test_the_horizon_ends_an_episode_and_is_shown():
    env = SingleEnv(MAZE, horizon=10)
    obs, _ = env.reset(seed=0)
    blocked = next(d for d, place in AROUND.items() if obs[place][WALL])
    times, ends = [int(obs[0, 0, TIME])], []
    for _ in range(10):
        obs, _, terminated, _, _ = env.step(blocked)
        times.append(int(obs[4, 4, TIME]))
        ends.append(terminated)
    assert times == [255 * left // 10 for left in range(10, -1, -1)]
    assert ends == [False] * 9 + [True]


def test_the_hand_written_player_gets_out_without_memory(play):
    played = play(MAZE, MAZE.baseline, 50)
    assert (played.returns > 0).all()
    assert played.lengths.mean() > 1.2 * played.info["shortest"].mean()
    assert (play(MAZE, None, 50).returns > 0).mean() < 0.3
