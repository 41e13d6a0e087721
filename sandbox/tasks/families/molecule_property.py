"""Properties of molecules, numbers or two classes: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox import chemistry
from sandbox.baselines.fingerprint_forest import FingerprintForest
from sandbox.data.formats import smiles
from sandbox.data.formats.smiles import Molecules
from sandbox.errors import UserError
from sandbox.files import path_text
from sandbox.metrics.classification import classification_scores
from sandbox.metrics.regression import RMSE, regression_scores
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.molecule_network import (
    GraphBatches,
    MessagePassing,
    MoleculePredictor,
    Target,
    output_of,
)
from sandbox.tasks.inputs.smiles import Smiles
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.averaging import Averaged
from sandbox.training.schedules import warmup_cosine

LEAST = 30
"""Molecules that a set needs."""
OWN_PROPERTIES = OwnData(
    "my own molecules",
    "A table (.csv) with a column of SMILES and one of the property, by default the last that fits.",
    files=(".csv", ".tsv"),
    things="molecules",
)


@dataclass(frozen=True, kw_only=True)
class PropertySettings:
    """What can be chosen about a training."""

    target: str = setting("", "the column with the property, by its name; found out if empty")
    split: Literal["scaffold", "random"] = setting(
        "scaffold", "unseen molecules: of other ring systems than the learned ones, or drawn at random"
    )
    held_out: float = setting(0.2, "share of the molecules that is unseen", low=0.02, high=0.5)
    split_seed: int = setting(0, "decides which molecules are unseen", low=0, high=LARGEST_SEED)
    hidden: int = setting(128, "numbers that are known of an atom", low=4, high=WIDEST)
    rounds: int = setting(4, "how often atoms hear of their neighbours", low=1, high=12)
    dropout: float = setting(0.1, "chance of zeroing a number while training", low=0, below=1)
    descriptors: bool = setting(
        False, "let logP, weight, polar surface and five more numbers of the whole molecule add to the answer"
    )
    steps: int = setting(1_000, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "molecules in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(
        0.002, "largest step size of AdamW; it falls along a cosine", above=0, high=10
    )
    weight_decay: float = setting(0.01, "pull of the weights towards zero", low=0, high=10)
    average: float = setting(
        0.98,
        "the answers come from a running mean of the weights; the share of it that each step keeps",
        low=0,
        below=1,
    )


@dataclass(frozen=True)
class Labelled:
    """Molecules with a property.

    Attributes:
        smiles: canonical, different.
        values: (N,), numbers or classes.
        name: of the property.
        classes: names of the two classes; none for a number.
    """

    smiles: Sequence[str]
    values: NDArray[Any]
    name: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PropertySplit(Split[str, NDArray[Any]]):
    """Molecules with a property.

    Attributes:
        target: what it is.
    """

    target: Target


class MoleculeProperty(Task[Any, str, NDArray[np.float32]]):
    """A task that tells a property of molecules; it says its data in `load_named` and `of_table`."""

    metric: ClassVar[Metric] = RMSE
    says: ClassVar[str] = "on {count} unseen {things} it is wrong by **{value}** (RMSE)"
    says_other: ClassVar[str] = "{name} by **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_PROPERTIES,)
    split_settings: ClassVar[Collection[str] | None] = ("target", "split", "held_out", "split_seed")
    live: ClassVar[int] = 300
    spoilt: ClassVar[int] = 200
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "hidden": 32, "rounds": 2}

    def load_named(self, settings: Any, source: Source) -> tuple[Labelled, About]:
        """One of the task's `sources` by name."""
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def of_table(self, found: Molecules, column: str) -> Labelled:
        """The property of molecules of a file; the column is found out if it is empty."""
        raise NotImplementedError

    def load(self, settings: Any, source: str | None) -> PropertySplit:
        """A named set, or a table of molecules."""
        path = located(self.sources, source)
        if isinstance(path, Source):
            labelled, about = self.load_named(settings, path)
        else:
            if not path.exists():
                raise unknown(self.sources, str(source))
            found = smiles.read(path)
            labelled = self.of_table(found, settings.target)
            about = About(path.name, "molecules", notes=found.notes)
        if len(labelled.smiles) < LEAST:
            raise UserError(
                f"{path_text(str(source))} has {len(labelled.smiles)} molecules with {labelled.name!r}; "
                f"{LEAST} are needed."
            )
        learned, unseen = parted(labelled.smiles, settings)
        values = np.asarray(labelled.values)
        mean, scale = (0.0, 1.0) if labelled.classes else (values[learned].mean(), values[learned].std())
        target = Target(labelled.name, labelled.classes, float(mean), float(scale) or 1.0)
        return PropertySplit(
            train=Examples([labelled.smiles[i] for i in learned], values[learned]),
            test=Examples([labelled.smiles[i] for i in unseen], values[unseen]),
            about=replace(about, notes=(*about.notes, _said(settings))),
            target=target,
        )

    def prepare(self, settings: Any, split: Split[str, Any], *, seed: int, device: torch.device) -> Training:
        """Build the network; it learns with AdamW, and the mean of its last weights answers."""
        assert isinstance(split, PropertySplit)
        meta = {"settings": network_of(settings), "target": asdict(split.target), "data": split.about.name}
        model = MessagePassing(**meta["settings"]).to(device)
        values = torch.from_numpy(np.asarray(split.train.targets, np.float32))
        if split.target.classes:
            loss: Any = F.binary_cross_entropy_with_logits
        else:
            values, loss = (values - split.target.mean) / split.target.scale, F.mse_loss
        learner = Averaged(
            model,
            torch.optim.AdamW(
                model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
            ),
            loss,
            schedule=warmup_cosine(settings.steps),
            clip=5.0,
            decay=settings.average,
        )
        return Training(
            learner=learner,
            predictor=MoleculePredictor(cast(MessagePassing, learner.averaged), split.target),
            batches=GraphBatches(
                split.train.inputs, values, batch_size=settings.batch_size, seed=seed, device=device
            ),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> MoleculePredictor:
        """The network of a checkpoint."""
        model = MessagePassing(**meta["settings"])
        model.load_state_dict(dict(tensors))
        target = Target(**{**meta["target"], "classes": tuple(meta["target"]["classes"])})
        return MoleculePredictor(model.eval(), target)

    def measure(self, predictor: Predictor[str, Any], examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """See `classification_scores` and `regression_scores`."""
        answers, targets = np.asarray(predictor.predict(examples.inputs)), np.asarray(examples.targets)
        if answers.shape[1] == 2:
            return classification_scores(answers, targets)
        return regression_scores(answers[:, 0], targets)

    def baselines(self, settings: Any, split: Split[str, Any]) -> Mapping[str, Predictor[str, Any]]:
        """Random forests over Morgan fingerprints; the first sees descriptors too where the network does."""
        assert isinstance(split, PropertySplit)
        known = split.train.inputs, split.train.targets, Smiles(), output_of(split.target)
        plain = {"random forest on fingerprints": FingerprintForest(*known)}
        if not settings.descriptors:
            return plain
        return {"random forest on fingerprints and descriptors": FingerprintForest(*known, True), **plain}


def network_of(settings: Any) -> dict[str, Any]:
    """The arguments of `MessagePassing`."""
    return {name: getattr(settings, name) for name in ("hidden", "rounds", "dropout", "descriptors")}


def parted(molecules: Sequence[str], settings: Any) -> tuple[list[int], list[int]]:
    """Places of the molecules to learn from and of unseen ones.

    By scaffold, all molecules with the same rings (Bemis & Murcko 1996) are on one side: groups in random
    order, those larger than half the unseen part are learned from. Yang et al. 2019, `scaffold_balanced` of
    chemprop.
    """
    generator = np.random.default_rng(settings.split_seed)
    wanted = max(2, round(settings.held_out * len(molecules)))
    if settings.split == "random":
        order = generator.permutation(len(molecules)).tolist()
        return sorted(order[wanted:]), sorted(order[:wanted])
    groups: dict[str, list[int]] = {}
    for i, one in enumerate(molecules):
        groups.setdefault(chemistry.scaffold(one), []).append(i)
    small = [group for group in groups.values() if 2 * len(group) <= wanted]
    unseen: list[int] = []
    for i in generator.permutation(len(small)):
        if len(unseen) + len(small[i]) <= wanted:
            unseen += small[i]
    if len(unseen) < 2:
        raise UserError("These molecules have too few different scaffolds; take split random.")
    aside = set(unseen)
    return [i for i in range(len(molecules)) if i not in aside], sorted(unseen)


def _said(settings: Any) -> str:
    if settings.split == "random":
        return "Unseen molecules are drawn at random; near relatives of them are learned from."
    return (
        "Unseen molecules have other scaffolds (Bemis-Murcko) than the learned ones, drawn in random order."
    )
