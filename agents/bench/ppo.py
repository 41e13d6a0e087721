"""PPO beside Stable-Baselines3's: time until CartPole is solved, steps a second with an MLP and with a CNN.

The contestants take turns, so that a busy machine slows both alike. All compute with one thread: on a busy
machine two threads spend most of their time waiting for each other.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import stable_baselines3
import torch
from gymnasium import spaces
from jaxtyping import Float
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn

import envs
from agents.bench import solve_cartpole
from agents.policies import BlockCnnPolicy
from agents.ppo import PPO
from agents.ppo.matmul_precision import fast_products
from agents.ppo.minibatches import samples_of
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import one_thread

BENCH = {"name": "agents", "title": "Agents"}
SAME: dict[str, Any] = {"n_steps": 32, "batch_size": 512, "n_epochs": 4, "device": "cpu", "seed": 0}
"""Hyperparameters of the comparisons of speed."""

NUM_ENVS = 64
"""Environments in the comparisons of speed."""

TURN = 4
"""Rollouts and updates of one turn in the comparisons of speed."""


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about four minutes, or 40 s if quick.

    Args:
        quick: fewer and shorter rounds.

    Returns:
        Tables: title, columns, rows, note.
    """
    with one_thread():
        return [
            solve_cartpole.training_alone(1 if quick else 5),
            solve_cartpole.whole_process(1 if quick else 5),
            _speed_mlp(2 if quick else 7),
            _speed_cnn(2 if quick else 7),
        ]


class PlainCnn(BaseFeaturesExtractor):
    """The network of the CNN comparison as a user of Stable-Baselines3 would write it."""

    def __init__(self, observation_space: spaces.Space) -> None:
        super().__init__(observation_space, 128)
        shape = observation_space.shape
        assert shape is not None
        side = shape[1] - 2
        self.layers = nn.Sequential(
            nn.Conv2d(shape[0], 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * side * side, 128), nn.ReLU()
        )

    def forward(self, observations: Float[Tensor, "B C H W"]) -> Float[Tensor, "B F"]:
        """Return the features of each picture."""
        return self.layers(observations)


def _mlp_ours() -> PPO:
    return PPO("MlpPolicy", make_vec_env("cartpole", NUM_ENVS), **SAME)


def _mlp_stock() -> OnPolicyAlgorithm:
    return stable_baselines3.PPO("MlpPolicy", make_stock_vec_env("CartPole-v1", NUM_ENVS, 0), **SAME)


def _cnn_ours() -> PPO:
    return PPO(BlockCnnPolicy, make_vec_env("snake", NUM_ENVS), **SAME)


def _cnn_stock() -> OnPolicyAlgorithm:
    env = make_stock_vec_env(envs.find("snake").id, NUM_ENVS, 0)
    network = {"activation_fn": nn.ReLU, "net_arch": [], "features_extractor_class": PlainCnn}
    return stable_baselines3.PPO("MlpPolicy", env, policy_kwargs=network, **SAME)


def _contestant(make: Callable[[], OnPolicyAlgorithm], turns: Connection) -> None:
    """Train 4 rollouts and updates at every word of the other side; answer with their seconds."""
    torch.set_num_threads(1)
    loop = iterations(make(), 10**9)
    while turns.recv():
        start = time.perf_counter()
        for _ in range(TURN):
            next(loop)
        turns.send(time.perf_counter() - start)


def speeds(title: str, makers: dict[str, Callable[[], OnPolicyAlgorithm]], rounds: int) -> dict[str, Any]:
    """Let contestants train in turns, each in a process of its own, as its users would run it.

    Args:
        title: of the table.
        makers: a function that builds each contestant; the first is the reference.
        rounds: turns of each.
    """
    context = multiprocessing.get_context("spawn")
    turns, processes = {}, []
    for name, make in makers.items():
        turns[name], other = context.Pipe()
        processes.append(context.Process(target=_contestant, args=(make, other), daemon=True))
        processes[-1].start()
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    for i in range(rounds + 1):
        for name, connection in turns.items():
            connection.send(True)
            taken = connection.recv()
            if i:  # the first turn is for compiling and for caches
                seconds[name].append(taken)
    for connection, process in zip(turns.values(), processes, strict=True):
        connection.send(False)
        process.join()
    steps = SAME["n_steps"] * NUM_ENVS * TURN
    reference = seconds[next(iter(makers))]
    rows = [
        [
            name,
            round(steps / median(found)),
            round(median(a / b for a, b in zip(reference, found, strict=True)), 1),
        ]
        for name, found in seconds.items()
    ]
    return {
        "title": title,
        "columns": ["contestant", "steps/s", "times as fast"],
        "rows": rows,
        "note": f"Minibatches of 512, 4 epochs; medians of {rounds} turns of {steps:,} steps.",
    }


def _speed_mlp(rounds: int) -> dict[str, Any]:
    makers = {"Stable-Baselines3": _mlp_stock, "ours": _mlp_ours}
    table = speeds("PPO with an MLP: 64 CartPoles x 32 steps, 64x64 tanh", makers, rounds)
    table["note"] += _share(_mlp_ours())
    return table


def _speed_cnn(rounds: int) -> dict[str, Any]:
    makers = {"Stable-Baselines3": _cnn_stock, "ours": _cnn_ours}
    table = speeds("PPO with a CNN: 64 Snakes of 10x10x4 x 32 steps, MinAtar's network", makers, rounds)
    table["note"] += _share(_cnn_ours())
    reached, limit = update_speed(), product_limit()
    table["note"] += (
        f" Our update computes {reached / 1e9:.0f} GFLOPS, {100 * reached / limit:.0f} % of the "
        f"{limit / 1e9:.0f} that the fastest product of 1024x1024 matrices reaches here."
    )
    return table


def _share(model: PPO) -> str:
    of_update, of_all = arithmetic_shares(model)
    return (
        f" The networks' passes over the minibatches, forward and backward, take {100 * of_update:.0f} % "
        f"of our update and {100 * of_all:.0f} % of all our seconds."
    )


def arithmetic_shares(model: PPO) -> tuple[float, float]:
    """Measure how much of PPO's seconds its networks' products and activations take, which nothing can spare.

    Args:
        model: begins to train.

    Returns:
        Seconds of all forward and backward passes of an update by themselves, over those of the update, and
        over those of a rollout and an update.
    """
    loop = iterations(model, 10**9)
    next(loop)
    machine, rollout = model._taken_apart(), model._rollout
    assert machine is not None and rollout is not None
    batch = next(samples_of(rollout, machine.backbone, model.batch_size, model.device).epoch())
    backward = torch.randn(model.batch_size, machine.num_outputs), torch.randn(model.batch_size)

    def passes() -> None:
        with torch.no_grad(), fast_products(model.device):
            machine.backbone.forward(batch.obs)
            machine.backbone.backward(*backward)

    count = model.n_steps * model.n_envs // model.batch_size * model.n_epochs
    seconds = _fastest(passes, 200) * count
    return seconds / _fastest(model.train, 20), seconds / _fastest(lambda: next(loop), 20)


def update_speed() -> float:
    """Measure the products and sums a second of an update of the CNN policy."""
    model = _cnn_ours()
    loop = iterations(model, 10**9)
    next(loop)
    # 3x3 convolution to 8x8x16, dense layer to 128, four action scores and a value: forward, and backward for
    # the weights and, from the dense layer on, for the inputs.
    convolution, dense = 64 * 36 * 16, 1024 * 128 + 128 * 5
    samples = SAME["n_steps"] * NUM_ENVS * SAME["n_epochs"]
    return 2 * samples * (2 * convolution + 3 * dense) / _fastest(model.train, 8)


def product_limit() -> float:
    """Measure the products and sums a second of torch's fastest large float32 matrix product here."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    with fast_products(torch.device("cpu")):
        seconds = _fastest(lambda: a @ b, 30)
    return 2 * 1024**3 / min(seconds, _fastest(lambda: a @ b, 30))


def _fastest(call: Callable[[], Any], times: int) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
