"""What is special about watching a network that sees: what its camera sees, and who else sees the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.loops.seeing_player import SeeingPlayer, load_player
from agents.viewing.episode import Episode
from sandbox.runs import Run

SHARE = 0.6
"""Of the largest amount: how far a key spoils pictures."""
LAYOUT = "layout"
"""Parameter of an environment that has several."""


class Eyes:
    """The players of a run, with the conditions that are the same for all of them.

    Args:
        run: of an agent, or of a task's network that sees.
        spoil: amounts by which pictures are spoilt, by name.
    """

    def __init__(self, run: Run, spoil: Mapping[str, float]) -> None:
        self._run, self._spoil = run, dict(spoil)
        self._players: dict[int, Any] = {}
        self._baseline: SeeingPlayer | None = None
        self._present: Any = None

    def at_age(self, step: int) -> Any:
        """The player of one checkpoint, read once.

        Raises:
            UserError: its files are gone or corrupt.
        """
        if step not in self._players:
            self._players[step] = self._with(load_player(self._run, step))
        self._present = self._players[step]
        return self._present

    def change(self, episode: Episode) -> bool:
        """After a network let the baseline play that sees the same pictures, once; whether it does now.

        Raises:
            UserError: the data that the baseline learns from have changed.
        """
        player = episode.player
        if episode.control != "agent" or not isinstance(player, SeeingPlayer):
            return False
        if player is self._baseline:
            episode.player = self._present
            return False
        self._baseline = self._baseline or self._with(SeeingPlayer.of_baseline(self._run))
        if self._baseline is not None:
            episode.player = self._baseline
        return self._baseline is not None

    def keys(self, episode: Episode) -> set[str]:
        """Which of `V` and `L` change anything here."""
        sees = {"V"} if isinstance(self._present, SeeingPlayer) else set()
        return sees | ({"L"} if LAYOUT in episode.world.declared_params else set())

    def turn(self, key: str, episodes: Sequence[Episode]) -> str:
        """What a key does to the conditions of all episodes; returns what to say of it."""
        return self.next_view(episodes) if key == "v" else next_layout(episodes)

    def next_view(self, episodes: Sequence[Episode]) -> str:
        """From clear pictures on to each way to spoil them and back; returns what to say of it."""
        if not isinstance(self._present, SeeingPlayer):
            return "Nobody here plays by a camera's pictures."
        loop, spoil = self._present.loop, self._spoil
        names: list[str | None] = [None, *loop.spoils]
        present = next((name for name, amount in spoil.items() if amount > 0), None)
        name = names[(names.index(present) + 1) % len(names)]
        spoil.clear()
        said = "The camera sees clearly."
        if name is not None:
            spoil[name] = round(SHARE * loop.ways[name].most, 3)
            said = f"{loop.ways[name].title}: {spoil[name]:g}, {loop.ways[name].unit}"
        for episode in episodes:
            episode.set_params()  # decides anew
        return said

    def _with(self, player: Any) -> Any:
        if isinstance(player, SeeingPlayer):
            player.spoil = self._spoil
        return player


def next_layout(episodes: Sequence[Episode]) -> str:
    """Go on to the environment's next layout in all episodes; returns what to say of it."""
    said = "There is one layout."
    for episode in episodes:
        if (declared := episode.world.declared_params.get(LAYOUT)) is not None:
            low, count = int(declared.low), int(declared.high - declared.low) + 1
            number = low + (int(episode.params[LAYOUT]) - low + 1) % count
            episode.set_params(**{LAYOUT: number})
            said = f"Layout {number}"
    return said
