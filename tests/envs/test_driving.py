"""Driving: the car against its equations in the plane, the rays against geometry, traffic, a controller."""

import math

import numpy as np
import pytest

import envs
from envs.driving import CENTER, LIDAR_SCALE, NAMES, RAYS, WHEELBASE, pure_pursuit
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv
from envs.scenes.driving_road import GAP, HALF_WIDTH, LANE, POINTS, START, place
from envs.scenes.driving_traffic import LENGTH, WIDTH

DRIVING = envs.find("driving")


def hold(env, steering=0.0, pedals=0.0):
    """One step with the wheels at an angle in rad."""
    return env.step(np.array([steering / 0.4, pedals], np.float32))


def put(state, s, d, psi=0.0):
    """Put the car on the road: its rear axle, and its heading from the road's direction."""
    state.s, state.d, state.turn_cos, state.turn_sin = s, d, math.cos(psi), math.sin(psi)
    state.x, state.y, cosine, sine = place(state, s, d)
    state.ahead_x = cosine * state.turn_cos - sine * state.turn_sin
    state.ahead_y = sine * state.turn_cos + cosine * state.turn_sin
    state.car_s[0] = s + CENTER * state.turn_cos


@pytest.mark.parametrize("bends", [0.0, 0.02])
def test_the_car_moves_as_a_bicycle_in_the_plane(bends):
    """The rules against the model integrated finely, and places on a road with bends against the plane."""
    env = SingleEnv(DRIVING, traffic=0, bends=bends, top_speed=12.0)
    obs, _ = env.reset(seed=4)
    state = env.state
    for _ in range(150):  # into the bends, by the hand-written player
        obs, _, terminated, _, _ = env.step(pure_pursuit(obs, DRIVING.action_space))
        assert not terminated
    x, y, heading = float(state.x), float(state.y), math.atan2(state.ahead_y, state.ahead_x)
    start, angle = (x, y), float(state.steering)
    for _ in range(20):
        assert not hold(env, angle)[2]
        speed = float(state.speed)
        for _ in range(200):
            x += 5e-4 * speed * math.cos(heading)
            y += 5e-4 * speed * math.sin(heading)
            heading += 5e-4 * speed * math.tan(state.steering) / WHEELBASE
    assert math.dist(start, (x, y)) > 20.0
    assert math.dist((state.x, state.y), (x, y)) < 0.01
    assert math.hypot(state.ahead_x, state.ahead_y) == pytest.approx(1.0, abs=1e-5)
    assert math.atan2(state.ahead_y, state.ahead_x) == pytest.approx(heading, abs=1e-4)
    # Its place on the road is the same place, and its heading from the road's direction the same heading.
    x, y, cosine, sine = place(state, float(state.s), float(state.d))
    assert math.dist((state.x, state.y), (x, y)) < 0.02
    turned = math.atan2(sine, cosine) + math.atan2(state.turn_sin, state.turn_cos)
    assert turned == pytest.approx(heading, abs=1e-3)


def test_steering_and_pedals_have_limits():
    env = SingleEnv(DRIVING, traffic=0, bends=0.0)
    env.reset(seed=0)
    angles, speeds = [], []
    for _ in range(4):
        hold(env, 10.0, 1.0)
        angles.append(float(env.state.steering))
        speeds.append(float(env.state.speed))
    assert angles == pytest.approx([0.08, 0.16, 0.24, 0.32])
    assert speeds == pytest.approx([15.4, 15.8, 16.2, 16.6])
    hold(env, 0.0, -1.0)
    assert env.state.speed == pytest.approx(16.6 - 0.8)


@pytest.mark.parametrize("grip", [2.0, 7.0])
def test_the_tyres_hold_what_grip_allows(grip, step_states):
    states = {"speed": 20.0, "steering": 0.3, "s": START, "d": 0.0, "y": 0.0}
    result = step_states(DRIVING, states, [[0.75, 0.0]], grip=grip, traffic=0)
    # The heading changes by a t / v; the road is straight at the start.
    assert result.obs[0, 25] == pytest.approx(math.sin(grip / 20.0 * 0.1), rel=1e-6)


def test_the_road_is_the_same_however_one_drives():
    roads = []
    for bends, steering in ((0.02, 0.0), (0.02, 0.01), (0.005, 0.0)):
        env = SingleEnv(DRIVING, traffic=6 if steering else 0, bends=bends)
        env.reset(seed=11)
        points = {}
        for step in range(200):
            put(env.state, env.state.s, 0.0)  # kept on the road
            hold(env, steering * (step % 2))
            for j in range(int(env.state.laid) - POINTS, int(env.state.laid)):
                if j >= 0:
                    points[j] = tuple(env.state.road[j % POINTS])
        table = np.array([points[j] for j in range(70)])
        roads.append(table)
        gaps = np.hypot(*np.diff(table[:, :2], axis=0).T)
        np.testing.assert_allclose(gaps, GAP, rtol=2e-3)
        np.testing.assert_allclose(np.hypot(table[:, 2], table[:, 3]), 1.0, atol=1e-4)
        assert 0.3 * bends < np.abs(table[:, 4]).max() <= bends + 1e-6
        turned = np.diff(np.unwrap(np.arctan2(table[:, 3], table[:, 2])))
        np.testing.assert_allclose(turned, table[:-1, 4] * GAP, atol=1e-4)
    np.testing.assert_array_equal(roads[0], roads[1])
    assert np.abs(roads[0][-1, :2] - roads[2][-1, :2]).max() > 1.0


def brute_rays(state):
    """Lengths of the rays, by intersecting each with the four sides of every car."""
    x, y, heading = state.x, state.y, math.atan2(state.ahead_y, state.ahead_x)
    x, y = x + CENTER * math.cos(heading), y + CENTER * math.sin(heading)
    lengths = np.full(RAYS, np.inf)
    for i in range(1, int(state.cars)):
        there_x, there_y, cosine, sine = place(state, float(state.car_s[i]), float(state.car_d[i]))
        along, across = np.array([cosine, sine]) * LENGTH / 2, np.array([-sine, cosine]) * WIDTH / 2
        signs = ((1, 1), (1, -1), (-1, -1), (-1, 1))
        corners = [np.array([there_x - x, there_y - y]) + a * along + b * across for a, b in signs]
        for k in range(RAYS):
            ray = np.array([math.cos(heading + k * math.pi / 12), math.sin(heading + k * math.pi / 12)])
            for one, two in zip(corners, corners[1:] + corners[:1], strict=True):
                matrix = np.stack([ray, one - two], axis=1)
                if abs(np.linalg.det(matrix)) > 1e-9:
                    length, share = np.linalg.solve(matrix, one)
                    if length >= 0 and 0 <= share <= 1:
                        lengths[k] = min(lengths[k], length)
    return lengths


def test_the_rays_end_where_geometry_says():
    env = SingleEnv(DRIVING, traffic=8, bends=0.02, lidar_range=45.0)
    hits = 0
    rng = np.random.default_rng(0)
    for seed in range(6):
        env.reset(seed=seed)
        for _ in range(20):
            hold(env)
        for i in range(1, 9):  # all around, on a road with bends
            env.state.car_s[i] = env.state.s + CENTER + 5.5 * (i - 4.5) + rng.uniform(-0.3, 0.3)
            env.state.car_d[i] = rng.choice((-LANE, LANE))
        put(env.state, env.state.s, 0.0, rng.uniform(-0.2, 0.2))
        obs = np.zeros((1, 49), np.float32)
        env.batch.observe(obs)
        expected = brute_rays(env.state)
        expected = np.where(expected <= 45.0, expected / LIDAR_SCALE, 1.0)
        np.testing.assert_allclose(obs[0, :RAYS], expected, atol=2e-4)
        hits += int((expected < 1).sum())
    assert hits > 40


def test_the_radar_names_the_next_cars():
    env = SingleEnv(DRIVING, traffic=5, bends=0.0)
    env.reset(seed=0)
    state = env.state
    put(state, START, 0.0)
    middle = state.s + CENTER
    for i, (ahead, lane, speed) in enumerate(
        ((30.0, 0, 10.0), (50.0, 0, 5.0), (20.0, 1, 25.0), (-15.0, -1, 20.0), (-40.0, -1, 1.0)), start=1
    ):
        state.car_s[i], state.car_d[i], state.car_speed[i] = middle + ahead, lane * LANE, speed
    obs = np.zeros((1, 49), np.float32)
    env.batch.observe(obs)
    gap = [(30 - LENGTH) / 100, (20 - LENGTH) / 100, 1.0, 1.0, (15 - LENGTH) / 100]
    closing = [5 / 20, -10 / 20, 0.0, 0.0, 5 / 20]
    np.testing.assert_allclose(obs[0, 39::2], gap, atol=1e-6)
    np.testing.assert_allclose(obs[0, 40::2], closing, atol=1e-6)
    named = dict(zip(NAMES, obs[0].tolist(), strict=True))
    assert named["ahead, gap"] == pytest.approx(gap[0])
    assert named["behind right, closing in"] == pytest.approx(closing[4])
    assert named["lidar 0°"] == pytest.approx((30 - LENGTH / 2) / LIDAR_SCALE)
    assert named["road in 64 m, ahead"] == pytest.approx((64 - CENTER) / 64)
    assert named["speed"] == pytest.approx(15 / 40)
    state.d = LANE  # the leftmost lane has none to its left
    env.batch.observe(obs)
    assert obs[0, [41, 45]].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("states", "ends"),
    [
        ({"d": 0.0}, ""),
        ({"d": HALF_WIDTH}, "off_road"),
        ({"turned": 1.6}, "off_road"),
        ({"car_d": 1.5}, "collisions"),
        ({"car_d": 2.2}, ""),
        ({"car_d": 2.2, "turned": 0.35}, "collisions"),  # askew it is wider
        ({"s": START + 99.5}, "finished"),
    ],
)
def test_what_ends_an_episode(states, ends, step_states):
    start = {"s": START, "d": 0.0, "speed": 10.0, "car_speed": 10.0, "car_d": -9.0, "turned": 0.0, **states}
    turned = start.pop("turned")
    cosine, sine = math.cos(turned), math.sin(turned)
    # The road is straight so near to its beginning: places on it are places in the plane.
    start |= {"x": start["s"], "y": start["d"], "ahead_x": cosine, "ahead_y": sine}
    start |= {"turn_cos": cosine, "turn_sin": sine, "car_s": start["s"] + CENTER, "car_leader": 1}
    result = step_states(DRIVING, start, [[0.0, 0.0]], traffic=1, crash=7.0, length=100.0)
    state = result.states[0]
    assert {name: int(state[name]) for name in ("off_road", "collisions", "finished")} == {
        name: int(name == ends) for name in ("off_road", "collisions", "finished")
    }
    assert result.terminated[0] == bool(ends)
    moved = state["s"] - start["s"]
    lost = 7.0 if ends in ("off_road", "collisions") else 0.0
    assert result.rewards[0] == pytest.approx(0.1 * moved - 0.1 - lost)


def test_traffic_keeps_apart_and_does_not_run_into_a_slow_car():
    count = 16
    batch = Batch(DRIVING, count, params={"traffic": 8, "top_speed": 8.0, "bends": 0.0, "length": 5000.0})
    obs, rewards = np.zeros((count, 49), np.float32), np.zeros(count)
    flags = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    batch.seed(0)
    batch.reset(obs)
    lanes = set()
    for _ in range(600):
        batch.step(np.zeros((count, 2), np.float32), obs, rewards, *flags, None, 2)
        s, d = batch.states["car_s"][:, 1:], batch.states["car_d"][:, 1:]
        along = np.abs(s[:, :, None] - s[:, None, :]) < LENGTH
        across = np.abs(d[:, :, None] - d[:, None, :]) < WIDTH
        assert (along & across).sum() == count * 8  # each only with itself
        assert np.abs(d).max() <= LANE + 1e-6
        lanes.update(np.round(d[0] / LANE).astype(int).tolist())
        assert not flags[0].any()
    assert lanes == {-1, 0, 1}
    # They drive past in the free lanes: those around are not always the same.
    assert batch.states["progress"].min() > 400


def test_the_controller_arrives_and_what_slows_it_is_traffic(play):
    driven, chance = play(DRIVING, DRIVING.baseline, 24), play(DRIVING, None, 24)
    alone = play(DRIVING, DRIVING.baseline, 8, traffic=0)
    assert driven.info["finished"].mean() > 0.9
    assert driven.info["off_road"].sum() == 0
    assert driven.returns.mean() > chance.returns.mean() + 30
    assert chance.info["progress"].mean() < 100
    assert alone.info["finished"].all()
    assert alone.returns.mean() > driven.returns.mean() + 15  # what overtaking could gain
    sharp = play(DRIVING, DRIVING.baseline, 8, traffic=0, bends=0.03)
    assert sharp.info["finished"].all()
    assert np.abs(sharp.info["lane_offset"]).max() < 0.5
