"""Take the text of the known line that looks most alike."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.tasks.inputs.line import Line
from sandbox.tasks.outputs.transcript import Transcript


class NearestLine:
    """Answers with the text of the line at the smallest Euclidean distance, pixel by pixel.

    Args:
        lines: (N, 1, H, W).
        texts: what they say.
        input: how a line is read.
    """

    def __init__(self, lines: Tensor, texts: Sequence[str], input: Line) -> None:
        self.lines, self.texts = lines.flatten(1), texts
        self.input, self.output = input, Transcript()

    def predict(self, inputs: Any) -> list[str]:
        """A known text for each line (N, 1, H, W)."""
        places = torch.arange(len(self.lines))
        found = nearest_labels(self.lines, places, torch.as_tensor(inputs).flatten(1))
        return [str(self.texts[place]) for place in found.tolist()]
