"""Filters switched off by a click: what becomes of the answer, and where the network looks."""

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.microscope.views.network import cnn, is_cnn, overlay, own, probabilities, switched
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.bars import show_bars
from apps.studio.inputs.image import name_of, shown
from apps.studio.inside.feature_maps import saliency
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox import explain
from sandbox.percent import percent

TITLE = "Switch filters off"
ORDER = 30
MOST = 64
"""Filters of a convolution that are shown."""

fits = is_cnn


def show(page: str, view: RunView) -> None:
    """Draw the input, the answer with some filters off, where it looks, and the switches."""
    image, off = np.asarray(current(page, view).value), switched(page, view)
    left, right = panes([14, 20], key=f"{page}-switches")
    before = probabilities(cnn(view), image[None])[0]
    with explain.switched_off(own(view), off) as model:
        after = probabilities(model, image[None])[0]
    with left:
        gallery([Picture(shown(view, image), "")], key=f"{page}:switched", size=96)
        _answer(page, view, before, after, off)
        _where(page, view, image, int(before.argmax()))
    with right:
        _switches(page, view, image, off)


def picture(page: str, view: RunView) -> None:
    """Draw where the network looks."""
    image = np.asarray(current(page, view).value)
    _where(f"{page}:learn", view, image, int(probabilities(cnn(view), image[None])[0].argmax()))


def _answer(
    page: str,
    view: RunView,
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    off: dict[int, list[int]],
) -> None:
    classes = list(view.predictor.output.classes)
    count = sum(map(len, off.values()))
    st.markdown(f"##### It reads {classes[int(after.argmax())]}")
    show_bars(classes, after.tolist(), key=f"{page}:bars:off", most=5)
    if count:
        first = int(before.argmax())
        st.caption(
            f"With all filters: {classes[first]}, {percent(before[first])}. With {count} off: "
            f"{classes[first]} {percent(after[first])}."
        )


def _where(page: str, view: RunView, image: NDArray[np.float32], best: int) -> None:
    name = name_of(view, best)
    one, two = st.columns(2, wrap=False)
    with one:
        st.markdown(
            "**Grad-CAM**",
            help="Where the last convolution found what speaks for the answer (Selvaraju et al. 2017).",
        )
        alt = f"Where it sees {name}"
        gallery([Picture(overlay(view, image, best), f"for {name}", alt=alt)], key=f"{page}:cam", size=92)
    with two:
        st.markdown(
            "**Saliency**",
            help="The score's gradient: ink at a blue pixel speaks for it, at a red one against.",
        )
        pull = saliency(view, image, best)
        alt = f"Pixels that speak for {name} and against"
        gallery([Picture(pull, f"for {name}", alt=alt)], key=f"{page}:pull", size=92, signed=True)


def _switches(page: str, view: RunView, image: NDArray[np.float32], off: dict[int, list[int]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            "**Filters**: a click switches one off, and on again",
            width="content",
            help="A filter that is off finds nothing, whatever it is shown.",
        )
        st.button(
            "All on",
            icon=":material/toggle_on:",
            type="tertiary",
            key=f"{page}:all-on",
            disabled=not any(off.values()),
            on_click=off.clear,
        )
    # Each convolution as it is with those before it switched.
    with explain.switched_off(own(view), off) as model:
        maps = explain.feature_maps(model, torch.from_numpy(image)[None])
    for stage, found in enumerate(maps):
        values = found[0].numpy()
        scale = float(values.max()) or 1.0
        st.caption(f"Convolution {stage + 1}: what its {len(values)} filters find")
        numbers = off.get(stage, [])
        picked = gallery(
            [
                Picture(
                    unit / scale,
                    "off" if i in numbers else "",
                    alt=f"Filter {i + 1} of convolution {stage + 1}, {'off' if i in numbers else 'on'}",
                    tone="wrong" if i in numbers else "",
                )
                for i, unit in enumerate(values[:MOST])
            ],
            key=f"{page}:switch:{stage}",
            size=44,
            pickable=True,
        )
        if picked is not None:
            toggled = off.setdefault(stage, [])
            toggled.remove(picked) if picked in toggled else toggled.append(picked)
            st.rerun(scope="fragment")
