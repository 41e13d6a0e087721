"""Settings of agents that imitate an expert. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from agents.base_settings import AgentSettings
from sandbox.errors import UserError
from sandbox.settings import MOST_EPISODES, MOST_EXAMPLES, MOST_STEPS, setting


@dataclass(frozen=True, kw_only=True)
class ImitationSettings(AgentSettings):
    """What agents have that imitate an expert."""

    stop_when_solved: bool = setting(
        False,
        "Stop once the environment's return, which it does not learn from, is above the threshold.",
    )
    expert: str | None = setting(
        None, "Run whose agent it imitates; without one, the environment's hand-written player."
    )
    demonstrations: str = setting(
        "8",
        "Whole episodes of the expert that it is shown before it is trained, or the file in which "
        "`sandbox play NAME --record FILE` has kept what you played.",
    )

    shift: int = setting(
        0,
        "Cells by which pictures are moved at random, either way, where it learns from the expert's.",
        low=0,
        high=64,
    )

    @property
    def episodes(self) -> int | None:
        """How many episodes of the expert; None where `demonstrations` is the file of a recording."""
        return int(self.demonstrations) if self.demonstrations.lstrip("-").isdecimal() else None

    def check_expert(self) -> None:
        """Refuse a number of episodes that makes no sense, and a file beside an expert.

        Raises:
            UserError: says what is allowed.
        """
        episodes = self.episodes
        if episodes is not None and not 1 <= episodes <= MOST_EPISODES:
            raise UserError(f"demonstrations must be from 1 to {MOST_EPISODES:,}, not {episodes:,}.")
        if episodes is None and self.expert is not None:
            raise UserError(
                "Either a run is imitated (expert) or a recording (a file as demonstrations), not both."
            )


@dataclass(frozen=True, kw_only=True)
class CloneSettings(ImitationSettings):
    """Behavioural cloning: supervised learning of what an expert did. Pomerleau 1991."""

    agent: ClassVar[str] = "clone"
    title: ClassVar[str] = "Cloning"

    total_timesteps: int = setting(
        3000, "Updates: minibatches of the demonstrations that it learns from.", low=1, high=MOST_STEPS
    )
    num_envs: int = 1
    learning_rate: float = 1e-3
    batch_size: int = setting(
        256, "Pairs of observation and action of a minibatch.", low=2, high=MOST_EXAMPLES
    )

    def check_together(self) -> None:
        """Refuse demonstrations that make no sense."""
        self.check_expert()
