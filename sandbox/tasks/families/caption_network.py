"""A network that looks at a picture and says what is where, and what captions with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.attention import attend
from sandbox.blocks.cnn import CNN
from sandbox.blocks.lstm import LSTM
from sandbox.data.subwords import Vocabulary
from sandbox.tasks.beam_search import State, beam_search
from sandbox.tasks.families.attending_writer import BEGIN, END, PADDING, SPECIAL, AttendingWriter, padded
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.caption import Caption
from sandbox.tasks.predictor import evaluating

PORTION, LONGEST = 100, 80
"""Pictures that are looked at side by side, and tokens of a caption at most."""
COLOURS = (24, 32)
"""Filters of the path for colours, each of a single pixel."""


class CaptionNetwork(AttendingWriter):
    """Two paths see a picture, an LSTM writes, and looks at what each word is about. Xu et al. 2015.

        f_s = W_f CNN(contrast)_s + u_s                         form at place s, of S; no hue is in it
        k_s = W_k max_s CNN_1x1(x)                              colours at place s; no form is in them
        d_t = LSTM(y_{t-1}, d_{t-1})                            the caption so far; d_0: where something is
        a_t = softmax_s(W_a d_t · f_s / sqrt(H))                where it looks
        v_t = W_1 tanh(W_2 [sum_s a_ts f_s; d_t])               votes for the next word, by form
            + W_3 tanh(W_4 [sum_s a_ts k_s; d_t])               and by colour
        p(y_t) = softmax(v_t)

    A network that sees form and colour in one feature learns which pairs there are, and never says another.
    Here no feature holds both: each path votes by what it sees, and the votes are added. Eyes, too, have a
    path for each (Livingstone & Hubel 1988).

    Args:
        tokens: of the vocabulary.
        side: of a picture.
        channels: filters of each convolution; each but the last halves height and width.
        hidden: numbers of each state, H.
        embedding: numbers for each token.
        paths: 2 as above; 1 for a CNN that sees form and colour at once, and votes alone.
        dropout: chance of zeroing a number while training.
    """

    def __init__(
        self,
        tokens: int,
        *,
        side: int,
        channels: Sequence[int],
        hidden: int,
        embedding: int,
        paths: int = 2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.paths = paths
        pools = [2] * (len(channels) - 1) + [1]
        # Without a head, so that every place of its maps can be looked at.
        self.cnn = CNN(
            (1 if paths == 2 else 3, side, side), channels, pool=pools, norm="batch", hidden=()
        ).body
        self.cells = side // 2 ** (len(channels) - 1)
        self.look = nn.Linear(channels[-1], hidden)
        self.places = nn.Parameter(0.1 * torch.randn(self.cells**2, hidden))
        self.there, self.bridge = nn.Linear(channels[-1], 1), nn.Linear(self.cells**2, 2 * hidden)
        self.embedding = nn.Embedding(tokens + SPECIAL, embedding, padding_idx=PADDING)
        self.writer = LSTM(embedding, hidden)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.combine, self.head = nn.Linear(2 * hidden, hidden), nn.Linear(hidden, tokens + SPECIAL)
        if paths == 2:
            self.colours = CNN((3, side, side), COLOURS, kernel=1, norm="batch", hidden=()).body
            self.colour_look = nn.Linear(COLOURS[-1], hidden)
            self.colour_combine = nn.Linear(2 * hidden, hidden)
            self.colour_head = nn.Linear(hidden, tokens + SPECIAL)
        self.dropout = nn.Dropout(dropout)

    def forward(self, examples: tuple[Tensor, Tensor]) -> Tensor:
        """Scores (B, T, V) of each next token, given pictures (B, 3, H, W) and captions so far (B, T)."""
        return self.looked(*examples)[0]

    def looked(self, pictures: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and where each token looked, (B, T, S)."""
        read, hidden, cell, seen = self.read(pictures)
        written, _ = self.writer(
            self.dropout(self.embedding(target)),
            (hidden.transpose(0, 1).contiguous(), cell.transpose(0, 1).contiguous()),
        )
        return self.attended(written, read, seen)

    def read(self, pictures: Tensor) -> State:
        """What is at each place, (B, S, H) for each path, the writer's first state, and ones (B, S)."""
        maps = self.cnn(contrast(pictures) if self.paths == 2 else pictures).flatten(2).mT
        read = self.look(maps) + self.places
        hidden, cell = self.bridge(torch.sigmoid(self.there(maps)).mT).chunk(2, -1)
        if self.paths == 2:
            spots = self.colours(F.avg_pool2d(pictures, 2))
            spots = F.adaptive_max_pool2d(spots, self.cells).flatten(2).mT
            read = torch.cat([read, self.colour_look(spots)], -1)
        return read, torch.tanh(hidden), cell, torch.ones_like(read[..., 0])

    def attended(self, written: Tensor, read: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (B, T, V), and where each of them looked, (B, T, S)."""
        if self.paths != 2:
            return super().attended(written, read, source)
        taken, shares = attend(self.query(written), read.chunk(2, -1)[0], read)
        form, colour = taken.chunk(2, -1)
        form = torch.tanh(self.combine(torch.cat([form, written], -1)))
        colour = torch.tanh(self.colour_combine(torch.cat([colour, written], -1)))
        return self.head(self.dropout(form)) + self.colour_head(self.dropout(colour)), shares


def contrast(pictures: Tensor) -> Tensor:
    """How far each pixel's colour is from the picture's median: (B, 3, H, W) to (B, 1, H, W) in [0, 1)."""
    paper = pictures.flatten(2).median(-1).values[..., None, None]
    return torch.tanh(3 * (pictures - paper).square().sum(1, keepdim=True).clamp(min=1e-12).sqrt())


@dataclass(frozen=True)
class Look:
    """What a network does as it writes a token.

    Attributes:
        token: a word or a piece of one.
        shares: where it looks, (rows, columns); they add up to 1.
    """

    token: str
    shares: NDArray[np.float32]


class Describer:
    """A trained network that says what is in a picture.

    Attributes:
        model: the network.
        vocabulary: of captions.
        beam: beginnings that are kept while it searches.
    """

    def __init__(
        self, model: CaptionNetwork, vocabulary: Vocabulary, shape: Sequence[int], beam: int
    ) -> None:
        self.model, self.vocabulary, self.beam = model, vocabulary, beam
        self.input, self.output = Image(tuple(shape)), Caption()

    def predict(self, inputs: Any) -> list[str]:
        """A caption of each picture (N, 3, H, W)."""
        pictures = torch.as_tensor(self.input.encoded(inputs))
        device = self.model.head.weight.device
        found = []
        with evaluating(self.model):
            for part in pictures.split(PORTION):
                state = self.model.read(part.to(device))
                longest = torch.full((len(part),), LONGEST, device=device)
                found += beam_search(
                    self.model.step, state, begin=BEGIN, end=END, width=self.beam, longest=longest
                )
        return [self.decode(each[0][0]) for each in found]

    def looks(self, picture: NDArray[np.float32], caption: str) -> list[Look]:
        """Each token of a caption, and where the network looks in a picture (3, H, W) as it writes it."""
        tokens = encoded(self.vocabulary, caption)
        device = self.model.head.weight.device
        with evaluating(self.model):
            pictures = torch.as_tensor(self.input.encoded(picture[None])).to(device)
            _, shares = self.model.looked(pictures, torch.tensor([[BEGIN, *tokens]], device=device))
        maps = shares[0].unflatten(1, (self.model.cells, -1)).float().cpu().numpy()
        names = [self.vocabulary.pieces[token - SPECIAL] for token in tokens]
        return [Look(*each) for each in zip(names, maps, strict=False)]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens."""
        return self.vocabulary.decode(token - SPECIAL for token in tokens if token >= SPECIAL).strip()


def encoded(vocabulary: Vocabulary, caption: str) -> list[int]:
    """The tokens of a caption, at most `LONGEST`, with room for the special ones."""
    # With a space before it the first word is the same token as anywhere else.
    return (vocabulary.encode(f" {caption}")[:LONGEST] + SPECIAL).tolist()


def begun(vocabulary: Vocabulary, captions: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Captions as the network reads them while it learns, and what it shall write, each (N, T)."""
    rows = [encoded(vocabulary, caption) for caption in captions]
    return padded([[BEGIN, *row] for row in rows]), padded([[*row, END] for row in rows])
