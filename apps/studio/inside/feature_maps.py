"""What each filter of a convolutional network finds in this input."""

import numpy as np
import streamlit as st
import torch

from apps.studio.browser.gallery import Picture, gallery, on_one_scale
from apps.studio.inputs.image import name_of, shown
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox import explain
from sandbox.blocks.cnn import CNN
from sandbox.percent import percent

TITLE = "Feature maps"
ORDER = 10
MOST = 32
"""Filters of one convolution that are shown."""


def fits(view: RunView) -> bool:
    """Whether the network is a stack of convolutions."""
    return isinstance(getattr(view.predictor, "model", None), CNN)


def show(page: str, view: RunView) -> None:
    """Draw the filters, what they find in the input, and what speaks for the answer."""
    model, image = view.predictor.model, np.asarray(current(page, view).value)
    probabilities = np.asarray(view.predictor.predict(image[None])[0])
    best = int(probabilities.argmax())
    name = name_of(view, best)
    left, right = panes([1, 3], key=f"{page}-feature-maps", least=240)
    with left:
        st.markdown("**This input**")
        gallery(
            [Picture(shown(view, image), f"{name}, {percent(probabilities[best])}")],
            key=f"{page}:input",
            size=120,
        )
        st.markdown(
            f"**What speaks for {name}**", help="The gradient of the score of the answer at each pixel."
        )
        gallery([Picture(saliency(view, image, best), "")], key=f"{page}:saliency", size=120, signed=True)
        st.caption("More ink at a blue pixel would make the answer surer, at a red one less sure.")
    with right:
        _filters(page, model)
        for number, maps in enumerate(explain.feature_maps(model, torch.from_numpy(image)[None])):
            _maps(page, view, number, maps[0].numpy())


def picture(page: str, view: RunView) -> None:
    """Draw what the first filters find in the input."""
    model, image = view.predictor.model, np.asarray(current(page, view).value)
    maps = explain.feature_maps(model, torch.from_numpy(image)[None])[0][0].numpy()[:MOST]
    names = [f"filter {i + 1}" for i in range(len(maps))]
    pictures = [Picture(shown(view, image), "input"), *on_one_scale(maps, names, alt="filter {}")]
    gallery(pictures, key=f"{page}:learn:maps", size=72)


def saliency(view: RunView, image: np.ndarray, label: int) -> np.ndarray:
    """How each pixel of a picture (C, H, W) pulls the score of a class up or down, (H, W) in [-1, 1]."""
    model = view.predictor.model
    pull = explain.saliency(model, torch.from_numpy(image), label).sum(0).numpy()
    return pull / max(1e-12, float(np.abs(pull).max()))


def _filters(page: str, model: CNN) -> None:
    weights = weights_of(model, 0)
    st.markdown(
        f"**First filters**: {len(weights)} patterns of {weights.shape[2]} × {weights.shape[3]} pixels, "
        "slid over the picture",
        help="Blue weighs ink up, red down. They began as noise; training made them.",
    )
    pictures = on_one_scale(weights[:MOST].mean(1), alt="Filter {}")
    gallery(pictures, key=f"{page}:filters", size=36, signed=True)


def weights_of(model: CNN, stage: int) -> np.ndarray:
    """The filters of a convolution, (filters, channels, rows, columns)."""
    return next(model.body[stage].children()).get_parameter("weight").detach().numpy()


def _maps(page: str, view: RunView, number: int, maps: np.ndarray) -> None:
    st.markdown(
        f"**After convolution {number + 1}**: where each of its {len(maps)} filters found its pattern",
        help="Click one to see which unseen inputs it answers to most.",
    )
    pictures = on_one_scale(maps[:MOST], alt=f"Unit {{}} of convolution {number + 1}")
    picked = gallery(pictures, key=f"{page}:maps:{number}", size=44, pickable=True)
    if picked is not None:
        st.session_state[f"{page}:unit"] = (number, picked)
    stage, unit = st.session_state.get(f"{page}:unit", (None, 0))
    if stage == number and unit < len(maps):
        st.caption(f"Unit {unit + 1} answers most to these:")
        found = drives(view, number, unit)
        gallery(
            [Picture(shown(view, view.test.inputs[int(i)]), "") for i in found],
            key=f"{page}:drives:{number}",
            size=44,
        )


def drives(view: RunView, stage: int, unit: int, count: int = 10) -> np.ndarray:
    """Places of the unseen pictures that a filter answers to most."""
    maps = explain.feature_maps(view.predictor.model, view.test.inputs)[stage]
    return maps[:, unit].amax((1, 2)).argsort(descending=True)[:count].numpy()
