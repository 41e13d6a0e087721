"""Attention: every step of a sequence looks at the others and takes what it needs. Vaswani et al. 2017.

    q = W_q x + b_q,  k = W_k x + b_k,  v = W_v x + b_v            split into heads of d numbers each
    attend(q, k, v) = softmax(q k' / sqrt(d)) v                    a row per step: shares that sum to 1
    y = W_o concat(heads) + b_o

A gradient travels from any step to any other in one go, however far apart; the price is T x T shares.
`MultiHeadAttention.forward` runs torch's fused kernel (`scaled_dot_product_attention`); `attend` is the
equation above, and gives the shares to look at. Both give the same numbers.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F


def attend(
    q: Float[Tensor, "*B T d"],
    k: Float[Tensor, "*B S d"],
    v: Float[Tensor, "*B S e"],
    allowed: Bool[Tensor, "*#B #T S"] | None = None,
) -> tuple[Float[Tensor, "*B T e"], Float[Tensor, "*B T S"]]:
    """softmax(q k' / sqrt(d)) v, and the shares themselves. Vaswani et al. 2017, equation 1.

    Args:
        q: what each step looks for.
        k: what each step offers.
        v: what it hands over.
        allowed: True where a step may look, for all sequences or each; None for everywhere. A step that may
            look nowhere takes zeros.
    """
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    if allowed is None:
        shares = scores.softmax(-1)
    else:
        # Without this, the softmax of a row of nothing but -inf would be NaN, and so would its gradient.
        scores = scores.masked_fill(~allowed, -torch.inf).masked_fill(~allowed.any(-1, keepdim=True), 0.0)
        shares = scores.softmax(-1).masked_fill(~allowed, 0.0)
    return shares @ v, shares


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each over its own part of the numbers. Vaswani et al. 2017.

    Parameters carry the names of `torch.nn.MultiheadAttention`, whose `state_dict` loads here.

    Args:
        dim: numbers per step, D.
        num_heads: attentions side by side, a divisor of `dim`.
        causal: a step looks at itself and the past only.
    """

    def __init__(self, dim: int, num_heads: int, *, causal: bool = False) -> None:
        super().__init__()
        if dim % num_heads:
            raise ValueError(f"{dim} numbers cannot be split evenly among {num_heads} heads.")
        self.num_heads, self.causal = num_heads, causal
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def heads(self, x: Float[Tensor, "B T D"]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of each head, (B, heads, T, d)."""
        q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in (q, k, v))
        return q, k, v

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        """What each step takes from the sequence."""
        taken = F.scaled_dot_product_attention(*self.heads(x), is_causal=self.causal)
        return self.out_proj(taken.transpose(1, 2).flatten(2))

    def shares(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B heads T T"]:
        """How much each step (row) looks at each (column), head by head; rows sum to 1."""
        steps = x.shape[1]
        allowed = torch.ones(steps, steps, dtype=torch.bool, device=x.device).tril() if self.causal else None
        return attend(*self.heads(x), allowed)[1]


class TransformerLayer(nn.Module):
    """x + attention(norm(x)), then x + perceptron(norm(x)). Vaswani et al. 2017; Xiong et al. 2020.

    Equals `torch.nn.TransformerEncoderLayer(norm_first=True, activation="gelu")` given the same weights.

    Args:
        dim: numbers per step, D.
        num_heads: see `MultiHeadAttention`.
        widening: hidden layer of the perceptron, as a multiple of `dim`.
        causal: a step looks at itself and the past only.
        dropout: chance of zeroing a number of either part while training.
    """

    def __init__(
        self, dim: int, num_heads: int, *, widening: int = 4, causal: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = MultiHeadAttention(dim, num_heads, causal=causal)
        self.linear1, self.linear2 = nn.Linear(dim, widening * dim), nn.Linear(widening * dim, dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        """Every step, changed by what it found."""
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.linear2(F.gelu(self.linear1(self.norm2(x)))))


class Transformer(nn.Module):
    """A linear map, places, and layers of attention over a batch of sequences. Vaswani et al. 2017.

    Args:
        in_dim: numbers per step in, D.
        dim: numbers per step inside and out, H.
        depth: layers.
        num_heads: attentions side by side in each layer.
        max_steps: longest sequence; every place in it has a learned vector.
        causal: a step looks at itself and the past only, as in models that predict the next step.
        dropout: chance of zeroing a number while training.

    Attributes:
        in_dim: D.
        out_dim: H.
    """

    def __init__(
        self,
        in_dim: int,
        dim: int = 64,
        *,
        depth: int = 2,
        num_heads: int = 4,
        max_steps: int = 512,
        causal: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.in_dim, self.out_dim, self.max_steps = in_dim, dim, max_steps
        self.stem = nn.Linear(in_dim, dim)
        self.places = nn.Parameter(0.02 * torch.randn(max_steps, dim))
        self.layers = nn.ModuleList(
            TransformerLayer(dim, num_heads, causal=causal, dropout=dropout) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T H"]:
        """Features of every step.

        Raises:
            ValueError: the sequences are longer than `max_steps`.
        """
        if x.shape[1] > self.max_steps:
            raise ValueError(f"Sequences of {x.shape[1]} steps; this transformer takes {self.max_steps}.")
        x = self.stem(x) + self.places[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)


def example() -> tuple[Transformer, tuple[Tensor, ...]]:
    """Two layers over four sequences of seven steps of three numbers."""
    return Transformer(3, 8, num_heads=2, max_steps=7), (torch.randn(4, 7, 3),)
