"""Find a motif in DNA: which pattern do the sequences share that a protein binds?

By default half of synthetic sequences hold a site of a motif that nobody tells the network, and all of them a
decoy. Its filters are matrices like the motif's, so what it has found can be laid beside the truth. Your own
FASTA file is told from its own shuffled letters, or two files from each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.baselines.motif_scan import MotifScan
from sandbox.data import planted_motif
from sandbox.data.planted_motif import WIDTH
from sandbox.settings import MOST_EXAMPLES, setting
from sandbox.tasks.families.dna_classification import (
    OWN_DNA,
    DnaClassification,
    DnaExamples,
    DnaSettings,
    DnaSplit,
)
from sandbox.tasks.families.motif_network import MotifNetwork
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import About

UNSEEN = 2_000
"""Sequences to test on."""


@dataclass(frozen=True, kw_only=True)
class MotifSettings(DnaSettings):
    """What can be chosen about a training, and about the synthetic sequences."""

    examples: int = setting(4_000, "synthetic sequences to learn from", low=20, high=MOST_EXAMPLES)
    length: int = setting(100, "letters of a synthetic sequence", low=2 * WIDTH, high=1_000)
    bits: float = setting(
        12.0,
        "information of the motif, in bits: 20 is always the same word, 6 hardly a pattern",
        low=1,
        high=20,
    )


class Motif(DnaClassification):
    """DNA with a motif, and without."""

    title = "Can a network find the pattern that a protein binds?"
    method = "find a motif"
    presets: ClassVar[Mapping[str, MotifSettings]] = {
        "fast": MotifSettings(),
        "weak": MotifSettings(bits=9.0, examples=20_000, steps=4_000),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "clear motif", "weak": "weak motif, more sequences"}
    split_settings: ClassVar[Collection[str] | None] = ("split_seed", "examples", "length", "bits")
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "planted",
            "sequences with a planted motif",
            "Synthetic DNA, half of it with a site of a random motif, all of it with a decoy.",
            synthetic=True,
        ),
        OWN_DNA,
    )
    code: ClassVar[Sequence[Any]] = (MotifNetwork, planted_motif.draw, MotifScan)

    def load_named(self, settings: MotifSettings, source: Source) -> DnaSplit:
        """Sequences with a motif of the seed's, and unseen ones with the same motif."""
        learned, unseen = (
            planted_motif.draw(count, settings.length, settings.bits, settings.split_seed, seed)
            for seed, count in enumerate((settings.examples, UNSEEN))
        )
        return DnaSplit(
            train=DnaExamples(learned.sequences, learned.labels, learned.motif),
            test=DnaExamples(unseen.sequences, unseen.labels, unseen.motif),
            about=About("DNA with a planted motif", "sequences", synthetic=True),
            classes=("without", "with the motif"),
        )


TASK = Motif()
