"""Say what is where in a picture: a CNN looks, an LSTM writes, and attention shows where it looks.

By default made scenes of shapes. One colour of each shape is held out, 6 pairs of 42: every object of an
unseen scene is of such a pair, and no object of a scene to learn from. Your own
pictures come with a table of captions.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sandbox.blocks.attention import attend
from sandbox.blocks.cnn import CNN
from sandbox.blocks.lstm import lstm_cell
from sandbox.data import described_scenes
from sandbox.tasks.beam_search import beam_search
from sandbox.tasks.families.caption_data import CaptionSettings, CaptionSplit, made
from sandbox.tasks.families.caption_network import CaptionNetwork
from sandbox.tasks.families.captioning import OWN_CAPTIONS, Captioning
from sandbox.tasks.source import OwnData, Source

KNOWN = 1_000
"""Made scenes that the nearest picture is looked for among; the network sees new ones at each step."""


class Describe(Captioning):
    """Pictures into sentences."""

    title = "Can a network say what it sees?"
    method = "captions"
    presets: ClassVar[Mapping[str, CaptionSettings]] = {"fast": CaptionSettings()}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "scenes",
            "scenes of shapes",
            "Made pictures of shapes; every pair of shape and colour in unseen ones is new.",
            synthetic=True,
        ),
        OWN_CAPTIONS,
    )
    code: ClassVar[Sequence[Any]] = (
        CaptionNetwork,
        CNN,
        lstm_cell,
        attend,
        beam_search,
        described_scenes.scenes,
    )

    def load_named(self, settings: CaptionSettings, source: Source) -> CaptionSplit:
        """Made scenes."""
        return made(settings, KNOWN)


TASK = Describe()
