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
from envs.engine.batch import Batch
from envs.engine.canvas import DisplayList
from envs.engine.check import check
from envs.engine.rule_checks import Arrays
from envs.engine.single import SingleEnv
from envs.engine.vector import BatchVectorEnv

PLAY = """
import sys, json, numpy as np, envs
from envs.engine.batch import Batch
from envs.engine.rule_checks import Arrays
out = {}
for name in envs.names():
    environment = envs.find(name)
    batch = Batch(environment, 3, max_episode_steps=12)
    batch.seed(11)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    environment.action_space.seed(0)
    rows = []
    for _ in range(30):
        action = [environment.action_space.sample() for _ in range(3)]
        arrays.step(batch, np.array(action, environment.action_space.dtype))
        rows.append([arrays.obs.sum(), arrays.rewards.sum(), int(arrays.truncated.sum())])
    out[name] = np.array(rows, float).tolist()
out["numba"] = "numba" in sys.modules
print(json.dumps(out))
"""


@pytest.fixture(params=envs.names())
def environment(request):
    return envs.find(request.param)


def test_no_file_is_broken():
    assert envs.broken() == {}


def test_all_checks_pass(environment):
    failed = [result for result in check(environment.name) if not result.passed]
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
    if environment.baseline is None:
        pytest.skip("it has no baseline")
    skilled, random = (
        play(environment, player, episodes=40).returns for player in (environment.baseline, None)
    )
    error = np.sqrt((skilled.var() + random.var()) / 40)
    assert skilled.mean() > random.mean() + 2 * error


def test_the_seed_decides_the_episode_not_the_size_of_the_batch(environment):
    rollouts = []
    environment.action_space.seed(3)
    actions = np.array(
        [environment.action_space.sample() for _ in range(100)], environment.action_space.dtype
    )
    for size, first, index in ((1, 5, 0), (4, 3, 2), (33, 0, 5)):
        batch = Batch(environment, size, max_episode_steps=40)
        batch.seed(first)
        arrays = Arrays(batch)
        batch.reset(arrays.obs)
        rows = []
        for action in actions:
            everywhere = np.repeat(action[None], size, axis=0)
            step = arrays.step(batch, np.ascontiguousarray(everywhere))
            rows.append([step["obs"][index].tobytes(), step["rewards"][index], step["truncated"][index]])
        rollouts.append(rows)
    assert rollouts[0] == rollouts[1] == rollouts[2]


def test_uncompiled_process_plays_the_same():
    outputs = []
    for disable in ("0", "1"):
        settings = {**os.environ, "NUMBA_DISABLE_JIT": disable}
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", PLAY], env=settings, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        outputs.append(json.loads(run.stdout.splitlines()[-1]))
    assert outputs[0].pop("numba")
    assert not outputs[1].pop("numba"), "uncompiled runs must not need numba"
    assert outputs[0].keys() == outputs[1].keys()
    for name in outputs[0]:
        np.testing.assert_allclose(outputs[0][name], outputs[1][name], rtol=1e-6, atol=1e-6)


def test_import_is_light():
    code = "import sys, envs; print(*(m for m in ('torch', 'pygame', 'numba', 'scipy') if m in sys.modules))"
    best = 60.0
    for _ in range(2):
        start = time.perf_counter()
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        best = min(best, time.perf_counter() - start)
        assert run.stdout.strip() == ""
    assert best < 2.0
