"""Faces, drawn by numbers: people who do not exist, each in many pictures. Synthetic, and said to be so.

A person is a row of shape and tone numbers that stay (`people`). A picture adds what changes: where the head
is and how it is turned, light from a side, mouth and brows, glasses, the camera's gain, blur and noise
(`pictures`). What changes moves more pixels than what stays, so that comparing pixels does badly.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray

SIDE = 32
"""Pixels of a picture."""
RANGES = {
    "head_width": (0.50, 0.68),
    "head_height": (0.70, 0.90),
    "jaw": (-0.22, 0.28),  # how much narrower the head is below
    "eye_distance": (0.19, 0.31),
    "eye_height": (-0.20, 0.06),
    "eye_size": (0.055, 0.115),
    "brow_height": (0.11, 0.21),
    "brow_angle": (-0.35, 0.35),
    "brow_thickness": (0.022, 0.055),
    "nose_length": (0.20, 0.42),
    "nose_width": (0.05, 0.13),
    "mouth_width": (0.13, 0.30),
    "mouth_height": (0.38, 0.56),
    "lips": (0.025, 0.065),
    "hair_line": (-0.72, -0.36),
    "hair_volume": (0.03, 0.22),
    "hair_tone": (0.05, 0.75),
    "skin_tone": (0.45, 0.85),
}
"""What stays with a person, in half widths of a picture, tones in [0, 1]; evenly distributed, independent."""
PORTION = 512
"""Pictures that are drawn at a time; more do not fit the processor's cache."""


@dataclass(frozen=True)
class Faces:
    """Pictures of people.

    Attributes:
        pictures: in [0, 1].
        people: whose each is.
        glasses: whether the person wears some in it.
    """

    pictures: Float[np.ndarray, "N 1 32 32"]
    people: Int64[np.ndarray, " N"]
    glasses: NDArray[np.bool_]


def people(count: int, generator: np.random.Generator) -> Float[np.ndarray, "P K"]:
    """Numbers of people in the order of `RANGES`."""
    low, high = np.array(list(RANGES.values()), np.float32).T
    return (low + (high - low) * generator.random((count, len(RANGES)), np.float32)).astype(np.float32)


def draw(count: int, each: int, generator: np.random.Generator) -> Faces:
    """So many people, each in so many pictures, one person after the other."""
    whose = np.repeat(np.arange(count), each)
    who = people(count, generator)[whose]
    glasses = generator.random(len(whose)) < 0.3
    parts = [
        pictures(who[i : i + PORTION], glasses[i : i + PORTION], generator)
        for i in range(0, len(whose), PORTION)
    ]
    return Faces(np.concatenate(parts), whose, glasses)


def pictures(
    who: Float[np.ndarray, "N K"], glasses: NDArray[np.bool_], generator: np.random.Generator
) -> Float[np.ndarray, "N 1 32 32"]:
    """A picture of each of these people, in [0, 1]."""
    count = len(who)
    one = dict(zip(RANGES, who.T[:, :, None, None], strict=True))

    def vary(low: float, high: float) -> NDArray[np.float32]:
        return (low + (high - low) * generator.random((count, 1, 1), np.float32)).astype(np.float32)

    angle, scale = vary(-0.12, 0.12), vary(0.94, 1.06)
    axis = ((np.arange(SIDE, dtype=np.float32) + 0.5) * 2 / SIDE - 1)[None]
    x, y = axis[:, None, :] - vary(-0.06, 0.06), axis[:, :, None] - vary(-0.06, 0.06)
    u = (np.cos(angle) * x + np.sin(angle) * y) / scale
    v = (np.cos(angle) * y - np.sin(angle) * x) / scale
    sharp = SIDE / 2 * scale

    def blob(du: NDArray, dv: NDArray, width: NDArray, height: NDArray) -> NDArray[np.float32]:
        """1 within an ellipse, 0 outside, about a pixel between."""
        far = np.sqrt((du / width) ** 2 + (dv / height) ** 2)
        return ((1 - far) * (sharp * np.minimum(width, height)) + 0.5).clip(0, 1)

    seen = vary(0.2, 0.8) + vary(-0.15, 0.15) * x + vary(-0.15, 0.15) * y
    width, height = one["head_width"], one["head_height"]
    narrow = width * (1 - one["jaw"] * v.clip(0, 1))
    seen = _over(
        seen, one["hair_tone"], blob(u, v + 0.1, width + one["hair_volume"], height + one["hair_volume"])
    )
    head = blob(u, v, narrow, height)
    seen = _over(seen, one["skin_tone"], head)
    # The head turns to a side: what lies before its middle moves with it, and its line of hair a little.
    yaw, pitch = vary(-0.08, 0.08), vary(-0.05, 0.05)
    fringe = ((one["hair_line"] + 0.5 * pitch - v + 0.15 * u * u) * sharp + 0.5).clip(0, 1)
    seen = _over(seen, one["hair_tone"], head * fringe)
    u, v = u - yaw, v - pitch
    side = np.abs(u)
    eyes = side - one["eye_distance"], v - one["eye_height"]
    closed = vary(0.45, 0.9)
    dark = 0.35 * one["skin_tone"]
    seen = _over(seen, dark * 0.4, blob(*eyes, 1.3 * one["eye_size"], 1.3 * closed * one["eye_size"]))
    tilt = one["brow_angle"] + vary(-0.2, 0.2)
    brow = v - (one["eye_height"] - one["brow_height"] + vary(-0.035, 0.035)) - tilt * eyes[0]
    thick = one["brow_thickness"]
    seen = _over(seen, 0.7 * one["hair_tone"], 0.9 * blob(eyes[0], brow, 2.6 * thick + 0.06, thick))
    nose = one["eye_height"] + one["nose_length"]
    seen = _over(seen, 0.6 * one["skin_tone"], 0.8 * blob(u, v - nose, one["nose_width"], 0.035 + 0 * thick))
    seen = _over(
        seen,
        1.12 * one["skin_tone"],
        0.5 * blob(u, v - nose + 0.13, 0.4 * one["nose_width"], 0.12 + 0 * thick),
    )
    smile, open_ = vary(-0.5, 0.9), np.maximum(vary(-0.06, 0.06), 0)
    wide = one["mouth_width"] * (1 + 0.15 * smile)
    mouth = v - one["mouth_height"] + smile * (u * u - 0.02)
    seen = _over(seen, dark + 0.12, blob(u, mouth, wide, one["lips"] + open_))
    if glasses.any():
        ring = np.abs(np.sqrt(eyes[0] ** 2 + eyes[1] ** 2) - 0.155)
        frame = ((0.028 - ring) * sharp + 0.5).clip(0, 1) * glasses[:, None, None]
        seen = _over(seen, vary(0.0, 0.25), frame)
    # Light from a side, the camera's gain and offset, blur, noise.
    seen = seen * (1 + vary(-0.3, 0.3) * u + vary(-0.15, 0.15) * v)
    seen = vary(0.8, 1.15) * seen + vary(-0.05, 0.05)
    soft = vary(0.0, 0.28)
    for way in (1, 2):
        padded = np.pad(seen, [(0, 0), *((1, 1) if i == way else (0, 0) for i in (1, 2))], mode="edge")
        before, after = (padded[:, :-2], padded[:, 2:]) if way == 1 else (padded[..., :-2], padded[..., 2:])
        seen = (1 - 2 * soft) * seen + soft * (before + after)
    seen = seen + vary(0.01, 0.05) * generator.standard_normal(seen.shape, np.float32)
    return seen.clip(0, 1).astype(np.float32)[:, None]


def _over(below: NDArray, tone: NDArray, share: NDArray) -> NDArray:
    """A tone laid over a picture, where it covers."""
    return below + share * (tone - below)
