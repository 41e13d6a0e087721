"""Text that is learned token by token, so that it can be foreseen and written: what such tasks share."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.compression import Xz
from sandbox.baselines.n_gram import NGram
from sandbox.data import subwords
from sandbox.data.formats import texts
from sandbox.data.passages import divided, passages
from sandbox.data.streams import Streams
from sandbox.data.subwords import Vocabulary
from sandbox.devices import multiplies_bfloat16
from sandbox.errors import UserError
from sandbox.files import path_text
from sandbox.metrics.language import BITS, language_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, from_json, setting
from sandbox.tasks.families.attention_heads import check_heads
from sandbox.tasks.families.language_network import Block, LanguageNetwork, NetworkWriter
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.tasks.writer import Drawing
from sandbox.training.carried_state import CarriedState
from sandbox.training.schedules import warmup_cosine

PASSAGE, SHORTEST, PASSAGES = 2_000, 100, 8
"""Characters of a passage that is tested as one; of the shortest; and how many there are at least."""
LEAST = 2 * SHORTEST * PASSAGES
"""Characters of the shortest text that can be learned from."""
TESTED = 300
"""Passages that are tested, at most."""
ORDER, COUNTED = 5, 5_000_000
"""Characters of a group that the baseline counts, and of the text that it counts them in."""
OWN_TEXT = OwnData(
    "my own text",
    "A text file (.txt or .md, in any encoding), or a folder or zip of them.",
    files=(".txt", ".md", ".zip"),
)


@dataclass(frozen=True, kw_only=True)
class LanguageSettings(Drawing):
    """What can be chosen about a training, and about writing with what was learned."""

    tokens: Literal["characters", "subwords"] = setting(
        "characters", "what is foreseen at each step: a character, or a frequent piece of a word"
    )
    vocabulary: int = setting(1_000, "different subwords, at most", low=100, high=20_000)
    block: Block = setting("lstm", "the network: gates that carry a state on, or attention over a window")
    hidden: int = setting(384, "numbers in the state, or in attention's features", low=8, high=WIDEST)
    embedding: int = setting(64, "numbers that a token is read as", low=1, high=WIDEST)
    groups: int = setting(
        5, "last tokens, at most, of which a group has a vector of its own; 0 for none", low=0, high=16
    )
    depth: int = setting(1, "stacked layers", low=1, high=DEEPEST)
    context: int = setting(
        64, "tokens that the gradient goes back; attention looks no further", low=2, high=4_096
    )
    dropout: float = setting(0.0, "chance of zeroing a number, against learning by heart", low=0, below=1)
    steps: int = setting(900, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(32, "places of the text that are read side by side", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.006, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    weight_decay: float = setting(0.01, "pull of the weights towards zero", low=0, high=10)
    forgotten: float = setting(
        0.06, "chance that the state begins anew with zeros at a step, as a text does", low=0, high=1
    )
    clip: float = setting(1.0, "largest norm of the gradient", above=0, high=1e6)
    precision: Literal["auto", "float32", "bfloat16"] = setting(
        "auto", "numbers to compute with; auto takes bfloat16 where the device multiplies such numbers"
    )
    held_out: float = setting(0.1, "share of the text that is unseen", low=0.01, high=0.5)
    split_seed: int = setting(
        0, "decides which texts are unseen, where there are many", low=0, high=LARGEST_SEED
    )

    def check_together(self) -> None:
        """Refuse a width that attention's heads cannot share.

        Raises:
            UserError: says of what it must be a multiple.
        """
        check_heads(self.block, self.hidden)

    @property
    def drawing(self) -> Drawing:
        """How it writes."""
        return Drawing(**{field.name: getattr(self, field.name) for field in fields(Drawing)})


class LanguageModel(Task[LanguageSettings, str, str]):
    """A task that foresees text; it says its data in `texts`."""

    metric: ClassVar[Metric] = BITS
    says: ClassVar[str] = "each character of {count} unseen {things} costs **{value}** bits"
    says_other: ClassVar[str] = "with {name} **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_TEXT,)
    split_settings: ClassVar[Collection[str] | None] = ("held_out", "split_seed")
    live: ClassVar[int] = 8
    tiny: ClassVar[Mapping[str, Any]] = {
        "steps": 60, "hidden": 32, "context": 32, "batch_size": 16, "length": 80,
    }  # fmt: skip

    def texts(self, source: Source) -> tuple[Mapping[str, str], About]:
        """The texts of one of the task's `sources`, by name.

        Raises:
            UserError: they cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: LanguageSettings, source: str | None) -> Split[str, None]:
        """Passages of texts: whole texts are unseen where there are many, else the end of each.

        Raises:
            UserError: there is no such text, or it is too short.
        """
        path = located(self.sources, source)
        if isinstance(path, Source):
            found, about = self.texts(path)
        else:
            if not path.exists():
                raise unknown(self.sources, str(source))
            found, report = texts.documents(path)
            about = About(path.name, "passages", notes=report.sentences())
        if sum(map(len, found.values())) < LEAST:
            raise UserError(
                f"{path_text(str(source))} is too short to learn from: it needs {LEAST:,} characters."
            )
        found = {name: text.rstrip("\n") + "\n" for name, text in found.items()}  # or words of two texts meet
        train, aside = divided(found, settings.held_out, settings.split_seed)
        size = max(SHORTEST, min(PASSAGE, sum(map(len, aside)) // PASSAGES))
        learned = [passage for text in train for passage in passages(text, PASSAGE)]
        known = set(learned)
        unseen = [one for text in aside for one in passages(text, size) if one not in known]
        test = Examples(unseen).some(TESTED)
        if len(test) < len(unseen):
            note = f"Tested on {len(test):,} of {len(unseen):,} unseen passages, evenly spread."
            about = replace(about, notes=(*about.notes, note))
        return Split(train=Examples(learned), test=test, about=about)

    def prepare(
        self, settings: LanguageSettings, split: Split[str, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the network; it reads the text in several places at the same time, without end."""
        text = "".join(split.train.inputs)
        vocabulary = vocabulary_of(text, settings)
        meta = {
            "settings": network_of(settings),
            "vocabulary": vocabulary.to_json(),
            "data": split.about.name,
        }
        meta["drawing"] = asdict(settings.drawing)
        model = self.network(len(vocabulary), meta["settings"]).to(device)
        tokens = torch.from_numpy(vocabulary.encode(text)).to(device)
        streams = Streams(tokens, rows=settings.batch_size, length=settings.context, seed=seed)
        learner = CarriedState(
            model,
            torch.optim.AdamW(
                model.parameters(),
                lr=settings.learning_rate,
                weight_decay=settings.weight_decay,
                betas=(0.9, 0.99),
                fused=device.type in ("cpu", "cuda"),
            ),
            lambda scores, targets: F.cross_entropy(scores.flatten(0, 1), targets.flatten()),
            schedule=warmup_cosine(settings.steps, 0.05),
            clip=settings.clip,
            begins=streams.begins,
            forgotten=settings.forgotten,
            autocast=in_bfloat16(settings, device),
            metrics=partial(bits, max(1, len(tokens)) / len(text)),
        )
        return Training(
            learner=learner,
            predictor=NetworkWriter(model, vocabulary, settings.drawing),
            batches=streams,
            total=settings.steps,
            # Two threads wait for each other at every time step: four times slower on shared cores.
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def network(self, tokens: int, settings: Mapping[str, Any]) -> LanguageNetwork:
        """What learns, for so many tokens and by what `network_of` gives."""
        return LanguageNetwork(tokens=tokens, **settings)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> NetworkWriter:
        """The network of a checkpoint."""
        vocabulary = Vocabulary.from_json(meta["vocabulary"])
        model = self.network(len(vocabulary), meta["settings"])
        model.load_state_dict(dict(tensors))
        return NetworkWriter(model.eval(), vocabulary, from_json(Drawing(), meta["drawing"]))

    def measure(self, predictor: Any, examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """Bits per character, each passage read from its beginning."""
        return language_scores(predictor.total_bits(examples.inputs), examples.inputs)

    def baselines(self, settings: LanguageSettings, split: Split[str, Any]) -> Mapping[str, Any]:
        """Counts of the last four characters, smoothed; and the compressor xz."""
        text = "".join(split.train.inputs)
        known = text[:COUNTED]
        of = "" if len(known) == len(text) else f" of {COUNTED:,} characters"
        counted = NGram([known], subwords.characters_of(known), ORDER)
        return {f"{ORDER}-gram (Kneser-Ney){of}": counted, "xz, a compressor": Xz([text])}


def vocabulary_of(text: str, settings: LanguageSettings) -> Vocabulary:
    """The tokens that a text is read as."""
    if settings.tokens == "characters":
        return subwords.characters_of(text)
    return subwords.learn(text, settings.vocabulary)


def network_of(settings: LanguageSettings) -> dict[str, Any]:
    """The arguments of `LanguageNetwork` but for the vocabulary."""
    names = ("block", "hidden", "embedding", "groups", "depth", "dropout")
    return {name: getattr(settings, name) for name in names} | {"window": settings.context}


def bits(share: float, scores: Tensor, targets: Tensor) -> dict[str, Tensor]:
    """Bits per character in a minibatch, for the curve.

    Args:
        share: tokens per character.
        scores: (B, T, V) of tokens.
        targets: (B, T), the true ones.
    """
    cost = F.cross_entropy(scores.float().flatten(0, 1), targets.flatten())
    return {BITS.name: share * cost / math.log(2)}


def in_bfloat16(settings: LanguageSettings, device: torch.device) -> bool:
    """Whether to compute in bfloat16."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    return multiplies_bfloat16(device)
