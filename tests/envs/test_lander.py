"""The lander's physics against known answers, its legs against energy, and a controller that lands it."""

import math

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv
from envs.lander import DRY_MASS, EXHAUST, GYRATION, HULL_BOTTOM, JET_ARM, JET_FORCE, STIFFNESS, TIME_STEP
from envs.scenes.lander import FOOT_X, FOOT_Y, POINTS, SPACING, WIDTH

LANDER = envs.find("lander")
OFF, FULL = np.array([-1, 0], np.float32), np.array([1, 0], np.float32)


def craft(heights=0.0, pad_x=WIDTH / 2, pad_half=5.0, params=None, **state):
    """A craft in a given state over given ground, standing still and upright where nothing else is said."""
    env = SingleEnv(LANDER, **(params or {}))
    env.reset(seed=0)
    given = {"x": WIDTH / 2, "y": 20.0, "angle": 0.0, "vx": 0.0, "vy": 0.0, "spin": 0.0}
    given |= {"pad_x": pad_x, "pad_half": pad_half, "pad_y": float(np.interp(pad_x, XS, heights + 0.0 * XS))}
    env.state.heights[:] = heights
    for name, value in {**given, **state}.items():
        env.state[name] = value
    return env


XS = np.arange(POINTS) * SPACING


def presses(env):
    """How far each leg is pressed into level ground, in m."""
    state = env.state
    feet = (state.y + FOOT_Y * math.cos(state.angle) - x * math.sin(state.angle) for x in (-FOOT_X, FOOT_X))
    return np.array([max(0.0, -float(foot)) for foot in feet])


def energy(env):
    """Of a craft over level ground in J: in motion, in turning, in height and in its springs."""
    state, mass = env.state, DRY_MASS + float(env.state.fuel)
    moving = 0.5 * mass * (state.vx**2 + state.vy**2) + 0.5 * mass * (GYRATION * state.spin) ** 2
    springs = 0.5 * STIFFNESS * (presses(env) ** 2).sum()
    return float(moving + mass * env.params["gravity"] * state.y + springs)


def coast(env, steps=400):
    """Leave the craft to itself until its episode ends: whether it did, the last reward and info."""
    terminated, reward, info = False, 0.0, {}
    for _ in range(steps):
        _, reward, terminated, _, info = env.step(OFF)
        if terminated:
            break
    return terminated, reward, info


def test_free_fall():
    env = craft(y=25.0, vx=1.5, vy=2.0, spin=0.3, angle=0.1)
    for _ in range(60):
        env.step(OFF)
    t = 60 * TIME_STEP
    assert float(env.state.y) == pytest.approx(25 + 2 * t - 0.5 * 1.62 * t**2, abs=1e-9)
    assert float(env.state.x) == pytest.approx(WIDTH / 2 + 1.5 * t, abs=1e-9)
    assert float(env.state.angle) == pytest.approx(0.1 + 0.3 * t, abs=1e-9)
    assert (env.state.vx, env.state.vy) == pytest.approx((1.5, 2 - 1.62 * t))


def test_with_the_engine_off_and_no_gravity_all_momentum_stays():
    env = craft(params={"gravity": 0.0}, vx=1.0, vy=-0.5, spin=0.7)
    for _ in range(200):
        env.step(OFF)
    assert (env.state.vx, env.state.vy, env.state.spin, env.state.fuel) == (1.0, -0.5, 0.7, 60.0)


def test_the_rocket_equation():
    env = craft(params={"gravity": 0.0}, y=5.0)
    for _ in range(80):
        env.step(FULL)
    burnt = 80 * TIME_STEP * 3000 / EXHAUST
    assert 60 - float(env.state.fuel) == pytest.approx(burnt)
    assert float(env.state.vy) == pytest.approx(EXHAUST * math.log(660 / (660 - burnt)), rel=1e-4)


def test_side_jets_push_and_turn():
    env = craft(params={"gravity": 0.0})
    env.step(np.array([-1, 1], np.float32))
    assert float(env.state.vx) == pytest.approx(TIME_STEP * JET_FORCE / 660)
    assert float(env.state.spin) == pytest.approx(TIME_STEP * JET_FORCE * JET_ARM / (660 * GYRATION**2))


def test_a_leaning_engine_pushes_where_it_leans():
    env = craft(params={"gravity": 0.0}, angle=0.5)
    env.step(FULL)
    assert math.atan2(env.state.vx, env.state.vy) == pytest.approx(0.5)


@pytest.mark.parametrize("angle", [0.0, 0.12])
def test_contact_never_makes_energy_and_ends_at_rest(angle):
    env = craft(y=3.2, angle=angle, vx=0.3 * (angle > 0))
    energies, terminated, info = [energy(env)], False, {}
    while not terminated and len(energies) < 400:
        _, _, terminated, _, info = env.step(OFF)
        energies.append(energy(env))
    assert np.diff(energies).max() <= 1e-9
    assert terminated and info["landed"] and not info["crashed"]
    # At rest the springs carry the weight.
    assert presses(env).sum() * STIFFNESS == pytest.approx(660 * 1.62, rel=0.1)


@pytest.mark.parametrize(("steep", "holds"), [(0.3, True), (0.6, True), (1.0, False)])
def test_friction_holds_up_to_its_coefficient(steep, holds):
    env = craft(heights=steep * XS, y=steep * WIDTH / 2 + 3.2, angle=-math.atan(steep), pad_x=2.0)
    terminated, _, info = coast(env, 150)
    slid = math.hypot(env.state.x - WIDTH / 2, steep * (env.state.x - WIDTH / 2))
    assert (terminated, slid < 1.0) == (holds, holds)
    assert not info["landed"]


@pytest.mark.parametrize(
    ("state", "crashes"),
    [
        ({"y": -FOOT_Y + 0.2, "vy": -1.0}, False),
        ({"y": -FOOT_Y + 0.2, "vy": -7.0}, True),  # the legs break
        ({"y": -HULL_BOTTOM - 0.1}, True),
        ({"x": -0.1}, True),
        ({"x": WIDTH + 0.1}, True),
        ({"y": 46.0}, True),
        ({"y": 2.0, "angle": math.pi}, True),
    ],
)
def test_what_is_a_crash(state, crashes):
    env = craft(**state)
    terminated, reward, info = coast(env, 20)
    assert (info["crashed"], terminated, reward < -50) == (crashes, crashes, crashes)


def test_standing_beside_the_pad_ends_without_the_prize():
    for pad_x, landed in ((WIDTH / 2, True), (10.0, False)):
        env = craft(y=2.0, pad_x=pad_x)
        _, reward, info = coast(env)
        assert info["landed"] == landed and (reward > 99) == landed


def test_the_reward_is_the_gain_of_the_potential():
    env = craft(y=22.0, x=20.0, vx=3.0, vy=-1.0)
    start = -(2 * math.hypot(WIDTH / 2 - 20, 22 + FOOT_Y) + 4 * math.hypot(3, 1))
    total = sum(env.step(OFF)[1] for _ in range(40))
    s = env.state
    end = 2 * math.hypot(s.x - WIDTH / 2, s.y + FOOT_Y) + 4 * math.hypot(s.vx, s.vy) + 20 * abs(s.angle)
    assert total == pytest.approx(-float(end) - start)


def test_an_empty_tank_stops_the_engine():
    env = craft(fuel=1.5)
    for _ in range(60):
        env.step(FULL)
    assert env.state.fuel == 0
    falling = float(env.state.vy)
    env.step(FULL)
    assert float(env.state.vy) - falling == pytest.approx(-1.62 * TIME_STEP)


def test_gusts_push_to_both_sides_and_not_without_wind():
    for wind in (0.0, 0.5):
        env = craft(params={"wind": wind, "gravity": 0.0})
        gusts = []
        for _ in range(300):
            before = float(env.state.vx)
            env.step(OFF)
            gusts.append((float(env.state.vx) - before) / TIME_STEP)
        assert max(gusts) == pytest.approx(wind, abs=0.05) and min(gusts) == pytest.approx(-wind, abs=0.05)


@pytest.mark.parametrize("hills", [0.0, 2.0])
def test_the_ground_is_level_at_the_pad(hills):
    batch = Batch(LANDER, 200, params={"hills": hills, "pad_width": 12.0})
    batch.seed(0)
    batch.reset(np.zeros((200, 12), np.float32))
    for state in batch.states:
        across = np.linspace(state["pad_x"] - 6, state["pad_x"] + 6, 50)
        assert np.interp(across, XS, state["heights"]) == pytest.approx(state["pad_y"])
    heights = batch.states["heights"]
    assert heights.min() > 1 and heights.max() < 25
    assert (np.ptp(heights, axis=1) > 2).mean() == (1.0 if hills else 0.0)


def test_the_controller_lands(play):
    for params in ({}, {"wind": 0.4}, {"hills": 2.0}):
        result = play(LANDER, LANDER.baseline, 60, **params)
        assert result.info["landed"].mean() >= 0.9
    assert play(LANDER, None, 60).info["landed"].mean() < 0.05
