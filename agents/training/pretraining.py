"""What comes before the first step of a training: features learned by looking, an expert's episodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm

from agents.environments import Target
from agents.evaluate import FIRST_SEED
from agents.imitation import Imitator, recordings
from agents.imitation.expert import describe, find_expert, record
from agents.player import policy_space
from agents.policies.features import KINDS, look, random_sights
from agents.settings import AgentSettings, ImitationSettings
from agents.training.policy_choice import network

LOOKED_AT = 2 * 10**9
"""From the seed of the first evaluation to those of episodes that are only looked at."""


def teach_features(
    settings: AgentSettings, target: Target, model: BaseAlgorithm, space: spaces.Space, seed: int
) -> None:
    """Teach a policy its learned features, if it has any, from episodes that are not used for training.

    Args:
        settings: of the agent.
        target: the environment.
        model: whose policy looks.
        space: of the environment's observations.
        seed: of the training.
    """
    if network(settings, space) not in KINDS:
        return
    seen = random_sights(
        target.name,
        settings.look_steps,
        settings.num_envs,
        FIRST_SEED + LOOKED_AT + seed,
        settings.params,
        settings.look_at,
    )
    look(model.policy, np.moveaxis(seen, -1, 1) if policy_space(space)[1] else seen)


def show_expert(
    settings: AgentSettings, target: Target, model: BaseAlgorithm, seed: int
) -> dict[str, Any] | None:
    """Record, or read, what an imitator is to imitate, and give it to the model.

    Returns:
        What the run's config says of the expert; None if the agent imitates nobody.

    Raises:
        UserError: there is no such expert, or no such recording.
    """
    if not (isinstance(settings, ImitationSettings) and isinstance(model, Imitator)):
        return None
    if settings.episodes is None:
        demonstrations = recordings.read(settings.demonstrations, target, settings.params)
        name, step = Path(settings.demonstrations).name, None
    else:
        expert = find_expert(target.name, settings.expert)
        demonstrations = record(target.name, expert, settings.episodes, seed, settings.params)
        name, step = expert.name, expert.step
    model.imitate(demonstrations)
    return describe(name, step, demonstrations)
