"""Beam search on chains whose best sequence is known."""

import torch

from sandbox.tasks.beam_search import beam_search

END = 3
# From state 0 (begun), 1 or 2: chances of tokens 0, 1, 2 and the end.
CHANCES = torch.tensor([[0.0, 0.6, 0.4, 0.0], [0.0, 0.4, 0.3, 0.3], [0.0, 0.05, 0.0, 0.95], [0.25] * 4])


def step(state, tokens):
    (beginning,) = state
    return CHANCES[tokens].log(), (beginning,)


def search(width: int, rows: int = 1):
    state = (torch.zeros(rows, 1),)
    return beam_search(
        step, state, begin=0, end=END, width=width, longest=torch.tensor(rows * [6]), length_penalty=0.0
    )


def test_a_beam_finds_what_a_greedy_search_misses():
    assert search(1)[0][0][0][:1] == [1]  # the more probable first token, and never a better end
    tokens, score = search(3)[0][0]
    assert tokens == [2]
    torch.testing.assert_close(score, float(torch.tensor(0.4 * 0.95).log()))


def test_rows_are_searched_apart_and_ends_are_different():
    one, other = search(3, rows=2)
    assert one == other
    assert len({tuple(tokens) for tokens, _ in one}) == 3


def test_a_row_ends_where_it_must_whatever_its_neighbours_may():
    def never(state, tokens):
        return torch.tensor([0.1, 0.5, 0.4, 0.0]).log().expand(len(tokens), -1), state

    found = beam_search(
        never,
        (torch.zeros(2, 1),),
        begin=0,
        end=END,
        width=1,
        longest=torch.tensor([2, 5]),
        length_penalty=1.0,
    )
    assert [len(row[0][0]) for row in found] == [2, 5]
