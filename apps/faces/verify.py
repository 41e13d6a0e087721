"""Same person or not, for people that the network has never seen.

The people of the default set are drawn by numbers and do not exist; those to learn from, those that set the
threshold and those to test on are different ones. It compares two pictures and names nobody.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from sandbox.tasks.families.face_verification import OWN_PEOPLE, FaceSettings, FaceVerification
from sandbox.tasks.source import OwnData, Source, public


class Verify(FaceVerification):
    """Two faces into a distance."""

    title = "Can a network tell whether two pictures show the same person?"
    method = "same person or not"
    presets: ClassVar[Mapping[str, FaceSettings]] = {
        "fast": FaceSettings(),
        "few people": FaceSettings(people=30),
        "longer": FaceSettings(people=3_000, steps=3_000),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "short"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("drawn", "drawn faces", "People who do not exist, each in several pictures.", synthetic=True),
        *public("olivetti"),
        OWN_PEOPLE,
    )


TASK = Verify()
