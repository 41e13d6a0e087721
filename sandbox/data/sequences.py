"""Sequences that ask for memory, generated: adding, copying and echo. Hochreiter & Schmidhuber 1997.

They are synthetic and endless: whoever learns from them never sees one twice, and what is held out are other
draws. Each function gives inputs (N, T, D) and the targets of the last A time steps.
"""

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

ALPHABET = 8
"""Symbols of the copying problem; two further inputs say `nothing` and `repeat now`."""


def adding(
    count: int, length: int, generator: torch.Generator
) -> tuple[Float[Tensor, "N T 2"], Float[Tensor, "N 1 1"]]:
    """The adding problem: two of many numbers are marked, and their sum is asked for at the end.

    Hochreiter & Schmidhuber 1997, section 5.4, in the form of Le, Jaitly & Hinton 2015: numbers uniform in
    [0, 1], one mark in either half. Who always says 1 has a mean squared error of 1/6.

    Args:
        count: sequences, N.
        length: time steps, T, at least 2.
        generator: of the draws.

    Returns:
        Numbers and marks (0 or 1) side by side; the sums.
    """
    numbers = torch.rand(count, length, generator=generator)
    half = length // 2
    first = torch.randint(0, half, (count,), generator=generator)
    second = torch.randint(half, length, (count,), generator=generator)
    marks = torch.zeros(count, length)
    rows = torch.arange(count)
    marks[rows, first] = 1.0
    marks[rows, second] = 1.0
    return torch.stack([numbers, marks], 2), (numbers * marks).sum(1)[:, None, None]


def copying(
    count: int, length: int, generator: torch.Generator, *, symbols: int = 5, held_out: bool = False
) -> tuple[Float[Tensor, "N T 10"], Int64[Tensor, "N A"]]:
    """The copying problem: symbols, a long nothing, then say the symbols again, in order.

    Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016. There are few short sequences of symbols, so
    they are divided: the numbers of the symbols of those held out add up to a multiple of 8, the others'
    never do.

    Args:
        count: sequences, N.
        length: time steps, T: `symbols` to read, some of nothing, `symbols` to answer; at least twice them.
        generator: of the draws.
        symbols: to be remembered, A.
        held_out: draw from those that are held out.

    Returns:
        One-hot inputs: 8 symbols, `nothing`, `repeat now`; the symbols' numbers from 0.
    """
    sequence = torch.randint(0, ALPHABET, (count, symbols), generator=generator)
    # The last symbol decides to which side a sequence belongs: one remainder of eight, or one of the others.
    others = sequence[:, :-1].sum(1)
    remainder = 0 if held_out else torch.randint(1, ALPHABET, (count,), generator=generator)
    sequence[:, -1] = (remainder - others) % ALPHABET
    return written_out(sequence, length), sequence


def written_out(sequence: Int64[Tensor, "N A"], length: int) -> Float[Tensor, "N T 10"]:
    """Inputs of the copying problem for given symbols; see `copying`."""
    symbols = sequence.shape[1]
    codes = torch.full((len(sequence), length), ALPHABET)
    codes[:, :symbols] = sequence
    codes[:, -symbols] = ALPHABET + 1
    return torch.nn.functional.one_hot(codes, ALPHABET + 2).float()


def echo(
    count: int, length: int, generator: torch.Generator, *, delay: int
) -> tuple[Float[Tensor, "N T 1"], Float[Tensor, "N A 1"]]:
    """The echo problem: say at every time step the bit that came `delay` steps before.

    Args:
        count: sequences, N.
        length: time steps, T, above `delay`.
        generator: of the draws.
        delay: steps between a bit and its echo.

    Returns:
        Random bits, 0 or 1; the echoes from the first possible step on, A = T - delay.
    """
    bits = torch.randint(0, 2, (count, length, 1), generator=generator).float()
    return bits, bits[:, : length - delay]


def mackey_glass(length: int, *, tau: float = 17.0, seed: int = 0) -> Float64[Tensor, " N"]:
    """A chaotic series that feeds on its own past. Mackey & Glass 1977.

    dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x, one value each 6 units of time.

    Args:
        length: values, N.
        tau: how late the feedback comes; chaotic from about 17 on.
        seed: of the past that it begins with.
    """
    every, dt, warm = 6, 0.1, 500.0
    lag = round(tau / dt)
    past = (0.9 + 0.4 * torch.rand(lag, generator=torch.Generator().manual_seed(seed))).double().tolist()
    x, found = past[-1], []
    for step in range(round(warm / dt) + round(length * every / dt)):
        late = past[step % lag]
        past[step % lag] = x
        x += dt * (0.2 * late / (1 + late**10) - 0.1 * x)
        if step >= round(warm / dt) and (step - round(warm / dt)) % round(every / dt) == 0:
            found.append(x)
    return torch.tensor(found[:length], dtype=torch.float64)
