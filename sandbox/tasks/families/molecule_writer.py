"""What designs molecules: a language model of SMILES, counted letters, or edits of known molecules."""

import zlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
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
from sandbox.tasks.families.language_network import LanguageNetwork, NetworkWriter
from sandbox.tasks.inputs.smiles import Smiles
from sandbox.tasks.outputs.molecule import Molecule
from sandbox.tasks.predictor import evaluating
from sandbox.tasks.writer import Drawing

LONGEST, SIDE_BY_SIDE = 120, 500
"""Characters of a design, and designs that are written at the same time."""
MARKS, ANY = ("①②③④⑤⑥⑦⑧", "ⓐⓑⓒⓓⓔⓕⓖⓗ"), "○"
"""Letters that say to which eighth of the molecules logP and size belong, and that it does not matter."""
Edges = tuple[tuple[float, ...], tuple[float, ...]]
PROMPT = "A molecule. The design shall be as oily and as large."


class Orders:
    """Says properties in two letters, which stand before a molecule's SMILES.

    Args:
        edges: between the eighths of logP, and of heavy atoms.
    """

    def __init__(self, edges: Edges) -> None:
        self.edges = edges

    @classmethod
    def of(cls, properties: Float[np.ndarray, "N 2"]) -> "Orders":
        """The eighths of the molecules with these properties."""
        shares = np.arange(1, 8) / 8
        low, high = (tuple(np.quantile(column, shares).tolist()) for column in properties.T)
        return cls((low, high))

    def text(self, properties: Sequence[float]) -> str:
        """The two letters of logP and heavy atoms; NaN is one that does not matter."""
        return "".join(
            ANY if np.isnan(value) else marks[int(np.searchsorted(edges, value, side="right"))]
            for marks, edges, value in zip(MARKS, self.edges, properties, strict=True)
        )


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
    """A language model that writes SMILES behind the letters of an order."""

    def __init__(
        self, model: LanguageNetwork, vocabulary: Vocabulary, drawing: Drawing, orders: Orders
    ) -> None:
        NetworkWriter.__init__(self, model, vocabulary, drawing)
        self.orders = orders
        self.input, self.output = Smiles(prompt=PROMPT), Molecule()  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def seed(self) -> int:
        """Of the draws."""
        return self.drawing.draw_seed

    def at(self, temperature: float) -> "MoleculeWriter":
        """The same at another temperature."""
        how = replace(self.drawing, temperature=temperature)
        return MoleculeWriter(self.model, self.vocabulary, how, self.orders)

    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """Write side by side; each design has random numbers of its own."""
        prompts = [self.orders.text(order) for order in np.asarray(orders)]
        found: list[str] = []
        for begin in range(0, len(prompts), SIDE_BY_SIDE):
            some = slice(begin, begin + SIDE_BY_SIDE)
            draws = np.stack([np.random.default_rng(seed).random(LONGEST) for seed in seeds[some]])
            found += self._written(prompts[some], torch.from_numpy(draws))
        return found

    def _written(self, prompts: Sequence[str], draws: Tensor) -> list[str]:
        tokens = torch.stack([torch.from_numpy(self.encode(f"\n{one}")) for one in prompts])
        device = self.model.head.weight.device
        pieces, stop = self.vocabulary.pieces, int(self.start[0]) if len(self.start) else -1
        texts, rows = [""] * len(prompts), torch.arange(len(prompts))
        state: Any = None
        seen = new = tokens
        temperature = max(self.drawing.temperature, 1e-3)
        with evaluating(self.model):
            for place in range(LONGEST):
                if self.model.block == "attention":  # it reads its whole window again
                    scores, _ = self.model(seen[:, -self.model.window :].to(device))
                else:
                    scores, state = self.model(new.to(device), state)
                sums = (scores[:, -1].double().cpu() / temperature).softmax(-1).cumsum(-1)
                chosen = (sums < draws[rows, place, None] * sums[:, -1:]).sum(-1).clamp_max(len(pieces) - 1)
                for row, token in zip(rows.tolist(), chosen.tolist(), strict=True):
                    texts[row] += "" if token == stop else pieces[token]
                going = chosen != stop
                rows, new = rows[going], chosen[going, None]
                seen = torch.cat([seen[going], new], 1)
                if state is not None:
                    state = tuple(part[:, going.to(part.device)] for part in state)
                if not len(rows):
                    break
        return texts


class CountedLetters(Designer, NGram):
    """Writes SMILES by counts of the last letters, smoothed; the order stands before them."""

    def __init__(self, lines: Sequence[str], vocabulary: Vocabulary, order: int, orders: Orders) -> None:
        NGram.__init__(self, lines, vocabulary, order)
        self.marks = orders
        self.input, self.output = Smiles(prompt=PROMPT), Molecule()  # pyright: ignore[reportIncompatibleVariableOverride]
        self.sums: dict[bytes, NDArray[np.float64]] = {}

    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """One letter after the other."""
        return [self._one(self.marks.text(order), seed) for order, seed in zip(orders, seeds, strict=True)]

    def _one(self, prompt: str, seed: int) -> str:
        state, found = self.begin(self.encode(prompt)), []
        for draw in np.random.default_rng(seed).random(LONGEST):
            key = np.asarray(state, np.int64).tobytes()
            if key not in self.sums:
                self.sums[key] = self.probabilities(state).cumsum()
            sums = self.sums[key]
            token = min(int(np.searchsorted(sums, draw * sums[-1])), len(sums) - 1)
            if self.vocabulary.pieces[token] == "\n":
                break
            found.append(self.vocabulary.pieces[token])
            state = self.advance(state, token)
        return "".join(found)


class RandomEdits(Designer):
    """Takes a training molecule that is as ordered, and changes it at one place so that it stays valid."""

    def __init__(
        self, molecules: Sequence[str], properties: Float[np.ndarray, "N 2"], orders: Orders
    ) -> None:
        self.molecules, self.orders = list(molecules), orders
        self.input, self.output = Smiles(prompt=PROMPT), Molecule()
        groups: dict[str, list[int]] = {}
        for i, row in enumerate(properties):
            groups.setdefault(orders.text(row), []).append(i)
        self.groups: Mapping[str, list[int]] = groups

    def design(self, orders: Float[np.ndarray, "N 2"], seeds: Sequence[int]) -> list[str]:
        """One edit each; any molecule where none of the training ones is as ordered."""
        found = []
        for order, seed in zip(orders, seeds, strict=True):
            generator = np.random.default_rng(seed)
            some = self.groups.get(self.orders.text(order)) or range(len(self.molecules))
            found.append(
                chemistry.edited(self.molecules[some[int(generator.integers(len(some)))]], generator)
            )
        return found


def lines_of(
    molecules: Sequence[str], properties: Float[np.ndarray, "N 2"], orders: Orders, free: float, seed: int
) -> list[str]:
    """Training text: an order and a SMILES in each line; a share of the orders leave a property open."""
    generator = np.random.default_rng(seed)
    rows = np.where(generator.random(properties.shape) < free, np.nan, properties)
    return [f"{orders.text(row)}{one}\n" for row, one in zip(rows, molecules, strict=True)]
