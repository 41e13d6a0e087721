"""What the network makes of noise: new pictures or points, other ones at a click."""

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.image import picture_of
from apps.studio.outputs.points import cloud
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox.tasks.families.diffusion import Denoiser

TITLE = "New ones"
PICTURES, POINTS, REAL = 48, 400, 16


def fits(view: RunView) -> bool:
    """Whether it takes noise away."""
    return isinstance(view.predictor, Denoiser)


def show(page: str, view: RunView) -> None:
    """Draw what it made, and real examples beside it."""
    key = f"{page}:dream-seed"
    seed = int(st.session_state.get(key, 0))
    made = view.predictor.made(PICTURES if view.predictor.output.kind == "image" else POINTS, seed)
    left, right = panes([2, 1], key=f"{page}-made", least=275)
    with left:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**Made from noise**, step {view.step:,}", width="content")
            st.button(
                "Other noise",
                icon=":material/casino:",
                key=f"{page}:dream",
                on_click=lambda: st.session_state.update({key: seed + 1}),
                help="Begin with other noise. The same noise always becomes the same example.",
            )
        if view.predictor.output.kind == "image":
            pictures = [Picture(picture_of(view, one), alt="Made from noise") for one in made]
            gallery(pictures, key=f"{page}:made", size=56)
        else:
            cloud(np.asarray(view.test.targets), made.numpy(), view, key=f"{page}:made")
    with right:
        if view.predictor.output.kind == "image":
            st.markdown(f"**Real {view.things}**, of the training")
            known = view.split.train.inputs
            some = known[:: max(1, len(known) // REAL)][:REAL]
            real = [Picture(picture_of(view, one), alt="Real") for one in some]
            gallery(real, key=f"{page}:real", size=56)
        else:
            st.caption("Green: real points, unseen. Blue: points that the network made from noise.")
        st.caption("The tab *Inside* shows how the noise goes, step by step.")
