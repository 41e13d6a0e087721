"""The part of a training by several processes that all but process 0 have; see `agents.training.team`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from agents.environments import find_target
from agents.settings import AgentSettings
from agents.training.prepare import prepare
from agents.training.sb3_loops import iterations
from sandbox.settings import check
from sandbox.training.process_group import outlive_signals


def follow(target: str, settings: AgentSettings, config: Mapping[str, Any]) -> None:
    """Train with process 0 of several, which owns the run.

    Args:
        target: as that of process 0.
        settings: likewise.
        config: likewise seed, device and threads.

    Raises:
        UserError: as `train`; or process 0 ended before the training did.
    """
    outlive_signals()
    check(settings)
    prepared = prepare(find_target(target), settings, config)
    model, team = prepared.model, prepared.team
    assert team is not None, "only for processes that torchrun has started"
    with contextlib.closing(prepared.env), team.following():
        team.share()
        prepared.curriculum.go_to(model.num_timesteps)
        for _ in iterations(model, settings.total_timesteps, team.go_on):
            prepared.curriculum.go_to(model.num_timesteps)
