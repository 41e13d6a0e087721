"""Learning by contrast with what a machine believes. Hinton 2002; Tieleman 2008."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from sandbox.blocks.dbn import DBN
from sandbox.blocks.rbm import RBM
from sandbox.training.nested_tensors import load_optimizer, pack, unpack


class ContrastiveDivergence:
    """An RBM and its optimizer; one step for each batch of visible units.

    Args:
        machine: what learns.
        optimizer: over its parameters; plain SGD is usual (Hinton 2010).
        steps: Gibbs steps for each update, k.
        chains: number of persistent chains; 0 starts a fresh chain at each example (CD-k).
    """

    def __init__(
        self, machine: RBM, optimizer: torch.optim.Optimizer, *, steps: int = 1, chains: int = 0
    ) -> None:
        self.machine = machine
        self.optimizer = optimizer
        self.gibbs_steps = steps
        self.chains = chains
        self.chain: Tensor | None = None

    def step(self, batch: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Learn from one batch of visible units, or from the first tensor of a tuple.

        Returns:
            `loss`: squared error of the reconstruction from the mean hidden units, which falls while learning
            but is not what is minimised; `free_energy_gap`: mean F(data) - F(samples), which is 0 for a
            perfect model.
        """
        v = batch if isinstance(batch, Tensor) else batch[0]
        if self.chains and self.chain is None:
            rows = torch.arange(self.chains, device=v.device) % len(v)
            self.chain = self.machine.gibbs(v[rows], 1)
        gap, samples = self.machine.contrastive_divergence(v, self.chain, steps=self.gibbs_steps)
        self.optimizer.zero_grad()
        gap.backward()
        self.optimizer.step()
        if self.chains:
            self.chain = samples
        with torch.no_grad():
            rebuilt = self.machine.visible_mean(self.machine.hidden_mean(v))
        return {"loss": (rebuilt - v).square().mean(), "free_energy_gap": gap.detach()}

    def model_state(self) -> dict[str, Tensor]:
        """What using the machine needs."""
        return self.machine.state_dict()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: the optimizer and the chains."""
        tensors, values = pack({"optimizer": self.optimizer.state_dict(), "chain": self.chain}, "cd")
        return tensors, {"cd": values}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.machine.load_state_dict(dict(model))
        saved = unpack(values["cd"], tensors)
        load_optimizer(self.optimizer, saved["optimizer"])
        self.chain = None if saved["chain"] is None else saved["chain"].to(self.machine.weight)


class GreedyPretraining:
    """A deep belief network, pretrained layer by layer from below. Hinton, Osindero & Teh 2006.

    Args:
        network: what learns.
        optimizers: one for each of its RBMs.
        steps_per_layer: steps for each RBM; the last goes on if there are more.
        steps: Gibbs steps for each update, k.
        chains: number of persistent chains; 0 for CD-k.
    """

    def __init__(
        self,
        network: DBN,
        optimizers: Sequence[torch.optim.Optimizer],
        *,
        steps_per_layer: int,
        steps: int = 1,
        chains: int = 0,
    ) -> None:
        self.network = network
        self.learners = [
            ContrastiveDivergence(layer, optimizer, steps=steps, chains=chains)
            for layer, optimizer in zip(network.rbms, optimizers, strict=True)
        ]
        self.steps_per_layer = steps_per_layer
        self.steps = 0

    @property
    def layer(self) -> int:
        """The RBM that learns now, counted from 0."""
        return min(self.steps // self.steps_per_layer, len(self.learners) - 1)

    def step(self, batch: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Teach the layer whose turn it is; figures as in `ContrastiveDivergence`."""
        x = batch if isinstance(batch, Tensor) else batch[0]
        with torch.no_grad():
            v = self.network.features(x, self.layer)
        figures = self.learners[self.layer].step(v)
        self.steps += 1
        return figures

    def model_state(self) -> dict[str, Tensor]:
        """What using the network needs."""
        return self.network.state_dict()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: every layer's learner, and the number of steps."""
        tensors: dict[str, Tensor] = {}
        values = []
        for i, learner in enumerate(self.learners):
            layer_tensors, layer_values = pack(
                {"optimizer": learner.optimizer.state_dict(), "chain": learner.chain}, f"layer{i}"
            )
            tensors |= layer_tensors
            values.append(layer_values)
        return tensors, {"layers": values, "steps": self.steps}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.network.load_state_dict(dict(model))
        for learner, packed in zip(self.learners, values["layers"], strict=True):
            learner.load_state(learner.machine.state_dict(), tensors, {"cd": packed})
        self.steps = values["steps"]
