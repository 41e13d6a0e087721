"""Pictures: drawn, picked among the unseen ones, uploaded, or from the camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs import drawing
from apps.studio.page.chosen_input import ChosenInput, has_picked, picked, remember, sample
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import sentence
from sandbox.data.formats import images
from sandbox.data.overlay import photo_of
from sandbox.errors import UserError
from sandbox.tasks.predictor import Predictor


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the ways to give a picture; None where there is none yet, or the one given cannot be used."""
    drawable = view.predictor.input.drawable
    kind = drawing.way(page, drawable=drawable)
    given: ChosenInput | None = sample(view, picked(page, view))
    if kind == drawing.DRAW:
        given = _drawn(page, view, given if has_picked(page) else None)
    elif kind == drawing.UPLOAD:
        file = st.file_uploader(
            "A picture",
            type=[ending.removeprefix(".") for ending in images.ENDINGS],
            key=f"{page}:upload",
            help=f"{images.KINDS}, at most 10 MB."
            + (" A drawing is best made thick, filling the picture." if drawable else ""),
        )
        given = None if file is None else _photo(page, view, file.getvalue(), file.name)
    elif kind == drawing.CAMERA:
        shot = st.camera_input("A photo", key=f"{page}:camera", help="It stays on this machine.")
        given = None if shot is None else _photo(page, view, shot.getvalue(), "The photo")
    else:
        gallery(
            [Picture(shown(view, given.value), name_of(view, given.target))], key=f"{page}:photo", size=260
        )
    remember(page, view, given)
    return given


def shown(view: RunView, image: Any) -> NDArray[Any]:
    """A picture (C, H, W) as a gallery shows it: ink (H, W) for handwriting, else a photo (H, W, 3)."""
    return _shown(view.predictor, image)


def preview(
    page: str, predictor: Predictor[Any, Any], values: Sequence[Any], captions: Sequence[str]
) -> None:
    """Draw a few pictures with their captions, before anything learns from them."""
    pictures = [
        Picture(_shown(predictor, value), caption) for value, caption in zip(values, captions, strict=True)
    ]
    gallery(pictures, key=f"{page}:preview", size=72)


def _shown(predictor: Any, image: Any) -> NDArray[Any]:
    values = np.asarray(image)
    if predictor.input.drawable:
        return values.mean(0)
    if predictor.input.kind == "photo":
        return photo_of(values)
    return np.broadcast_to(values.transpose(1, 2, 0), (*values.shape[1:], 3))


def name_of(view: RunView, target: Any) -> str:
    """The class of a picture by name; empty if it has none, or if its target is no class."""
    classes = getattr(view.split, "classes", ())
    if target is None or np.ndim(target) or not len(classes):
        return ""
    return str(classes[int(target)])


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw one picture as the network sees it."""
    gallery([Picture(shown(view, value), caption)], key=f"{page}:{key}", size=size)


def _drawn(page: str, view: RunView, given: ChosenInput | None) -> ChosenInput | None:
    """What is on the pad, which waits, empty, for somebody to draw."""
    _, height, width = view.predictor.input.shape
    sketch = drawing.pad(
        page,
        f"Draw one of the {view.things} here" if width < 2 * height else "Write here",
        None if given is None else shown(view, given.value),
        width / height,
    )
    if sketch.pixels is None:
        return None
    return ChosenInput(view.predictor.input.encode(sketch.pixels)) if sketch.drawn else given


def _photo(page: str, view: RunView, content: bytes, name: str) -> ChosenInput | None:
    try:
        value = view.predictor.input.encode(images.values(content, name=name[:60]))
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return None
    size = max(160, 2 * value.shape[2]) if view.predictor.input.drawable else 160
    show(page, view, value, key="seen", caption="as the network sees it", size=size)
    return ChosenInput(value)
