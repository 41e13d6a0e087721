"""DNA into two classes by the motifs in it: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.baselines.logistic import Logistic
from sandbox.baselines.motif_scan import MotifScan, word_counts
from sandbox.data import dna
from sandbox.data.batches import ShuffledBatches
from sandbox.data.formats import fasta
from sandbox.data.formats.folders import paths_in
from sandbox.errors import UserError
from sandbox.files import path_text
from sandbox.metrics.classification import classification_scores
from sandbox.metrics.motif import motif_match
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import DEEPEST, LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.motif_network import MotifClassifier, MotifNetwork
from sandbox.tasks.inputs.dna import Dna
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

AUC = Metric(
    "auc",
    "AUROC",
    digits=3,
    help="How often a sequence with the motif is held more probable than one without; 0.5 is chance.",
)
HELD_OUT, LEAST = 0.25, 8
"""Share of one's own sequences that is unseen, and how many of a class are needed."""
WORD, FEW = 6, 20_000
"""Letters of the words that the baseline counts; one fewer where there are more sequences than `FEW`."""
OWN_DNA = OwnData(
    "my own DNA",
    "A FASTA file, which is told from its own shuffled letters; or a zip or folder of two FASTA files, a "
    "class each.",
    files=(*fasta.ENDINGS, ".zip"),
    things="sequences",
)


@dataclass(frozen=True, kw_only=True)
class DnaSettings:
    """What can be chosen about a training."""

    split_seed: int = setting(
        0, "decides which sequences are unseen, and the motif", low=0, high=LARGEST_SEED
    )
    filters: int = setting(16, "patterns that the network looks for", low=1, high=WIDEST)
    width: int = setting(14, "letters of a pattern", low=2, high=100)
    hidden: tuple[int, ...] = setting(
        (), "sizes of hidden layers behind them", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    dropout: float = setting(0.1, "chance of leaving out a pattern while training", low=0, below=1)
    steps: int = setting(1_000, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "sequences in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.01, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    weight_decay: float = setting(0.05, "pull of the weights towards zero", low=0, high=10)


@dataclass(frozen=True)
class DnaExamples(Examples[str, NDArray[np.int64]]):
    """Sequences with the numbers of their classes.

    Attributes:
        motif: the position weight matrix (W, 4) that the second class holds; None where nobody knows it.
    """

    motif: Float[np.ndarray, "W 4"] | None = None


@dataclass(frozen=True, kw_only=True)
class DnaSplit(Split[str, NDArray[np.int64]]):
    """Sequences with their classes.

    Attributes:
        classes: names of the two.
    """

    classes: tuple[str, ...]


class DnaClassification(Task[Any, str, NDArray[np.float32]]):
    """A task that sorts DNA into two classes; it says its data in `load_named`."""

    metric: ClassVar[Metric] = AUC
    says: ClassVar[str] = "its AUROC on {count} unseen {things} is **{value}**"
    says_other: ClassVar[str] = "{name} has **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_DNA,)
    split_settings: ClassVar[Collection[str] | None] = ("split_seed",)
    live: ClassVar[int] = 1_000
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 200}

    def load_named(self, settings: Any, source: Source) -> DnaSplit:
        """One of the task's `sources` by name."""
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: Any, source: str | None) -> DnaSplit:
        """A named set, or FASTA files."""
        path = located(self.sources, source)
        if isinstance(path, Source):
            return self.load_named(settings, path)
        if not path.exists():
            raise unknown(self.sources, str(source))
        return own(path, settings.split_seed)

    def prepare(self, settings: Any, split: Split[str, Any], *, seed: int, device: torch.device) -> Training:
        """Build the network; it learns with AdamW and cross-entropy."""
        assert isinstance(split, DnaSplit)
        meta = {"settings": network_of(settings), "classes": split.classes, "data": split.about.name}
        model = MotifNetwork(**meta["settings"], classes=len(split.classes)).to(device)
        predictor = MotifClassifier(model, split.classes)
        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
                ),
                F.cross_entropy,
                schedule=warmup_cosine(settings.steps),
                metrics=lambda scores, labels: {"accuracy": (scores.argmax(1) == labels).float().mean()},
            ),
            predictor=predictor,
            batches=ShuffledBatches(
                predictor.encoded(split.train.inputs).to(device),
                torch.from_numpy(split.train.targets).to(device),
                batch_size=settings.batch_size,
                seed=seed,
            ),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> MotifClassifier:
        """The network of a checkpoint."""
        model = MotifNetwork(**meta["settings"], classes=len(meta["classes"]))
        model.load_state_dict(dict(tensors))
        return MotifClassifier(model.eval(), meta["classes"])

    def measure(self, predictor: Any, examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """See `classification_scores`; and `motif_match` of what finds motifs, where the motif is known."""
        answers = np.asarray(predictor.predict(examples.inputs))
        found: dict[str, Scores] = classification_scores(answers, np.asarray(examples.targets))
        known = getattr(examples, "motif", None)
        if known is not None and hasattr(predictor, "sites"):
            found["motif_match"] = motif_match(predictor.sites(examples.inputs), known, len(examples))
        return found

    def baselines(self, settings: Any, split: Split[str, Any]) -> Mapping[str, Predictor[str, Any]]:
        """A motif found by counting; and logistic regression of how often each word occurs."""
        assert isinstance(split, DnaSplit)
        input, output = Dna(), Probabilities(split.classes)
        size = WORD if len(split.train) <= FEW else WORD - 1
        known = split.train.inputs, split.train.targets
        return {
            "scan of a counted motif": MotifScan(*known, input, output),
            f"words of {size} + logistic regression": Logistic(
                word_counts(known[0], size), known[1], input, output, lambda some: word_counts(some, size),
                penalty=1_000.0,
            ),
        }  # fmt: skip


def network_of(settings: Any) -> dict[str, Any]:
    """The arguments of `MotifNetwork` that are settings."""
    return {name: getattr(settings, name) for name in ("filters", "width", "hidden", "dropout")}


def own(path: Path, seed: int) -> DnaSplit:
    """One FASTA file beside its own shuffled letters, or two of them; a quarter of each is unseen.

    Raises:
        UserError: there are more than two, or too few sequences.
    """
    files = [path] if path.is_file() else [Path(one) for one in paths_in(path)]
    files = sorted(one for one in files if path.is_file() or one.suffix.lower() in fasta.ENDINGS)
    said = path_text(path)
    if not 1 <= len(files) <= 2:
        raise UserError(f"{said} holds {len(files)} FASTA files; one is needed, or two, a class each.")
    generator = np.random.default_rng(seed)
    groups, notes = [], []
    for file in files:
        read = list(fasta.read(file).values())
        known = list(dict.fromkeys(read))
        if len(known) < len(read):
            notes.append(f"{len(read) - len(known):,} sequences of {path_text(file.name)} occur twice.")
        if len(known) < LEAST:
            raise UserError(f"{path_text(file)} has {len(known)} different sequences; {LEAST} are needed.")
        order = [known[i] for i in generator.permutation(len(known))]
        cut = max(2, round(HELD_OUT * len(order)))
        groups.append((order[cut:], order[:cut]))
    if len(groups) == 1:
        groups.insert(0, tuple([dna.shuffled(one, generator) for one in part] for part in groups[0]))
        classes = ("shuffled", files[0].stem[:40])
        notes.append("The other class are the same sequences shuffled, with all pairs of letters kept.")
    else:
        classes = (files[0].stem[:40], files[1].stem[:40])
    first = set(groups[0][0]) | set(groups[1][0])
    parts = []
    for part in (0, 1):
        kept = [[one for one in group[part] if not part or one not in first] for group in groups]
        labels = np.repeat([0, 1], [len(kept[0]), len(kept[1])]).astype(np.int64)
        mixed = generator.permutation(len(labels))
        every = [*kept[0], *kept[1]]
        parts.append(DnaExamples([every[i] for i in mixed], labels[mixed]))
    about = About(path.name, "sequences", notes=tuple(notes))
    return DnaSplit(train=parts[0], test=parts[1], about=about, classes=classes)
