"""A network over molecules as graphs, whose answer is a sum over atoms; and what answers with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.data.molecule_graphs import ATOM, BOND, DESCRIPTORS, Graphs, graph, joined
from sandbox.tasks.inputs.smiles import Smiles
from sandbox.tasks.outputs.numbers import Numbers
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import evaluating

PORTION = 200
"""Molecules that go through the network at a time."""


class MessagePassing(nn.Module):
    """Atoms learn of their neighbours, round after round, and each says what it adds to the answer.

    h_v = f(W x_v);  h_v <- norm(h_v + MLP(h_v + sum_{u bound to v} relu(h_u + W_e e_uv)))
    y = b + sum_v c(h_v)

    Gilmer et al. 2017; the round is that of GINE, Hu et al. 2020.

    Args:
        hidden: numbers of an atom, H.
        rounds: how often atoms hear of their neighbours; after r rounds each knows of those r bonds away.
        dropout: chance of zeroing a number while training.
        descriptors: whether numbers of the whole molecule add to the answer too.
    """

    def __init__(self, hidden: int, rounds: int, dropout: float = 0.0, descriptors: bool = False) -> None:
        super().__init__()
        self.enter = nn.Linear(ATOM, hidden)
        self.bonds = nn.ModuleList(nn.Linear(BOND, hidden) for _ in range(rounds))
        self.updates = nn.ModuleList(MLP(hidden, (hidden,), hidden, "relu") for _ in range(rounds))
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(rounds))
        self.dropout = nn.Dropout(dropout)
        self.leave = MLP(hidden, (hidden,), 1, "relu")
        self.whole = MLP(len(DESCRIPTORS), (hidden,), 1, "relu") if descriptors else None
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, graphs: Graphs) -> Float[Tensor, " N"]:
        """The answer for each molecule."""
        atoms = self.contributions(graphs)
        found = atoms.new_zeros(len(graphs.whole)).index_add(0, graphs.owners, atoms) + self.bias
        return found if self.whole is None else found + self.whole(graphs.whole)[:, 0]

    def contributions(self, graphs: Graphs) -> Float[Tensor, " A"]:
        """What each atom adds."""
        h = torch.relu(self.enter(graphs.atoms))
        source, target = graphs.bonds
        for bond, update, norm in zip(self.bonds, self.updates, self.norms, strict=True):
            heard = torch.relu(h[source] + bond(graphs.kinds))
            h = norm(h + self.dropout(update(h.index_add(0, target, heard))))
        return self.leave(h)[:, 0]


@dataclass(frozen=True)
class Target:
    """What is told of a molecule.

    Attributes:
        name: `log solubility`.
        classes: names of two classes; none for a number.
        mean: of the training molecules' numbers.
        scale: their standard deviation.
    """

    name: str
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0


class MoleculePredictor:
    """A trained network that tells a property of a molecule.

    Attributes:
        model: the network.
        target: what it tells.
        input: how molecules are read.
        output: a number, or the probability of two classes.
    """

    def __init__(self, model: MessagePassing, target: Target) -> None:
        self.model, self.target = model, target
        self.input, self.output = Smiles(), output_of(target)

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Numbers (N, 1), or probabilities (N, 2)."""
        found = [self._answers(inputs[i : i + PORTION]) for i in range(0, len(inputs), PORTION)]
        answers = torch.cat(found) if found else torch.zeros(0)
        if self.target.classes:
            return torch.stack([torch.sigmoid(-answers), torch.sigmoid(answers)], 1).numpy()
        return (self.target.mean + self.target.scale * answers)[:, None].numpy()

    def contributions(self, smiles: str) -> tuple[Float[np.ndarray, " A"], float]:
        """What each atom adds to the answer, and the rest: in the target's unit, or log-odds."""
        graphs = graph(str(smiles))
        with evaluating(self.model):
            found = self.model.contributions(graphs).numpy() * self.target.scale
            whole = float(self.model(graphs)[0]) * self.target.scale
        return found, self.target.mean + whole - float(found.sum())

    def _answers(self, molecules: Sequence[str]) -> Float[Tensor, " N"]:
        device = self.model.bias.device
        with evaluating(self.model):
            return self.model(joined([graph(str(one)) for one in molecules]).to(device)).float().cpu()


class GraphBatches:
    """Shuffled minibatches of molecules with their targets; see `ShuffledBatches`."""

    def __init__(
        self, molecules: Sequence[str], targets: Tensor, *, batch_size: int, seed: int, device: torch.device
    ) -> None:
        self.graphs, self.targets, self.device = [graph(one) for one in molecules], targets, device
        self.rows = ShuffledBatches(torch.arange(len(self.graphs)), batch_size=batch_size, seed=seed)

    def __call__(self, step: int) -> tuple[Graphs, Tensor]:
        """The molecules of one step."""
        (rows,) = self.rows(step)
        some = joined([self.graphs[row] for row in rows.tolist()])
        return some.to(self.device), self.targets[rows].to(self.device)


def output_of(target: Target) -> Numbers | Probabilities:
    """How an answer is told."""
    return Probabilities(target.classes) if target.classes else Numbers([target.name])
