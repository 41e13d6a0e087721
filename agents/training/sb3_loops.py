"""The loops of Stable-Baselines3's `learn`, cut open between updates: training as a generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.type_aliases import TrainFreq

from agents.training.environment_faults import Watch


def begin(model: BaseAlgorithm, total_timesteps: int) -> BaseCallback:
    """Do what `learn` does before its loop, from where the model stands; returns an idle callback."""
    model.set_logger(Logger(folder=None, output_formats=[]))
    done = model.num_timesteps
    _, callback = model._setup_learn(total_timesteps - done, reset_num_timesteps=model._last_obs is None)
    model.num_timesteps, model._total_timesteps = done, total_timesteps
    callback.on_training_start({}, {})
    model._update_current_progress_remaining(done, total_timesteps)
    return callback


def iterations(
    model: BaseAlgorithm, total_timesteps: int, goes_on: Callable[[], bool] | None = None
) -> Iterator[None]:
    """Train; yields whenever the model may be looked at, saved, or left for good.

    Begins where the model stands: at its `num_timesteps`, with its `_last_obs` if it has one.

    Args:
        model: of Stable-Baselines3 or in its shape; metrics are in `model.logger.name_to_value` after each
            yield.
        total_timesteps: when to end; schedules run from 0 to here.
        goes_on: asked before each update that is due, if it is led by another process or leads others.

    Raises:
        BrokenEnvironment: an environment of ours gave a reward or an observation that is no finite number.
    """
    callback = begin(model, total_timesteps)
    assert model.env is not None
    watch = Watch(model)
    while model.num_timesteps < total_timesteps if goes_on is None else goes_on():
        watch.begin()
        if isinstance(model, OnPolicyAlgorithm):
            model.collect_rollouts(model.env, callback, model.rollout_buffer, model.n_steps)
            watch.end()
            model._update_current_progress_remaining(model.num_timesteps, total_timesteps)
            model.train()
        elif isinstance(model, OffPolicyAlgorithm):
            assert model.replay_buffer is not None
            assert isinstance(model.train_freq, TrainFreq)
            rollout = model.collect_rollouts(
                model.env,
                train_freq=model.train_freq,
                action_noise=model.action_noise,
                callback=callback,
                learning_starts=model.learning_starts,
                replay_buffer=model.replay_buffer,
                log_interval=None,
            )
            watch.end()
            if model.num_timesteps > model.learning_starts:
                steps = model.gradient_steps if model.gradient_steps >= 0 else rollout.episode_timesteps
                if steps > 0:
                    model.train(batch_size=model.batch_size, gradient_steps=steps)
        yield
    callback.on_training_end()


def optimizers(model: BaseAlgorithm) -> dict[str, torch.optim.Optimizer]:
    """Return the optimizers of a model by name."""
    names = [name for name in model._get_torch_save_params()[0] if name.endswith("optimizer")]
    found = {}
    for name in names:
        owner: object = model
        for part in name.split("."):
            owner = getattr(owner, part)
        assert isinstance(owner, torch.optim.Optimizer)
        found[name] = owner
    return found
