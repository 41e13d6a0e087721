"""The work cell: hand, people and scanner; what monitoring separation is worth, and what is left to gain."""

import math

import numpy as np
import pytest

import envs
from envs.engine.core.single import SingleEnv
from envs.engine.frames import classes, frames
from envs.work_cell import (
    ARC_X,
    ARC_Y,
    BASE_X,
    BASE_Y,
    BODY,
    DT,
    HAND,
    MAX_PEOPLE,
    SAFE_SPEED,
    SECTOR,
    SECTORS,
    hand_x,
    hand_y,
    labels,
    separation_monitoring,
)  # fmt: skip

CELL = envs.find("work_cell")
STOP, SLOW, THIRD, TWO_THIRDS, FULL = range(5)
FAR = {"people": 1, "x": 1.0, "y": 7.5, "pause": 1e9, "way": 1}  # nobody near, and nobody will come


def always(level):
    """A player that does nothing else."""
    return lambda obs, space: level


@pytest.mark.thorough
def test_an_undisturbed_cycle_takes_as_long_as_its_arc():
    env = SingleEnv(CELL, people=0)
    env.reset(seed=0)
    rewards, info = [], {"cycles": 0}
    while info["cycles"] < 2:
        _, reward, _, _, info = env.step(FULL)
        rewards.append(reward)
    assert sum(rewards) == pytest.approx(2)
    assert info["cycle_time"] == pytest.approx(len(rewards) * DT / 2)
    # Half the circumference of the ellipse (Ramanujan 1914) there and back at 2 m/s; the gripper twice; and
    # what speeding up at 3 m/s² and braking for the ends cost twice.
    length = math.pi * (3 * (ARC_X + ARC_Y) - math.sqrt((3 * ARC_X + ARC_Y) * (ARC_X + 3 * ARC_Y)))
    assert info["cycle_time"] == pytest.approx(
        length / 2 + 2 * 0.5 + 2 * (0.5 * 2 / 3 + 0.5 * 2 / 5), abs=0.4
    )


@pytest.mark.parametrize(("level", "speed"), [(SLOW, 0.25), (THIRD, 0.5), (TWO_THIRDS, 1.0), (FULL, 1.5)])
def test_the_levels_are_speeds_and_brakes_are_as_strong_as_asked(level, speed):
    env = SingleEnv(CELL, people=0, robot_speed=1.5, braking=2.0)
    env.reset(seed=0)
    for _ in range(12):
        env.step(level)
    assert env.state.speed == pytest.approx(speed)
    x, y = hand_x(env.state.phase), hand_y(env.state.phase)
    while env.state.speed > 0:
        before = env.state.speed
        env.step(STOP)
        assert env.state.speed == pytest.approx(max(0.0, before - 2.0 * DT))
    went = math.hypot(hand_x(env.state.phase) - x, hand_y(env.state.phase) - y)
    assert went <= speed * speed / 4.0  # v² / 2a, less what is braked in the first step already


@pytest.mark.parametrize(
    ("speed", "action", "hurt"), [(1.5, FULL, True), (0.2, SLOW, False), (0.0, STOP, False)]
)
def test_a_fast_hand_injures_and_a_slow_one_pushes(speed, action, hurt, step_states):
    states = {**FAR, "phase": 1.5, "speed": speed, "x": hand_x(1.5) + 0.3, "y": hand_y(1.5) + 0.3}
    result = step_states(CELL, states, [action], harm=7.0, fright=0.0)
    state = result.states[0]
    assert (state["injuries"], result.terminated[0]) == (hurt, hurt)
    assert result.rewards[0] == pytest.approx((state["phase"] - 1.5) / (2 * math.pi) - 7.0 * hurt)
    distance = math.hypot(state["x"][0] - hand_x(state["phase"]), state["y"][0] - hand_y(state["phase"]))
    if not hurt:
        assert distance == pytest.approx(HAND + BODY)


def test_a_near_miss_is_counted_once_while_somebody_is_near():
    env = SingleEnv(CELL, people=0)
    env.reset(seed=0)
    env.state.people, env.state.pause[0] = 1, 1e9
    env.state.x[0], env.state.y[0] = BASE_X, BASE_Y + ARC_Y + HAND + BODY + 0.15
    counted, costs, info = [], 0, {}
    for _ in range(80):  # there, past the person, and back
        phase = float(env.state.phase)
        _, reward, _, _, info = env.step(FULL)
        costs += reward - abs(env.state.phase - phase) / (2 * math.pi)
        counted.append(info["near_misses"])
    assert counted[-1] == 2
    assert costs == pytest.approx(2 * -0.5)
    assert info["injuries"] == 0


def test_the_scanner_reports_the_nearest_person_of_each_sector(step_states):
    rng = np.random.default_rng(0)
    count = 200
    x, y = rng.uniform(0, 12, (count, MAX_PEOPLE)), rng.uniform(3.6, 8, (count, MAX_PEOPLE))
    states = {"people": MAX_PEOPLE, "pause": 1e9, "x": x, "y": y, "way": 1}
    result = step_states(CELL, states, np.zeros(count), lidar_range=4.0)
    different = total = 0
    # Rays, very close together, against circles.
    for k in range(count):
        angles = (np.arange(SECTORS * 60) + 0.5) / 60 * SECTOR
        away = result.states[k]["x"] - BASE_X, result.states[k]["y"] - BASE_Y
        distance = np.hypot(*away)
        spread = np.abs(np.arctan2(away[1], -away[0])[None] - angles[:, None])
        seen = (spread <= BODY / distance) & (distance <= 4.0 + BODY)
        expected = np.where(seen, distance - BODY, np.inf).reshape(SECTORS, 60, -1).min(axis=(1, 2))
        found = np.where(result.obs[k, :SECTORS] < 1, 10.0 * result.obs[k, :SECTORS], np.inf)
        # A sector that a body only just touches may have no ray of ours; what rays meet is never overlooked.
        assert (found <= expected + 1e-5).all()
        different += int(
            (np.abs(found - np.where(np.isfinite(expected), expected, 1e3)) > 1e-5)[np.isfinite(found)].sum()
        )
        total += int(np.isfinite(found).sum())
    assert different < 0.03 * total


def test_the_scanner_measures_who_comes_nearer():
    env = SingleEnv(CELL, people=0)
    env.reset(seed=0)
    env.state.people = 1
    env.state.x[0], env.state.y[0] = BASE_X, 7.0
    env.state.goal[0], env.state.pace[0], env.state.careless[0] = 2, 1.0, True  # the door below
    obs = env.step(STOP)[0]
    along, down = 6.8 - BASE_X, 8.6 - 7.0  # to the door below; the scanner is straight above
    expected = -1.6 * down / math.hypot(along, down) / 2.5
    assert obs[SECTORS + SECTORS // 2] == pytest.approx(expected, abs=0.03)
    assert (obs[SECTORS : 2 * SECTORS] != 0).sum() == (obs[:SECTORS] < 1).sum() > 0


def test_people_walk_as_fast_as_they_should_and_keep_off_the_machines():
    env = SingleEnv(CELL, people=MAX_PEOPLE, walking_speed=1.2)
    env.reset(seed=1)
    speeds, goals = [], set()
    for _ in range(600):
        before = env.state.x.copy(), env.state.y.copy()
        env.step(SLOW)
        speeds.append(np.hypot(env.state.x - before[0], env.state.y - before[1]) / DT)
        assert env.state.y.min() >= 3.55 - 1e-9
        goals.update((i, int(goal)) for i, goal in enumerate(env.state.goal))
    speeds = np.array(speeds)
    walking = speeds[speeds > 0.1]
    assert np.quantile(walking, 0.99) <= 1.2 + 1e-6
    assert 0.6 * 1.2 < np.median(walking) < 1.2
    assert 0.2 < (speeds < 0.01).mean() < 0.8  # pauses
    assert len(goals) > 3 * MAX_PEOPLE


def test_the_careful_go_around_the_zone_and_the_careless_through_it(play):
    inside = []
    for carelessness in (0.0, 1.0):
        env = SingleEnv(CELL, people=MAX_PEOPLE, carelessness=carelessness)
        env.reset(seed=0)
        passing = 0
        for _ in range(600):
            env.step(SLOW)
            state = env.state
            near = np.hypot(state.x - BASE_X, state.y - BASE_Y) < 2.5
            passing += int((near & (state.goal < 5) & (np.abs(state.x - BASE_X) < 1.2)).sum())
        inside.append(passing)
    assert inside[0] < 0.1 * inside[1]
    hurt = [play(CELL, always(FULL), 40, carelessness=share).info["injuries"].mean() for share in (0.0, 1.0)]
    assert hurt[0] < hurt[1]


def test_the_rule_keeps_the_separation_of_the_standard():
    """The level chosen against the formula: the distance the person, and the robot, go until it stands."""
    obs = np.zeros(57, np.float32)
    obs[51:54] = 2.0 / 4.0, 2.0 / 4.0, 5.0 / 10.0  # at 2 m/s, the highest level, brakes of 5 m/s²
    levels = []
    for gap in np.arange(0.1, 3.0, 0.02):
        obs[55] = gap / 10.0
        levels.append(separation_monitoring(obs, CELL.action_space))
    # S = 1.6 (T_r + T_s) + v T_r + v²/2a + 0.1 with T_r = 0.1 s and T_s = v/a = 0.4 s.
    need = 1.6 * 0.5 + 2.0 * 0.1 + 0.4 + 0.1
    assert 0.1 + 0.02 * levels.index(FULL) == pytest.approx(need, abs=0.021)
    assert levels == sorted(levels)
    assert levels[0] == STOP


def foresight(env):
    """The highest level that is safe if everybody goes on as they do now; it sees where all really are."""
    state = env.state
    for level in (FULL, TWO_THIRDS, THIRD, SLOW):
        if all(clear(state, level, i) for i in range(int(state.people))):
            return level
    return STOP


def clear(state, level, i):
    """Whether a hand that takes a level for a step, and brakes from then on, stays away from somebody."""
    phase, speed, time = float(state.phase), float(state.speed), 0.0
    target = SAFE_SPEED if level == SLOW else 2.0 * (level - 1) / 3
    speed = min(target, speed + 3.0 * DT) if target > speed else max(target, speed - 5.0 * DT)
    while True:
        time += DT
        phase += int(state.way) * speed * DT / 1.85
        x, y = state.x[i] + time * state.vx[i], state.y[i] + time * state.vy[i]
        gap = math.hypot(x - hand_x(phase), y - hand_y(phase)) - HAND - BODY
        # Who stands may start to walk, and who walks may turn.
        if speed > SAFE_SPEED and gap < 0.3 + 0.4 * time:
            return False
        if speed <= SAFE_SPEED:
            return True
        speed = max(0.0, speed - 5.0 * DT)


def test_the_rule_is_safe_and_productive_and_foresight_is_better(play):
    rule, chance = play(CELL, CELL.baseline, 24), play(CELL, None, 24)
    fast, slow = play(CELL, always(FULL), 24), play(CELL, always(SLOW), 24)
    assert rule.info["injuries"].sum() == rule.info["near_misses"].sum() == 0
    assert not rule.terminated.any()
    assert rule.returns.mean() > 3.0
    assert slow.info["injuries"].sum() == 0
    assert slow.returns.mean() < 0.45 * rule.returns.mean()
    assert fast.info["injuries"].mean() > 0.6 < chance.info["injuries"].mean()
    assert max(fast.returns.mean(), chance.returns.mean()) < -5

    returns, injuries = [], 0
    for seed in range(6):
        env = SingleEnv(CELL)
        env.reset(seed=seed)
        returns.append(0.0)
        for _ in range(600):
            _, reward, terminated, _, _ = env.step(foresight(env))
            returns[-1] += reward
            if terminated:
                break
        injuries += int(env.state.injuries)
    assert injuries == 0
    assert np.mean(returns) > 1.08 * rule.returns[:6].mean()


def test_frames_are_labelled_truly_and_repeat():
    assert classes(CELL) == ("person", "robot", "gripper")
    taken = list(frames(CELL, 24, seed=5))
    again = list(frames(CELL, 12, seed=5))
    for one, two in zip(taken, again, strict=False):
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.boxes, two.boxes)
    people = 0
    for frame in taken:
        assert frame.image.shape == (128, 128, 3)
        for box, mask, kind in zip(frame.boxes.astype(int), frame.masks, frame.kinds, strict=True):
            rows, columns = np.nonzero(mask)
            assert [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1] == box.tolist()
            assert (frame.class_map[mask] == kind + 1).all()
            people += kind == 0
        assert (frame.class_map > 0).sum() == frame.masks.sum()
        assert np.nanmin(frame.distances) >= -0.6
        outwards = np.array([1, 1, -1, -1])
        assert (frame.whole * outwards <= frame.boxes * outwards + 1).all(), "what is seen is a part of it"
    assert people > 40
    every = list(frames(CELL, 24, seed=5, min_pixels=0))
    assert {len(frame.kinds) for frame in every} == {6}, "4 people, a robot and a gripper, hidden or not"
    assert any((one.image != two.image).any() for one, two in zip(taken, taken[8:], strict=False))


def test_distances_and_colours_belong_to_the_person_in_the_mask():
    """One person whose clothes and place are known, photographed without noise."""
    env = SingleEnv(CELL, people=0)
    env.reset(seed=0)
    env.state.people = 1
    env.state.x[0], env.state.y[0] = 9.0, 6.0
    found = labels(env.state, env.params)
    person = next(label for label in found if label.kind == "person")
    assert person.distance == pytest.approx(math.hypot(9.0 - 4.3, 6.0 - 2.7) - HAND - BODY)
    corners = np.concatenate([np.array(outline) for outline in person.outlines])
    assert np.abs(corners.mean(axis=0) - (540, 360)).max() < 6
    assert np.abs(corners - (540, 360)).max() < 25
