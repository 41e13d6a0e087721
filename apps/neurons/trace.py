"""One example through the network, forward and backward, with every number: on the tape of `backprop`."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from sandbox.blocks.backprop import Node, Tape
from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.errors import UserError

BENDS: dict[type[nn.Module], tuple[str, str, Callable[[Node], Node]]] = {
    nn.Tanh: ("tanh({z})", "1 - {h}²", Node.tanh),
    nn.ReLU: ("max({z}, 0)", "1 where {z} > 0, else 0", Node.relu),
    nn.Sigmoid: ("1 / (1 + exp(-{z}))", "{h} (1 - {h})", Node.sigmoid),
}
"""What each activation computes, its slope, and the tape's operation."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the computation."""

    name: str
    """Of the numbers it makes, such as `h1`."""
    forward: str
    """How they are computed."""
    backward: str
    """How their gradient hands on."""
    node: Node
    """Value (1, units) and, after the backward pass, the gradient dL/dvalue."""
    units: list[str]
    weight: Node | None = None
    """Of a layer, (units, inputs)."""
    bias: Node | None = None
    """Of a layer, (units,)."""
    inputs: Node | None = None
    """What the weights are multiplied with, (1, inputs)."""
    input_names: list[str] = field(default_factory=list)
    bump: bool = False
    """Squared distances to centres, which `weight` then holds."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A computation from the input to the loss, differentiated."""

    stages: list[Stage]
    """From the input to the answer."""
    loss: float
    answer: Tensor
    """Probabilities of the classes (K,), or the value (1,)."""


def trace(model: MLP | RBFN, x: Tensor, target: Tensor, names: list[list[str]]) -> Trace:
    """Run one example forward and backward.

    Args:
        model: the network.
        x: the example, (2,).
        target: its class, a whole number, or its value.
        names: of the neurons of each layer, from the input to the answer.

    Raises:
        UserError: an activation that the tape does not know.
    """
    tape = Tape()
    h = tape.leaf(x[None])
    stages = [Stage(name="x", forward="the example", backward="", node=h, units=names[0])]
    if isinstance(model, RBFN):
        h = _bumps(tape, model, h, stages, names)
        layers: list[nn.Module] = [model.head]
    else:
        layers = list(model)
    number = 1 if isinstance(model, RBFN) else 0
    for layer in layers:
        if isinstance(layer, nn.Linear):
            number += 1
            h = _layer(tape, layer, h, stages, names, number)
            continue
        if type(layer) not in BENDS:
            known = ", ".join(kind.__name__ for kind in BENDS)
            raise UserError(f"Step by step goes with {known}, not with {type(layer).__name__}.")
        formula, slope, bend = BENDS[type(layer)]
        h = bend(h)
        spelled = {"z": f"z{number}", "h": f"h{number}"}
        stages.append(
            Stage(
                name=f"h{number}",
                forward=f"h{number} = {formula.format(**spelled)}",
                backward=f"dL/dz{number} = dL/dh{number} · ({slope.format(**spelled)})",
                node=h,
                units=names[number],
            )
        )
    classes = h.value.shape[1] > 1
    loss = h.cross_entropy(target.long()[None]) if classes else (h - tape.leaf(target.float())) ** 2.0
    tape.backward(loss)
    answer = h.value.softmax(1)[0] if classes else h.value[0]
    return Trace(stages=stages, loss=loss.value.sum().item(), answer=answer)


def _layer(
    tape: Tape, layer: nn.Linear, h: Node, stages: list[Stage], names: list[list[str]], number: int
) -> Node:
    weight, bias = tape.leaf(layer.weight), tape.leaf(layer.bias)
    before = stages[-1].name
    z = h @ weight.transpose() + bias
    stages.append(
        Stage(
            name=f"z{number}",
            forward=f"z{number} = W{number} · {before} + b{number}",
            backward=f"dL/dW{number} = dL/dz{number} · {before}, dL/db{number} = dL/dz{number}, "
            f"dL/d{before} = W{number}ᵀ · dL/dz{number}",
            node=z,
            units=names[number],
            weight=weight,
            bias=bias,
            inputs=h,
            input_names=stages[-1].units,
        )
    )
    return z


def _bumps(tape: Tape, model: RBFN, x: Node, stages: list[Stage], names: list[list[str]]) -> Node:
    if model.normalised:
        raise UserError("Step by step goes with bumps that are not normalised.")
    centres, log_width = tape.leaf(model.centres), tape.leaf(model.log_width[None])
    ones = tape.leaf(torch.ones(model.in_dim, 1))
    distance = (((x - centres) ** 2.0) @ ones).transpose()
    stages.append(
        Stage(
            name="d1",
            forward="d1 = |x - c|²",
            backward="dL/dc = -2 (x - c) · dL/dd1",
            node=distance,
            units=names[1],
            weight=centres,
            inputs=x,
            input_names=names[0],
            bump=True,
        )
    )
    phi = (distance * log_width.exp() ** -2.0 * -0.5).exp()
    stages.append(
        Stage(
            name="h1",
            forward="h1 = exp(-d1 / 2s²), s the width",
            backward="dL/dd1 = dL/dh1 · (-h1 / 2s²)",
            node=phi,
            units=names[1],
        )
    )
    return phi
