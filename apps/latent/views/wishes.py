"""What the discriminator of pictures would change: all that the generator is ever told."""

import streamlit as st

from apps.studio.browser.gallery import Picture, gallery, on_one_scale
from apps.studio.inside import copies
from apps.studio.outputs.image import picture_of
from apps.studio.page.run_view import RunView

TITLE = "What the discriminator wants"
SHOWN = 12

fits = copies.fits


def show(page: str, view: RunView) -> None:
    """Draw generated pictures, and below each how its pixels should change."""
    st.markdown(
        "**Generated pictures**, and below each the slope of the discriminator's score by its pixels",
        help="Blue: more ink there would look more real; red: less.",
    )
    made = view.predictor.made(SHOWN)
    slopes = view.predictor.slopes(made).numpy().mean(1)
    gallery(
        [Picture(picture_of(view, image), alt="Generated") for image in made],
        key=f"{page}:wishes:made",
        size=64,
    )
    wishes = on_one_scale(slopes, alt="What the discriminator wants of picture {}")
    gallery(wishes, key=f"{page}:wishes", size=64, signed=True)


picture = show
