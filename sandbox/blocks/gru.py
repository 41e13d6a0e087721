"""A gated recurrent unit: one state, of which gates decide how much is rewritten. Cho et al. 2014.

    r_t = sigmoid(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)            reset gate: how much of the past is read
    z_t = sigmoid(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)            update gate: how much is kept
    n_t = tanh   (W_in x_t + b_in + r_t * (W_hn h_{t-1} + b_hn))    candidate: what to write
    h_t = (1 - z_t) * n_t + z_t * h_{t-1}

Where z_t is near 1 the state, and a gradient on its way back, pass unchanged, as in an LSTM's cell; with a
state half as large and three gates instead of four.

`GRU.forward` runs torch's own kernel (cuDNN on a GPU); `GRU.steps` runs the equations above with the same
weights and shows every gate. Both give the same numbers.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.lstm import SHUT, with_breaks


class GRUStep(NamedTuple):
    """What one layer held, and what its gates said, at one time step."""

    hidden: Float[Tensor, "B H"]
    reset: Float[Tensor, "B H"]
    update: Float[Tensor, "B H"]
    candidate: Float[Tensor, "B H"]


def gru_cell(
    x: Float[Tensor, "B D"],
    hidden: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "3*H D"],
    weight_hh: Float[Tensor, "3*H H"],
    bias_ih: Float[Tensor, " 3*H"],
    bias_hh: Float[Tensor, " 3*H"],
) -> GRUStep:
    """One step; the weights hold reset, update and candidate one below the other, in torch's order."""
    asked = (x @ weight_ih.T + bias_ih).chunk(3, dim=-1)
    held = (hidden @ weight_hh.T + bias_hh).chunk(3, dim=-1)
    reset, update = torch.sigmoid(asked[0] + held[0]), torch.sigmoid(asked[1] + held[1])
    candidate = torch.tanh(asked[2] + reset * held[2])
    return GRUStep((1 - update) * candidate + update * hidden, reset, update, candidate)


class GRU(nn.Module):
    """Layers of gated recurrent units over a batch of sequences. Cho et al. 2014, arXiv:1406.1078.

    `layers` is a `torch.nn.GRU`: its weights and names, `gru.layers.load_state_dict(...)` takes another's.

    Args:
        in_dim: numbers per time step, D.
        hidden_dim: size of the state, H.
        depth: stacked layers, L; layer l reads the states of layer l - 1.
        dropout: chance of zeroing a number between two layers while training.

    Attributes:
        in_dim: D.
        out_dim: H.
        layers: the `torch.nn.GRU` that holds the weights.
    """

    def __init__(self, in_dim: int, hidden_dim: int, *, depth: int = 1, dropout: float = 0.0):
        super().__init__()
        self.depth = depth
        self.in_dim = in_dim
        self.hidden_dim = self.out_dim = hidden_dim
        self.dropout = dropout
        # torch warns when dropout is asked for with nothing to drop between.
        between = dropout if depth > 1 else 0.0
        self.layers = nn.GRU(in_dim, hidden_dim, depth, dropout=between, batch_first=True)

    def initial_state(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "L B H"]:
        """Zeros on the device and in the type of `x`: the state before the first step."""
        return x.new_zeros(self.depth, x.shape[0], self.hidden_dim)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        state: Float[Tensor, "L B H"] | None = None,
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> tuple[Float[Tensor, "B T H"], Float[Tensor, "L B H"]]:
        """Run whole sequences.

        Args:
            x: the sequences.
            state: what an earlier call returned, to go on from there; zeros if None.
            starts: True where a new episode begins: the state is set to zero before that step, so that one
                row may hold several episodes.

        Returns:
            The top layer's state at every step, and all layers' state after the last one.
        """
        hidden = self.initial_state(x) if state is None else state
        if starts is None:
            return self.layers(x, hidden)
        last = []
        for layer, weights in enumerate(self.layers.all_weights):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            x = _layer(x, hidden[layer : layer + 1], starts, weights)
            last.append(x[:, -1])
        return x, torch.stack(last)

    def steps(
        self,
        x: Float[Tensor, "B T D"],
        state: Float[Tensor, "L B H"] | None = None,
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> Iterator[list[GRUStep]]:
        """Yield what every layer holds and its gates, time step by time step; arguments as in `forward`."""
        hidden = list((self.initial_state(x) if state is None else state).unbind(0))
        for t in range(x.shape[1]):
            below, now = x[:, t], []
            for layer in range(self.depth):
                if starts is not None:
                    hidden[layer] = hidden[layer].masked_fill(starts[:, t, None], 0.0)
                step = gru_cell(below, hidden[layer], *self.layers.all_weights[layer])
                hidden[layer] = step.hidden
                now.append(step)
                below = step.hidden
                if layer < self.depth - 1:
                    below = F.dropout(below, self.dropout, self.training)
            yield now


def _layer(
    x: Float[Tensor, "B T D"],
    hidden: Float[Tensor, "1 B H"],
    starts: Bool[Tensor, "B T"],
    weights: Sequence[Tensor],
) -> Float[Tensor, "B T H"]:
    """One layer over rows that hold several episodes, in torch's kernel, which knows nothing of episodes.

    A step is put in before each start in which nothing is kept (z = 0) or read (r = 0), and the candidate is
    0, its bias and the bias' gradient being taken back: see `with_breaks`.
    """
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    wide, rows, place = with_breaks(x, starts)
    shut = torch.full_like(bias_ih.chunk(3)[2], -SHUT)
    at_break = torch.cat([shut, shut, -bias_ih.chunk(3)[2]])
    behind = torch.zeros_like(at_break)  # what comes after the last step is not looked at
    weight_ih = torch.cat([weight_ih, at_break[:, None], behind[:, None]], 1)
    states, _ = torch.gru(
        wide, hidden, [weight_ih, weight_hh, bias_ih, bias_hh], True, 1, 0.0, False, False, True
    )
    return states[rows, place]


def example() -> tuple[GRU, tuple[Tensor, ...]]:
    """Two layers over four sequences of seven steps of three numbers."""
    return GRU(3, 5, depth=2), (torch.randn(4, 7, 3),)
