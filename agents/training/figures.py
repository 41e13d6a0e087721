"""Figures of a model that trains: what its logger and its episodes say, under the names that runs use."""

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm

from sandbox.errors import TrainingDivergedError

NAMES = {
    "train/policy_gradient_loss": "policy_loss",
    "train/policy_loss": "policy_loss",
    "train/value_loss": "value_loss",
    "train/entropy_loss": "entropy",
    "train/approx_kl": "approx_kl",
    "train/clip_fraction": "clip_fraction",
    "train/explained_variance": "explained_variance",
    "train/learning_rate": "learning_rate",
    "train/loss": "loss",
    "train/actor_loss": "actor_loss",
    "train/critic_loss": "critic_loss",
    "train/ent_coef": "ent_coef",
    "train/std": "std",
    "train/q_value": "q_value",
    "rollout/exploration_rate": "exploration_rate",
    "train/cloning_loss": "cloning_loss",
    "train/discriminator_loss": "discriminator_loss",
    "train/right_on_expert": "right_on_expert",
    "train/right_on_agent": "right_on_agent",
    "train/expert_return": "expert_return",
    "train/novelty": "novelty",
    "train/temperature": "temperature",
}
"""Stable-Baselines3's logger keys and what they are called in a run; entropy changes its sign."""


def figures_of(model: BaseAlgorithm) -> dict[str, float]:
    """What is known of the newest update, and the means of the last training episodes.

    Raises:
        TrainingDivergedError: a loss is no longer a number.
    """
    found: dict[str, float] = {}
    for key, name in NAMES.items():
        if (value := model.logger.name_to_value.get(key)) is not None:
            found[name] = -float(value) if name == "entropy" else float(value)
    losses = [found[name] for name in ("value_loss", "critic_loss", "loss", "cloning_loss") if name in found]
    if not np.isfinite(losses).all():
        raise TrainingDivergedError("The loss is no longer a number; try a smaller learning rate.")
    if model.ep_info_buffer:
        if not getattr(model, "self_play", False):  # there it is that of who moved last, who mostly wins
            found["return"] = float(np.mean([episode["r"] for episode in model.ep_info_buffer]))
        found["length"] = float(np.mean([episode["l"] for episode in model.ep_info_buffer]))
    return found
