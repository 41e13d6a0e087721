"""Texts into classes: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.tfidf import TfidfSVM
from sandbox.data import labelled_texts
from sandbox.data.labelled_texts import LabelledTexts
from sandbox.data.text_features import TextFeatures, hashed
from sandbox.metrics.classification import ACCURACY, classification_scores
from sandbox.metrics.out_of_scope import out_of_scope_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.text_network import BagBatches, TextClassifier, TextNetwork, input_of
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

OWN_TEXTS = OwnData(
    "my own texts",
    "A CSV file with a column of texts and one of labels, or a JSON file with lists of [text, label].",
    files=(".csv", ".tsv", ".txt", ".json"),
    things="texts",
)


@dataclass(frozen=True, kw_only=True)
class TextSettings:
    """What can be chosen about a training."""

    text_column: str = setting("", "name or number of the column of texts; by default the longest one")
    label_column: str = setting("", "name or number of the column of labels; by default found out")
    split_seed: int = setting(0, "decides which texts are unseen", low=0, high=LARGEST_SEED)
    embedding: int = setting(128, "numbers that each word and piece of a word stands for", low=1, high=WIDEST)
    hidden: tuple[int, ...] = setting(
        (), "sizes of hidden layers behind their sum", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    missing: float = setting(0.3, "chance of leaving out each feature while training", low=0, below=1)
    dropout: float = setting(0.3, "chance of zeroing a number of the sum while training", low=0, below=1)
    steps: int = setting(900, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "texts in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.004, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    label_smoothing: float = setting(
        0.0, "how far below 1 the probability of the right answer is asked to be", low=0, below=1
    )


@dataclass(frozen=True)
class TextExamples(Examples[str, NDArray[np.int64]]):
    """Texts with the numbers of their classes.

    Attributes:
        outside: unseen texts that belong to no class.
    """

    outside: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class TextSplit(Split[str, NDArray[np.int64]]):
    """Texts with their classes.

    Attributes:
        classes: their names.
    """

    classes: tuple[str, ...]


class TextClassification(Task[TextSettings, str, NDArray[np.float32]]):
    """A task that sorts texts into classes; it says its data in `load_named`."""

    metric: ClassVar[Metric] = ACCURACY
    says: ClassVar[str] = "it sorts **{value}** of {count} unseen {things} correctly"
    says_other: ClassVar[str] = "{name} sorts **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_TEXTS,)
    split_settings: ClassVar[Collection[str] | None] = ("text_column", "label_column", "split_seed")
    live: ClassVar[int] = 1_000
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "embedding": 32}

    def load_named(self, settings: TextSettings, source: Source) -> tuple[LabelledTexts, About]:
        """One of the task's `sources` by name.

        Raises:
            UserError: it cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: TextSettings, source: str | None) -> TextSplit:
        """A named set, or a file of texts with labels."""
        path = located(self.sources, source)
        if isinstance(path, Source):
            found, about = self.load_named(settings, path)
        else:
            if not path.exists():
                raise unknown(self.sources, str(source))
            found = labelled_texts.load(
                path, settings.text_column, settings.label_column, settings.split_seed
            )
            about = About(path.name, "texts", notes=found.notes)
        return TextSplit(
            train=Examples(found.train, found.train_labels),
            test=TextExamples(found.test, found.test_labels, found.outside),
            about=about,
            classes=found.classes,
        )

    def prepare(
        self, settings: TextSettings, split: Split[str, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Find the features of the training texts, and build the network."""
        assert isinstance(split, TextSplit)
        counts = hashed(split.train.inputs)
        features = TextFeatures.of(counts)
        meta = {
            "features": len(features.known),
            "classes": split.classes,
            "settings": network_of(settings),
            "data": split.about.name,
        }
        model = TextNetwork(meta["features"], len(split.classes), **meta["settings"])
        model.known.copy_(torch.from_numpy(features.known))
        model.weights.copy_(torch.from_numpy(features.weights))
        model.to(device)
        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(), lr=settings.learning_rate, fused=device.type in ("cpu", "cuda")
                ),
                lambda scores, labels: F.cross_entropy(
                    scores, labels, label_smoothing=settings.label_smoothing
                ),
                schedule=warmup_cosine(settings.steps),
                metrics=lambda scores, labels: {"accuracy": (scores.argmax(1) == labels).float().mean()},
            ),
            predictor=TextClassifier(model, split.classes),
            batches=BagBatches(
                features.bags(counts),
                len(features.known),
                split.train.targets,
                batch_size=settings.batch_size,
                seed=seed,
                device=device,
            ),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> TextClassifier:
        """The network of a checkpoint."""
        model = TextNetwork(int(meta["features"]), len(meta["classes"]), **meta["settings"])
        model.load_state_dict(dict(tensors))
        return TextClassifier(model.eval(), meta["classes"])

    def measure(self, predictor: Predictor[str, Any], examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """See `classification_scores`; and `out_of_scope_scores` where there are texts of no class."""
        inside = np.asarray(predictor.predict(examples.inputs))
        found: dict[str, Scores] = classification_scores(inside, np.asarray(examples.targets))
        if outside := getattr(examples, "outside", ()):
            found |= out_of_scope_scores(inside, np.asarray(predictor.predict(outside)))
        return found

    def baselines(self, settings: TextSettings, split: Split[str, Any]) -> Mapping[str, Predictor[str, Any]]:
        """A linear support vector machine over the same features."""
        assert isinstance(split, TextSplit)
        return {
            "tf-idf + linear SVM": TfidfSVM(
                split.train.inputs, split.train.targets, split.classes, input_of()
            )
        }


def network_of(settings: TextSettings) -> dict[str, Any]:
    """The arguments of `TextNetwork` that are settings."""
    known = asdict(settings)
    return {name: known[name] for name in ("embedding", "hidden", "missing", "dropout")}
