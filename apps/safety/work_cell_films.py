"""Frames of Work cell with boxes: single ones to learn from, short films of other halls to test on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import envs
from envs.engine.camera import Camera
from envs.engine.core.batch import Batch
from envs.engine.frames import COPIES, Frame, frames
from envs.scenes.work_cell import BASE_X, BASE_Y, CLASSES, HAND, SCALE
from envs.scenes.work_cell_layouts import LAYOUTS
from sandbox.data.formats.boxed_images import as_table
from sandbox.tasks.outputs.separation import NOBODY

UNSEEN = range(LAYOUTS - 8, LAYOUTS)
"""Halls of the test films."""
TEST_SEED = 2**32
"""Added to the seed of the test films."""
LEAST_PIXELS = 6
"""Of somebody who counts as seen."""
BUSY = (
    {"people": 8, "carelessness": 0.5},
    {"people": 5, "carelessness": 0.25},
    {"people": 3, "carelessness": 0.8},
)
"""Who is about in turn, so that the network sees empty halls and crowded ones."""


@dataclass(frozen=True)
class Films:
    """Frames one film after the other.

    Attributes:
        images: (N, H, W, 3) bytes.
        boxes: (N, M, 5), see `BoxedImages`; around whole things of which something can be seen, so that their
            middles do not move when the arm hides a part.
        nearest: (N,), metres between the gripper and the nearest person, seen or hidden.
        clips: (N,), which film each is of.
    """

    images: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    nearest: NDArray[np.float32]
    clips: NDArray[np.int64]


def films(pictures: int, length: int, seed: int, size: tuple[int, int]) -> tuple[Films, Films]:
    """Single frames of 24 halls to learn from, and 64 films of eight others, in other light.

    Args:
        pictures: how many frames to learn from.
        length: frames of each test film, 0.2 s apart.
        seed: decides everything.
        size: height and width.
    """
    seen = [layout for layout in range(LAYOUTS) if layout not in UNSEEN]
    parts: list[Frame] = []
    for number, layout in enumerate(seen):
        count = pictures * (number + 1) // len(seen) - pictures * number // len(seen)
        parts += _frames(layout, count, seed * 1000 + layout, size, BUSY[number % 3], light=0.25, noise=4.0)
    train = _table(parts, np.arange(len(parts)))
    found: list[Frame] = []
    for layout in UNSEEN:
        taken = _frames(
            layout,
            COPIES * length,
            TEST_SEED + seed * 1000 + layout,
            size,
            BUSY[0],
            light=0.35,
            noise=5.0,
            every=2,
        )
        found += [frame for copy in range(COPIES) for frame in taken[copy::COPIES]]
    return train, _table(found, np.repeat(np.arange(COPIES * len(UNSEEN)), length))


def empty_halls(size: tuple[int, int]) -> NDArray[np.float32]:
    """Each hall without people, as when a camera is set up: (K, 3, H, W), medians over the robot's ways."""
    cell = envs.find("work_cell")
    camera = Camera(cell, size)
    found = []
    for layout in range(LAYOUTS):
        batch = Batch(cell, 9, params={"people": 0, "layout": layout})
        obs = np.zeros((9, *(cell.observation_space.shape or ())), np.float32)
        batch.seed(0)
        batch.reset(obs)
        batch.states["phase"] = np.linspace(0, np.pi, 9)
        pictures = np.stack([camera.picture(state, batch.params).copy() for state in batch.states])
        found.append(np.median(pictures, 0).transpose(2, 0, 1) / 255)
    return np.asarray(np.stack(found), np.float32)


def tip_and_foot(width: int) -> tuple[float, tuple[float, float]]:
    """Radius of the gripper in metres, and where the robot stands in pixels of pictures of some width."""
    scale = width / envs.find("work_cell").size[0] * SCALE
    return HAND, (BASE_X * scale, BASE_Y * scale)


def _frames(
    layout: int, count: int, seed: int, size: tuple[int, int], params: dict[str, Any], **how: Any
) -> list[Frame]:
    there = {**params, "layout": layout}
    cell = envs.find("work_cell")
    return list(frames(cell, count, seed, size, params=there, explore=0.3, min_pixels=0, **how))


def _table(taken: list[Frame], clips: NDArray[np.int64]) -> Films:
    people = CLASSES.index("person")
    height, width = taken[0].image.shape[:2]
    boxes = []
    for frame in taken:
        seen = np.bincount(frame.instances.ravel(), minlength=len(frame.kinds) + 1)[1:] >= LEAST_PIXELS
        rows = np.column_stack([frame.whole.clip(0, (width, height) * 2), frame.kinds])
        boxes.append(rows[seen].astype(np.float32))
    nearest = [frame.distances[frame.kinds == people].min(initial=NOBODY) for frame in taken]
    images = np.stack([frame.image for frame in taken])
    return Films(images, as_table(boxes), np.maximum(np.array(nearest, np.float32), 0), clips)


__all__ = ["CLASSES", "Films", "empty_halls", "films", "tip_and_foot"]
