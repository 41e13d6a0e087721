"""Sentences into another language: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.nearest_sentence import NearestSentence
from sandbox.baselines.word_by_word import WordByWord
from sandbox.data import sentence_pairs, subwords
from sandbox.data.sentence_pairs import SentencePairs
from sandbox.data.subwords import Vocabulary
from sandbox.metrics.scores import Metric, Scores
from sandbox.metrics.translation import CHRF, translation_scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.translation_network import (
    PADDING,
    SPECIAL,
    PairBatches,
    TranslationNetwork,
    Translator,
    encoded,
)
from sandbox.tasks.inputs.text import Text
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

OWN_PAIRS = OwnData(
    "my own pairs",
    "A text file with a sentence, a tab and its translation in each line.",
    files=(".tsv", ".txt"),
    things="pairs",
)


@dataclass(frozen=True, kw_only=True)
class TranslationSettings:
    """What can be chosen about a training, and about translating with what was learned."""

    vocabulary: int = setting(
        200, "different pieces of words, at most, of both languages", low=50, high=20_000
    )
    hidden: int = setting(128, "numbers in each state; an odd one is rounded down", low=8, high=WIDEST)
    embedding: int = setting(64, "numbers that a piece is read as", low=1, high=WIDEST)
    dropout: float = setting(0.1, "chance of zeroing a number, against learning by heart", low=0, below=1)
    label_smoothing: float = setting(
        0.0, "how far below 1 the probability of the right answer is asked to be", low=0, below=1
    )
    steps: int = setting(900, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "pairs in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.005, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    clip: float = setting(1.0, "largest norm of the gradient", above=0, high=1e6)
    beam: int = setting(4, "beginnings that are kept while it searches for a translation", low=1, high=50)
    backwards: bool = setting(False, "translate the second column of own pairs into the first")
    split_seed: int = setting(0, "decides which pairs are unseen", low=0, high=LARGEST_SEED)


class SentenceTranslation(Task[TranslationSettings, str, str]):
    """A task that translates; it says its data in `load_named`."""

    metric: ClassVar[Metric] = CHRF
    says: ClassVar[str] = "its translations of {count} unseen {things} score **{value}** chrF of 100"
    says_other: ClassVar[str] = "{name} **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_PAIRS,)
    split_settings: ClassVar[Collection[str] | None] = ("backwards", "split_seed")
    live: ClassVar[int] = 100
    spoilt: ClassVar[int] = 200
    tiny: ClassVar[Mapping[str, Any]] = {
        "steps": 60,
        "hidden": 32,
        "embedding": 32,
        "beam": 1,
        "learning_rate": 0.01,
    }
    example: ClassVar[str] = "Good morning."

    def load_named(self, settings: Any, source: Source) -> tuple[SentencePairs, About]:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(
        self, settings: TranslationSettings, source: str | None
    ) -> Split[str, Sequence[tuple[str, ...]]]:
        """A named set, or a file of pairs; a target is all known translations of a sentence."""
        path = located(self.sources, source)
        if isinstance(path, Source):
            found, about = self.load_named(settings, path)
        else:
            if path.is_dir():  # of a public set
                path = next(iter(sorted(path.glob("*.txt"))), path)
            if not path.is_file():
                raise unknown(self.sources, str(source))
            found = sentence_pairs.load(path, settings.split_seed, settings.backwards)
            about = About(path.name, "sentences", notes=found.notes)
        return Split(train=_examples(found.train), test=_examples(found.test), about=about)

    def prepare(
        self, settings: TranslationSettings, split: Split[str, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Find the pieces of both languages, and build the network."""
        pairs = pairs_of(split)
        vocabulary = subwords.learn("\n".join(text for pair in pairs for text in pair), settings.vocabulary)
        meta = {
            "settings": network_of(settings),
            "vocabulary": vocabulary.to_json(),
            "beam": settings.beam,
            "data": split.about.name,
        }
        model = TranslationNetwork(len(vocabulary), **meta["settings"]).to(device)
        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(), lr=settings.learning_rate, fused=device.type in ("cpu", "cuda")
                ),
                lambda scores, wanted: F.cross_entropy(
                    scores.flatten(0, 1),
                    wanted.flatten(),
                    ignore_index=PADDING,
                    label_smoothing=settings.label_smoothing,
                ),
                schedule=warmup_cosine(settings.steps),
                clip=settings.clip,
            ),
            predictor=Translator(model, vocabulary, settings.beam, self.read_as()),
            batches=PairBatches(
                [encoded(vocabulary, source) or [SPECIAL] for source, _ in pairs],
                [encoded(vocabulary, target) for _, target in pairs],
                batch_size=settings.batch_size,
                seed=seed,
                device=device,
            ),
            total=settings.steps,
            # Two threads wait for each other at every time step.
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Translator:
        """The network of a checkpoint."""
        vocabulary = Vocabulary.from_json(meta["vocabulary"])
        model = TranslationNetwork(len(vocabulary), **meta["settings"])
        model.load_state_dict(dict(tensors))
        return Translator(model.eval(), vocabulary, int(meta["beam"]), self.read_as())

    def measure(self, predictor: Predictor[str, str], examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """See `translation_scores`."""
        return translation_scores(list(predictor.predict(examples.inputs)), examples.targets)

    def baselines(
        self, settings: TranslationSettings, split: Split[str, Any]
    ) -> Mapping[str, Predictor[str, str]]:
        """A learned dictionary, and the translation of the most similar known sentence."""
        pairs = pairs_of(split)
        return {
            "word-by-word dictionary (IBM model 1)": WordByWord(pairs, self.read_as()),
            "nearest sentence": NearestSentence(pairs, self.read_as()),
        }

    def read_as(self) -> Text:
        """How a sentence is read."""
        return Text(prompt="A text to translate; each line is a sentence.", example=self.example)


def pairs_of(split: Split[str, Any]) -> list[tuple[str, str]]:
    """Each sentence that is learned from with each of its translations."""
    return [
        (source, target)
        for source, targets in zip(split.train.inputs, split.train.targets, strict=True)
        for target in targets
    ]


def network_of(settings: TranslationSettings) -> dict[str, Any]:
    """The arguments of `TranslationNetwork` but for the vocabulary."""
    return {
        "hidden": settings.hidden // 2 * 2,
        "embedding": settings.embedding,
        "dropout": settings.dropout,
    }


def _examples(pairs: Sequence[tuple[str, tuple[str, ...]]]) -> Examples[str, Any]:
    return Examples([source for source, _ in pairs], [targets for _, targets in pairs])
