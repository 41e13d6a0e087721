"""Pictures: drawn, picked among the unseen ones, uploaded, or from the camera."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.components.gallery import Picture, gallery
from apps.components.sketch import sketch_pad
from apps.studio.page.given import Given, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from sandbox.errors import UserError

DRAW, SAMPLE, UPLOAD, CAMERA = "draw", "sample", "upload", "camera"
ENDINGS = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


def choose(page: str, view: RunView) -> Given | None:
    """Draw the ways to give a picture; None where there is none yet, or the one given cannot be used."""
    drawable = view.predictor.input.style is not None
    kinds = [DRAW if drawable else SAMPLE, UPLOAD, CAMERA]
    kind = st.segmented_control(
        "Picture",
        kinds,
        default=kinds[0],
        required=True,
        key=f"{page}:kind:{drawable}",
        label_visibility="collapsed",
        width="stretch",
    )
    given: Given | None = sample(view, picked(page, view))
    if kind == DRAW:
        given = _drawn(page, view, given)
    elif kind == UPLOAD:
        file = st.file_uploader(
            "A picture",
            type=list(ENDINGS),
            key=f"{page}:upload",
            help="At most 10 MB. A digit is best written thick, filling the picture." if drawable else None,
        )
        given = None if file is None else _photo(page, view, file.getvalue(), file.name)
    elif kind == CAMERA:
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
    values = np.asarray(image)
    if view.predictor.input.style is not None:
        return values.mean(0)
    return np.broadcast_to(values.transpose(1, 2, 0), (*values.shape[1:], 3))


def name_of(view: RunView, target: Any) -> str:
    """The class of a picture by name; empty if it has none."""
    classes = getattr(view.split, "classes", ())
    return str(classes[int(target)]) if target is not None and len(classes) else ""


def thumbnails(
    page: str,
    view: RunView,
    rows: Sequence[int],
    captions: Sequence[str],
    tones: Sequence[Any],
    *,
    key: str,
) -> int | None:
    """Draw unseen pictures with captions; returns the one that was just clicked, by its place in `rows`.

    Args:
        page: the page's name.
        view: whose `test` they are.
        rows: places in it.
        captions: one for each.
        tones: `right`, `wrong` or empty, one for each.
        key: name of the gallery.
    """
    pictures = [
        Picture(
            shown(view, view.test.inputs[row]),
            caption,
            alt=f"{name_of(view, view.test.targets[row])}: {caption}; click to look at it",
            tone=tone,
        )
        for row, caption, tone in zip(rows, captions, tones, strict=True)
    ]
    return gallery(pictures, key=f"{page}:{key}", size=50, pickable=True)


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw one picture as the network sees it."""
    gallery([Picture(shown(view, value), caption)], key=f"{page}:{key}", size=size)


def _drawn(page: str, view: RunView, given: Given) -> Given | None:
    sketch = sketch_pad(
        key=f"{page}:pad",
        label=f"Draw one of the {view.things}",
        picture=shown(view, given.value),
        token=token(page),
    )
    if sketch.pixels is None:
        return None
    return Given(view.predictor.input.encode(sketch.pixels)) if sketch.drawn else given


def _photo(page: str, view: RunView, content: bytes, name: str) -> Given | None:
    try:
        value = from_bytes(view, content, name)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return None
    show(page, view, value, key="seen", caption="as the network sees it", size=160)
    return Given(value)


def from_bytes(view: RunView, content: bytes, name: str) -> Any:
    """A picture's bytes as the network takes it.

    Raises:
        UserError: they are no picture, damaged, or too large; says which.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        try:
            return view.predictor.input.encode(view.predictor.input.read(path))
        except UserError as error:
            raise UserError(str(error).replace(str(path), name[:60])) from None
