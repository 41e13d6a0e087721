"""Objects of a mask: (H, W) whole numbers, 0 where there is nothing, else the number of the object."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray


@dataclass(frozen=True)
class Found:
    """One object.

    Attributes:
        x: of its centre, in pixels from the left edge.
        y: of its centre, in pixels from the top.
        area: pixels.
        box: left, top, and the pixels behind its right and lower ends.
    """

    x: float
    y: float
    area: int
    box: tuple[int, int, int, int]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {**asdict(self), "box": list(self.box)}


def listed(mask: Int[np.ndarray, "H W"]) -> list[Found]:
    """Every object of a mask, in the order of its numbers."""
    from scipy import ndimage

    numbered = np.asarray(mask)
    places = ndimage.find_objects(numbered)
    areas = np.bincount(numbered.ravel())
    found = []
    for number, place in enumerate(places, 1):
        if place is None:
            continue
        rows, columns = np.nonzero(numbered[place] == number)
        top, left = place[0].start, place[1].start
        box = (left, top, place[1].stop, place[0].stop)
        x, y = round(left + float(columns.mean()), 1), round(top + float(rows.mean()), 1)
        found.append(Found(x, y, int(areas[number]), box))
    return found


def count(mask: Int[np.ndarray, "H W"]) -> int:
    """How many objects there are."""
    numbers = np.unique(mask)
    return int((numbers > 0).sum())


def depth(mask: Int[np.ndarray, "H W"]) -> Float[np.ndarray, "H W"]:
    """How deep each pixel lies in its own object: 0 outside, 1 where the object is deepest.

    Each object is measured by itself, so the line where two of them touch is low: it parts them.
    """
    from scipy import ndimage

    found = np.zeros(mask.shape, np.float32)
    for number, place in enumerate(ndimage.find_objects(np.asarray(mask)), 1):
        if place is None:
            continue
        inside = np.pad(mask[place] == number, 1)
        whole: Any = ndimage.distance_transform_edt(inside)
        far = whole[1:-1, 1:-1]
        found[place] = np.where(inside[1:-1, 1:-1], far / far.max(), found[place])
    return found


def parted(
    inside: Bool[np.ndarray, "H W"], height: Float[np.ndarray, "H W"], least_height: float, least_area: int
) -> Int[np.ndarray, "H W"]:
    """Number the objects of a foreground, one for each hill of a height map. Beucher & Lantuejoul 1979.

    Args:
        inside: which pixels belong to any object; holes in it are filled.
        height: a map with one hill for each object, such as the distance to the edge.
        least_height: by which a hill must rise above the saddle to a higher one to be an object of its own.
        least_area: pixels of an object; smaller ones are left out.
    """
    from scipy import ndimage
    from skimage.morphology import local_maxima
    from skimage.segmentation import watershed

    inside = np.asarray(ndimage.binary_fill_holes(inside))
    height = np.where(inside, height, 0).astype(np.float32)
    tops = components(local_maxima(_flattened(height, least_height)) & inside, corners=True)
    found = watershed(-height, tops, mask=inside)
    # A piece of foreground without a hill is an object, too.
    lonely = components(inside & (found == 0))
    found = np.where(lonely > 0, lonely + found.max(), found)
    return without_specks(found, least_area)


def _flattened(height: Float[np.ndarray, "H W"], least: float) -> Float[np.ndarray, "H W"]:
    """The map with every hill cut by so much: those that rise less above their saddle melt into others.

    The h-maxima transform, by geodesic dilation. Soille 1999, section 6.3.4.
    """
    cut, around = height - np.float32(least), np.ones((3, 3), np.uint8)
    while True:
        grown = np.minimum(cv2.dilate(cut, around), height)
        if np.array_equal(grown, cut):
            return cut
        cut = grown


def without_specks(mask: Int[np.ndarray, "H W"], least_area: int) -> Int[np.ndarray, "H W"]:
    """The same objects numbered from 1 without gaps; those with fewer pixels are left out."""
    areas = np.bincount(np.asarray(mask).ravel())
    kept = areas >= least_area
    kept[0] = False
    numbers = np.where(kept, np.cumsum(kept), 0)
    return numbers[mask].astype(np.int32)


def components(inside: NDArray[Any], *, corners: bool = False) -> Int[np.ndarray, "H W"]:
    """Number the connected parts of a foreground.

    Args:
        inside: which pixels belong to it.
        corners: whether pixels that only share a corner are connected.
    """
    from scipy import ndimage

    found: Any = ndimage.label(inside, np.ones((3, 3)) if corners else None)
    return np.asarray(found[0], np.int32)
