"""One state of an episode, as whatever shows play gets it."""

from dataclasses import dataclass
from typing import Any

from agents.viewing.decision import Decision


@dataclass(frozen=True)
class Moment:
    """One state of an episode, and what the player makes of it."""

    ops: list[list]
    """Drawing operations, as documented in `envs.engine.canvas.DisplayList`."""

    obs: Any
    """What the player sees, mostly an array; its own copy."""

    action: Any
    """The action that led here; None at the start."""

    decision: Decision | None
    """What the player will do next; None for a human and at the end."""

    reward: float
    """Reward for the action that led here."""

    episode_return: float
    """Sum of the rewards so far."""

    step: int
    """Actions played so far."""

    terminated: bool
    """The episode came to its own end."""

    truncated: bool
    """The episode was cut off."""

    info: dict[str, Any]
    """What the environment reports."""

    @property
    def over(self) -> bool:
        """Whether the episode has ended."""
        return self.terminated or self.truncated
