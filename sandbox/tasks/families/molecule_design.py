"""Molecules that are designed to order: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox import chemistry
from sandbox.data import subwords
from sandbox.data.formats import smiles
from sandbox.data.formats.smiles import Molecules
from sandbox.data.subwords import Vocabulary
from sandbox.errors import UserError
from sandbox.files import path_text
from sandbox.metrics.molecules import NEAR, ORDERED, design_scores, valid
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import MOST_EXAMPLES, from_json, setting
from sandbox.tasks.families.closing_rules import ClosingRules
from sandbox.tasks.families.language_model import ORDER, LanguageModel, LanguageSettings
from sandbox.tasks.families.molecule_writer import (
    TRIES,
    WRITTEN,
    CountedLetters,
    MoleculeWriter,
    Orders,
    RandomEdits,
    lines_of,
)
from sandbox.tasks.families.ordered_network import OrderedNetwork
from sandbox.tasks.source import OwnData, Source, located, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Training
from sandbox.tasks.writer import Drawing

LEAST, MOST_TESTED = 200, 10_000
"""Molecules to learn from, and orders of one measurement at most."""
FREE = 0.15
"""Share of the training molecules whose order leaves a property open."""
OWN_MOLECULES = OwnData(
    "my own molecules",
    "A file with a SMILES in each line (.smi or .txt), or a table (.csv) with a column of them.",
    files=smiles.ENDINGS,
    things="molecules",
)


@dataclass(frozen=True, kw_only=True)
class DesignSettings(LanguageSettings):
    """What can be chosen about a training, and about designing with what was learned."""

    designs: int = setting(1_000, "molecules that are designed for the figures", low=1, high=MOST_EXAMPLES)
    tries: int = setting(
        WRITTEN,
        "texts for each design; the molecule that leaves least of its order open is taken",
        low=1,
        high=TRIES,
    )
    spelling: Literal["aromatic", "kekule"] = setting(
        "aromatic", "how rings are written: with letters for aromatic atoms, or with every double bond"
    )
    closing_rules: bool = setting(
        False, "forbid letters after which a text cannot end as a molecule: brackets, rings, too many bonds"
    )

    def check_together(self) -> None:
        """Refuse pieces of words, which would join an order with its molecule.

        Raises:
            UserError: says so.
        """
        super().check_together()
        if self.tokens != "characters":
            raise UserError("tokens must be characters: molecules are written letter by letter.")


@dataclass(frozen=True)
class DesignExamples(Examples[str, NDArray[np.float64]]):
    """Unseen molecules with their properties, which are what is ordered.

    Attributes:
        known: the training molecules, which are not new.
        again: designs for each order.
        free: whether texts that nobody orders are judged as well.
    """

    known: frozenset[str] = frozenset()
    again: int = 1
    free: bool = True

    def some(self, most: int) -> "DesignExamples":
        """At most so many, without texts that nobody orders: figures while it learns are to be quick."""
        return replace(cast(DesignExamples, super().some(most)), free=False)


class MoleculeDesign(LanguageModel):
    """A task that writes molecules; it says its data in `molecules`."""

    metric: ClassVar[Metric] = ORDERED
    says: ClassVar[str] = "**{value}** of its designs for {count} orders are new molecules as ordered"
    says_other: ClassVar[str] = "{name}: **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_MOLECULES,)
    split_settings: ClassVar[Collection[str] | None] = ("held_out", "split_seed", "designs")
    live: ClassVar[int] = 200
    spoilt: ClassVar[int] = 200
    tiny: ClassVar[Mapping[str, Any]] = {
        "steps": 350, "hidden": 64, "context": 48, "batch_size": 32, "learning_rate": 0.012,
        "designs": 200, "held_out": 0.02, "temperature": 0.4,
    }  # fmt: skip

    def molecules(self, source: Source) -> tuple[Molecules, About]:
        """The molecules of one of the task's `sources`."""
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: Any, source: str | None) -> Split[str, Any]:
        """Different molecules, a share of them unseen.

        Raises:
            UserError: there are none, or too few.
        """
        path = located(self.sources, source)
        if isinstance(path, Source):
            found, about = self.molecules(path)
        else:
            if not path.exists():
                raise unknown(self.sources, str(source))
            found = smiles.read(path)
            about = About(path.name, "molecules", notes=found.notes)
        if len(found.smiles) < LEAST:
            raise UserError(f"{path_text(str(source))} has too few molecules; {LEAST} are needed.")
        order = np.random.default_rng(settings.split_seed).permutation(len(found.smiles))
        cut = max(8, round(settings.held_out * len(order)))
        unseen, learned = ([found.smiles[i] for i in part] for part in (order[:cut], order[cut:]))
        again = -(-min(settings.designs, MOST_TESTED) // len(unseen))
        return Split(
            train=Examples(learned),
            test=DesignExamples(unseen, _properties(unseen), frozenset(learned), again),
            about=about,
        )

    def prepare(self, settings: Any, split: Split[str, Any], *, seed: int, device: torch.device) -> Training:
        """Write each molecule's order before it, and learn the text as `LanguageModel` does."""
        texts, lines, orders = _lines(settings, split)
        training = super().prepare(settings, replace(split, train=Examples(lines)), seed=seed, device=device)
        writer: Any = training.predictor
        orders.tell(writer.model, writer.vocabulary)
        writer.model.fit(
            [writer.vocabulary.encode(one) for one in texts], _properties(split.train.inputs) / NEAR
        )
        rules = ClosingRules.of(texts) if settings.closing_rules else None
        return replace(
            training,
            predictor=MoleculeWriter(
                writer.model, writer.vocabulary, settings.drawing, orders, settings.tries, rules
            ),
            meta={
                **training.meta,
                "levels": orders.levels,
                "tries": settings.tries,
                "bonds": rules.most if rules else None,
            },
        )

    def network(self, tokens: int, settings: Mapping[str, Any]) -> OrderedNetwork:
        """See `LanguageModel.network`."""
        return OrderedNetwork(tokens, **settings)

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> MoleculeWriter:
        """The network of a checkpoint."""
        vocabulary = Vocabulary.from_json(meta["vocabulary"])
        model = self.network(len(vocabulary), meta["settings"])
        model.load_state_dict(dict(tensors))
        oily, large = meta["levels"]
        drawing, orders = from_json(Drawing(), meta["drawing"]), Orders((tuple(oily), tuple(large)))
        rules = ClosingRules(meta["bonds"]) if meta.get("bonds") else None
        return MoleculeWriter(model.eval(), vocabulary, drawing, orders, int(meta["tries"]), rules)

    def measure(self, predictor: Any, examples: Examples[str, Any]) -> Mapping[str, Scores]:
        """See `design_scores`; of a network also how many texts are valid at their first writing.

        That is `valid_at_once`, as it writes; with closing rules also `valid_without_rules`. Those of as many
        texts that nobody orders, each written once without rules, are `free_valid` and so on; they are left
        out where only some of the examples are measured, as for the curve.
        """
        assert isinstance(examples, DesignExamples)
        designs = [
            one for again in range(examples.again) for one in predictor.predict(examples.inputs, again)
        ]
        found = design_scores(designs, np.tile(examples.targets, (examples.again, 1)), examples.known)
        if isinstance(predictor, MoleculeWriter):
            found["valid_at_once"] = valid(predictor.once(predictor.rules).predict(examples.inputs))
            if predictor.rules:
                found["valid_without_rules"] = valid(predictor.once(None).predict(examples.inputs))
            if examples.free:
                anything = np.full((len(designs), 2), np.nan)
                free = predictor.once(None).design(anything, range(len(designs)))
                scores = design_scores(free, anything, examples.known)
                found |= {f"free_{name}": scores[name] for name in ("valid", "unique", "new")}
        return found

    def baselines(self, settings: Any, split: Split[str, Any]) -> Mapping[str, Any]:
        """Edits of training molecules that are as ordered; and counts of the last letters, smoothed."""
        texts, lines, orders = _lines(settings, split)
        vocabulary = subwords.characters_of("".join(lines))
        known = split.train.inputs
        rules = ClosingRules.of(texts) if settings.closing_rules else None
        return {
            "random valid edits": RandomEdits(known, _properties(known)),
            f"{ORDER}-gram (Kneser-Ney){', closing rules' if rules else ''}": CountedLetters(
                lines, vocabulary, ORDER, orders, rules
            ),
        }


def _properties(molecules: Sequence[str]) -> NDArray[np.float64]:
    return np.array([chemistry.properties_of(one) for one in molecules])


def _lines(settings: Any, split: Split[str, Any]) -> tuple[Sequence[str], list[str], Orders]:
    """The training molecules as they are spelled, the same behind their orders, and the orders."""
    known = split.train.inputs
    texts = [chemistry.kekule(one) for one in known] if settings.spelling == "kekule" else known
    properties = _properties(known)
    orders = Orders.of(properties)
    return texts, lines_of(texts, properties, orders, FREE, settings.split_seed), orders
