"""The ways to give a picture, and the pad below them, the same before there is a network to read it.

Whoever draws while a network is still to come must not lose the pad under the pen when it comes: the browser
makes anew what has moved to another place on the page.
"""

import numpy as np
import streamlit as st

from apps.studio.browser.sketch_pad import Sketch, sketch_pad
from apps.studio.page.chosen_input import token

DRAW, SAMPLE, UPLOAD, CAMERA = "draw", "sample", "upload", "camera"


def way(page: str, *, drawable: bool) -> str:
    """Draw the choice of how to give a picture.

    Args:
        page: the page's name.
        drawable: whether the network reads what is drawn, rather than photos.

    Returns:
        One of DRAW or SAMPLE, UPLOAD and CAMERA.
    """
    ways = [DRAW if drawable else SAMPLE, UPLOAD, CAMERA]
    return st.segmented_control(
        "Picture",
        ways,
        default=ways[0],
        required=True,
        key=f"{page}:kind:{drawable}",
        label_visibility="collapsed",
        width="stretch",
    )


def pad(page: str, label: str, picture: np.ndarray | None = None, wide: float = 1.0) -> Sketch:
    """The page's pad; see `sketch_pad`."""
    return sketch_pad(key=f"{page}:pad", label=label, picture=picture, token=token(page), wide=wide)


def wait(page: str) -> None:
    """Draw the pad where nothing can read it yet."""
    if way(page, drawable=True) == DRAW:
        pad(page, "Draw here")
    else:
        st.caption("A picture can be given in a moment.")
