"""Learning curves of our PPO and Stable-Baselines3's, with the same hyperparameters: are they the same?

Both learn the same two environments with ten seeds each and are asked on the way how much they get in new
episodes. A permutation test says whether the difference between the two groups of curves is more than what
ten seeds differ by themselves: the seeds are dealt to two groups at random ten thousand times, and p is the
share of deals that lie at least as far apart (Colas, Sigaud & Oudeyer 2019, "A hitchhiker's guide to
statistical comparisons of reinforcement learning algorithms"). Once for the mean of the whole curve, once for
the place where the two mean curves are farthest apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import stable_baselines3
from jaxtyping import Float
from numpy.typing import NDArray
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from torch import nn

import envs
from agents.bench.ppo import PlainCnn
from agents.evaluate import evaluate_policy
from agents.policies import BlockCnnPolicy
from agents.ppo import PPO
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import one_thread, seed_everything

BENCH = {"name": "curves", "title": "Learning curves", "long": True}
POINTS = 10
"""Of each curve."""

EPISODES = 20
"""Played at each point, the same for both."""

DEALS = 10_000
NUM_ENVS = 16
STEPS = {"cartpole": 40_960, "breakout": 81_920}
"""Steps of each training: CartPole's four numbers, and pictures of 10x10x4."""

SAME: dict[str, Any] = {
    "n_steps": 64,
    "batch_size": 256,
    "n_epochs": 8,
    "gamma": 0.98,
    "gae_lambda": 0.9,
    "learning_rate": 1e-3,
    "ent_coef": 0.005,
    "device": "cpu",
}


def bench(quick: bool) -> list[dict[str, Any]]:
    """Train all and compare them; takes about six minutes, or one if quick.

    Args:
        quick: two seeds, which can show nothing.

    Returns:
        Tables: title, columns, rows, note.
    """
    seeds = 2 if quick else 10
    with one_thread():
        rows = [_row(name, steps, seeds) for name, steps in STEPS.items()]
    return [
        {
            "title": "The same hyperparameters: our PPO beside Stable-Baselines3's",
            "columns": ["environment", "mean of ours", "of theirs", "p", "farthest apart", "p of that"],
            "rows": rows,
            "note": f"{seeds} seeds each; {POINTS} points a curve, {EPISODES} new episodes a point; "
            f"permutation tests with {DEALS:,} deals. Below 0.05 the curves would differ.",
        }
    ]


def _row(name: str, steps: int, seeds: int) -> list[str]:
    ours, theirs = (
        np.array([_curve(name, make(name, seed), steps, seed) for seed in range(seeds)])
        for make in (_ours, _theirs)
    )
    gap = np.abs(ours.mean(0) - theirs.mean(0)).max()
    return [
        name,
        f"{ours.mean():.4g}",
        f"{theirs.mean():.4g}",
        f"{permutation_p(ours, theirs, lambda a, b: abs(a.mean() - b.mean())):.2f}",
        f"{gap:.3g}",
        f"{permutation_p(ours, theirs, lambda a, b: np.abs(a.mean(0) - b.mean(0)).max()):.2f}",
    ]


def permutation_p(
    ours: Float[NDArray[np.floating], "S P"],
    theirs: Float[NDArray[np.floating], "S P"],
    distance: Callable[[NDArray[np.floating], NDArray[np.floating]], float],
    deals: int = DEALS,
) -> float:
    """Return how often groups dealt at random are at least as far apart as the two given.

    Args:
        ours: a curve for each seed.
        theirs: the other group's.
        distance: between two groups of curves, at least 0.
        deals: how many random groups, from a fixed seed.
    """
    rng, both, found = np.random.default_rng(0), np.concatenate([ours, theirs]), distance(ours, theirs)
    count = 1  # the deal that was made is one of those possible
    for _ in range(deals):
        dealt = rng.permutation(both)
        count += distance(dealt[: len(ours)], dealt[len(ours) :]) >= found - 1e-12
    return count / (deals + 1)


def _curve(name: str, model: OnPolicyAlgorithm, steps: int, seed: int) -> list[float]:
    """Mean returns of new episodes at the points of one training."""
    found, due = [], steps // POINTS
    for _ in iterations(model, steps):
        while model.num_timesteps >= due and len(found) < POINTS:
            due += steps // POINTS
            evaluation = evaluate_policy(
                name,
                lambda obs: model.predict(obs, deterministic=True)[0],
                EPISODES,
                10**6 * (seed + 1) + len(found),
            )
            found.append(evaluation["interval"].mean)
    return found


def _ours(name: str, seed: int) -> OnPolicyAlgorithm:
    seed_everything(seed)
    policy = "MlpPolicy" if name == "cartpole" else BlockCnnPolicy
    return PPO(policy, make_vec_env(name, NUM_ENVS, seed), seed=seed, **SAME)


def _theirs(name: str, seed: int) -> OnPolicyAlgorithm:
    if name == "cartpole":
        env, network = make_stock_vec_env("CartPole-v1", NUM_ENVS, seed), {}
    else:
        env = make_stock_vec_env(envs.find(name).id, NUM_ENVS, seed)
        network = {"activation_fn": nn.ReLU, "net_arch": [], "features_extractor_class": PlainCnn}
    return stable_baselines3.PPO("MlpPolicy", env, policy_kwargs=network, seed=seed, **SAME)
