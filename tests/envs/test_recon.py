"""Journeys held against Dijkstra's on the true map, and a picture that says what the ground is."""

import heapq

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv
from envs.engine.frames import classes, frames
from envs.recon import DOWN, FAR, HOURS, LEFT, MAX_STEPS, RIGHT, UP, distance
from envs.scenes.recon import CLOUD, COLORS, FIRE, FOREST, GRASS, ROAD, SIDE, WATER

RECON = envs.find("recon")
MOVES = {UP: (-1, 0), RIGHT: (0, 1), DOWN: (1, 0), LEFT: (0, -1)}


def quickest(state, fire_hours=8.0):
    """Fewest hours from start to goal on the true map (Dijkstra 1959)."""
    cost = HOURS[state["kinds"]] + fire_hours * state["alight"]
    best = np.full(SIDE * SIDE, np.inf)
    best[state["start"]] = 0
    queue = [(0.0, int(state["start"]))]
    while queue:
        hours, square = heapq.heappop(queue)
        for down, right in MOVES.values():
            row, column = square // SIDE + down, square % SIDE + right
            there = row * SIDE + column
            if 0 <= row < SIDE and 0 <= column < SIDE and hours + cost[there] < best[there]:
                best[there] = hours + cost[there]
                heapq.heappush(queue, (best[there], there))
    return best[state["goal"]]


def first_states(count, **params):
    batch = Batch(RECON, count, params=params)
    obs = np.zeros((count, SIDE, SIDE, 7), np.uint8)
    batch.seed(0)
    batch.reset(obs)
    return batch.states, obs


@pytest.mark.thorough
def test_without_clouds_the_planner_takes_the_quickest_way(play):
    """So the picture alone says what each square costs, and Dijkstra's answer is that of the rules."""
    states = first_states(40, clouds=0.0)[0]
    result = play(RECON, RECON.baseline, 40, clouds=0.0)
    assert result.terminated.all()
    assert result.info["hours"] == pytest.approx([quickest(state) for state in states])


def test_clouds_cost_the_planner_something_and_nobody_beats_dijkstra(play):
    best = np.array([quickest(state) for state in first_states(60)[0]])
    planned = play(RECON, RECON.baseline, 60)
    assert planned.terminated.all()
    assert (planned.info["hours"] >= best - 1e-9).all()
    assert 1.0 < planned.info["hours"].mean() / best.mean() < 1.15
    chance = play(RECON, None, 60)
    assert (chance.info["hours"] >= best)[chance.terminated].all()
    assert planned.returns.mean() > chance.returns.mean() + 10


def test_without_sight_clouds_cost_more(play):
    blind, seeing = (
        play(RECON, RECON.baseline, 60, sight=s, clouds=0.8).info["hours"].mean() for s in (0, 3)
    )
    assert blind.mean() > 1.05 * seeing.mean()


def test_the_return_is_what_the_rules_say(play):
    states = first_states(20)[0]
    result = play(RECON, RECON.baseline, 20)
    away = np.array([distance(int(state["start"]), int(state["goal"])) for state in states])
    assert result.returns == pytest.approx(2 + 0.5 * away - 0.1 * result.info["hours"])


@pytest.mark.parametrize("params", [{}, {"fires": 1.0, "clouds": 1.0}, {"fires": 0.0, "clouds": 0.0}])
def test_maps_are_sound(params):
    states, obs = first_states(100, **params)
    kinds = states["kinds"].reshape(-1, SIDE, SIDE)
    for state, kind in zip(states, kinds, strict=True):
        assert distance(int(state["start"]), int(state["goal"])) >= FAR
        for i, (row, column) in enumerate(zip(state["road_rows"], state["road_columns"], strict=True)):
            assert kind[row, i] == kind[i, column] == ROAD
            # From square to square along rows and columns only: where a road drifts, its old row goes on.
            assert i == 0 or kind[state["road_rows"][i - 1], i] == ROAD
            assert i == 0 or kind[i, state["road_columns"][i - 1]] == ROAD
        assert np.abs(np.diff(state["road_rows"])).max() <= 1
    assert (states["alight"].sum(axis=1) == 0).all() == (params.get("fires") == 0.0)
    assert (obs[:, :, :, 3].sum(axis=(1, 2)) == 255).all() and (obs[:, :, :, 4].sum(axis=(1, 2)) == 255).all()
    for name, channel, axis in (("goal right", 5, 1), ("goal below", 6, 0)):
        places = [np.array(divmod(states[which].astype(int), SIDE))[axis] for which in ("goal", "start")]
        assert RECON.obs_names[channel] == name
        assert (obs[:, 3, 7, channel] == 128 + 8 * (places[0] - places[1])).all()
    if not params:
        safe = [state["kinds"][state[name]] != WATER for state in states for name in ("start", "goal")]
        assert all(safe)
        shares = [(kinds == kind).mean() for kind in range(6)]
        assert min(shares) > 0.02 and max(shares) < 0.45
        assert 0.05 < states["alight"].mean() < 0.25


def test_clouds_hide_what_is_there_until_the_vehicle_is_near():
    env = SingleEnv(RECON, clouds=1.0, sight=1, fires=0.8)
    obs, _ = env.reset(seed=0)
    state = env.state
    row, column = divmod(int(state.square), SIDE)
    true = COLORS[np.where(state.alight, FIRE, state.kinds)].reshape(SIDE, SIDE, 3)
    shown = np.abs(obs[:, :, :3] - true).max(axis=2) <= 11
    white = np.abs(obs[:, :, :3] - COLORS[CLOUD]).max(axis=2) <= 11
    near = np.maximum.outer(np.abs(np.arange(SIDE) - row), np.zeros(SIDE, int))
    near = np.maximum(near, np.abs(np.arange(SIDE) - column)[None])
    assert shown[near <= 1].all()
    assert white[near > 1].mean() > 0.75 and shown[near > 1].mean() < 0.2
    # What was seen once stays in the picture.
    ahead = next(a for a, (r, c) in MOVES.items() if 1 <= row + r < SIDE - 1 and 1 <= column + c < SIDE - 1)
    obs = env.step(ahead)[0]
    still = np.abs(obs[:, :, :3] - true).max(axis=2) <= 11
    assert still[near <= 1].all() and still.sum() > (near <= 1).sum()


def test_the_edge_stops_a_step():
    env = SingleEnv(RECON)
    env.reset(seed=0)
    env.state.square = 5
    _, reward, terminated, _, info = env.step(UP)
    assert (reward, terminated, info["hours"], int(env.state.square)) == (pytest.approx(-0.3), False, 3.0, 5)


def test_fire_costs_what_it_is_set_to():
    env = SingleEnv(RECON, fire_hours=20.0)
    env.reset(seed=0)
    env.state.square, env.state.goal = 0, 255
    env.state.kinds[1], env.state.alight[1] = FOREST, 1
    _, reward, _, _, info = env.step(RIGHT)
    assert (info["hours"], info["burns"]) == (22.0, 1)
    assert reward == pytest.approx(0.5 - 2.2)


def test_a_long_walk_stays_within_what_is_remembered():
    env = SingleEnv(RECON)
    env.reset(seed=0)
    env.state.square, env.state.goal = 17, 255
    for i in range(2 * MAX_STEPS):
        env.step((LEFT, RIGHT)[i % 2])
    assert env.state.count == MAX_STEPS + 1


@pytest.mark.thorough
def test_labelled_frames_say_what_covers_the_squares():
    assert classes(RECON)[GRASS] == "grass"
    seen = set()
    for frame in frames(RECON, 6, size=(160, 160), light=0.0, noise=0.0):
        kinds = frame.class_map
        assert (kinds[: SIDE * 9] > 0).mean() > 0.9
        seen |= {classes(RECON)[kind] for kind in frame.kinds}
    assert seen == set(classes(RECON))
    state = first_states(1, clouds=0.0)[0][0]
    canvas_kinds = np.zeros((SIDE, SIDE), int)
    for label in RECON.step.__globals__["labels"](state, None):
        for outline in label.outlines:
            (left, top), (right, bottom) = outline[0], outline[2]
            for row, column in np.ndindex(SIDE, SIDE):
                if left <= 30 * column + 15 < right and top <= 30 * row + 15 < bottom:
                    canvas_kinds[row, column] = classes(RECON).index(label.kind)
    truth = np.where(state["alight"] & (state["kinds"] != ROAD), FIRE, state["kinds"]).reshape(SIDE, SIDE)
    assert (canvas_kinds == truth).mean() > 0.9
