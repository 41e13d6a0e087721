"""Pairs of faces: unseen ones, or two pictures of one's own."""

from __future__ import annotations

import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import preview as preview
from apps.studio.inputs.image import show as show
from apps.studio.inputs.image import shown as shown
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import sentence
from sandbox.data.formats import images
from sandbox.errors import UserError

TILE = 84
"""Pixels of the width of a small pair."""
SAMPLE, UPLOAD, CAMERA = "sample", "upload", "camera"


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the ways to give a pair; None where there are not two pictures yet, or one cannot be used."""
    way = st.segmented_control(
        "Pictures",
        [SAMPLE, UPLOAD, CAMERA],
        default=SAMPLE,
        required=True,
        key=f"{page}:pair:way",
        label_visibility="collapsed",
        width="stretch",
    )
    given: ChosenInput | None = sample(view, picked(page, view))
    if way != SAMPLE:
        given = _own(page, view, way == CAMERA)
    if given is not None:
        gallery([Picture(shown(view, given.value), "as the network sees them")], key=f"{page}:pair", size=260)
    remember(page, view, given)
    return given


def _own(page: str, view: RunView, camera: bool) -> ChosenInput | None:
    """Two pictures of one's own, the second one perhaps from the camera."""
    endings = [ending.removeprefix(".") for ending in images.ENDINGS]
    about = "Cropped to the face. It stays on this machine, in memory, and is not stored."
    files = [st.file_uploader("First picture", type=endings, key=f"{page}:pair:first", help=about)]
    if camera:
        files.append(st.camera_input("Second picture", key=f"{page}:pair:camera", help=about))
    else:
        files.append(st.file_uploader("Second picture", type=endings, key=f"{page}:pair:second", help=about))
    if any(file is None for file in files):
        return None
    names = ("The first picture", "The second picture")
    try:
        both = [
            images.values(file.getvalue(), name=name)
            for file, name in zip(files, names, strict=True)
            if file is not None
        ]
        return ChosenInput(view.predictor.input.joined(*both))
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return None
