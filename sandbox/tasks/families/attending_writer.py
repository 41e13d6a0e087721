"""What writes a text token by token, and looks back each time at what was read: a sentence or a picture."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sandbox.blocks.attention import attend
from sandbox.blocks.lstm import LSTM
from sandbox.tasks.beam_search import State

PADDING, BEGIN, END, SPECIAL = 0, 1, 2, 3
"""Tokens beside those of the vocabulary, whose numbers begin behind them."""


class AttendingWriter(nn.Module):
    """An LSTM that writes, and attends to what was read. Bahdanau et al. 2015; Luong et al. 2015.

    Attributes:
        embedding: of tokens.
        writer: the LSTM.
        query: what the writer looks for.
        combine: what was written and what was taken into one.
        head: scores of the next token.
        dropout: while training.
    """

    embedding: nn.Embedding
    writer: LSTM
    query: nn.Linear
    combine: nn.Linear
    head: nn.Linear
    dropout: nn.Dropout

    def attended(self, written: Tensor, read: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (B, T, V), and where each of them looked, (B, T, S)."""
        taken, shares = attend(self.query(written), read, read, (source != PADDING)[:, None])
        return self.head(self.dropout(torch.tanh(self.combine(torch.cat([taken, written], -1))))), shares

    def step(self, state: State, tokens: Tensor) -> tuple[Tensor, State]:
        """One token more: scores of the next, and what is held then."""
        read, hidden, cell, source = state
        written, (hidden, cell) = self.writer(
            self.embedding(tokens[:, None]),
            (hidden.transpose(0, 1).contiguous(), cell.transpose(0, 1).contiguous()),
        )
        scores, _ = self.attended(written, read, source)
        return scores[:, 0], (read, hidden.transpose(0, 1), cell.transpose(0, 1), source)


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of tokens as a table, filled up."""
    return nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
