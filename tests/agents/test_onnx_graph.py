"""Policies as ONNX graphs: ONNX Runtime gives what torch gives, for other lengths, memory included."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from agents.environments import find_target
from agents.onnx_graph import (
    ActionGraph,
    ActorCriticGraph,
    MemoryGraph,
    QuantileGraph,
    ValueGraph,
    ValueMemoryGraph,
    graph,
)
from agents.settings import settings_for
from agents.training.build import build_model
from agents.vec_env import make_vec_env

CASES = {
    "ppo": ("cartpole", "ppo", {}, ActorCriticGraph),
    "pictures": ("snake", "ppo", {"policy": "cnn", "channels": (4,), "hidden": (8,)}, ActorCriticGraph),
    "lstm": ("cartpole_no_velocity", "ppo", {"policy": "lstm", "memory": 8, "hidden": (8,)}, MemoryGraph),
    "rnn": ("cartpole_no_velocity", "ppo", {"policy": "rnn", "memory": 8, "hidden": (8,)}, MemoryGraph),
    "dqn": ("cartpole", "dqn", {"hidden": (8,)}, ValueGraph),
    "pqn": ("cartpole", "pqn", {"hidden": (8,)}, ValueGraph),
    "pqn, gru": ("memory_chain", "pqn", {"policy": "gru", "memory": 8, "hidden": (8,)}, ValueMemoryGraph),
    "qrdqn": ("cartpole", "qrdqn", {"hidden": (8,), "num_quantiles": 5}, QuantileGraph),
    "sac": ("pendulum", "sac", {"hidden": (8,)}, ActionGraph),
    "td3": ("pendulum", "td3", {"hidden": (8,)}, ActionGraph),
    "tqc": ("pendulum", "tqc", {"hidden": (8,), "num_quantiles": 5}, ActionGraph),
}


@pytest.mark.thorough
@pytest.mark.parametrize("case", CASES)
def test_the_graph_gives_what_torch_gives(case):
    onnxruntime = pytest.importorskip("onnxruntime")
    name, agent, changes, kind = CASES[case]
    settings = dataclasses.replace(settings_for(name, agent), num_envs=2, **changes)
    if agent == "ppo":
        settings = dataclasses.replace(settings, num_steps=16, batch_size=32)
    env = make_vec_env(find_target(name).name, 2, 0)
    policy: Any = build_model(settings, env, torch.device("cpu"), 0).policy
    session = onnxruntime.InferenceSession(graph(policy), providers=["CPUExecutionProvider"])
    policy.observation_space.seed(0)
    given = {"obs": np.stack([policy.observation_space.sample() for _ in range(5)])}
    given["obs"] = given["obs"].clip(-3, 3) if given["obs"].dtype == np.float32 else given["obs"]
    if kind in (MemoryGraph, ValueMemoryGraph):
        given["memory"] = np.random.default_rng(0).normal(size=(5, policy.memory_size)).astype(np.float32)
    with torch.no_grad():
        theirs = kind(policy).eval()(*(torch.from_numpy(value) for value in given.values()))
    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
    ours = session.run(None, given)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other.numpy(), atol=1e-5)
    if kind is ActionGraph:
        actions = policy.predict(given["obs"], deterministic=True)[0]
        np.testing.assert_allclose(ours[0], actions, atol=1e-5)
    if kind is QuantileGraph:
        assert ours[1].shape == (5, 2, 5)
        chosen = policy.predict(given["obs"], deterministic=True)[0]
        assert (ours[0].argmax(1) == chosen).all()
