"""Games against oneself: which parameters the environments have in training. No torch.

An environment for two players has a parameter `opponent`; 0 means that nobody answers, so that whoever calls
`step` moves for both, and each reward is that of the one who moved.
"""

from __future__ import annotations

from typing import Any

from agents.environments import Target
from agents.settings import AgentSettings
from sandbox.errors import UserError

OPPONENT = "opponent"


def training_params(target: Target, settings: AgentSettings) -> dict[str, Any]:
    """Return the parameters to train with: those of the settings, but without an opponent in self-play.

    Raises:
        UserError: self-play in an environment that is not for two players.
    """
    params = dict(settings.params)
    if not getattr(settings, "self_play", False):
        return params
    environment = target.environment
    if environment is None or OPPONENT not in environment.params:
        raise UserError(
            f"self_play is for environments of two players, which have a parameter {OPPONENT!r}; "
            f"{target.name} has none."
        )
    return {**params, OPPONENT: 0}
