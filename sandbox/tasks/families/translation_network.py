"""A network that reads a sentence and writes it in another language, and what translates with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.blocks.lstm import LSTM
from sandbox.data.batches import ShuffledBatches
from sandbox.data.subwords import Vocabulary
from sandbox.tasks.beam_search import State, beam_search
from sandbox.tasks.families.attending_writer import (
    BEGIN,
    END,
    PADDING,
    SPECIAL,
    AttendingWriter,
    padded,
)
from sandbox.tasks.inputs.text import Text
from sandbox.tasks.outputs.translation import Translation
from sandbox.tasks.predictor import evaluating

PORTION, LONGEST = 100, 200
"""Sentences that are translated side by side, and tokens of one; what is behind them is left out."""


class TranslationNetwork(AttendingWriter):
    """LSTMs read a sentence in both directions, another writes, and attends to what was read at each token.

        h_s = [forward LSTM at s; backward LSTM at s]           the sentence, S vectors
        d_t = LSTM(y_{t-1}, d_{t-1})                            the translation so far
        a_t = softmax_s(W_a d_t · h_s / sqrt(H))                where it looks
        p(y_t) = softmax(W_o tanh(W_c [sum_s a_ts h_s; d_t]))

    Sutskever et al. 2014; Bahdanau et al. 2015; attention as in Luong et al. 2015.

    Args:
        tokens: of the vocabulary.
        hidden: numbers of each state, H; even.
        embedding: numbers for each token.
        dropout: chance of zeroing a number while training.
    """

    def __init__(self, tokens: int, *, hidden: int, embedding: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens + SPECIAL, embedding, padding_idx=PADDING)
        self.reader, self.backward_reader = LSTM(embedding, hidden // 2), LSTM(embedding, hidden // 2)
        self.bridge = nn.Linear(hidden, 2 * hidden)
        self.writer = LSTM(embedding, hidden)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.combine = nn.Linear(2 * hidden, hidden)
        self.head = nn.Linear(hidden, tokens + SPECIAL)
        self.dropout = nn.Dropout(dropout)

    def forward(self, pairs: Tensor) -> Tensor:
        """Scores (B, T, V) of each next token, given pairs (B, 2, L): sentences, and translations so far."""
        source, target = (part[:, : _longest(part)] for part in pairs.unbind(1))
        read, hidden, cell = self.read(source)
        written, _ = self.writer(
            self.dropout(self.embedding(target)),
            (hidden.transpose(0, 1).contiguous(), cell.transpose(0, 1).contiguous()),
        )
        return self.attended(written, read, source)[0]

    def read(self, source: Tensor) -> State:
        """What was read of sentences (B, S): (B, S, H), and the writer's first state, (B, 1, H) twice."""
        x = self.dropout(self.embedding(source))
        length = (source != PADDING).sum(1)
        place = torch.arange(source.shape[1], device=source.device)[None]
        # Each sentence backwards, its padding where it was; twice is the sentence again.
        turn = torch.where(place < length[:, None], length[:, None] - 1 - place, place)
        one, _ = self.reader(x)
        other, _ = self.backward_reader(_at(x, turn))
        read = torch.cat([one, _at(other, turn)], -1)
        last = (length - 1).clamp(min=0)[:, None]
        hidden, cell = self.bridge(torch.cat([_at(one, last), _at(other, last)], -1)).chunk(2, -1)
        return read, torch.tanh(hidden), cell


@dataclass(frozen=True)
class Alignment:
    """Where a network looked while it wrote.

    Attributes:
        source: tokens of the sentence.
        target: tokens of the translation.
        shares: (T, S), each row adds up to 1.
    """

    source: Sequence[str]
    target: Sequence[str]
    shares: NDArray[np.float32]


class Translator:
    """A trained network that translates; each line of a text is a sentence.

    Attributes:
        model: the network.
        vocabulary: of both languages.
        beam: beginnings that are kept while it searches.
    """

    def __init__(self, model: TranslationNetwork, vocabulary: Vocabulary, beam: int, input: Text) -> None:
        self.model, self.vocabulary, self.beam = model, vocabulary, beam
        self.input, self.output = input, Translation()

    def predict(self, inputs: Any) -> list[str]:
        """The translation of each text."""
        texts = [str(text).split("\n") for text in inputs]
        lines = {line: "" for text in texts for line in text if line.strip()}
        order = sorted(lines, key=len)
        for begin in range(0, len(order), PORTION):
            some = order[begin : begin + PORTION]
            for line, found in zip(some, self.candidates(some), strict=True):
                lines[line] = found[0][0]
        return ["\n".join(lines.get(line, "") for line in text) for text in texts]

    def candidates(self, sentences: Sequence[str]) -> list[list[tuple[str, float]]]:
        """The ends of the search for each sentence, with their logarithm of probability per token."""
        source = padded([self.encode(one) for one in sentences]).to(self.model.head.weight.device)
        with evaluating(self.model):
            found = beam_search(
                self.model.step,
                (*self.model.read(source), source),
                begin=BEGIN,
                end=END,
                width=self.beam,
                longest=2 * (source != PADDING).sum(1) + 10,
            )
        return [[(self.decode(tokens), score) for tokens, score in each] for each in found]

    def alignment(self, sentence: str, translation: str) -> Alignment:
        """Where the network looks when it writes this translation of a sentence."""
        source, target = self.encode(sentence), self.encode(translation)
        pair = paired([source], [[BEGIN, *target]]).to(self.model.head.weight.device)
        with evaluating(self.model):
            one, other = pair[:, 0, : len(source)], pair[:, 1, : len(target) + 1]
            read, hidden, cell = self.model.read(one)
            written, _ = self.model.writer(
                self.model.embedding(other), (hidden.transpose(0, 1), cell.transpose(0, 1))
            )
            shares = self.model.attended(written, read, one)[1][0, : len(target)]
        names = self.vocabulary.pieces
        return Alignment(
            [names[token - SPECIAL] for token in source],
            [names[token - SPECIAL] for token in target],
            shares.float().cpu().numpy(),
        )

    def encode(self, sentence: str) -> list[int]:
        """The tokens of a sentence; at least one."""
        return encoded(self.vocabulary, sentence) or [SPECIAL]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens."""
        return self.vocabulary.decode(token - SPECIAL for token in tokens if token >= SPECIAL).strip()


class PairBatches:
    """Shuffled minibatches of sentences with their translations, and what the network shall write."""

    def __init__(
        self,
        sources: Sequence[Sequence[int]],
        targets: Sequence[Sequence[int]],
        *,
        batch_size: int,
        seed: int,
        device: torch.device,
    ) -> None:
        begun = [[BEGIN, *target] for target in targets]
        self.pairs = paired(sources, begun).to(device)
        wanted = padded([[*target, END] for target in targets]).to(device)
        self.batches = ShuffledBatches(self.pairs, wanted, batch_size=batch_size, seed=seed)

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """The pairs (B, 2, L) and wanted tokens (B, T) of one step, as long as the longest of them."""
        pairs, wanted = self.batches(step)
        return pairs[..., : _longest(pairs.flatten(0, 1))], wanted[:, : _longest(wanted)]


def encoded(vocabulary: Vocabulary, sentence: str) -> list[int]:
    """The tokens of a sentence, at most `LONGEST`, with room for the special ones."""
    return (vocabulary.encode(sentence)[:LONGEST] + SPECIAL).tolist()


def paired(sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Tensor:
    """Sentences and translations as (B, 2, L)."""
    table = padded([*sources, *targets])
    return torch.stack([table[: len(sources)], table[len(sources) :]], 1)


def _longest(tokens: Tensor) -> int:
    return int((tokens != PADDING).sum(1).max())


def _at(x: Tensor, places: Tensor) -> Tensor:
    """Time steps (B, P) of sequences (B, T, D)."""
    return x.gather(1, places[..., None].expand(-1, -1, x.shape[2]))
