"""What stands on each line of a board, as the features of a policy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from gymnasium import spaces
from jaxtyping import Float
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn

from agents.policies.block_policies import channels_last
from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError

DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns from one cell of a line to the next."""
MOST_ROWS = 1_000_000
"""Of the table."""


class LineFeatures(BaseFeaturesExtractor):
    """An n-tuple network whose tuples are the lines of a board. Thill, Koch & Konen 2012.

    "Reinforcement Learning with N-tuples on the Game Connect-4", PPSN XII. Whatever can stand on a line has a
    row of weights of its own, so that one layer tells three in a row with a free end from three without,
    which an MLP over cells must put together. A position is the sum of as many rows as there are lines.

    Args:
        observation_space: pictures, (H, W, C) or (C, H, W), whose cells are boards' squares; see
            `channels_last`. A square's content is its last channel that is not zero.
        length: squares of a line; lines lie across, upright and in both diagonals.
        hidden: sizes of the layers; the first is that of the sums.

    Raises:
        UserError: the observations are not pictures, no line fits, or too much can stand on one.
    """

    def __init__(
        self, observation_space: spaces.Space, length: int = 4, hidden: Sequence[int] = (64, 32)
    ) -> None:
        shape = observation_space.shape
        if not isinstance(observation_space, spaces.Box) or shape is None or len(shape) != 3 or not hidden:
            raise UserError(f"Lines are of pictures (H, W, C), and need a hidden layer: {observation_space}.")
        self_last = channels_last(observation_space)
        height, width, channels = shape if self_last else (*shape[1:], shape[0])
        lines = lines_of(height, width, length)
        states = (channels + 1) ** length
        if not lines or len(lines) * states > MOST_ROWS:
            raise UserError(
                f"A board of {height} x {width} with {channels} channels has {len(lines)} lines of {length} "
                f"squares, on each of which {states:,} things can stand: choose another length."
            )
        super().__init__(observation_space, hidden[-1])
        self.channels_last, self.channels, self.states = self_last, channels, states
        self.table = nn.EmbeddingBag(len(lines) * states, hidden[0], mode="sum")  # no biases: rows have them
        self.table.weight.data /= len(lines) ** 0.5
        self.head = MLP(hidden[0], hidden[1:], activation="relu")
        self.register_buffer("lines", torch.tensor(lines), persistent=False)
        powers = (channels + 1) ** torch.arange(length - 1, -1, -1)
        self.register_buffer("powers", powers, persistent=False)
        self.register_buffer("firsts", torch.arange(len(lines)) * states, persistent=False)
        self.register_buffer("codes", torch.arange(1, channels + 1)[:, None, None], persistent=False)

    lines: Tensor
    powers: Tensor
    firsts: Tensor
    codes: Tensor

    def forward(self, observations: Float[Tensor, "B _ _ _"]) -> Float[Tensor, "B F"]:
        """Return the features of each board."""
        boards = observations.permute(0, 3, 1, 2) if self.channels_last else observations
        squares = ((boards != 0) * self.codes).amax(1).flatten(1)
        rows = (squares[:, self.lines] * self.powers).sum(2) + self.firsts
        if torch.compiler.is_exporting():  # ONNX has no such sums
            return self.head(torch.relu(nn.functional.embedding(rows, self.table.weight).sum(1)))
        return self.head(torch.relu(self.table(rows)))


def lines_of(height: int, width: int, length: int) -> list[list[int]]:
    """All lines of so many squares, each as the numbers of its squares, row after row.

    Args:
        height: rows of the board.
        width: columns of the board.
        length: squares of a line.
    """
    found = []
    for down, right in DIRECTIONS:
        for row in range(height):
            for column in range(width):
                ends = row + (length - 1) * down, column + (length - 1) * right
                if ends[0] < height and 0 <= ends[1] < width:
                    found.append([(row + k * down) * width + column + k * right for k in range(length)])
    return found
