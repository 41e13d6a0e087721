"""The compiled batch: what it writes, what it refuses, what it remembers."""

from typing import Any

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.kernels import NEXT_STEP
from envs.engine.core.trial_run import rules_run_as_python
from envs.engine.errors import BadAction, BadArray, BadParameter, BadSnapshot, BrokenEnvironment, CheckFailed

CARTPOLE = envs.find("cartpole")


@pytest.fixture
def batch():
    batch = Batch(CARTPOLE, 6, max_episode_steps=15)
    batch.seed(0)
    return batch


@pytest.fixture
def arrays(batch):
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    return arrays


def test_finished_environments_begin_anew_and_keep_their_last_observation(batch, arrays):
    finished = 0
    for t in range(60):
        old = batch.states.copy()
        step = arrays.step(batch, np.full(6, t // 4 % 2))
        done = step["terminated"] | step["truncated"]
        finished += done.sum()
        assert (batch.states["steps"] == np.where(done, 0, old["steps"] + 1)).all()
        np.testing.assert_array_equal(step["final_obs"][~done], 0)
        for i in np.flatnonzero(done):
            assert batch.final_states["steps"][i] == old["steps"][i] + 1
            last = batch.final_states[i]
            np.testing.assert_allclose(step["final_obs"][i], [last.x, last.x_dot, last.theta, last.theta_dot])
            assert np.abs(step["obs"][i]).max() < 0.05
    assert finished >= 20


def test_step_returns_how_many_finished(batch, arrays):
    for t in range(40):
        count = batch.step(
            np.full(6, t % 2),
            arrays.obs,
            arrays.rewards,
            arrays.terminated,
            arrays.truncated,
            arrays.final_obs,
        )
        assert count == (arrays.terminated | arrays.truncated).sum()


def test_truncation_and_termination_are_told_apart():
    batch = Batch(CARTPOLE, 2, max_episode_steps=3)
    batch.seed(0)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    batch.states["x"][1] = 2.39
    batch.states["x_dot"][1] = 3.0
    flags = [(step["terminated"].tolist(), step["truncated"].tolist()) for step in (
        arrays.step(batch, np.ones(2, np.int64)) for _ in range(3)
    )]  # fmt: skip
    assert flags[0] == ([False, True], [False, False])
    assert flags[2] == ([False, False], [True, False])


def test_float32_rewards_are_the_same_rewards(batch, arrays):
    single = np.zeros(6, np.float32)
    batch.step(
        np.zeros(6, np.int64), arrays.obs, single, arrays.terminated, arrays.truncated, arrays.final_obs
    )
    assert single.tolist() == [1.0] * 6


def test_masked_reset_leaves_the_others(batch, arrays):
    for _ in range(5):
        arrays.step(batch, np.ones(6, np.int64))
    mask = np.array([True, False] * 3)
    before, records = arrays.obs.copy(), batch.states.copy()
    batch.reset(arrays.obs, mask)
    np.testing.assert_array_equal(arrays.obs[~mask], before[~mask])
    assert (batch.states[~mask] == records[~mask]).all()
    assert (batch.states["steps"][mask] == 0).all()
    assert not np.isclose(arrays.obs[mask], before[mask]).all(axis=1).any()


def test_reset_clears_the_whole_record_but_not_the_generator(write_environment):
    environment = envs.find(
        write_environment("Clears", reset="pass", step="state.cells[1] = 7\nreturn 0.0, True")
    )
    batch = Batch(environment, 1)
    arrays = Arrays(batch)
    batch.seed(4)
    rng = batch.states["rng"].copy()
    batch.reset(arrays.obs)
    arrays.step(batch, np.zeros(1, np.int64))
    assert batch.final_states["cells"][0].tolist() == [0, 7, 0, 0]
    assert batch.states["cells"][0].tolist() == [0, 0, 0, 0]
    assert batch.states["rng"] == rng


def test_next_step_begins_anew_one_step_later(batch, arrays):
    out = (arrays.obs, arrays.rewards, arrays.terminated, arrays.truncated)
    while batch.step(np.ones(6, np.int64), *out, autoreset=NEXT_STEP) == 0:
        assert batch.states["steps"].max() <= 15
    i = int(np.flatnonzero(arrays.terminated | arrays.truncated)[0])
    assert batch.states["steps"][i] > 5
    batch.step(np.ones(6, np.int64), *out, autoreset=NEXT_STEP)
    assert batch.states["steps"][i] == 0


def test_seeds_can_be_given_one_by_one(batch, arrays):
    other = Batch(CARTPOLE, 6)
    other.seed([9, 3, 2, 2, 0, 5])
    obs = np.zeros_like(arrays.obs)
    other.reset(obs)
    np.testing.assert_array_equal(obs[[4, 2, 1, 5]], arrays.obs[[0, 2, 3, 5]])
    np.testing.assert_array_equal(obs[2], obs[3])
    with pytest.raises(BadArray, match="6 environments need as many seeds, not 2"):
        other.seed([1, 2])


def test_unseeded_batches_differ():
    starts = []
    for _ in range(2):
        batch = Batch(CARTPOLE, 3)
        obs = Arrays(batch).obs
        batch.reset(obs)
        starts.append(obs)
    assert not np.isclose(starts[0], starts[1]).any()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"actions": np.zeros(5, np.int64)}, r"actions must have shape \(6,\), not \(5,\)"),
        ({"actions": np.zeros(7, np.int64)}, r"actions must have shape \(6,\), not \(7,\)"),
        ({"obs": np.zeros((6, 5), np.float32)}, r"obs must have shape \(6, 4\), not \(6, 5\)"),
        ({"obs": np.zeros((7, 4), np.float32)}, r"obs must have shape \(6, 4\), not \(7, 4\)"),
        ({"final_obs": np.zeros((6, 8), np.float32)}, r"final_obs must have shape \(6, 4\), not \(6, 8\)"),
        ({"rewards": np.zeros(12)}, r"rewards must have shape \(6,\), not \(12,\)"),
        ({"terminated": np.zeros(9, np.bool_)}, r"terminated must have shape \(6,\), not \(9,\)"),
        ({"actions": np.zeros(6, np.int32)}, "actions must be int64, not int32"),
        ({"actions": [0] * 6}, "actions must be a NumPy array of int64, not list"),
        ({"obs": np.zeros((6, 4))}, "obs must be float32, not float64"),
        ({"obs": np.zeros((6, 3), np.float32)}, r"obs must have shape \(6, 4\), not \(6, 3\)"),
        ({"obs": np.zeros((4, 6), np.float32).T}, "obs must be C-contiguous"),
        ({"rewards": np.zeros(6, np.int64)}, "rewards must be float64 or float32, not int64"),
        ({"terminated": np.zeros(2, np.bool_)}, r"terminated must have shape \(6,\), not \(2,\)"),
        ({"truncated": np.zeros(6, np.uint8)}, "truncated must be bool, not uint8"),
        ({"final_obs": np.zeros((1, 4), np.float32)}, r"final_obs must have shape \(6, 4\), not \(1, 4\)"),
    ],
)
def test_wrong_arrays_are_refused_before_anything_happens(batch, arrays, change, sentence):
    given = {"actions": np.zeros(6, np.int64), **vars(arrays), **change}
    before = batch.snapshot()
    with pytest.raises(BadArray, match=sentence):
        batch.step(**given)
    assert batch.snapshot() == before


@pytest.mark.parametrize("action", [2, -1, 2**40])
def test_actions_outside_of_the_space_are_refused(batch, arrays, action):
    before = batch.snapshot()
    actions = np.zeros(6, np.int64)
    actions[4] = action
    with pytest.raises(BadAction, match=rf"Action {action} of environment 4 is not in Discrete\(2\)"):
        arrays.step(batch, actions)
    assert batch.snapshot() == before


@pytest.mark.quick("*python", "*MultiBinary(3)*")
@pytest.mark.parametrize("backend", ["compiled", "python"])
@pytest.mark.parametrize(
    ("declared", "bad"),
    [
        ("spaces.Box(-1, 1, (2, 3))", np.nan),
        ("spaces.Box(-1, 1, (2,))", np.nan),
        ("spaces.Box(-1, 1, ())", np.nan),
        ("spaces.MultiDiscrete([[3, 2], [2, 2]])", 2),
        ("spaces.MultiDiscrete([3, 2], start=[1, 2])", 0),
        ("spaces.MultiBinary((2, 2))", 2),
        ("spaces.MultiBinary(3)", -1),
        ("spaces.Discrete(3, start=-1)", 2),
    ],
)
def test_the_last_number_of_an_action_counts_as_the_first(write_environment, backend, declared, bad):
    # Anywhere in the action, also in one of several axes.
    step = "state.count += 1\nreturn 0.0, False"
    batch = Batch(envs.find(write_environment("Numbers", actions=declared, step=step)), 3, backend=backend)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    space: Any = batch.environment.action_space
    good = np.array([space.sample() for _ in range(3)], space.dtype)
    arrays.step(batch, good)
    before = batch.snapshot()
    wrong = good.copy()
    wrong.reshape(3, -1)[1, -1] = bad
    with pytest.raises(BadAction, match="of environment 1 is not in"):
        arrays.step(batch, wrong)
    assert batch.snapshot() == before
    more = np.concatenate([good.reshape(3, -1)] * 2, axis=1).reshape(3, *(space.shape[:-1] or ()), -1)
    with pytest.raises(BadArray, match="actions must have shape"):
        arrays.step(batch, np.ascontiguousarray(more if space.shape else np.concatenate([good, good])))


def test_rows_of_another_shape_and_the_same_size_are_refused(write_environment):
    # Read as flat memory they would fit.
    step = "state.count += action[1, 2]\nreturn 0.0, False"
    path = write_environment("Turned", actions="spaces.Box(-1, 1, (2, 3))", step=step)
    batch = Batch(envs.find(path), 3)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    with pytest.raises(BadArray, match=r"must have shape \(3, 2, 3\), not \(3, 3, 2\)"):
        arrays.step(batch, np.zeros((3, 3, 2), np.float32))
    with pytest.raises(BadArray, match=r"mask must have shape \(3,\), not \(4,\)"):
        batch.reset(arrays.obs, np.ones(4, np.bool_))


def test_parameters_act_at_once_and_are_checked(batch, arrays):
    twin = Batch(CARTPOLE, 6, max_episode_steps=15)
    twin.restore(batch.snapshot())
    batch.params.force = 20.0
    twin.set_params(force=20.0)
    ones = np.ones(6, np.int64)
    strong, same = arrays.step(batch, ones), Arrays(twin).step(twin, ones)
    np.testing.assert_array_equal(strong["obs"], same["obs"])
    weak = Batch(CARTPOLE, 6)
    weak.seed(0)
    weak.reset(arrays.obs)
    assert (strong["obs"][:, 1] > arrays.step(weak, ones)["obs"][:, 1] + 0.1).all()
    with pytest.raises(BadParameter, match="did you mean gravity"):
        batch.set_params(gravty=3.0)
    with pytest.raises(BadParameter, match="allowed is 0 to 30 m/s²"):
        batch.set_params(force=5.0, gravity=99.0)
    assert batch.params.force == 20.0, "a refused change must change nothing"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"gain": float("nan")}, "gain of .* cannot be nan"),
        ({"gain": "fast"}, "gain of .* cannot be 'fast'"),
        ({"gain": True}, "gain of .* cannot be True"),
        ({"repeats": 2.5}, "whole numbers"),
        ({"loud": 2}, "True or False, 1 or 0"),
        ({"volume": 1}, "has no parameter 'volume'"),
    ],
)
def test_parameters_have_types(write_environment, values, sentence):
    environment = envs.find(write_environment("Typed"))
    with pytest.raises(BadParameter, match=sentence):
        environment.param_values(**values)
    good = environment.param_values(gain=3, repeats=4.0, loud=True)[0]
    assert (good.gain, good.repeats, good.loud) == (3.0, 4, True)


def test_snapshot_goes_on_in_another_batch(batch, arrays):
    batch.set_params(gravity=3.0)
    for _ in range(20):
        arrays.step(batch, np.ones(6, np.int64))
    saved = batch.snapshot()
    future = [arrays.step(batch, np.zeros(6, np.int64)) for _ in range(20)]
    other = Batch(CARTPOLE, 6, max_episode_steps=15)
    other.restore(saved)
    again = Arrays(other)
    other.observe(again.obs)
    for step in future:
        repeated = again.step(other, np.zeros(6, np.int64))
        for name in step:
            np.testing.assert_array_equal(step[name], repeated[name])


def test_wrong_snapshots_are_refused(batch):
    saved = batch.snapshot()
    snake = Batch(envs.find("snake"), 6)
    damaged = saved[:-3] + b"abc"
    with pytest.raises(BadSnapshot, match="damaged"):
        batch.restore(damaged)
    with pytest.raises(BadSnapshot, match="damaged"):
        batch.restore(saved[:-1])
    with pytest.raises(BadSnapshot, match="no snapshot"):
        batch.restore(b"hello")
    with pytest.raises(BadSnapshot, match="another environment"):
        snake.restore(saved)
    with pytest.raises(BadSnapshot, match="6 environments, this batch 2"):
        Batch(CARTPOLE, 2).restore(saved)
    assert batch.snapshot() == saved


@pytest.mark.parametrize("backend", ["compiled", "python"])
def test_an_exception_in_a_rule_names_its_place(write_environment, backend):
    path = write_environment(
        "Raises",
        step="if params.gain > 5 and state.count > 1:\n    raise ValueError('too far')\n"
        "state.count += 1\nreturn 0.0, False",
    )
    environment = envs.find(path)
    batch = Batch(environment, 2, backend=backend, params={"gain": 6.0})
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    with pytest.raises(BrokenEnvironment, match=r"line 17, in step: ValueError: too far") as caught:
        for _ in range(5):
            arrays.step(batch, np.zeros(2, np.int64))
    assert caught.value.file == path
    assert type(caught.value).user_error


@pytest.mark.parametrize(
    ("step", "error", "sentence"),
    [
        ("raise ValueError('too far')", BrokenEnvironment, "line 16, in step: ValueError: too far"),
        ("return np.nan, False", CheckFailed, "line 15, in step: the reward is nan"),
        ("state.cells[10**12] = 1\nreturn 0.0, False", BrokenEnvironment, "line 16, in step: IndexError"),
    ],
)
def test_new_rules_are_tried_before_they_are_compiled(write_environment, step, error, sentence):
    environment = envs.find(write_environment("Untried", step=step))
    for _ in range(2):
        with pytest.raises(error, match=sentence):
            Batch(environment, 2)


def test_a_trial_without_time_is_content_with_fewer_steps(write_environment):
    rules = "state.count += 1\nif state.count > 50:\n    raise ValueError('late')\nreturn 0.0, False"
    environment = envs.find(write_environment("Late", step=rules))
    rules_run_as_python(environment, strict=False, seconds=0.0)
    with pytest.raises(BrokenEnvironment, match=r"line 18, in step: ValueError: late"):
        rules_run_as_python(environment, strict=False)


def test_at_least_one_environment():
    with pytest.raises(BadArray, match="at least one"):
        Batch(CARTPOLE, 0)
