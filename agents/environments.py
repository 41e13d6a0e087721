"""What an agent learns in: one of our environments, or anybody's by its Gymnasium id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gymnasium
from gymnasium import spaces

import envs
from envs.engine.environment import Environment
from envs.engine.errors import EnvironmentProblem, UnknownEnvironment
from sandbox.errors import UserError, did_you_mean


@dataclass(frozen=True)
class Target:
    """An environment, found by name.

    Attributes:
        name: the file's name for ours, its path for one from elsewhere, else the Gymnasium id.
        id: the Gymnasium id.
        environment: the declaration, for ours; None for any other.
        reward_threshold: mean return that counts as solved, or None.
        max_episode_steps: steps after which an episode is truncated, or None.
    """

    name: str
    id: str
    environment: Environment | None
    reward_threshold: float | None
    max_episode_steps: int | None

    def spaces(self, params: Mapping[str, Any] | None = None) -> tuple[spaces.Space, spaces.Space]:
        """Return observation and action space.

        Raises:
            UserError: Gymnasium cannot make the environment; gives its reason.
        """
        if self.environment is not None:
            return self.environment.observation_space, self.environment.action_space
        env = self.make(params)
        env.close()
        return env.observation_space, env.action_space

    def make(self, params: Mapping[str, Any] | None = None, **options: Any) -> gymnasium.Env:
        """Make one environment with `gymnasium.make`.

        Raises:
            UserError: Gymnasium cannot make it; gives its reason.
        """
        try:
            return gymnasium.make(self.id, **dict(params or {}), **options)
        except EnvironmentProblem:
            raise  # a sentence already
        except (gymnasium.error.Error, ImportError, TypeError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise UserError(f"{self.id} cannot be made: {reason}.") from error


@lru_cache
def find_target(name: str) -> Target:
    """Find an environment by its file's name or by its Gymnasium id.

    Raises:
        UserError: there is none of that name; names the nearest.
        BrokenEnvironment: the file exists and is broken; names it and the line.
    """
    # As Gymnasium has it in any process: the module that registers the environment, and its id.
    name = name.removeprefix("envs:")
    try:
        environment = envs.find(name)
    except UnknownEnvironment:
        pass
    else:
        own = environment.name in envs.names() and envs.find(environment.name) is environment
        return Target(
            environment.name if own else environment.file,
            environment.id,
            environment,
            environment.reward_threshold,
            environment.max_episode_steps,
        )
    try:
        spec = gymnasium.spec(name)
    except (gymnasium.error.Error, ImportError) as error:
        hint = did_you_mean(name, [*envs.names(), *gymnasium.registry])
        hint = hint or " `sandbox list envs` shows what there is."
        raise UserError(f"There is no environment {name!r}.{hint}") from error
    return Target(name, name, None, spec.reward_threshold, spec.max_episode_steps)
