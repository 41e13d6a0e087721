"""Try a decoder: drag a ring through the plane; below, one's own pictures, or generated beside real ones."""

import streamlit as st
from torch import Tensor

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inside import latent_plane
from apps.studio.outputs.image import picture_of
from apps.studio.page.run_view import RunView
from apps.studio.page.try_tab import both

TITLE = "Drag a point"
SHOWN = 24
"""Generated and real pictures."""

fits = latent_plane.fits


def show(page: str, view: RunView) -> None:
    """Draw the plane and what belongs to it."""
    latent_plane.show(page, view)
    if latent_plane.encodes(view):
        st.markdown("##### Rebuild a picture of your own")
        both(page, view)
    else:
        _generated(page, view)


def _generated(page: str, view: RunView) -> None:
    made = view.predictor.made(SHOWN)
    order = view.predictor.score(made).argsort(descending=True)
    st.markdown(
        "**Generated**, the most real ones first for the discriminator",
        help="Its score is below each: in the original game the log odds of being real, 0 is undecided.",
    )
    _row(view, made[order], f"{page}:generated", "Generated")
    st.markdown(f"**Unseen {view.things}**, with the scores of the same discriminator")
    _row(view, view.split.images.test_images[:SHOWN], f"{page}:real", "Real")


def _row(view: RunView, pictures: Tensor, key: str, alt: str) -> None:
    scores = view.predictor.score(pictures).tolist()
    gallery(
        [
            Picture(picture_of(view, picture), f"{score:+z.1f}", alt=alt)
            for picture, score in zip(pictures, scores, strict=True)
        ],
        key=key,
        size=52,
    )
