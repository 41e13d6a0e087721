"""Compose: learn music chord by chord, then go on with a beginning, or find the voices below a melody.

By default it learns two-voice counterpoint that was composed by rules, so every rule that it breaks can be
counted; these pieces are synthetic. With `--data jsb-chorales` it learns 229 chorales by Bach; 76 others say
when to stop, and 77 are unseen, as their publishers have split them.

The figure is minus the logarithm of the probability of exactly the keys that sound at a time step, given all
steps before, from the first chord on, averaged over all steps. The LSTM and the TCN that are named below
foresee each key by itself, as `--chord keys` does here, and are measured from the second chord on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sandbox.blocks.attention import attend
from sandbox.blocks.lstm import lstm_cell
from sandbox.data import counterpoint
from sandbox.data.piano_roll import Rolls
from sandbox.metrics.counterpoint import moves
from sandbox.tasks.families.music_network import ChordNetwork
from sandbox.tasks.families.music_writing import OWN_MUSIC, MusicSettings, MusicWriting
from sandbox.tasks.reference import Reference
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About

PIECES, KEPT, UNSEEN = 210, 30, 60
"""Pieces of counterpoint to learn from, to say when to stop, and unseen."""
JSB = "jsb-chorales"


class Compose(MusicWriting):
    """What sounds next in a piece."""

    title = "Can a network learn to compose?"
    method = "compose"
    presets: ClassVar[Mapping[str, MusicSettings]] = {
        "fast": MusicSettings(),
        "best": MusicSettings(steps=1_500, hidden=384, dropout=0.5, learning_rate=0.003),
        "attention": MusicSettings(block="attention", hidden=128, depth=2, learning_rate=0.002),
        "keys": MusicSettings(chord="keys"),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "fast": "short", "best": "longest", "keys": "key by key",
    }  # fmt: skip
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("counterpoint", "two-voice counterpoint", "300 pieces, composed by rules.", synthetic=True),
        *public(JSB),
        OWN_MUSIC,
    )
    references: ClassVar[Sequence[Reference]] = (
        Reference(
            figure="8.45 nats per step",
            method="an LSTM, key by key",
            hardware="not stated",
            source="Bai, Kolter & Koltun 2018",
            data=JSB,
        ),
        Reference(
            figure="8.10 nats per step",
            method="a TCN, key by key",
            hardware="not stated",
            source="Bai, Kolter & Koltun 2018",
            data=JSB,
        ),
    )
    code: ClassVar[Sequence[Any]] = (ChordNetwork, lstm_cell, attend, moves)

    def pieces(self, source: Source) -> tuple[Mapping[str, Rolls], About]:
        """Counterpoint by rules; its seed is no setting, so that figures can be compared."""
        found = counterpoint.pieces(PIECES + KEPT + UNSEEN, 0)
        parts = {
            "train": found[:PIECES],
            "valid": found[PIECES : PIECES + KEPT],
            "test": found[PIECES + KEPT :],
        }
        return parts, replace(About("two-voice counterpoint", "pieces"), synthetic=True)


TASK = Compose()
