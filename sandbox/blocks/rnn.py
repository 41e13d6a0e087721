"""A recurrent network: one state, rewritten at every time step. Elman 1990, "Finding structure in time".

    h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)

`RNN.forward` runs torch's own kernel (cuDNN on a GPU); `RNN.steps` runs the equation above with the same
weights, one step at a time, for whoever wants to look inside. Both give the same numbers.

The same W_hh multiplies the state at every step, so a gradient that travels k steps back is multiplied k
times by W_hh and by tanh' <= 1: it vanishes or explodes geometrically (Bengio et al. 1994), as
`gradient_through_time` shows.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F


class RNNStep(NamedTuple):
    """What one layer held at one time step."""

    hidden: Float[Tensor, "B H"]


def rnn_cell(
    x: Float[Tensor, "B D"],
    hidden: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "H D"],
    weight_hh: Float[Tensor, "H H"],
    bias: Float[Tensor, " H"],
) -> Float[Tensor, "B H"]:
    """One step of Elman's equation; `bias` is the sum of torch's two biases."""
    return torch.tanh(x @ weight_ih.T + hidden @ weight_hh.T + bias)


class RNN(nn.Module):
    """Layers of tanh recurrence over a batch of sequences. Elman 1990.

    `layers` is a `torch.nn.RNN`: its weights and names, `rnn.layers.load_state_dict(...)` takes another's.

    Args:
        in_dim: numbers per time step, D.
        hidden_dim: size of the state, H.
        depth: stacked layers, L; layer l reads the states of layer l - 1.
        dropout: chance of zeroing a number between two layers while training.

    Attributes:
        in_dim: D.
        out_dim: H.
        layers: the `torch.nn.RNN` that holds the weights.
    """

    def __init__(self, in_dim: int, hidden_dim: int, *, depth: int = 1, dropout: float = 0.0):
        super().__init__()
        self.depth = depth
        self.in_dim = in_dim
        self.hidden_dim = self.out_dim = hidden_dim
        self.dropout = dropout
        # torch warns when dropout is asked for with nothing to drop between.
        between = dropout if depth > 1 else 0.0
        self.layers = nn.RNN(in_dim, hidden_dim, depth, dropout=between, batch_first=True)

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
        if starts is None:
            return self.layers(x, self.initial_state(x) if state is None else state)
        hidden = self.initial_state(x) if state is None else state
        going = (~starts).to(x.dtype).T[..., None]
        last = []
        for layer, (weight_ih, weight_hh, bias_ih, bias_hh) in enumerate(self.layers.all_weights):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            # The half of the work that does not wait for the step before is done for all steps at once.
            asked = F.linear(x, weight_ih, bias_ih + bias_hh).unbind(1)
            h, states = hidden[layer], []
            for a, go in zip(asked, going, strict=True):
                h = torch.tanh(torch.addmm(a, h * go, weight_hh.T))
                states.append(h)
            x = torch.stack(states, 1)
            last.append(h)
        return x, torch.stack(last)

    def steps(
        self,
        x: Float[Tensor, "B T D"],
        state: Float[Tensor, "L B H"] | None = None,
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> Iterator[list[RNNStep]]:
        """Yield what every layer holds, time step by time step; arguments as in `forward`."""
        hidden = list((self.initial_state(x) if state is None else state).unbind(0))
        for t in range(x.shape[1]):
            below = x[:, t]
            for layer in range(self.depth):
                if starts is not None:
                    hidden[layer] = hidden[layer].masked_fill(starts[:, t, None], 0.0)
                weight_ih, weight_hh, bias_ih, bias_hh = self.layers.all_weights[layer]
                hidden[layer] = rnn_cell(below, hidden[layer], weight_ih, weight_hh, bias_ih + bias_hh)
                below = hidden[layer]
                if layer < self.depth - 1:
                    below = F.dropout(below, self.dropout, self.training)
            yield [RNNStep(h) for h in hidden]


def gradient_through_time(network: nn.Module, x: Float[Tensor, "B T D"]) -> Float[Tensor, " T"]:
    """How much the last output depends on each input: |d sum(out_T) / d x_t|, mean over the batch.

    Args:
        network: maps `x` to outputs (B, T, H), or to a tuple that begins with them, as RNN and LSTM do.
        x: the sequences.

    Returns:
        One number a time step; a steep fall towards the left is a vanishing gradient.
    """
    x = x.detach().requires_grad_(True)
    outputs = network(x)
    outputs = outputs[0] if isinstance(outputs, tuple) else outputs
    (gradient,) = torch.autograd.grad(outputs[:, -1].sum(), x)
    return gradient.norm(dim=-1).mean(0)


def example() -> tuple[RNN, tuple[Tensor, ...]]:
    """Two layers over four sequences of seven steps of three numbers."""
    return RNN(3, 5, depth=2), (torch.randn(4, 7, 3),)
