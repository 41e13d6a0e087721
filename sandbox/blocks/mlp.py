"""A multilayer perceptron: affine maps with a bend after each. Rumelhart, Hinton & Williams 1986.

h_0 = x
h_l = f(W_l h_{l-1} + b_l)        W_l: (hidden[l-1], hidden[l-2]), f the activation
y   = W_out h_L + b_out           only with an out_dim; else y = h_L, the features
"""

import itertools
from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.errors import check_choice

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "elu": nn.ELU,
    "leaky_relu": nn.LeakyReLU,
}


def activation(name: str) -> nn.Module:
    """A new activation by its name.

    Raises:
        ValueError: there is none of this name; says which ones there are.
    """
    check_choice("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]()


class MLP(nn.Sequential):
    """Linear layers with an activation after each hidden one. Rumelhart, Hinton & Williams 1986.

    A plain `nn.Sequential` Linear, activation, Linear, activation, ... so that its parameters are named
    `0.weight`, `0.bias`, `2.weight`, ... as in the networks that Stable-Baselines3 builds.

    Args:
        in_dim: numbers per example, D.
        hidden: sizes of the hidden layers; may be empty.
        out_dim: size of a last layer without activation; None to end with the last hidden layer's features.
        activation: a name of `ACTIVATIONS`.
        norm: layer normalisation before each activation (Ba, Kiros & Hinton 2016), or none.

    Attributes:
        in_dim: D.
        out_dim: numbers per example that come out, O.
    """

    def __init__(
        self,
        in_dim: int,
        hidden: Sequence[int] = (64, 64),
        out_dim: int | None = None,
        activation: str = "tanh",
        norm: Literal["none", "layer"] = "none",
    ) -> None:
        check_choice("norm", norm, ("none", "layer"))
        sizes = [in_dim, *hidden]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(sizes):
            normalised = [nn.LayerNorm(after)] if norm == "layer" else []
            layers += [nn.Linear(before, after), *normalised, _activation(activation)]
        if out_dim is not None:
            layers.append(nn.Linear(sizes[-1], out_dim))
        super().__init__(*layers)
        self.in_dim = in_dim
        self.out_dim = sizes[-1] if out_dim is None else out_dim

    def forward(self, input: Float[Tensor, "*B D"]) -> Float[Tensor, "*B O"]:
        """Map each example by itself."""
        return super().forward(input)


_activation = activation  # the constructor's argument has the same name


def example() -> tuple[MLP, tuple[Tensor, ...]]:
    """Three numbers for each of four examples to two."""
    return MLP(3, (8, 8), 2), (torch.randn(4, 3),)
