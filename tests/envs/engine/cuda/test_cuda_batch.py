"""Environments on a GPU: without one, a sentence; in numba's simulator of one, the tests of its own file."""

import os
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from envs.engine.cuda import cuda_compile
from envs.engine.cuda.cuda_vector_env import CudaVectorEnv
from envs.engine.errors import BadParameter, NoCuda
from envs.engine.vector import BatchVectorEnv


def test_in_numbas_simulator():
    file = Path(__file__).with_name("simulated_cuda.py")
    # Numba reads the setting when it is imported, so this needs a process of its own.
    settings = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "0"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    run = subprocess.run(command, env=settings, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout


@pytest.mark.skipif(cuda_compile.has_cuda(), reason="there is a GPU")
def test_without_a_gpu_there_is_a_sentence(monkeypatch):
    with pytest.raises(NoCuda, match="device='cuda'"):
        gym.make_vec("sandbox/CartPole-v1", num_envs=2, device="cuda")
    monkeypatch.setattr(cuda_compile.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NoCuda, match="need the package numba-cuda: pip install"):
        cuda_compile.load_cuda()
    monkeypatch.setattr(cuda_compile.importlib.util, "find_spec", lambda name: name)
    with pytest.raises(NoCuda, match="no NVIDIA GPU"):
        cuda_compile.load_cuda()


def test_other_devices_are_refused():
    with pytest.raises(BadParameter, match="device cannot be 'tpu': use 'cpu' or 'cuda'"):
        gym.make_vec("sandbox/CartPole-v1", num_envs=2, device="tpu")


@pytest.mark.gpu
@pytest.mark.skipif(not cuda_compile.has_cuda(), reason="there is no GPU")
def test_on_a_real_gpu_with_torch_and_in_a_graph():
    torch = pytest.importorskip("torch")
    vector = CudaVectorEnv("snake", 64, max_episode_steps=20, autoreset_mode="SameStep")
    twin = BatchVectorEnv("snake", 64, max_episode_steps=20, autoreset_mode="SameStep")
    device_obs, _ = vector.reset(seed=3)
    twin.reset(seed=3)
    obs = torch.as_tensor(device_obs, device="cuda")
    assert obs.data_ptr() == device_obs.__cuda_array_interface__["data"][0]
    actions = torch.zeros(64, dtype=torch.int64, device="cuda")
    graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()
    with torch.cuda.graph(graph, stream=stream):
        vector.batch.stream = stream.cuda_stream
        vector.step(actions)
    rng = np.random.default_rng(0)
    for _ in range(50):
        row = rng.integers(0, 4, 64)
        actions.copy_(torch.as_tensor(row))
        graph.replay()
        expected = twin.step(row)[0]
        torch.cuda.synchronize()
        np.testing.assert_array_equal(obs.cpu().numpy(), expected)
        scores = torch.as_tensor(vector.batch.field("score"), device="cuda")
        np.testing.assert_array_equal(scores.cpu().numpy(), twin.batch.states["score"])
