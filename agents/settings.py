"""What can be set about an agent's training: type, default, range and help of each setting, once."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from gymnasium import spaces

from agents.actor_critic_settings import (
    FROM_PICTURES,
    A2CSettings,
    GAILSettings,
    PPOSettings,
    RolloutSettings,
)
from agents.base_settings import AgentSettings, OnlineSettings, PolicyName
from agents.environments import Target, find_target
from agents.imitation_settings import CloneSettings, ImitationSettings
from agents.q_settings import FreeEnergySettings, ParallelQSettings, PQNSettings
from agents.replay_settings import (
    DQNSettings,
    QRDQNSettings,
    ReplaySettings,
    SACSettings,
    TD3Settings,
    TQCSettings,
)
from agents.self_play_settings import AlphaZeroSettings
from agents.training.compatibility import check_agent, is_picture
from envs.engine.declaration import RESERVED
from sandbox.errors import UserError, did_you_mean
from sandbox.settings import from_json
from sandbox.tasks.reference import Reference

__all__ = [
    "AGENTS",
    "FROM_PICTURES",
    "A2CSettings",
    "AgentSettings",
    "AlphaZeroSettings",
    "CloneSettings",
    "DQNSettings",
    "GAILSettings",
    "ImitationSettings",
    "OnlineSettings",
    "PPOSettings",
    "PQNSettings",
    "ParallelQSettings",
    "PolicyName",
    "QRDQNSettings",
    "ReplaySettings",
    "RolloutSettings",
    "SACSettings",
    "TD3Settings",
    "TQCSettings",
    "agent_for",
    "agent_settings",
    "from_config",
    "presets_of",
    "references_of",
    "settings_for",
    "title_of",
]

AGENTS: dict[str, type[AgentSettings]] = {
    kind.agent: kind
    for kind in (
        PPOSettings,
        A2CSettings,
        DQNSettings,
        QRDQNSettings,
        SACSettings,
        TD3Settings,
        TQCSettings,
        GAILSettings,
        CloneSettings,
        PQNSettings,
        FreeEnergySettings,
        AlphaZeroSettings,
    )
}
"""Settings of each agent, by its name."""


def agent_settings(agent: str) -> type[AgentSettings]:
    """Return the settings class of an agent.

    Raises:
        UserError: there is none of that name; names the nearest.
    """
    if agent not in AGENTS:
        hint = did_you_mean(agent, AGENTS) or f" There are {', '.join(AGENTS)}."
        raise UserError(f"There is no agent {agent!r}.{hint}")
    return AGENTS[agent]


def title_of(agent: str) -> str:
    """How people write an agent's name: `PPO`, `AlphaZero`."""
    return AGENTS[agent].title if agent in AGENTS and AGENTS[agent].title else agent.upper()


def settings_for(target: str, agent: str = "ppo", preset: str = "default") -> AgentSettings:
    """Give the settings of an environment's preset, or ones that suit its spaces if it has none.

    Args:
        target: an environment's file name or any Gymnasium id.
        agent: a name of `AGENTS`.
        preset: a name in the environment's preset file; "default" always exists.

    Raises:
        UserError: unknown target, agent or preset, or an agent that cannot play in this environment.
    """
    found = find_target(target)
    kind = agent_settings(agent)
    presets = presets_of(found).get(agent, {})
    if preset in presets:
        return presets[preset]
    if preset != "default":
        known = ["default", *(name for name in presets if name != "default")]
        hint = did_you_mean(preset, known) or f" There is {' and '.join(known)}."
        raise UserError(f"{found.name} has no preset {preset!r} for {agent}.{hint}")
    observation_space, action_space = found.spaces()
    check_agent(agent, found.name, observation_space, action_space)
    return _generic(kind, observation_space)


def agent_for(target: str) -> str:
    """Name the agent that an environment's preset puts first; `ppo` where there is no preset."""
    return next(iter(presets_of(find_target(target))), "ppo")


def presets_of(target: Target) -> dict[str, dict[str, AgentSettings]]:
    """Return an environment's presets by agent and name; none if it has no file in `agents/presets/`."""
    module = _preset_file(target)
    return {} if module is None else module.CONFIG


def references_of(target: Target) -> Sequence[Reference]:
    """Return what others have published about an environment: `REFERENCES` of its preset file."""
    return getattr(_preset_file(target), "REFERENCES", ())


def _preset_file(target: Target) -> ModuleType | None:
    name = re.sub(r"[^a-z0-9]+", "_", target.name.lower())
    package = importlib.import_module("agents.presets")
    if name not in (module.name for module in pkgutil.iter_modules(package.__path__)):
        return None
    return importlib.import_module(f"agents.presets.{name}")


def from_config(agent: str, values: Mapping[str, Any]) -> AgentSettings:
    """Rebuild settings from a run's `config.json`; fields it does not know keep their defaults.

    Raises:
        UserError: there is no such agent, or a setting has a wrong type; names it.
    """
    default = agent_settings(agent)()
    if isinstance(values.get("demonstrations"), int):  # of earlier versions, which knew no files
        values = {**values, "demonstrations": str(values["demonstrations"])}
    known = {field.name for field in dataclasses.fields(default)}
    settings = from_json(default, {name: value for name, value in values.items() if name in known})
    # As keyword arguments of `gymnasium.make` these would mean something else than a parameter.
    if taken := RESERVED.intersection(settings.params):
        raise UserError(f"The run's settings cannot be used: {min(taken)} is no parameter of an environment.")
    return settings


def _generic(kind: type[AgentSettings], observation_space: spaces.Space) -> AgentSettings:
    """Settings that are reasonable where nobody has tuned any."""
    if is_picture(observation_space):
        # 10x10 cells: the network of MinAtar, Young & Tian 2019. More: enough convolutions to halve them.
        channels = (16,) if sorted(observation_space.shape or ())[1] <= 12 else (16, 32, 64)
        if issubclass(kind, CloneSettings):
            return kind(hidden=(128,), channels=channels, demonstrations=FROM_PICTURES["demonstrations"])
        more: dict[str, Any] = FROM_PICTURES if issubclass(kind, GAILSettings) else {}
        return kind(total_timesteps=1_000_000, hidden=(128,), channels=channels, **more)
    return kind()
