"""The contract of every environment file; a new one is tested by being there."""

import json
import os
import subprocess
import sys
import time
import warnings

import gymnasium as gym
import numpy as np
import pytest

import envs
from envs.engine.canvas import DisplayList
from envs.engine.checks.check import check
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.single import SingleEnv
from envs.engine.core.threads import Split
from envs.engine.vector import BatchVectorEnv

FIRST, COPIES, STEPS, LIMIT = 11, 3, 30, 12
"""Seed, size and steps of the episodes that are played in processes of their own, and their longest."""

SOME = ["cartpole", "pendulum", "snake", "maze", "lander", "help_desk", "frozen_lake", "autoencode"]
"""Played so in the quick tests."""

PLAY = """
import sys, numpy as np, envs
out = {}
for name, actions in np.load(sys.argv[1]).items():
    environment = envs.find(name)
    if sys.argv[3] == "simulator":
        from envs.engine.cuda import CudaBatch
        batch = CudaBatch(environment, actions.shape[1], max_episode_steps=LIMIT)
        batch.seed(FIRST)
        batch.reset()
    else:
        from envs.engine.core.batch import Batch
        from envs.engine.core.batch_arrays import Arrays
        batch = Batch(environment, actions.shape[1], max_episode_steps=LIMIT)
        batch.seed(FIRST)
        arrays = Arrays(batch)
        batch.reset(arrays.obs)
    rows = {field: [] for field in ("obs", "rewards", "terminated", "truncated")}
    for row in actions:
        if sys.argv[3] == "simulator":
            batch.step(row)
            for field in rows:
                rows[field].append(getattr(batch, field).copy_to_host())
        else:
            step = arrays.step(batch, row)
            for field in rows:
                rows[field].append(step[field])
    out |= {f"{name} {field}": np.stack(kept) for field, kept in rows.items()}
out["numba"] = "numba" in sys.modules
np.savez(sys.argv[2], **out)
"""


def played(environment, actions, first, num_threads=1):
    """What a compiled batch gives for actions (steps, copies, ...); keys as in `Arrays`."""
    batch = Batch(environment, actions.shape[1], max_episode_steps=LIMIT, num_threads=1)
    if num_threads > 1:
        batch._step = Split(batch._step, actions.shape[1], num_threads, worth=0.0)
    batch.seed(first)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    steps = [arrays.step(batch, row) for row in actions]
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]}


def random_actions(environment, steps, copies=1):
    """Random actions (steps, copies, ...), the same at every call."""
    space = environment.action_space
    space.seed(3)
    return np.array([[space.sample() for _ in range(copies)] for _ in range(steps)], space.dtype)


pytestmark = pytest.mark.quick("environments")


@pytest.fixture(params=envs.names())
def environment(request):
    return envs.find(request.param)


def test_no_file_is_broken():
    assert envs.broken() == {}


@pytest.mark.quick("cartpole", "snake", "help_desk", "frozen_lake")
def test_all_checks_pass(environment):
    failed = [result for result in check(environment.name, seconds=0.3) if not result.passed]
    assert failed == []


def test_describes_itself(environment):
    assert len(environment.rules) > 200
    assert environment.name in envs.names()
    assert envs.find(environment.id) is environment
    assert all(param.help for param in environment.params.values())
    if isinstance(environment.action_space, gym.spaces.Discrete):
        assert len(environment.action_names) == environment.action_space.n


def test_gymnasium_makes_it_without_warnings(environment):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        single = gym.make(environment.id)
        vector = gym.make_vec(environment.id, num_envs=3)
    assert isinstance(single.unwrapped, SingleEnv)
    assert isinstance(vector, BatchVectorEnv)
    assert vector.spec is not None
    assert vector.spec.max_episode_steps == environment.max_episode_steps
    obs, _ = single.reset(seed=0)
    assert single.observation_space.contains(obs)
    single.close()
    vector.close()


def test_draws_small_display_lists(environment):
    batch = Batch(environment, 1)
    batch.seed(0)
    batch.reset(Arrays(batch).obs)
    canvas = DisplayList(environment.size)
    environment.draw(batch.states[0], batch.params, canvas)
    assert canvas.ops[0][0] == "background"
    assert len(json.dumps(canvas.ops)) < 40_000


def test_rgb_array_has_the_declared_size(environment):
    env = gym.make(environment.id, render_mode="rgb_array")
    env.reset(seed=0)
    frame = env.render()
    assert isinstance(frame, np.ndarray)
    assert frame.shape == (environment.size[1], environment.size[0], 3)
    assert frame.dtype == np.uint8
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 2
    env.close()


def test_baseline_beats_random_play(environment, play):
    skilled, random = (
        play(environment, player, episodes=40).returns for player in (environment.baseline, None)
    )
    error = np.sqrt((skilled.var() + random.var()) / 40)
    assert skilled.mean() > random.mean() + 2 * error


def test_the_seed_decides_the_episode_not_the_size_of_the_batch_or_the_threads(environment):
    alone = random_actions(environment, 60)
    episodes = []
    for size, first, index, threads in ((1, 5, 0, 1), (7, 3, 2, 1), (1024, 0, 5, 1), (1024, -600, 605, 3)):
        actions = np.ascontiguousarray(np.repeat(alone, size, axis=1))
        steps = played(environment, actions, first, threads)
        episodes.append({name: array[:, index].tobytes() for name, array in steps.items()})
    assert episodes[0] == episodes[1] == episodes[2] == episodes[3]


@pytest.mark.quick("some-*")
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("uncompiled", {"NUMBA_DISABLE_JIT": "1", "NUMBA_ENABLE_CUDASIM": "0"}),
        ("simulator", {"NUMBA_DISABLE_JIT": "0", "NUMBA_ENABLE_CUDASIM": "1"}),
    ],
    ids=("uncompiled", "simulator"),
)
@pytest.mark.parametrize(
    "names", [SOME, [name for name in envs.names() if name not in SOME]], ids=("some", "others")
)
def test_plays_the_same_uncompiled_and_in_numbas_simulator_of_a_gpu(names, kind, settings, tmp_path):
    actions = {name: random_actions(envs.find(name), STEPS, COPIES) for name in names}
    np.savez(tmp_path / "actions.npz", allow_pickle=False, **actions)
    code = PLAY.replace("LIMIT", str(LIMIT)).replace("FIRST", str(FIRST))
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        code,
        tmp_path / "actions.npz",
        tmp_path / "out.npz",
        kind,
    ]
    run = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    out = np.load(tmp_path / "out.npz")
    assert out["numba"] == (kind == "simulator"), "uncompiled runs must not need numba"
    for name, rows in actions.items():
        steps = played(envs.find(name), rows, FIRST)
        for field in ("obs", "rewards", "terminated", "truncated"):
            ours, theirs = steps[field], out[f"{name} {field}"]
            if field == "obs" and ours.dtype.kind != "f":
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{name} {field}")
            else:
                np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6, err_msg=f"{name} {field}")


def test_import_is_light():
    code = "import sys, envs; print(*(m for m in ('torch', 'pygame', 'numba', 'scipy') if m in sys.modules))"
    best = 60.0
    for _ in range(2):
        start = time.perf_counter()
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        best = min(best, time.perf_counter() - start)
        assert run.stdout.strip() == ""
    assert best < 2.0
