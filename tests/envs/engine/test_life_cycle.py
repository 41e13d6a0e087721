"""The life of an environment: it begins with a reset, and after its end nothing but a reset is allowed."""

import gymnasium as gym
import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.kernels import DISABLED, NEXT_STEP, SAME_STEP
from envs.engine.errors import BadArray, ResetNeeded
from envs.engine.vector import BatchVectorEnv

MODES = ["NextStep", "SameStep", "Disabled"]
BREAKOUT = envs.find("breakout")


def zeros(environment, num_envs):
    """One valid action for each environment."""
    space = environment.action_space
    space.seed(0)
    return np.array([space.sample()] * num_envs, space.dtype)


@pytest.fixture(params=["compiled", "checked", "python"])
def over(request):
    """Three Breakouts of which the middle one has lost its ball, and the arrays they were stepped into."""
    batch = Batch(BREAKOUT, 3, backend=request.param)
    batch.seed([0, 3, 1])
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    batch.states["walls"] = [0, 7, 0]
    batch.states["row"][1] = 8
    batch.states["column"][1], batch.states["right"][1], batch.states["paddle"][1] = 1, 1, 8
    step(batch, arrays)
    assert arrays.terminated.tolist() == [False, True, False]
    return batch, arrays


def step(batch, arrays, mode=DISABLED):
    """One step in which nobody moves."""
    out = arrays.obs, arrays.rewards, arrays.terminated, arrays.truncated, arrays.final_obs
    return batch.step(np.zeros(batch.num_envs, np.int64), *out, mode)


def test_a_hundred_steps_of_one_breakout_end_with_the_episode():
    env = gym.make("sandbox/Breakout-v0")
    env.reset(seed=3)
    lengths, terminated = 0, False
    with pytest.raises(gym.error.ResetNeeded, match=r"^The episode of sandbox/Breakout-v0 is over: call"):
        for _ in range(100):
            terminated = env.step(0)[2]
            lengths += 1
    assert terminated
    assert lengths == 4
    assert env.reset(seed=3)[0].shape == (10, 10, 4)
    assert not env.step(0)[2]


def test_disabled_refuses_all_and_writes_nothing_once_one_is_over(over):
    batch, arrays = over
    states = batch.states.tobytes()
    written = {name: array.tobytes() for name, array in vars(arrays).items()}
    for _ in range(2):
        with pytest.raises(ResetNeeded, match="environment 1 of 3 sandbox/Breakout-v0 is over"):
            step(batch, arrays)
    assert batch.states.tobytes() == states
    assert {name: array.tobytes() for name, array in vars(arrays).items()} == written
    batch.reset(arrays.obs, np.array([False, True, False]))
    step(batch, arrays)
    assert batch.states["steps"].tolist() == [2, 1, 2]


def test_an_episode_that_was_cut_off_is_over_as_well():
    vector = gym.make_vec("sandbox/CartPole-v1", 2, max_episode_steps=3, autoreset_mode="Disabled")
    vector.reset(seed=0)
    assert [bool(vector.step(np.array([0, 1]))[3].all()) for _ in range(3)] == [False, False, True]
    for _ in range(100):
        with pytest.raises(gym.error.ResetNeeded):
            vector.step(np.array([0, 1]))


@pytest.mark.parametrize("mode", [SAME_STEP, NEXT_STEP])
def test_an_episode_that_ended_in_another_mode_begins_anew(over, mode):
    batch, arrays = over
    twin = Batch(BREAKOUT, 3)
    twin.restore(batch.snapshot())
    step(twin, arrays, mode)
    assert arrays.rewards.tolist() == [0.0, 0.0, 0.0]
    assert arrays.terminated.tolist() == [False] * 3
    assert twin.states["steps"].tolist() == [2, 0, 2]
    assert twin.states["walls"].tolist() == [0, 0, 0]


@pytest.mark.quick("cartpole*", "snake*")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", envs.names())
def test_nothing_can_be_played_before_the_first_reset(name, mode):
    environment = envs.find(name)
    vector = gym.make_vec(environment.id, 2, autoreset_mode=mode)
    with pytest.raises(gym.error.ResetNeeded, match="has not begun: call reset"):
        vector.step(zeros(environment, 2))
    obs, _ = vector.reset(seed=0)
    vector.step(zeros(environment, 2))
    assert obs.shape[0] == 2


@pytest.mark.parametrize("backend", ["compiled", "python"])
def test_a_batch_begins_with_a_reset_of_all(backend):
    batch = Batch(BREAKOUT, 3, backend=backend)
    arrays = Arrays(batch)
    refused = (
        lambda: step(batch, arrays, SAME_STEP),
        lambda: step(batch, arrays),
        lambda: batch.observe(arrays.obs),
        lambda: batch.reset(arrays.obs, np.array([True, False, True])),
    )
    for call in refused:
        with pytest.raises(ResetNeeded, match="has not begun"):
            call()
    assert not arrays.obs.any()
    twin = Batch(BREAKOUT, 3)
    twin.restore(batch.snapshot())
    with pytest.raises(ResetNeeded, match="has not begun"):
        step(twin, arrays, SAME_STEP)
    batch.reset(arrays.obs)
    step(batch, arrays, SAME_STEP)


def test_the_single_environment_begins_with_a_reset():
    for env in (gym.make("sandbox/Breakout-v0"), gym.make("sandbox/Breakout-v0").unwrapped):
        with pytest.raises(gym.error.ResetNeeded):
            env.step(0)


@pytest.mark.parametrize("seed", [99, [99, 100], [99, None]])
def test_a_seed_leaves_environments_alone_that_the_mask_leaves_out(seed):
    made = [BatchVectorEnv("snake", 2, autoreset_mode="Disabled") for _ in range(2)]
    vector, twin = made
    for one in made:
        one.reset(seed=5)
    mask = np.array([True, False])
    obs, _ = vector.reset(seed=seed, options={"reset_mask": mask})
    fresh = gym.make_vec("sandbox/Snake-v0", 1).reset(seed=99)[0]
    np.testing.assert_array_equal(obs[0], fresh[0])
    assert vector.batch.states[1] == twin.batch.states[1]
    rng = np.random.default_rng(0)
    for _ in range(30):
        actions = rng.integers(0, 4, 2)
        one, two = (env.step(actions) for env in made)
        for ours, theirs in zip(one[:4], two[:4], strict=True):
            np.testing.assert_array_equal(ours[1], theirs[1])
        for env, result in zip(made, (one, two), strict=True):
            done = result[2] | result[3]
            if done.any():
                env.reset(options={"reset_mask": done})


def test_a_wrong_mask_seeds_nothing():
    vector = BatchVectorEnv("snake", 2, autoreset_mode="Disabled")
    vector.reset(seed=5)
    states = vector.batch.states.tobytes()
    with pytest.raises(BadArray):
        vector.reset(seed=99, options={"reset_mask": np.zeros(2, bool)})
    assert vector.batch.states.tobytes() == states
