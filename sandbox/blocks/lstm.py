"""Long short-term memory: a cell that gates decide to keep, write and show. Hochreiter & Schmidhuber 1997.

    i_t = sigmoid(W_ii x_t + W_hi h_{t-1} + b_i)      input gate: how much to write
    f_t = sigmoid(W_if x_t + W_hf h_{t-1} + b_f)      forget gate: how much to keep (Gers et al. 2000)
    g_t = tanh   (W_ig x_t + W_hg h_{t-1} + b_g)      candidate: what to write
    o_t = sigmoid(W_io x_t + W_ho h_{t-1} + b_o)      output gate: how much to show
    c_t = f_t * c_{t-1} + i_t * g_t                   cell
    h_t = o_t * tanh(c_t)                             hidden state

The cell is *added to*, and carried on by f_t alone: where f_t is near 1 a gradient passes back through it
unchanged, however many steps, which is what the plain recurrent network cannot do.

`LSTM.forward` runs torch's own kernel (oneDNN on a CPU, cuDNN on a GPU); `LSTM.steps` runs the equations
above with the same weights and shows every gate. Both give the same numbers.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

State = tuple[Float[Tensor, "L B H"], Float[Tensor, "L B H"]]

SHUT = 1000.0
"""Added to what a gate is asked: 1 / (1 + exp(1000)) is 0 in every floating-point type, and its slope too."""


class LSTMStep(NamedTuple):
    """What one layer held, and what its gates said, at one time step."""

    hidden: Float[Tensor, "B H"]
    cell: Float[Tensor, "B H"]
    input: Float[Tensor, "B H"]
    forget: Float[Tensor, "B H"]
    candidate: Float[Tensor, "B H"]
    output: Float[Tensor, "B H"]


def lstm_cell(
    x: Float[Tensor, "B D"],
    hidden: Float[Tensor, "B H"],
    cell: Float[Tensor, "B H"],
    weight_ih: Float[Tensor, "4*H D"],
    weight_hh: Float[Tensor, "4*H H"],
    bias: Float[Tensor, " 4*H"],
) -> LSTMStep:
    """One step; the weights hold the four gates one below the other in torch's order i, f, g, o."""
    i, f, g, o = (x @ weight_ih.T + hidden @ weight_hh.T + bias).chunk(4, dim=-1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    cell = f * cell + i * g
    return LSTMStep(o * torch.tanh(cell), cell, i, f, g, o)


class LSTM(nn.Module):
    """Layers of LSTM cells over a batch of sequences. Hochreiter & Schmidhuber 1997; Gers et al. 2000.

    `layers` is a `torch.nn.LSTM`: its weights and names, `lstm.layers.load_state_dict(...)` takes another's.

    Args:
        in_dim: numbers per time step, D.
        hidden_dim: size of hidden state and cell, H.
        depth: stacked layers, L; layer l reads the hidden states of layer l - 1.
        dropout: chance of zeroing a number between two layers while training.
        forget_bias: the forget gate's bias before training; 1 lets the cell remember from the start
            (Jozefowicz et al. 2015).
        memory: longest span to remember, in steps, if known. The cells then begin with spans spread from 1 to
            this: forget bias log(u) and input bias -log(u), u uniform, in place of `forget_bias` (Tallec &
            Ollivier 2018).

    Attributes:
        in_dim: D.
        out_dim: H.
        layers: the `torch.nn.LSTM` that holds the weights.
    """

    def __init__(
        self,
        in_dim: int,
        hidden_dim: int,
        *,
        depth: int = 1,
        dropout: float = 0.0,
        forget_bias: float = 1.0,
        memory: int | None = None,
    ):
        super().__init__()
        self.depth = depth
        self.in_dim = in_dim
        self.hidden_dim = self.out_dim = hidden_dim
        self.dropout = dropout
        # torch warns when dropout is asked for with nothing to drop between.
        between = dropout if depth > 1 else 0.0
        self.layers = nn.LSTM(in_dim, hidden_dim, depth, dropout=between, batch_first=True)
        with torch.no_grad():
            for _, _, bias_ih, bias_hh in self.layers.all_weights:
                # torch adds two biases; the first carries it all.
                (write, keep, _, _), (write2, keep2, _, _) = bias_ih.chunk(4), bias_hh.chunk(4)
                keep2.zero_()
                keep.fill_(forget_bias)
                if memory is not None:
                    write2.zero_()
                    keep.uniform_(1, max(memory - 1, 1)).log_()
                    write.copy_(-keep)

    def initial_state(self, x: Float[Tensor, "B T D"]) -> State:
        """Zeros on the device and in the type of `x`: hidden state and cell before the first step."""
        zeros = x.new_zeros(self.depth, x.shape[0], self.hidden_dim)
        return zeros, zeros.clone()

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        state: State | None = None,
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> tuple[Float[Tensor, "B T H"], State]:
        """Run whole sequences.

        Args:
            x: the sequences.
            state: `(hidden, cell)` as an earlier call returned it, to go on from there; zeros if None.
            starts: True where a new episode begins: hidden state and cell are set to zero before that step,
                so that one row may hold several episodes.

        Returns:
            The top layer's hidden state at every step, and all layers' `(hidden, cell)` after the last one.
        """
        hidden, cell = self.initial_state(x) if state is None else state
        if starts is None:
            return self.layers(x, (hidden, cell))
        last: list[tuple[Tensor, Tensor]] = []
        for layer, weights in enumerate(self.layers.all_weights):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            x, final = _layer(x, hidden[layer : layer + 1], cell[layer : layer + 1], starts, weights)
            last.append((x[:, -1], final))
        return x, (torch.stack([h for h, _ in last]), torch.stack([c for _, c in last]))

    def steps(
        self,
        x: Float[Tensor, "B T D"],
        state: State | None = None,
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> Iterator[list[LSTMStep]]:
        """Yield what every layer holds and its gates, time step by time step; arguments as in `forward`."""
        hidden, cell = (list(part.unbind(0)) for part in (self.initial_state(x) if state is None else state))
        for t in range(x.shape[1]):
            below, now = x[:, t], []
            for layer in range(self.depth):
                h, c = hidden[layer], cell[layer]
                if starts is not None:
                    h = h.masked_fill(starts[:, t, None], 0.0)
                    c = c.masked_fill(starts[:, t, None], 0.0)
                weight_ih, weight_hh, bias_ih, bias_hh = self.layers.all_weights[layer]
                step = lstm_cell(below, h, c, weight_ih, weight_hh, bias_ih + bias_hh)
                hidden[layer], cell[layer] = step.hidden, step.cell
                now.append(step)
                below = step.hidden
                if layer < self.depth - 1:
                    below = F.dropout(below, self.dropout, self.training)
            yield now


def _layer(
    x: Float[Tensor, "B T D"],
    hidden: Float[Tensor, "1 B H"],
    cell: Float[Tensor, "1 B H"],
    starts: Bool[Tensor, "B T"],
    weights: Sequence[Tensor],
) -> tuple[Float[Tensor, "B T H"], Float[Tensor, "B H"]]:
    """One layer over rows that hold several episodes, in torch's kernel, which knows nothing of episodes.

    A step is put in before each start that shuts every gate: it leaves exactly nothing in state and cell and
    lets no gradient through. The steps at the end shut all but the forget gate, and keep the cell: see
    `with_breaks`. Three times faster than one step after the other on a CPU.

    Returns:
        Hidden states, and the cell after the last step.
    """
    width = hidden.shape[2]
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    wide, rows, place = with_breaks(x, starts)
    shut = wide.new_tensor([[-SHUT, -SHUT], [-SHUT, SHUT], [0.0, 0.0], [-SHUT, 0.0]])
    weight_ih = torch.cat([weight_ih, shut.repeat_interleave(width, 0)], 1)
    states, _, final = torch.lstm(
        wide, (hidden, cell), [weight_ih, weight_hh, bias_ih, bias_hh], True, 1, 0.0, False, False, True
    )
    return states[rows, place], final[0]


def with_breaks(
    x: Float[Tensor, "B T D"], starts: Bool[Tensor, "B T"]
) -> tuple[Float[Tensor, "B T_more D_plus_2"], Int[Tensor, "B 1"], Int[Tensor, "B T"]]:
    """Put a step of zeros in before each start of an episode, and at the ends what makes rows equally long.

    Returns:
        The sequences, with two columns more: 1 in a step before a start, and 1 in a step at the end; and
        where the given steps are now, as indices of rows and of steps.
    """
    steps = x.shape[1]
    place = torch.arange(steps, device=x.device) + starts.cumsum(1)
    length = steps + int(starts.sum(1).max())
    rows = torch.arange(len(x), device=x.device)[:, None]
    wide = x.new_zeros(len(x), length, x.shape[2] + 2)
    wide[..., -1] = 1.0
    wide = wide.index_put((rows, place), F.pad(x, (0, 2)))
    row, t = starts.nonzero(as_tuple=True)
    wide[row, place[row, t] - 1, -2:] = wide.new_tensor([1.0, 0.0])
    return wide, rows, place


def example() -> tuple[LSTM, tuple[Tensor, ...]]:
    """Two layers over four sequences of seven steps of three numbers."""
    return LSTM(3, 5, depth=2), (torch.randn(4, 7, 3),)
