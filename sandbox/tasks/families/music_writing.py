"""Music that is learned chord by chord, so that it can be foreseen, continued and harmonised."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.baselines.chord_n_gram import ChordNGram
from sandbox.data.formats import midi
from sandbox.data.piano_roll import LONGEST, Rolls
from sandbox.data.piece_batches import PieceBatches
from sandbox.errors import UserError
from sandbox.files import path_text
from sandbox.metrics.music import NATS, music_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, from_json, setting
from sandbox.tasks.composer import Composer, Composing
from sandbox.tasks.families.attention_heads import check_heads
from sandbox.tasks.families.music_composer import NetworkComposer
from sandbox.tasks.families.music_network import Block, Chord, ChordNetwork
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

GIVEN, WRITTEN = 8, 24
"""Steps of an unseen piece that are given, and those that are written behind them to count rule breaks in."""
FEW, PIECE, SHORTEST = 12, 32, 8
"""Fewer pieces than this are cut into parts of so many steps; shorter parts are left out."""
LEAST = 12
"""Pieces, or parts of pieces, to learn from and to test on."""
LOOKS, PATIENCE = 20, 6
"""How often a training looks at pieces kept aside, and how many looks without a better one it waits."""
OWN_MUSIC = OwnData(
    "my own music",
    "A MIDI file (.mid), or a folder or zip of them; drums are left out.",
    files=(*midi.ENDINGS, ".zip"),
    things="pieces",
)


@dataclass(frozen=True, kw_only=True)
class MusicSettings(Composing):
    """What can be chosen about a training, and about composing with what was learned."""

    block: Block = setting(
        "lstm", "the network: gates that carry a state on, or attention to all chords before"
    )
    chord: Chord = setting(
        "notes", "how a chord is foreseen: note by note from the highest, or each of 88 keys by itself"
    )
    hidden: int = setting(256, "numbers in the state, or in attention's features", low=8, high=WIDEST)
    embedding: int = setting(128, "numbers that a chord is read as", low=1, high=WIDEST)
    depth: int = setting(1, "stacked layers", low=1, high=DEEPEST)
    dropout: float = setting(0.3, "chance of zeroing a number, against learning by heart", low=0, below=1)
    ahead: int = setting(8, "steps of a given melody that are seen when it is harmonised", low=1, high=64)
    melodies: float = setting(
        0.3,
        "share of the pieces whose melody is told while learning, so that it learns to harmonise",
        low=0,
        high=1,
    )
    transpose: int = setting(
        6, "semitones by which pieces are moved up and down while learning, at most", low=0, high=24
    )
    steps: int = setting(500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(16, "pieces in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.004, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    weight_decay: float = setting(0.01, "pull of the weights towards zero", low=0, high=10)
    clip: float = setting(1.0, "largest norm of the gradient", above=0, high=1e6)
    per_beat: int = setting(1, "time steps of a beat in MIDI files of your own", low=1, high=12)
    held_out: float = setting(
        0.2, "share of the pieces that is unseen, where nobody has split them", low=0.01, high=0.5
    )
    split_seed: int = setting(0, "decides which pieces are unseen", low=0, high=LARGEST_SEED)

    def check_together(self) -> None:
        """Refuse a width that attention's heads cannot share.

        Raises:
            UserError: says of what it must be a multiple.
        """
        check_heads(self.block, self.hidden)

    @property
    def composing(self) -> Composing:
        """How music is written."""
        return Composing(**{field.name: getattr(self, field.name) for field in fields(Composing)})


@dataclass(frozen=True, kw_only=True)
class MusicSplit(Split[NDArray[np.bool_], Any]):
    """Pieces, and how they are counted.

    Attributes:
        kept: pieces that were kept aside from training, to say when to stop.
        per_beat: time steps of a beat.
    """

    kept: Examples[NDArray[np.bool_], Any]
    per_beat: int = 1


class MusicWriting(Task[MusicSettings, NDArray[np.bool_], NDArray[np.bool_]]):
    """A task that composes; it says its data in `pieces`."""

    metric: ClassVar[Metric] = NATS
    says: ClassVar[str] = "it needs **{value}** nats for each chord of {count} unseen {things}"
    says_other: ClassVar[str] = "{name} **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_MUSIC,)
    split_settings: ClassVar[Collection[str] | None] = ("per_beat", "held_out", "split_seed")
    live: ClassVar[int] = 24
    spoilt: ClassVar[int] = 24
    tiny: ClassVar[Mapping[str, Any]] = {
        "steps": 40, "hidden": 48, "embedding": 32, "batch_size": 8, "learning_rate": 0.01,
    }  # fmt: skip

    def pieces(self, source: Source) -> tuple[Mapping[str, Rolls], About]:
        """Parts `train`, `valid` and `test` of one of the task's `sources` by name."""
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: MusicSettings, source: str | None) -> MusicSplit:
        """Whole pieces, split once and for all.

        Raises:
            UserError: there are none, or too few.
        """
        path, per_beat = located(self.sources, source), 1
        if isinstance(path, Source):
            parts, about = self.pieces(path)
        elif (shipped := path / "jsb-chorales-quarter.json").is_file():
            parts = midi.chorales(shipped)
            about = About("chorales by Bach", "chorales", "public domain; Boulanger-Lewandowski et al. 2012")
        else:
            if not path.exists():
                raise unknown(self.sources, str(source))
            found, report = midi.pieces(path, settings.per_beat)
            parts, notes = _divided(found, settings)
            per_beat = settings.per_beat
            about = About(path.name, "pieces", notes=(*report.sentences(), *notes))
        if len(parts["train"]) < LEAST // 2 or not parts["valid"] or not parts["test"]:
            raise UserError(
                f"{path_text(str(source))} is too short to learn from: it needs {LEAST} pieces, or "
                f"{LEAST * PIECE} time steps."
            )
        train, kept, test = ([one[:LONGEST] for one in parts[part]] for part in ("train", "valid", "test"))
        known = {one.tobytes() for one in train}
        test = [one for one in test if one.tobytes() not in known]
        return MusicSplit(
            train=Examples(train), test=Examples(test), about=about, kept=Examples(kept), per_beat=per_beat
        )

    def aside(self, settings: MusicSettings, split: Any) -> Examples[Any, Any]:
        """The pieces that say when to stop."""
        return split.kept

    def prepare(self, settings: MusicSettings, split: Any, *, seed: int, device: torch.device) -> Training:
        """Build the network; pieces kept aside stop it when it begins to learn by heart."""
        meta = {
            "settings": network_of(settings),
            "composing": asdict(settings.composing),
            "per_beat": split.per_beat,
            "data": split.about.name,
        }
        model = ChordNetwork(**meta["settings"]).to(device)
        composer = NetworkComposer(model, settings.composing, split.per_beat)
        kept = split.kept.some(40).inputs

        def validate() -> float:
            return float(np.concatenate(composer.costs(kept)).mean())

        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(),
                    lr=settings.learning_rate,
                    weight_decay=settings.weight_decay,
                    betas=(0.9, 0.99),
                    fused=device.type in ("cpu", "cuda"),
                ),
                lambda costs, there: costs.sum() / there.sum(),
                schedule=warmup_cosine(settings.steps, 0.05),
                clip=settings.clip,
                metrics=lambda costs, there: {NATS.name: costs.sum() / there.sum()},
            ),
            predictor=composer,
            batches=PieceBatches(
                split.train.inputs,
                batch_size=settings.batch_size,
                transpose=settings.transpose,
                told=settings.melodies,
                seed=seed,
                device=device,
            ),
            total=settings.steps,
            stopping=EarlyStopping(validate, every=max(20, settings.steps // LOOKS), patience=PATIENCE),
            # Two threads wait for each other at every time step.
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> NetworkComposer:
        """The network of a checkpoint."""
        model = ChordNetwork(**meta["settings"])
        model.load_state_dict(dict(tensors))
        return NetworkComposer(model.eval(), from_json(Composing(), meta["composing"]), int(meta["per_beat"]))

    def measure(self, predictor: Any, examples: Examples[NDArray[np.bool_], Any]) -> Mapping[str, Scores]:
        """Nats per step of whole pieces, and the rules broken in what is written behind their beginnings."""
        pieces = [np.asarray(one, bool) for one in examples.inputs]
        how = replace(predictor.composing, length=WRITTEN)
        return music_scores(predictor.costs(pieces), predictor.go_on([one[:GIVEN] for one in pieces], how))

    def baselines(self, settings: MusicSettings, split: Any) -> Mapping[str, Composer]:
        """Counts of the last chords in all keys, smoothed."""
        known = split.train.inputs
        return {
            "3-gram of chords": ChordNGram(known, 3, settings.composing, split.per_beat),
            "Markov chain of chords": ChordNGram(known, 2, settings.composing, split.per_beat),
        }


def network_of(settings: MusicSettings) -> dict[str, Any]:
    """The arguments of `ChordNetwork`."""
    names = ("block", "chord", "hidden", "embedding", "depth", "ahead", "dropout")
    return {name: getattr(settings, name) for name in names}


def _divided(
    found: Mapping[str, NDArray[np.bool_]], settings: MusicSettings
) -> tuple[Mapping[str, Rolls], tuple[str, ...]]:
    """Pieces for each part; a few long ones are cut, and the end of each is unseen."""
    size = LONGEST if len(found) >= FEW else PIECE
    parts: dict[str, list[NDArray[np.bool_]]] = {"train": [], "valid": [], "test": []}
    generator = np.random.default_rng(settings.split_seed)
    if len(found) >= FEW:
        names = list(found)
        order = [names[i] for i in generator.permutation(len(names))]
        unseen = max(2, round(settings.held_out * len(order)))
        kept = max(1, unseen // 2)
        for place, name in enumerate(order):
            part = "test" if place < unseen else "valid" if place < unseen + kept else "train"
            parts[part] += _cut(found[name], size)
        return parts, ()
    for piece in found.values():
        some = _cut(piece, size)
        unseen = max(1, round(settings.held_out * len(some)))
        kept = max(1, unseen // 2)
        parts["train"] += some[: len(some) - unseen - kept]
        parts["valid"] += some[len(some) - unseen - kept : len(some) - unseen]
        parts["test"] += some[len(some) - unseen :]
    return parts, (
        f"There are few pieces, so they were cut into parts of {PIECE} steps; the last are unseen.",
    )


def _cut(piece: NDArray[np.bool_], size: int) -> list[NDArray[np.bool_]]:
    some = [piece[begin : begin + size] for begin in range(0, len(piece), size)]
    return [one for one in some if len(one) >= SHORTEST and one.any()]
