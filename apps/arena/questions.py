"""What answers the questions of the Arena's lesson: the agent plays the same 30 episodes twice.

Each function returns in how many of them it reaches more, or less; see `apps.studio.page.questions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import envs
from apps.arena.agent_view import AgentView
from sandbox.errors import UserError


def ages(view: AgentView) -> float:
    """Episodes in which it reaches more than at the first age that is kept."""
    first = AgentView.at(view.run, view.run.checkpoints()[0])
    assert first is not None
    return _more(view.play(), first.play())


def drawing(view: AgentView) -> float:
    """Episodes in which it reaches more with its most probable actions than with drawn ones."""
    return _more(view.play(draws=False), view.play(draws=True))


def change(view: AgentView) -> float:
    """Episodes in which it reaches less in the changed physics than in those of its training."""
    found = changed(view.target)
    if found is None:
        raise UserError(f"{view.target} has no physics to change.")
    name, value = found
    return _more(view.play(), view.play({**view.trained_in, name: value}))


def changed(target: str) -> tuple[str, Any] | None:
    """The first parameter of an environment, and the end of its range that is farther from its default.

    None for an environment without parameters.
    """
    declared = envs.find(target).params if target in envs.names() else {}
    for name, param in declared.items():
        kind = type(param.default)
        if kind is bool:
            return name, not param.default
        return name, kind(max((param.low, param.high), key=lambda end: abs(end - param.default)))
    return None


def _more(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> float:
    return float(np.sum(np.array(ours["returns"]) > np.array(theirs["returns"]) + 1e-9))
