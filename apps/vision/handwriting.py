"""Read a line of digits without cutting it up: a CNN sees, LSTMs read, and CTC finds out what is where.

By default lines of scikit-learn's handwritten digits; with `--data mnist` of MNIST's. Somebody wrote each
digit; the lines are put together: digits touch and overlap, lines rise and fall, the paper is noisy. No digit
of an unseen line is in a line to learn from, and MNIST's unseen ones are those of other writers. Your own
lines are pictures with a table of what they say.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sandbox.baselines.cut_by_gaps import CutByGaps
from sandbox.blocks.cnn import CNN
from sandbox.blocks.lstm import lstm_cell
from sandbox.data import digit_lines, digits
from sandbox.data.labelled_images import LabelledImages
from sandbox.tasks.families.line_network import LineNetwork, ctc, greedy
from sandbox.tasks.families.line_reading import OWN_LINES, LineReading, LineSettings
from sandbox.tasks.source import OwnData, Source, public


class Handwriting(LineReading):
    """Pictures of lines into the digits that are written there."""

    title = "Can a network read a line without cutting it up?"
    method = "lines of digits"
    presets: ClassVar[Mapping[str, LineSettings]] = {
        "fast": LineSettings(),
        "best": LineSettings(steps=2_000),
    }
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "digits",
            "lines of handwritten digits",
            "Lines of 5 to 9 of scikit-learn's digits, put together; those of unseen lines are unseen.",
            synthetic=True,
        ),
        *public("mnist"),
        OWN_LINES,
    )
    code: ClassVar[Sequence[Any]] = (LineNetwork, CNN, lstm_cell, ctc, greedy, digit_lines.line, CutByGaps)

    def load_named(self, settings: LineSettings, source: Source) -> LabelledImages:
        """scikit-learn's digits."""
        return digits.load(settings.split_seed)


TASK = Handwriting()
