"""Backpropagation, written to be read: a tape that differentiates. Rumelhart, Hinton & Williams 1986.

    forward:   every operation computes its value and writes itself on the tape
    backward:  read the tape from its end; a node with gradient g = dL/dvalue hands each of its parents
               g * dvalue/dparent, and what a parent gets from all its children adds up (the chain rule)

A parent always stands on the tape before its children, so reading backwards meets a node only when its
gradient is complete. Torch tensors serve as plain arrays here; torch's own differentiation takes no part.
`TapedMLP` is a network that any optimiser can train, whose gradients come from this tape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

Pull = Callable[[Tensor], Tensor]


class Node:
    """A value on the tape, and how to hand its gradient on.

    Attributes:
        value: the result of the operation.
        gradient: dL/dvalue once `Tape.backward` has run, else None.
        operation: what made it: `leaf`, `+`, `@`, `tanh`, ...
        parents: the nodes it was computed from, each with the function that turns this node's gradient into
            that parent's share.
    """

    def __init__(self, tape: Tape, value: Tensor, operation: str, *parents: tuple[Node, Pull]) -> None:
        self.tape, self.value, self.operation, self.parents = tape, value, operation, parents
        self.gradient: Tensor | None = None
        tape.nodes.append(self)

    def __add__(self, other: Node | float) -> Node:
        other = self._node(other)
        return Node(self.tape, self.value + other.value, "+", (self, self._fit()), (other, other._fit()))

    def __mul__(self, other: Node | float) -> Node:
        other = self._node(other)
        return Node(
            self.tape,
            self.value * other.value,
            "*",
            (self, self._fit(lambda g: g * other.value)),
            (other, other._fit(lambda g: g * self.value)),
        )

    def __pow__(self, exponent: float) -> Node:
        slope = exponent * self.value ** (exponent - 1)
        return Node(self.tape, self.value**exponent, f"** {exponent:g}", (self, lambda g: g * slope))

    def __matmul__(self, other: Node) -> Node:
        return Node(
            self.tape,
            self.value @ other.value,
            "@",
            (self, self._fit(lambda g: g @ other.value.mT)),
            (other, other._fit(lambda g: self.value.mT @ g)),
        )

    def __neg__(self) -> Node:
        return self * -1.0

    def __sub__(self, other: Node | float) -> Node:
        return self + -self._node(other)

    def __truediv__(self, other: Node | float) -> Node:
        return self * self._node(other) ** -1.0

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Node:
        return -self + other

    def __rtruediv__(self, other: float) -> Node:
        return self**-1.0 * other

    def tanh(self) -> Node:
        """Hyperbolic tangent; its slope is 1 - tanh^2."""
        y = self.value.tanh()
        return Node(self.tape, y, "tanh", (self, lambda g: g * (1 - y * y)))

    def sigmoid(self) -> Node:
        """1 / (1 + exp(-x)); its slope is y (1 - y)."""
        y = self.value.sigmoid()
        return Node(self.tape, y, "sigmoid", (self, lambda g: g * y * (1 - y)))

    def relu(self) -> Node:
        """max(x, 0); its slope is 1 where x > 0, else 0."""
        return Node(self.tape, self.value.clamp_min(0), "relu", (self, lambda g: g * (self.value > 0)))

    def exp(self) -> Node:
        """e^x, its own slope."""
        y = self.value.exp()
        return Node(self.tape, y, "exp", (self, lambda g: g * y))

    def log(self) -> Node:
        """Natural logarithm; its slope is 1 / x."""
        return Node(self.tape, self.value.log(), "log", (self, lambda g: g / self.value))

    def sum(self) -> Node:
        """All numbers added up: each gets the whole gradient."""
        return Node(self.tape, self.value.sum(), "sum", (self, lambda g: g.expand_as(self.value)))

    def mean(self) -> Node:
        """The mean of all numbers."""
        return self.sum() * (1.0 / self.value.numel())

    def transpose(self) -> Node:
        """A matrix with rows and columns exchanged."""
        return Node(self.tape, self.value.mT, "transpose", (self, lambda g: g.mT))

    def cross_entropy(self, labels: Int[Tensor, " B"]) -> Node:
        """Mean of -log softmax(x)[label] over the rows; its slope is softmax(x) - onehot(label), per row.

        Args:
            labels: the right class of each row.
        """
        log_share = self.value.log_softmax(1)
        onehot = torch.nn.functional.one_hot(labels, self.value.shape[1])
        loss = -(onehot * log_share).sum(1).mean()
        slope = (log_share.exp() - onehot) / len(labels)
        return Node(self.tape, loss, "cross_entropy", (self, lambda g: g * slope))

    def _node(self, other: Node | float) -> Node:
        if isinstance(other, Node):
            return other
        return self.tape.leaf(torch.as_tensor(other, dtype=self.value.dtype, device=self.value.device))

    def _fit(self, pull: Pull = lambda g: g) -> Pull:
        """Sum a share over the axes along which this value was repeated to match a larger one."""

        def fitted(gradient: Tensor) -> Tensor:
            return pull(gradient).sum_to_size(self.value.shape)

        return fitted


class Tape:
    """The operations of one forward pass, in order.

    Attributes:
        nodes: from the first to the last.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def leaf(self, value: Tensor) -> Node:
        """Put an input or a weight on the tape."""
        return Node(self, value.detach(), "leaf")

    def backward(self, output: Node, gradient: Tensor | None = None) -> None:
        """Give every node that `output` depends on its gradient.

        Args:
            output: what is differentiated, L.
            gradient: dL/doutput; ones if None.
        """
        for node in self.nodes:
            node.gradient = None
        output.gradient = torch.ones_like(output.value) if gradient is None else gradient
        for node in reversed(self.nodes):
            if node.gradient is None:
                continue  # the output does not depend on it
            for parent, pull in node.parents:
                share = pull(node.gradient)
                parent.gradient = share if parent.gradient is None else parent.gradient + share


class TapedMLP(nn.Module):
    """A perceptron whose gradients come from `Tape`: h_l = tanh(h_{l-1} W_l' + b_l), the last without tanh.

    To torch it is a layer like any other: losses, optimisers and learners work on it unchanged.

    Args:
        in_dim: numbers per example, D.
        hidden: sizes of the hidden layers.
        out_dim: numbers per example that come out, O.
    """

    def __init__(self, in_dim: int, hidden: Sequence[int], out_dim: int) -> None:
        super().__init__()
        self.in_dim, self.out_dim = in_dim, out_dim
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise([in_dim, *hidden, out_dim]))

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B O"]:
        """Map each example by itself."""
        return _Taped.apply(x, *self.parameters())

    def record(self, x: Float[Tensor, "B D"]) -> tuple[Tape, Node]:
        """Run the forward pass and return the tape with every number on it, and its last node."""
        tape = Tape()
        return tape, _layers(tape.leaf(x), [tape.leaf(p) for p in self.parameters()])


def _layers(x: Node, parameters: Sequence[Node]) -> Node:
    for i in range(0, len(parameters), 2):
        weight, bias = parameters[i : i + 2]
        x = (x if i == 0 else x.tanh()) @ weight.transpose() + bias
    return x


class _Taped(torch.autograd.Function):
    """Lets torch call the tape: its forward records, its backward reads the record backwards."""

    @staticmethod
    def forward(ctx, x: Tensor, *parameters: Tensor) -> Tensor:
        tape = Tape()
        ctx.tape, ctx.inputs = tape, [tape.leaf(each) for each in (x, *parameters)]
        ctx.output = _layers(ctx.inputs[0], ctx.inputs[1:])
        return ctx.output.value

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("The tape differentiates once; it has no second derivatives (create_graph).")
        ctx.tape.backward(ctx.output, *grad_outputs)
        return tuple(node.gradient for node in ctx.inputs)


def example() -> tuple[TapedMLP, tuple[Tensor, ...]]:
    """Three numbers for each of four examples to two."""
    return TapedMLP(3, (8,), 2), (torch.randn(4, 3),)
