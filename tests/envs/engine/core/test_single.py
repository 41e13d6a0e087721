"""SingleEnv: what `gym.make` returns."""

import copy
import dataclasses
import pickle
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import envs
from envs.engine.core.single import SingleEnv
from envs.engine.environment import Param
from envs.engine.errors import BadAction, BadAttribute, BadParameter, BadSnapshot
from envs.engine.vector import BatchVectorEnv


def test_step_returns_python_types():
    env = SingleEnv("snake")
    obs, info = env.reset(seed=0)
    assert obs.dtype == np.uint8
    assert info == {"score": 0, "length": 3}
    obs, reward, terminated, truncated, info = env.step(np.int64(1))
    assert type(reward) is float
    assert type(terminated) is bool
    assert truncated is False
    assert info.keys() == {"score", "length"}


def test_unseeded_resets_go_on_from_the_seeded_one():
    env = SingleEnv("cartpole")
    first = [env.reset(seed=5)[0], env.reset()[0], env.reset()[0]]
    again = [env.reset(seed=5)[0], env.reset()[0], env.reset()[0]]
    np.testing.assert_array_equal(first, again)
    assert len({obs.tobytes() for obs in first}) == 3


def test_first_reset_without_a_seed_takes_it_from_np_random():
    starts = []
    for _ in range(2):
        env = SingleEnv("cartpole")
        env.np_random = np.random.default_rng(3)
        starts.append(env.reset()[0])
    np.testing.assert_array_equal(*starts)
    assert not np.array_equal(starts[0], SingleEnv("cartpole").reset()[0])


def test_observations_are_new_arrays():
    env = SingleEnv("cartpole")
    first, _ = env.reset(seed=0)
    copy = first.copy()
    env.step(1)
    np.testing.assert_array_equal(first, copy)


def test_never_truncates_but_gym_make_does():
    env, wrapped = SingleEnv("cartpole"), gym.make("sandbox/CartPole-v1", max_episode_steps=3)
    env.reset(seed=0)
    wrapped.reset(seed=0)
    assert [env.step(t % 2)[3] for t in range(3)] == [False, False, False]
    assert [wrapped.step(t % 2)[3] for t in range(3)] == [False, False, True]


def test_parameters_are_keyword_arguments():
    env = gym.make("sandbox/CartPole-v1", gravity=3.7, half_length=1).unwrapped
    assert isinstance(env, SingleEnv)
    assert (env.params.gravity, env.params.half_length, env.params.force) == (3.7, 1.0, 10.0)
    with pytest.raises(BadParameter, match=r"no parameter 'gravty'; did you mean gravity\?"):
        gym.make("sandbox/CartPole-v1", gravty=3.7)
    with pytest.raises(
        BadParameter, match=r"gravity of sandbox/CartPole-v1 cannot be -1: allowed is 0 to 30 m/s²"
    ):
        gym.make("sandbox/CartPole-v1", gravity=-1)


def test_an_unknown_render_mode_warns_as_gymnasium_does():
    for made in ("sandbox/CartPole-v1", "CartPole-v1"):
        with pytest.warns(UserWarning, match="not in the possible render_modes"):
            env = gym.make(made, render_mode="ascii")
        env.reset(seed=0)
        with pytest.raises(AssertionError, match="unsupported render mode"):
            env.render()
    with pytest.raises(BadParameter, match="render_mode cannot be 'ascii'"):
        SingleEnv("cartpole", render_mode="ascii").render()


def test_parameters_are_attributes():
    env = gym.make("sandbox/CartPole-v1")
    plain: Any = env.unwrapped
    heavy = SingleEnv("cartpole", gravity=20.0)
    assert plain.gravity == env.get_wrapper_attr("gravity") == 9.8
    plain.gravity = 20
    assert plain.params.gravity == 20.0
    for one in (env, heavy):
        one.reset(seed=0)
    for _ in range(8):
        np.testing.assert_array_equal(env.step(1)[0], heavy.step(1)[0])
    assert env.set_wrapper_attr("gravity", 3.0) and plain.params.gravity == 3.0
    with pytest.raises(
        BadParameter, match="gravity of sandbox/CartPole-v1 cannot be 100: allowed is 0 to 30"
    ):
        plain.gravity = 100
    plain.params = {"gravity": 1.0, "force": 2.0}
    assert (plain.gravity, plain.force) == (1.0, 2.0)
    heavy.params = plain.params
    assert heavy.gravity == 1.0
    with pytest.raises(BadAttribute, match="params of sandbox/CartPole-v1 can be set to a dict"):
        plain.params = 3
    with pytest.raises(AttributeError, match="'SingleEnv' object has no attribute 'gravty'"):
        _ = plain.gravty


def test_the_state_can_be_set_and_its_fields_are_attributes():
    env = gym.make("sandbox/CartPole-v1")
    reference = gym.make("CartPole-v1")
    plain: Any = env.unwrapped
    twin: Any = reference.unwrapped
    env.reset(seed=0)
    reference.reset(seed=0)
    plain.state = np.array([0.1, -0.2, 0.05, 0.3])
    twin.state = (0.1, -0.2, 0.05, 0.3)
    assert (plain.x, plain.state["theta_dot"]) == (0.1, 0.3)
    for _ in range(8):
        np.testing.assert_allclose(env.step(1)[0], reference.step(1)[0], rtol=1e-6)
    saved: Any = plain.state.copy()
    plain.x = 1.0
    assert plain.state["x"] == plain.batch.states["x"][0] == 1.0
    plain.state = saved
    assert plain.x == saved.x
    plain.state = {"theta": 0.0}
    assert (plain.theta, plain.x) == (0.0, saved.x)
    before = plain.snapshot()
    for wrong, sentence in (
        ([0.0] * 3, r"is 4 numbers \(x, x_dot, theta, theta_dot\), or a dict"),
        ({"y": 1.0}, "has no field 'y'"),
        ({"theta": 0.5, "x": [1.0, 2.0]}, r"x of sandbox/CartPole-v1 must have shape \(\)"),
        ("left", "is 4 numbers"),
        (SingleEnv("snake").state, "is no state of sandbox/CartPole-v1"),
    ):
        with pytest.raises(BadAttribute, match=sentence):
            plain.state = wrong
    assert plain.snapshot() == before
    snake = SingleEnv("snake")
    snake.reset(seed=0)
    with pytest.raises(BadAttribute, match=r"length of sandbox/Snake-v0 must be .* cannot be 3\.5"):
        snake.length = 3.5


def test_each_has_spaces_of_its_own():
    one, two = SingleEnv("cartpole"), SingleEnv("cartpole")
    one.action_space.seed(0)
    alone = [one.action_space.sample() for _ in range(20)]
    one.action_space.seed(0)
    two.action_space.seed(1)
    mixed = [(one.action_space.sample(), two.action_space.sample())[0] for _ in range(20)]
    assert alone == mixed


def test_bools_in_infos_are_pythons():
    env = SingleEnv("lander")
    _, info = env.reset(seed=0)
    assert type(info["landed"]) is bool and type(info["crashed"]) is bool
    assert type(info["fuel"]) is np.float64


def test_errors_are_those_that_gymnasium_raises():
    env = SingleEnv("cartpole")
    env.reset(seed=0)
    for kind in (AssertionError, ValueError, gym.error.InvalidAction):
        with pytest.raises(kind):
            env.step(7)
    with pytest.raises(TypeError, match=r"no parameter 'gravty'; did you mean gravity\?$"):
        gym.make("sandbox/CartPole-v1", gravty=3.7)
    with pytest.raises(ValueError, match="allowed is 0 to 30"):
        gym.make("sandbox/CartPole-v1", gravity=-1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_parameter_without_bounds_is_finite_all_the_same(value):
    environment = envs.find("cartpole")
    free = dataclasses.replace(environment, params={**environment.params, "gravity": Param(9.8)})
    with pytest.raises(BadParameter, match=r"gravity of .* allowed is any finite number\."):
        free.checked_param("gravity", value)
    assert free.checked_param("gravity", -1e9) == -1e9


@pytest.mark.parametrize("action", [2, -1, 0.5, None, "left"])
def test_actions_outside_of_the_space(action):
    env = SingleEnv("cartpole")
    env.reset(seed=0)
    with pytest.raises(BadAction, match=r"is not in Discrete\(2\)"):
        env.step(action)


def test_box_actions_and_discrete_observations(write_environment):
    path = write_environment(
        "Boxed",
        step="state.count += action[0]\nreturn action[1], state.count > 5",
        observe="obs[0] = int(state.count)",
        space="spaces.Discrete(100)",
        actions="spaces.Box(0.0, 2.0, (2,), np.float32)",
    )
    env = SingleEnv(envs.find(path))
    obs, _ = env.reset(seed=0)
    assert obs == 0
    assert env.observation_space.contains(obs)
    obs, reward, terminated, _, info = env.step(np.array([2.0, 0.5], np.float32))
    assert (int(obs), reward, terminated, float(info["count"])) == (2, 0.5, False, 2.0)
    with pytest.raises(BadAction, match=r"must have shape \(2,\), not \(3,\)"):
        env.step(np.zeros(3, np.float32))
    for bad, sentence in (([np.nan, 0.0], "environment 0 is not in"), (["a", "b"], "must be numbers")):
        with pytest.raises(BadAction, match=sentence):
            env.step(np.array(bad))
    assert float(env.state.count) == 2.0


@pytest.mark.parametrize(
    ("space", "good", "bad"),
    [("spaces.MultiDiscrete([3, 2])", [2, 1], [0, 2]), ("spaces.MultiBinary(2)", [1, 0], [2, 0])],
    ids=["MultiDiscrete", "MultiBinary"],
)
def test_rows_of_whole_numbers(write_environment, space, good, bad):
    step = "state.count += action[0] + 10 * action[1]\nreturn 0.0, False"
    env = SingleEnv(envs.find(write_environment("Rows", step=step, actions=space)))
    env.reset(seed=0)
    assert env.step(np.array(good))[0][0] == good[0] + 10 * good[1]
    with pytest.raises(BadAction, match="environment 0 is not in"):
        env.step(np.array(bad))
    with pytest.raises(BadAction, match="whole numbers"):
        env.step(np.array([0.9, 0.2]))


def test_snapshot_and_restore():
    env = SingleEnv("snake")
    env.reset(seed=2)
    for action in (0, 1, 1):
        env.step(action)
    saved = env.snapshot()
    future = [env.step(action) for action in (2, 3)]
    other = SingleEnv("snake")
    obs = other.restore(saved)
    assert other.observation_space.contains(obs)
    for old, action in zip(future, (2, 3), strict=True):
        new = other.step(action)
        np.testing.assert_array_equal(old[0], new[0])
        assert old[1:] == new[1:]
    with pytest.raises(BadSnapshot):
        env.restore(b"x" * 200)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
@pytest.mark.parametrize("make", [lambda: SingleEnv("snake"), lambda: BatchVectorEnv("snake", 1)])
def test_copies_go_their_own_way(duplicate, make):
    env = make()
    env.reset(seed=4)
    actions = [np.array([a]) if isinstance(env, BatchVectorEnv) else a for a in (0, 1, 2, 3)]
    env.step(actions[0])
    twin = duplicate(env)
    assert twin.batch.environment is env.batch.environment
    first = [env.step(action)[0] for action in actions]
    np.testing.assert_array_equal(first, [twin.step(action)[0] for action in actions])
    twin.params.patience = 1
    assert env.params.patience == 100
    assert twin.step(actions[0])[2]
    if isinstance(twin, SingleEnv):
        assert twin.state.steps == twin.batch.states["steps"][0]


def test_human_mode_shows_a_window_and_closes_it():
    env = SingleEnv("cartpole", render_mode="human")
    env.reset(seed=0)
    env.step(1)
    window = env._window
    assert window is not None
    env.close()
    env.close()
    assert env._window is None
