"""Small noise and large noise: how real the pictures are, and how many kinds there are among them."""

from functools import partial

import numpy as np
import streamlit as st
import torch

from apps.latent.views import wishes
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.image import picture_of
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox.metrics.feature_classifier import feature_classifier

TITLE = "Kinds of pictures"
SHOWN, SIZES = 15, 11

fits = wishes.fits


def show(page: str, view: RunView) -> None:
    """Draw a slider, pictures of noise of this size, and how many kinds the classifier finds."""
    left, right = panes([1, 2], key=f"{page}-noise-size", least=240)
    with left:
        amount = st.slider(
            "Size of the noise",
            0.0,
            3.0,
            1.0,
            0.05,
            key=f"{page}:limits:size",
            help="Factor of the noise, 0 to 3; the generator was trained with 1.",
        )
        found = view.later("kinds", partial(kinds, view))
        if found is None:
            st.caption("Pictures are being made …")
        else:
            count = float(np.interp(amount, *found))
            st.markdown(f"The classifier finds **{count:z.1f}** of {len(view.split.class_names)} kinds.")
        st.caption("With small noise all pictures are alike. To see modes being lost, train with penalty 0.")
    with right:
        noise = torch.from_numpy(view.predictor.input.draw(SHOWN, seed=3))
        made = view.predictor.decode(amount * noise)
        pictures = [Picture(picture_of(view, one), alt="Generated") for one in made]
        gallery(pictures, key=f"{page}:limits:made", size=72)


def kinds(view: RunView) -> tuple[list[float], list[float]]:
    """Sizes of noise, and the number of kinds of pictures at each."""
    classifier = feature_classifier(view.split.images)
    noise = view.predictor.input.draw(len(view.split.test), seed=5)
    sizes = np.linspace(0.0, 3.0, SIZES, dtype=np.float32).tolist()
    rows = [view.predictor.decode(torch.from_numpy(np.float32(size) * noise)).flatten(1) for size in sizes]
    return sizes, [classifier.figures(one)["variety"] for one in rows]
