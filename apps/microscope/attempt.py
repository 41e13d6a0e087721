"""Try: a picture, the answer, where the network looks, and what changes when filters are switched off."""

import copy
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.components.bars import show_bars
from apps.components.gallery import Picture, gallery
from apps.components.panes import panes
from apps.components.plain import escape
from apps.components.verdict import verdict
from apps.microscope import specimen
from apps.start import reading
from envs.engine import palette
from sandbox import explain
from sandbox.blocks.cnn import CNN

if TYPE_CHECKING:
    from apps.start.reading import Look

PAGE = specimen.PAGE
OFF = f"{PAGE}:off"
"""Filters that are switched off: numbers by convolution."""
MOST = 64
"""Filters of a convolution that are shown."""


def show(look: "Look") -> None:
    """Draw the tab."""
    left, middle, right = panes([10, 10, 14], key=f"{PAGE}-try")
    with left:
        specimen.choose(look)
    found = specimen.chosen(look)
    if found is None:
        with middle:
            st.markdown("##### No picture yet")
            st.caption("Draw, upload or take one, or choose a sample. The answer appears here.")
        return
    image, label = found
    off = switched(look)
    before = probabilities(look, image, {})
    after = probabilities(look, image, off)
    with middle:
        _answer(look, before, after, label, off)
        _where(look, image, int(before.argmax()))
    with right:
        _switches(look, image, off)


def switched(look: "Look") -> dict[int, list[int]]:
    """Filters that are off, of this network."""
    kept = st.session_state.get(OFF)
    if kept is None or kept[0] != look.run.name:
        kept = st.session_state[OFF] = (look.run.name, {})
    return kept[1]


def own(look: "Look") -> CNN:
    """A copy of the network to switch filters of: the loaded one serves other sessions, too."""
    return copy.deepcopy(look.classifier.model)


def probabilities(look: "Look", image: NDArray[np.float32], off: dict[int, list[int]]) -> NDArray[np.float32]:
    """Of each class, while some filters are off."""
    with explain.switched_off(own(look), off) as model:
        return reading.probabilities(model, torch.from_numpy(image)[None])[0]


def overlay(look: "Look", image: NDArray[np.float32], label: int) -> NDArray[np.float64]:
    """Grad-CAM of the last convolution over the picture, as a photo: the more orange, the more it speaks."""
    model = look.classifier.model
    heat = explain.grad_cam(model, torch.from_numpy(image), label)
    laid = explain.over_picture(heat, explain.fields(model)[-1], (image.shape[1], image.shape[2])).numpy()
    share = (laid / max(1e-12, float(laid.max()))).clip(0, 1)[..., None] * 0.75
    ground = reading.shown(look, image)
    if ground.ndim == 2:
        paper = ground if st.context.theme.type == "dark" else 1 - ground  # as all other pictures of ink
        ground = paper[..., None] * np.ones(3)
    hue = np.array(palette.rgb("human")) / 255
    return (1 - share) * ground + share * hue


def _answer(
    look: "Look",
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    label: int | None,
    off: dict[int, list[int]],
) -> None:
    classes = look.data.classes
    count = sum(map(len, off.values()))
    st.markdown(f"##### {verdict(classes, after.tolist(), label)}")
    show_bars(classes, after.tolist(), key=f"{PAGE}:bars", most=5)
    if count:
        first = int(before.argmax())
        st.caption(
            f"With all filters: {escape(classes[first])}, {before[first]:.0%}. With {count} off: "
            f"{escape(classes[first])} {after[first]:.0%}."
        )


def _where(look: "Look", image: NDArray[np.float32], best: int) -> None:
    name = look.data.classes[best]
    one, two = st.columns(2, wrap=False)
    with one:
        st.markdown(
            "**Grad-CAM**",
            help="Where the last convolution found what speaks for the answer (Selvaraju et al. 2017).",
        )
        alt = f"Where it sees {name}"
        gallery([Picture(overlay(look, image, best), f"for {name}", alt=alt)], key=f"{PAGE}:cam", size=92)
    with two:
        st.markdown(
            "**Saliency**",
            help="The score's gradient: ink at a blue pixel speaks for it, at a red one against.",
        )
        pull = reading.saliency(look.classifier.model, image, best)
        alt = f"Pixels that speak for {name} and against"
        gallery([Picture(pull, f"for {name}", alt=alt)], key=f"{PAGE}:pull", size=92, signed=True)


def _switches(look: "Look", image: NDArray[np.float32], off: dict[int, list[int]]) -> None:
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
            key=f"{PAGE}:all-on",
            disabled=not any(off.values()),
            on_click=off.clear,
        )
    # Each convolution as it is with those before it switched.
    with explain.switched_off(own(look), off) as model:
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
            key=f"{PAGE}:switch:{stage}",
            size=44,
            pickable=True,
        )
        if picked is not None:
            toggled = off.setdefault(stage, [])
            toggled.remove(picked) if picked in toggled else toggled.append(picked)
            st.rerun(scope="fragment")
