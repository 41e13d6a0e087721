"""An environment that grows harder while an agent learns. Bengio et al. 2009, "Curriculum learning"."""

from __future__ import annotations

from stable_baselines3.common.vec_env import VecEnv

from agents.environments import Target
from agents.settings import AgentSettings
from sandbox.errors import UserError


class Curriculum:
    """Parameters that go evenly from those of `settings.curriculum` to those of `settings.params`.

    They follow from the step alone, so that a training that is resumed goes on as if it had not ended.

    Args:
        target: the environment.
        settings: of the whole training.
        env: what it learns in.

    Raises:
        UserError: an environment that is not of this project, or no such parameter or value.
    """

    def __init__(self, target: Target, settings: AgentSettings, env: VecEnv) -> None:
        self._env, self._span = env, settings.curriculum_fraction * settings.total_timesteps
        self._ways: dict[str, tuple[float, float, bool]] = {}
        """Of each parameter: first and last value, and whether it is a whole number."""
        if settings.curriculum and target.environment is None:
            raise UserError(f"A curriculum is for environments of this project, which {target.name} is not.")
        for name, first in settings.curriculum.items():
            assert target.environment is not None
            target.environment.checked_param(name, first)
            default = target.environment.params[name].default
            last = settings.params.get(name, default)
            self._ways[name] = float(first), float(last), not isinstance(default, float)

    def go_to(self, step: int) -> None:
        """Set the parameters of a step of the training; running episodes go on as their rules have it."""
        share = min(1.0, step / self._span)
        for name, (first, last, whole) in self._ways.items():
            value = first + share * (last - first)
            self._env.set_attr(name, round(value) if whole else value)
