"""What PPO makes of its arguments before Stable-Baselines3 sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
from stable_baselines3.common.base_class import maybe_make_env
from stable_baselines3.common.policies import MultiInputActorCriticPolicy
from stable_baselines3.common.vec_env import VecEnv

from agents.flat_environments import flat_vec_env
from agents.flat_spaces import is_structured
from agents.policies import BlockCnnPolicy, MlpPolicy
from agents.policies.normalisation import (
    NormalisedFeatures,
    Normalize,
    wants_observations,
    wants_rewards,
)
from sandbox.errors import UserError


def with_rows(env: gymnasium.Env | VecEnv | str | None, policy: Any) -> Any:
    """Turn what is structured into rows, but for a policy that looks at a dictionary itself.

    Raises:
        UserError: such a policy for actions of several kinds.
    """
    made: Any = maybe_make_env(env, 0) if isinstance(env, str) else env
    if made is None:
        return None
    own = policy == "MultiInputPolicy" or (
        isinstance(policy, type) and issubclass(policy, MultiInputActorCriticPolicy)
    )
    if own and is_structured(made.action_space):
        raise UserError('Actions of several kinds are for "MlpPolicy", which takes dictionaries as well.')
    return flat_vec_env(made, observations=not own)


def with_moments(kind: Any, normalize: Normalize, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give a policy's options those of the moments that it carries.

    Args:
        kind: the policy's class.
        normalize: what is scaled.
        options: the policy's own.

    Raises:
        UserError: a policy that carries none.
    """
    pictures = isinstance(kind, type) and issubclass(kind, BlockCnnPolicy)
    if not issubclass(kind, MlpPolicy) or (pictures and wants_observations(normalize)):
        raise UserError(
            'normalize is for "MlpPolicy" and memories over numbers; pictures are scaled already.'
        )
    options = dict(options or {})
    if wants_rewards(normalize):
        options["scale_returns"] = True
    if wants_observations(normalize):
        options["features_extractor_class"] = NormalisedFeatures
    return options
