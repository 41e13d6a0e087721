"""Search for a probable sequence: keep the few best beginnings, and try every next token of each."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

State = tuple[Tensor, ...]
Step = Callable[[State, Tensor], tuple[Tensor, State]]
"""From what is held, first axes N, and the last tokens (N,): scores of the next (N, V), and what is held."""


def beam_search(
    step: Step,
    state: State,
    *,
    begin: int,
    end: int,
    width: int,
    longest: Tensor,
    length_penalty: float = 1.0,
) -> list[list[tuple[list[int], float]]]:
    """The best sequences for each row of a state, the most probable first. Graves 2012; Wu et al. 2016.

    Args:
        step: says what may come next.
        state: first axes are of one length, the rows.
        begin: token before every sequence.
        end: token behind every sequence; it is not part of what is returned.
        width: beginnings that are kept of each row; 1 takes the most probable token each time.
        longest: tokens of a sequence, at most; for each row (N,), so that no row depends on its neighbours.
        length_penalty: the sum of logarithms is divided by the length to this power.

    Returns:
        For each row `width` sequences with their logarithm of probability, so divided.
    """
    rows, device = len(state[0]), state[0].device
    state = tuple(part.repeat_interleave(width, 0) for part in state)
    tokens = torch.full((rows * width,), begin, device=device)
    totals = torch.full((rows, width), -torch.inf, device=device)
    totals[:, 0] = 0.0
    lengths = torch.zeros(rows, width, dtype=torch.long, device=device)
    over = torch.zeros(rows, width, dtype=torch.bool, device=device)
    written = torch.zeros(rows, width, 0, dtype=torch.long, device=device)
    first = width * torch.arange(rows, device=device)[:, None]
    for place in range(int(longest.max())):
        scores, state = step(state, tokens)
        logs = scores.float().log_softmax(-1).reshape(rows, width, -1)
        # What has ended goes on with nothing but its end, at no cost.
        logs = logs.masked_fill(over[..., None], -torch.inf)
        logs[..., end] = torch.where(over, 0.0, logs[..., end])
        totals, places = (totals[..., None] + logs).flatten(1).topk(width, 1)
        parents, new = places // logs.shape[-1], places % logs.shape[-1]
        state = tuple(part[(first + parents).flatten()] for part in state)
        written = torch.cat([_of(written, parents), new[..., None]], 2)
        over, lengths = over.gather(1, parents), lengths.gather(1, parents)
        lengths = lengths + (~over).long()
        over = over | (new == end) | (place + 1 >= longest[:, None])
        tokens = new.flatten()
        if over.all():
            break
    means = totals / lengths.clamp(min=1).float() ** length_penalty
    order = means.argsort(1, descending=True)
    return [
        [(_until(written[row, one].tolist(), end), float(means[row, one])) for one in order[row]]
        for row in range(rows)
    ]


def _of(written: Tensor, parents: Tensor) -> Tensor:
    return written.gather(1, parents[..., None].expand(-1, -1, written.shape[2]))


def _until(tokens: list[int], end: Any) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens
