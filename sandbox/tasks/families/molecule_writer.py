"""What designs molecules: a language model of SMILES, counted letters, or edits of known molecules."""

import zlib
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox import chemistry
from sandbox.baselines.n_gram import NGram
from sandbox.data.subwords import Vocabulary
from sandbox.metrics.molecules import NEAR
from sandbox.tasks.families.closing_rules import ClosingRules, Masks
from sandbox.tasks.families.language_network import NetworkWriter
from sandbox.tasks.families.ordered_network import OrderedNetwork
from sandbox.tasks.inputs.smiles import Smiles
from sandbox.tasks.outputs.molecule import Molecule
from sandbox.tasks.predictor import evaluating
from sandbox.tasks.writer import Drawing

LONGEST, SIDE_BY_SIDE = 120, 1_000
"""Characters of a design, and designs that are written at the same time."""
TRIES, WRITTEN = 20, 8
"""Edits at most, and texts of the network, of which rdkit is asked for each design if they are valid."""
STEPS, LEVELS = (0.25, 1.0), 48
"""From one level of logP and of heavy atoms to the next, and levels of each at most."""
MARKS, ANY = tuple("".join(chr(first + i) for i in range(LEVELS)) for first in (0x2460, 0x2490)), "○"
"""Letters that say the level of logP and of size, and that it does not matter."""
NEAREST = 32
"""Training molecules, the nearest to an order, of which edits change one."""
Levels = tuple[tuple[float, ...], tuple[float, ...]]
PROMPT = "A molecule. The design shall be as oily and as large."


class Orders:
    """Says properties in two letters, which stand before a molecule's SMILES.

    Args:
        levels: of logP and of heavy atoms, that a letter each stands for, in order.
    """

    def __init__(self, levels: Levels) -> None:
        self.levels = levels

    @classmethod
    def of(cls, properties: Float[np.ndarray, "N 2"]) -> "Orders":
        """Levels at which there are molecules with these properties."""
        first, second = (_levels(column, step) for column, step in zip(properties.T, STEPS, strict=True))
        return cls((first, second))

    def text(self, properties: Sequence[float]) -> str:
        """The two letters of the nearest levels of logP and heavy atoms; NaN is one that does not matter."""
        return "".join(
            ANY if np.isnan(value) else marks[int(np.abs(np.asarray(levels) - value).argmin())]
            for marks, levels, value in zip(MARKS, self.levels, properties, strict=True)
        )

    def tell(self, network: OrderedNetwork, vocabulary: Vocabulary) -> None:
        """Tell a network what the letters order."""
        numbers = {piece: number for number, piece in enumerate(vocabulary.pieces)}
        ordered, says = np.zeros((2, len(vocabulary), 2), np.float32)
        for kind, (marks, levels) in enumerate(zip(MARKS, self.levels, strict=True)):
            for mark, level in zip(marks, levels, strict=False):
                if mark in numbers:
                    ordered[numbers[mark], kind], says[numbers[mark], kind] = level / NEAR[kind], 1
        if ANY in numbers:
            says[numbers[ANY]] = -1
        network.tell(ordered, says, vocabulary.pieces)


def _levels(values: Float[np.ndarray, " N"], step: float) -> tuple[float, ...]:
    step = max(step, float(np.ptp(values)) / (LEVELS - 1))
    return tuple(np.unique(np.round(values / step) * step).tolist())[:LEVELS]


class Designer:
    """Makes a molecule for each order.

    Attributes:
        input: a molecule whose properties are ordered.
        output: a molecule.
    """

    input: Smiles
    output: Molecule

    @abstractmethod
    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """A SMILES for each order of logP and heavy atoms; the same seed makes the same."""

    def predict(self, inputs: Any, again: int = 0) -> list[str]:
        """A molecule with the properties of each input; other ones for another number `again`."""
        orders = np.array([chemistry.properties_of(str(one)) for one in inputs]).reshape(-1, 2)
        seeds = [zlib.crc32(f"{self.seed} {again} {one}".encode()) for one in inputs]
        return self.design(orders, seeds)

    @property
    def seed(self) -> int:
        """Of the draws."""
        return 0


class MoleculeWriter(Designer, NetworkWriter):
    """A language model that writes SMILES behind the letters of an order.

    Args:
        model: the network.
        vocabulary: of its tokens.
        drawing: how it writes.
        orders: the letters.
        tries: texts that are written for each design. Of those in which rdkit reads a molecule, the one is
            taken that leaves the least of its order open.
        rules: forbid letters after which a text cannot end as a molecule; None to forbid none.
    """

    def __init__(
        self,
        model: OrderedNetwork,
        vocabulary: Vocabulary,
        drawing: Drawing,
        orders: Orders,
        tries: int = WRITTEN,
        rules: ClosingRules | None = None,
    ) -> None:
        NetworkWriter.__init__(self, model, vocabulary, drawing)
        self.model: OrderedNetwork = model  # pyright: ignore[reportIncompatibleVariableOverride]
        self.orders, self.tries, self.rules = orders, tries, rules
        self.masks = Masks(vocabulary.pieces)
        self.input, self.output = Smiles(prompt=PROMPT), Molecule()  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def seed(self) -> int:
        """Of the draws."""
        return self.drawing.draw_seed

    def at(self, temperature: float) -> "MoleculeWriter":
        """The same at another temperature."""
        how = replace(self.drawing, temperature=temperature)
        return MoleculeWriter(self.model, self.vocabulary, how, self.orders, self.tries, self.rules)

    def once(self, rules: ClosingRules | None) -> "MoleculeWriter":
        """The same that writes each design once by these rules, whether it is a molecule or not."""
        return MoleculeWriter(self.model, self.vocabulary, self.drawing, self.orders, 1, rules)

    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """Write side by side; each design has random numbers of its own.

        No property of a design is computed to choose one: what is left open is the network's own reckoning.
        """
        orders = np.asarray(orders, np.float64)
        prompts = [self.orders.text(order) for order in orders]
        found, least = [""] * len(prompts), np.full(len(prompts), np.inf)
        for turn in range(self.tries):
            for begin in range(0, len(prompts), SIDE_BY_SIDE):
                some = slice(begin, begin + SIDE_BY_SIDE)
                draws = np.stack(
                    [np.random.default_rng((seed, turn)).random(LONGEST) for seed in seeds[some]]
                )
                texts = self._written(prompts[some], torch.from_numpy(draws))
                for i, text in enumerate(texts, begin):
                    known = self.tries > 1 and chemistry.molecule(text) is not None
                    left = self.left(orders[i], text) if known else np.inf
                    if turn == 0 or left < least[i]:
                        found[i], least[i] = text, left
        return found

    def left(self, order: Float[np.ndarray, " 2"], text: str) -> float:
        """How much of an order a design leaves open by the network's sums: 1 is just near enough."""
        tokens = torch.from_numpy(self.encode(f"\n{self.orders.text(order.tolist())}{text}"))[None]
        with torch.no_grad():
            sums = self.model.sums(tokens.to(self.model.adds.device))[0].cpu().numpy()
        away = np.abs(np.asarray(order) / NEAR - sums)
        return float(np.nanmax(np.append(away, 0.0)))

    def _written(self, prompts: Sequence[str], draws: Tensor) -> list[str]:
        tokens = torch.stack([torch.from_numpy(self.encode(f"\n{one}")) for one in prompts])
        device = self.model.head.weight.device
        pieces, stop = self.vocabulary.pieces, int(self.start[0]) if len(self.start) else -1
        texts, rows = [""] * len(prompts), torch.arange(len(prompts))
        open_ = [self.rules.begin() for _ in prompts] if self.rules else []
        state: Any = None
        seen = new = tokens
        temperature = max(self.drawing.temperature, 1e-3)
        with evaluating(self.model):
            for place in range(LONGEST):
                if self.model.block == "attention":  # it reads its whole window again
                    scores, _ = self.model(seen[:, -self.model.window :].to(device))
                else:
                    scores, state = self.model(new.to(device), state)
                scores = scores[:, -1].double().cpu() / temperature
                if open_:
                    masks = [self.masks.row(open_[row].allowed(LONGEST - place)) for row in rows.tolist()]
                    scores.masked_fill_(torch.from_numpy(~np.stack(masks)), -torch.inf)
                sums = scores.softmax(-1).cumsum(-1)
                chosen = (sums < draws[rows, place, None] * sums[:, -1:]).sum(-1).clamp_max(len(pieces) - 1)
                for row, token in zip(rows.tolist(), chosen.tolist(), strict=True):
                    texts[row] += "" if token == stop else pieces[token]
                    if open_ and token != stop:
                        open_[row].add(pieces[token])
                going = chosen != stop
                rows, new = rows[going], chosen[going, None]
                seen = torch.cat([seen[going], new], 1)
                if state is not None:
                    state = tuple(part[:, going.to(part.device)] for part in state)
                if not len(rows):
                    break
        return texts


class CountedLetters(Designer, NGram):
    """Writes SMILES by counts of the last letters, smoothed; the order stands before them.

    The same rules forbid the same letters as with a network.
    """

    def __init__(
        self,
        lines: Sequence[str],
        vocabulary: Vocabulary,
        order: int,
        orders: Orders,
        rules: ClosingRules | None = None,
    ) -> None:
        NGram.__init__(self, lines, vocabulary, order)
        self.marks, self.rules, self.masks = orders, rules, Masks(vocabulary.pieces)
        self.input, self.output = Smiles(prompt=PROMPT), Molecule()  # pyright: ignore[reportIncompatibleVariableOverride]
        self.known: dict[bytes, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        """Probabilities of each letter after the last ones, and their sums."""

    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """One letter after the other."""
        return [self._one(self.marks.text(order), seed) for order, seed in zip(orders, seeds, strict=True)]

    def _one(self, prompt: str, seed: int) -> str:
        state, found = self.begin(self.encode(prompt)), []
        text = self.rules.begin() if self.rules else None
        for place, draw in enumerate(np.random.default_rng(seed).random(LONGEST)):
            key = np.asarray(state, np.int64).tobytes()
            if key not in self.known:
                every = self.probabilities(state)
                self.known[key] = every, every.cumsum()
            every, sums = self.known[key]
            if text:
                sums = (every * self.masks.row(text.allowed(LONGEST - place))).cumsum()
            token = min(int(np.searchsorted(sums, draw * sums[-1])), len(sums) - 1)
            if self.vocabulary.pieces[token] == "\n":
                break
            found.append(self.vocabulary.pieces[token])
            state = self.advance(state, token)
            if text:
                text.add(found[-1])
        return "".join(found)


class RandomEdits(Designer):
    """Takes one of the training molecules nearest to the order, and changes it at one place; it stays valid.

    Args:
        molecules: the training ones.
        properties: of each.
    """

    def __init__(self, molecules: Sequence[str], properties: Float[np.ndarray, "N 2"]) -> None:
        self.molecules, self.properties = list(molecules), np.asarray(properties)
        self.input, self.output = Smiles(prompt=PROMPT), Molecule()

    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """One edit each."""
        found, count = [], min(NEAREST, len(self.molecules))
        for order, seed in zip(orders, seeds, strict=True):
            generator = np.random.default_rng(seed)
            away = (np.abs(self.properties - order) / NEAR).max(1)
            near = np.argpartition(away, count - 1)[:count]
            found.append(chemistry.edited(self.molecules[int(generator.choice(near))], generator, TRIES))
        return found


def lines_of(
    texts: Sequence[str], properties: Float[np.ndarray, "N 2"], orders: Orders, free: float, seed: int
) -> list[str]:
    """Training text: an order and a SMILES in each line; a share of the orders leave a property open."""
    generator = np.random.default_rng(seed)
    rows = np.where(generator.random(properties.shape) < free, np.nan, properties)
    return [f"{orders.text(row)}{one}\n" for row, one in zip(rows, texts, strict=True)]
