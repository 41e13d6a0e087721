"""Tests of batches on a GPU, run by test_cuda.py in a process in which numba simulates one."""

import dataclasses
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

import envs
from envs.engine.bench import cuda_speed
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.cuda import CudaBatch
from envs.engine.cuda.cuda_vector_env import CudaVectorEnv
from envs.engine.errors import BadArray, BadAttribute, BadParameter, ResetNeeded
from envs.engine.vector import BatchVectorEnv

SNAKE = envs.find("snake")
MODES = ["NextStep", "SameStep", "Disabled"]


def host(value: Any) -> Any:
    """Arrays on the GPU as NumPy arrays, also inside of infos."""
    if isinstance(value, dict):
        return {key: host(item) for key, item in value.items()}
    return value.copy_to_host()


@pytest.fixture
def pair():
    """Makes the same vector environment on the CPU, uncompiled, and on the GPU."""

    def make(mode, n=4, limit=6):
        ours = BatchVectorEnv(SNAKE, n, max_episode_steps=limit, autoreset_mode=mode)
        ours.batch = Batch(SNAKE, n, max_episode_steps=limit, backend="python")
        theirs = gym.make_vec(
            "sandbox/Snake-v0", num_envs=n, max_episode_steps=limit, autoreset_mode=mode, device="cuda"
        )
        assert isinstance(theirs, CudaVectorEnv)
        return ours, theirs

    return make


@pytest.mark.parametrize("mode", MODES)
def test_steps_and_infos_are_those_of_the_cpu_in_every_mode(pair, mode):
    ours, theirs = pair(mode)
    assert theirs.metadata["autoreset_mode"] is ours.metadata["autoreset_mode"]
    assert theirs.action_space == ours.action_space
    assert theirs.observation_space == ours.observation_space
    (obs, infos), (device_obs, device_infos) = ours.reset(seed=5), theirs.reset(seed=5)
    np.testing.assert_array_equal(obs, host(device_obs))
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(15):
        actions = rng.integers(0, 4, 4)
        step, device_step = ours.step(actions), theirs.step(actions)
        for one, two in zip(step[:4], device_step[:4], strict=True):
            np.testing.assert_array_equal(one, host(two))
        infos, device_infos = step[4], host(device_step[4])
        done = step[2] | step[3]
        ended += done.sum()
        for key in ("score", "_score", "length", "_length"):
            np.testing.assert_array_equal(infos[key], device_infos[key])
        if mode == "Disabled" and done.any():
            ours.reset(options={"reset_mask": done})
            theirs.reset(options={"reset_mask": theirs.batch._cuda.to_device(done)})
        if mode != "SameStep":
            assert device_infos.keys() == infos.keys()
            continue
        np.testing.assert_array_equal(device_infos["_final_obs"], done)
        for i in np.flatnonzero(done):
            np.testing.assert_array_equal(device_infos["final_obs"][i], infos["final_obs"][i])
            for key in ("score", "length"):
                assert device_infos["final_info"][key][i] == infos["final_info"][key][i]
        assert (device_infos["final_info"]["_score"] == done).all()
    assert ended > 3
    if mode == "SameStep":
        assert host(theirs.batch.finished) == ended


def test_arrays_stay_the_same_ones(pair):
    _, vector = pair("NextStep")
    obs, _ = vector.reset(seed=0)
    first = vector.step(np.zeros(4, np.int64))
    second = vector.step(np.zeros(4, np.int64))
    assert all(one is two for one, two in zip(first[:4], second[:4], strict=True))
    assert obs is first[0]
    assert first[1].dtype == np.float32


def test_masked_reset(pair):
    ours, theirs = pair("Disabled")
    ours.reset(seed=2)
    theirs.reset(seed=2)
    for _ in range(3):
        ours.step(np.ones(4, np.int64))
        theirs.step(np.ones(4, np.int64))
    mask = np.array([True, False, False, True])
    obs, _ = ours.reset(options={"reset_mask": mask.copy()})
    on_device = theirs.batch._cuda.to_device(mask)
    np.testing.assert_array_equal(obs, host(theirs.reset(options={"reset_mask": on_device})[0]))
    assert ours.batch.states["steps"].tolist() == theirs.batch.states()["steps"].tolist()


def test_a_masked_reset_seeds_only_there(pair):
    ours, theirs = pair("Disabled")
    ours.reset(seed=2)
    theirs.reset(seed=2)
    before = theirs.batch.states()
    mask = np.array([True, False, False, True])
    options = {"reset_mask": theirs.batch._cuda.to_device(mask)}
    device_obs = host(theirs.reset(seed=99, options=options)[0])
    np.testing.assert_array_equal(ours.reset(seed=99, options={"reset_mask": mask})[0], device_obs)
    assert (theirs.batch.states()[~mask] == before[~mask]).all()
    assert (theirs.batch.states()["rng"] == ours.batch.states["rng"]).all()
    assert list(options) == ["reset_mask"]


def test_nothing_is_played_before_the_first_reset_or_after_the_end(pair):
    _, vector = pair("Disabled", limit=2)
    actions, batch = np.zeros(4, np.int64), vector.batch
    for call in (lambda: vector.step(actions), lambda: batch.reset(batch._nobody)):
        with pytest.raises(ResetNeeded, match="has not begun"):
            call()
    vector.reset(seed=0)
    vector.step(actions)
    vector.step(actions)
    assert host(batch.truncated).all()
    states, obs = batch.states(), host(batch.obs)
    vector.step(actions)
    assert np.isnan(host(batch.rewards)).all()
    assert not host(batch.done).any()
    assert (batch.states() == states).all()
    np.testing.assert_array_equal(host(batch.obs), obs)


def test_invalid_actions_are_not_played():
    batch = CudaBatch(SNAKE, 3)
    batch.seed(0)
    batch.reset()
    before = batch.states()
    batch.step(np.array([1, 4, -1]))
    assert np.isnan(host(batch.rewards)).tolist() == [False, True, True]
    assert (batch.states()[1:] == before[1:]).all()
    assert batch.states()[0]["steps"] == 1


def test_snapshots_go_from_the_gpu_to_the_cpu_and_back():
    batch, other = CudaBatch(SNAKE, 2, params={"patience": 30}), Batch(SNAKE, 2, backend="python")
    batch.seed(9)
    batch.reset()
    batch.step(np.array([0, 1]))
    other.restore(batch.snapshot())
    assert (other.states == batch.states()).all()
    assert other.params.patience == 30
    arrays = Arrays(other)
    arrays.step(other, np.array([1, 1]))
    batch.restore(other.snapshot())
    np.testing.assert_array_equal(host(batch.obs), arrays.obs)


def test_parameters_act_at_once():
    batch = CudaBatch(envs.find("cartpole"), 2)
    batch.seed(0)
    batch.reset()
    weak = batch.snapshot()
    batch.step(np.ones(2, np.int64))
    speeds = host(batch.obs)[:, 1].copy()
    batch.restore(weak)
    batch.set_params(force=20.0)
    batch.step(np.ones(2, np.int64))
    assert (host(batch.obs)[:, 1] > speeds + 0.1).all()
    with pytest.raises(BadParameter, match="did you mean gravity"):
        batch.set_params(gravty=3.0)
    with pytest.raises(BadParameter, match="allowed is"):
        gym.make_vec("sandbox/CartPole-v1", num_envs=2, device="cuda", gravity=99.0)


def test_seeds_one_by_one_and_unseeded_resets():
    vector = CudaVectorEnv("snake", 3)
    obs = host(vector.reset(seed=[8, 0, 8])[0])
    np.testing.assert_array_equal(obs[0], obs[2])
    again = host(vector.reset()[0])
    assert not np.array_equal(obs, again)
    one, two = (host(CudaVectorEnv("snake", 8).reset()[0]) for _ in range(2))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize(
    ("actions", "sentence"),
    [
        (np.zeros(2, np.int64), r"actions must have shape \(3,\), not \(2,\)"),
        (np.zeros(3, np.int32), "actions must be int64, not int32"),
        ([0, 0, 0], "actions must be an array on the GPU, not list"),
    ],
)
def test_wrong_actions(actions, sentence):
    batch = CudaBatch(SNAKE, 3)
    batch.seed(0)
    batch.reset()
    before = batch.snapshot()
    with pytest.raises(BadArray, match=sentence):
        batch.step(actions)
    assert batch.snapshot() == before


def test_attributes_are_read_and_set_as_on_the_cpu():
    ours: Any = gym.make_vec("sandbox/CartPole-v1", 3, device="cuda", render_mode="rgb_array")
    theirs: Any = BatchVectorEnv("cartpole", 3, render_mode="rgb_array")
    for vector in (ours, theirs):
        vector.reset(seed=0)
        vector.set_attr("gravity", 12.0)
        vector.set_attr("x", [0.0, 0.1, 0.2])
        vector.set_attr("theta", 0.01)
        vector.set_attr("mine", ["a", "b", "c"])
        vector.theta_dot = 0.5
    for name in ("gravity", "x", "theta", "x_dot", "theta_dot", "mine", "render_mode", "action_space"):
        assert ours.call(name) == theirs.call(name) == ours.get_attr(name), name
    assert ours.gravity == 12.0
    assert (ours.state == ours.batch.states()).all()
    np.testing.assert_array_equal(ours.call("render"), theirs.call("render"))
    saved = ours.call("snapshot")
    obs = np.stack([ours.get_attr(name) for name in ("x", "x_dot", "theta", "theta_dot")], 1)
    np.testing.assert_array_equal(host(ours.step(np.ones(3, int))[0]), theirs.step(np.ones(3, int))[0])
    assert ours.get_attr("x") == theirs.get_attr("x")
    for one, two in zip(ours.call("reset", seed=4), theirs.call("reset", seed=4), strict=True):
        np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(host(ours.step(np.ones(3, int))[0]), theirs.step(np.ones(3, int))[0])
    for vector in (ours, theirs):
        for one, two in zip(vector.call("restore", saved[1]), (obs[1],) * 3, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-6)
        with pytest.raises(ValueError, match="3"):
            vector.set_attr("x", [1.0, 2.0])
        with pytest.raises(AttributeError, match="gravty"):
            vector.call("gravty")
        with pytest.raises(ValueError, match="cannot be 100"):
            vector.set_attr("gravity", 100)
        with pytest.raises(BadAttribute, match="is shared by all"):
            vector.set_attr("gravity", [1.0, 2.0, 3.0])
        with pytest.raises(BadAttribute, match="cannot be stepped alone"):
            vector.call("step", 1)


def test_what_is_read_is_not_written_back():
    vector = CudaVectorEnv("snake", 2)
    vector.reset(seed=0)
    writes = []
    write = vector.batch.write_records
    vector.batch.write_records = lambda records: writes.append(write(records))
    vector.get_attr("score")
    vector.call("snapshot")
    assert writes == []
    vector.set_attr("score", 7)
    assert len(writes) == 1 and (vector.batch.states()["score"] == 7).all()


def test_renders():
    vector = CudaVectorEnv("snake", 2, render_mode="rgb_array")
    vector.reset(seed=0)
    frames = vector.render()
    assert frames is not None
    assert [frame.shape for frame in frames] == [(400, 400, 3)] * 2
    assert CudaVectorEnv("snake", 2).render() is None


def test_the_benchmark_counts_steps_but_not_resets(monkeypatch):
    class Launcher:
        """Plays at once what a CUDA graph would play, with a clock on which each time takes a second."""

        stream = 0
        seconds = 0.0

        def record(self, play):
            self.play = play

        def launch(self):
            self.play()
            self.seconds += 1.0

        def wait(self):
            pass

    launcher = Launcher()
    monkeypatch.setattr(cuda_speed, "STEPS", 4)
    monkeypatch.setattr(cuda_speed.time, "perf_counter", lambda: launcher.seconds)
    endless, short = (
        cuda_speed.steps_per_second(environment, 3, 2.5, launcher)
        for environment in (SNAKE, dataclasses.replace(SNAKE, max_episode_steps=1))
    )
    assert 4 * 3 * 0.5 < endless <= 4 * 3
    assert short == pytest.approx(4 * 3 / 2)


def test_what_is_allowed_is_said_on_the_gpu(write_environment):
    mask = "def few(state, params, out):\n    out[0] = state.count < 3.0\n    out[2] = True"
    environment = envs.find(write_environment("gpu_mask", imports=mask, more="mask=few"))
    ours = BatchVectorEnv(environment, 3, max_episode_steps=5, autoreset_mode="SameStep")
    ours.batch = Batch(environment, 3, max_episode_steps=5, backend="python")
    theirs = CudaVectorEnv(environment, 3, max_episode_steps=5, autoreset_mode="SameStep")
    infos = [(ours.reset(seed=1)[1], host(theirs.reset(seed=1)[1]))]
    for _ in range(8):
        actions = np.array([0, 1, 2])
        infos.append((ours.step(actions)[-1], host(theirs.step(actions)[-1])))
    assert len({info["action_mask"].tobytes() for info, _ in infos}) > 2
    for cpu, gpu in infos:
        assert (cpu["action_mask"] == gpu["action_mask"]).all() and gpu["_action_mask"].all()
    assert (np.stack(theirs.call("action_masks")) == infos[-1][1]["action_mask"]).all()
    plain = CudaVectorEnv(SNAKE, 2)
    assert "action_mask" not in plain.reset(seed=0)[1] and plain.batch.masks is None
