"""One XML file of Pascal VOC: which picture, and which boxes. Everingham et al. 2010."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError

MOST_BYTES = 2**20
"""Of one XML file."""
MOST_NODES, DEEPEST = 50_000, 20
"""Elements of one XML file, and how deep they may lie in each other."""
MOST_BOXES = 300
"""Objects in one picture."""
MOST_NAME = 40
"""Letters of a class."""


class AnnotationError(UserError):
    """An XML file says nothing that can be used; the sentence says why."""


@dataclass(frozen=True)
class Annotation:
    """What one XML file says.

    Attributes:
        picture: the file name of its picture; empty if it names none.
        size: height and width that it says the picture has; None if it does not say.
        boxes: (M, 4) left, top, right, bottom in pixels.
        names: the class of each.
        bad: objects whose boxes make no sense and that were left out.
    """

    picture: str
    size: tuple[float, float] | None
    boxes: NDArray[np.float32]
    names: tuple[str, ...]
    bad: int = 0


def parse(content: bytes) -> Annotation:
    """Read one XML file; no document type and so no entities, no more than there is a limit for.

    Raises:
        AnnotationError: it is no such file, or goes beyond a limit; says which.
    """
    root = _tree(content)
    boxes, names, bad = [], [], 0
    for number, item in enumerate(root.iter("object")):
        if number == MOST_BOXES:
            raise AnnotationError(f"it holds more than {MOST_BOXES} objects")
        name = " ".join((item.findtext("name") or "").split())[:MOST_NAME]
        corners = _corners(item.find("bndbox"))
        if not name or corners is None:
            bad += 1
            continue
        boxes.append(corners)
        names.append(name)
    height, width = (_number(root.findtext(f"size/{side}")) for side in ("height", "width"))
    size = (height, width) if height and width and min(height, width) >= 1 else None
    picture = PurePosixPath((root.findtext("filename") or "").strip().replace("\\", "/")).name
    return Annotation(picture, size, np.array(boxes, np.float32).reshape(-1, 4), tuple(names), bad)


def _tree(content: bytes) -> Element:
    """The elements of an XML file that declares no document type."""
    builder, nodes, depth = TreeBuilder(), 0, 0

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal nodes, depth
        nodes, depth = nodes + 1, depth + 1
        if nodes > MOST_NODES or depth > DEEPEST:
            raise AnnotationError("it holds too many elements, or elements too deep in each other")
        builder.start(tag, {})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: Any) -> None:
        raise AnnotationError("it declares a document type, which no such file needs")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as error:
        raise AnnotationError(f"it is no XML: {error}") from None


def _corners(box: Element | None) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    found = [_number(box.findtext(name)) for name in ("xmin", "ymin", "xmax", "ymax")]
    if any(value is None for value in found):
        return None
    left, top, right, bottom = (float(value or 0) for value in found)
    return (left, top, right, bottom) if right - left >= 1 and bottom - top >= 1 else None


def _number(text: str | None) -> float | None:
    """A coordinate; None for what is none, or lies beyond any picture."""
    try:
        value = float((text or "").strip())
    except ValueError:
        return None
    return value if abs(value) < 10**6 else None
