"""The glucose model against its equations integrated finely, its risk, and a controller that keeps it low."""

import math

import numpy as np
import pytest

import envs
from envs.dose import BASAL_INSULIN, DAY, MAX_INFUSION, risk
from envs.engine.core.single import SingleEnv

DOSE = envs.find("dose")
REST = 2 * (5 / 54 * 12 * 15) / MAX_INFUSION - 1  # the action of the resting infusion


def integrate(glucose, effect, insulin, meal, infusion, p1=0.0, p3=0.000013, minutes=5.0, parts=20_000):
    """The equations of the rules, by Euler's method in very small steps."""
    dt = minutes / parts
    for _ in range(parts):
        d_glucose = -p1 * (glucose - 81) - effect * glucose + 0.05 * meal
        d_effect = -0.025 * effect + p3 * (insulin - 15)
        d_insulin = -5 / 54 * insulin + infusion / 12
        glucose, effect = glucose + dt * d_glucose, effect + dt * d_effect
        insulin, meal = insulin + dt * d_insulin, meal - dt * 0.05 * meal
    return glucose, effect, insulin, meal


@pytest.mark.parametrize(
    "state",
    [
        {"glucose": 100.0, "effect": 0.0, "insulin": 15.0, "meal": 160.0},
        {"glucose": 250.0, "effect": 0.02, "insulin": 90.0, "meal": 0.0},
        {"glucose": 80.0, "effect": -0.005, "insulin": 0.0, "meal": 40.0},
    ],
)
@pytest.mark.parametrize(("infusion", "p1"), [(0.0, 0.0), (100.0, 0.0), (100.0, 0.016)])
def test_a_step_follows_the_equations(state, infusion, p1, step_states):
    states = {**state, "p3": 0.000013, "day": 1, "meal_steps": -1}
    result = step_states(DOSE, states, [[2 * infusion / MAX_INFUSION - 1]], noise=0.0, p1=p1).states[0]
    expected = integrate(**state, infusion=infusion, p1=p1)
    found = [float(result[name]) for name in ("glucose", "effect", "insulin", "meal")]
    assert found == pytest.approx(expected, rel=2e-4, abs=1e-6)


def test_the_resting_infusion_holds_any_glucose():
    env = SingleEnv(DOSE, meal_size=0.0, noise=0.0)
    for seed in range(3):
        env.reset(seed=seed)
        start = float(env.state.glucose)
        for _ in range(DAY):
            env.step(np.array([REST], np.float32))
        assert env.state.glucose == pytest.approx(start, abs=0.01)
        assert env.state.insulin == pytest.approx(BASAL_INSULIN, abs=1e-4)


def test_with_p1_glucose_falls_to_its_resting_value():
    env = SingleEnv(DOSE, meal_size=0.0, noise=0.0, p1=0.016)
    env.reset(seed=0)
    start = float(env.state.glucose)
    for _ in range(50):
        env.step(np.array([REST], np.float32))
    assert env.state.glucose == pytest.approx(81 + (start - 81) * math.exp(-0.016 * 250), abs=0.05)


def test_a_meal_raises_glucose_by_its_size():
    env = SingleEnv(DOSE, spread=0.0, noise=0.0)
    env.reset(seed=0)
    start = float(env.state.glucose)
    for _ in range(int(env.state.meal_steps[1])):  # past breakfast, up to lunch
        env.step(np.array([REST], np.float32))
    assert env.state.glucose - start == pytest.approx(120, abs=0.5)


def test_risk_is_least_at_its_centre_and_steeper_below():
    # Kovatchev's scale is made so that its ends, 20 and 600 mg/dL, both have a risk of 100.
    assert risk(112.5) == pytest.approx(0, abs=0.001)
    assert risk(20.0) == pytest.approx(100, abs=0.5)
    assert risk(600.0) == pytest.approx(100, abs=0.5)
    assert risk(66.0) < 10 < risk(65.0)
    assert risk(191.0) < 10 < risk(192.0)


def test_the_reward_is_the_risk(step_states):
    states = {"glucose": 150.0, "effect": 0.0, "insulin": 15.0, "meal": 0.0, "meal_steps": -1}
    result = step_states(DOSE, states, [[REST]])
    assert result.rewards[0] == pytest.approx(1 - risk(150.0) / 10, abs=1e-3)
    assert result.states["in_range"][0] == 5


@pytest.mark.parametrize(("glucose", "ends"), [(39.0, True), (41.0, False), (590.0, False), (610.0, True)])
def test_an_unconscious_patient_ends_the_episode(glucose, ends, step_states):
    states = {"glucose": glucose, "effect": 0.0, "insulin": 15.0, "meal": 0.0, "meal_steps": -1}
    result = step_states(DOSE, states, [[REST]])
    assert result.terminated[0] == ends
    assert (result.rewards[0] == -100) == ends


def test_the_sensor_is_as_noisy_as_asked(step_states):
    states = {"glucose": 120.0, "effect": 0.0, "insulin": 15.0, "meal": 0.0, "meal_steps": -1}
    for noise in (0.0, 10.0):
        result = step_states(DOSE, states, np.full((3000, 1), REST), noise=noise)
        readings = 100 * result.obs[:, 0]
        assert readings.mean() == pytest.approx(120, abs=0.8)
        assert readings.std() == pytest.approx(noise, abs=0.5)


def test_every_observation_is_in_its_space():
    for action in (-1.0, 1.0):
        env = SingleEnv(DOSE, noise=20.0)
        obs, _ = env.reset(seed=0)
        terminated = False
        while not terminated and env.state.day < DAY:
            assert DOSE.observation_space.contains(obs)
            obs, _, terminated, _, _ = env.step(np.array([action], np.float32))
        # Without insulin glucose rises without end; with all of it it falls.
        assert terminated
        assert math.copysign(1, env.state.glucose - 300) == -action


def test_the_controller_keeps_the_range_where_a_fixed_infusion_does_not(play):
    controlled = play(DOSE, DOSE.baseline, 50)
    fixed = play(DOSE, lambda obs, space: np.array([REST], np.float32), 50)
    assert not controlled.terminated.any()
    assert controlled.info["in_range"].mean() > 0.9 * 5 * DAY
    assert controlled.info["low"].mean() < 0.01 * 5 * DAY
    assert fixed.info["in_range"].mean() < 0.6 * 5 * DAY
    assert controlled.returns.mean() > 220 > 0 > fixed.returns.mean()
    assert play(DOSE, None, 50).returns.mean() < 0
