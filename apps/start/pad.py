"""Try: draw a digit or pick one, and see what the network makes of it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from apps.components.bars import show_bars
from apps.components.gallery import Picture, gallery
from apps.components.panes import panes
from apps.components.plain import escape
from apps.components.sketch import Sketch, sketch_pad
from apps.start import reading
from apps.start.waiting import LABEL

if TYPE_CHECKING:
    from apps.start.reading import Look

SHOWN = 12
"""Pictures in a gallery."""


def show(look: "Look") -> None:
    """Draw the tab."""
    left, middle, right = panes([10, 10, 14], key="start-try")
    picked = st.session_state.get("start:picked", 0)
    token = st.session_state.get("start:token", -1)
    labels = look.data.test_labels
    picked = min(picked, len(labels) - 1)
    picture = reading.shown(look, look.data.test_images[picked])
    with left:
        if look.classifier.style is not None:
            sketch = sketch_pad(key="start:pad", label=LABEL, picture=picture, token=token)
        else:
            gallery([Picture(picture, look.data.classes[int(labels[picked])])], key="start:photo", size=260)
            sketch = Sketch(picture, drawn=False)
    image = seen_by(look, sketch.pixels, None if sketch.drawn else picked)
    with middle:
        if image is None:
            st.markdown("##### Draw something")
            st.caption("Or pick one of those on the right.")
        else:
            _answer(look, image, None if sketch.drawn else int(labels[picked]))
    with right:
        _pick(look)


def seen_by(look: "Look", pixels: np.ndarray | None, picked: int | None) -> np.ndarray | None:
    """The input (C, H, W) of the network, remembered for the other tabs."""
    if picked is not None and pixels is not None:
        image = look.data.test_images[picked].numpy()
    elif pixels is not None:
        image = look.classifier.see(pixels)
    else:
        image = None
    st.session_state["start:input"] = image
    return image


def current_input(look: "Look") -> np.ndarray:
    """What was last tried, or the first held-out picture."""
    image = st.session_state.get("start:input")
    if image is None or image.shape != look.data.in_shape:
        return look.data.test_images[
            min(st.session_state.get("start:picked", 0), len(look.data.test_images) - 1)
        ].numpy()
    return image


def _answer(look: "Look", image: np.ndarray, truth: int | None) -> None:
    probabilities = reading.probabilities(look.classifier.model, reading.torch.from_numpy(image)[None])[0]
    best = int(probabilities.argmax())
    classes = look.data.classes
    verdict = ""
    if truth is not None:
        verdict = ", which is right" if truth == best else f", but it is {escape(classes[truth])}"
    st.markdown(f"##### It reads {escape(classes[best])}{verdict}")
    show_bars(classes, probabilities.tolist(), key="start:bars")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width=64):
            gallery(
                [Picture(reading.shown(look, image), "", alt="What the network sees")],
                key="start:sees",
                size=64,
            )
        st.caption(f"What the network sees: {image.shape[2]} × {image.shape[1]} pixels.", width="content")


def _pick(look: "Look") -> None:
    probabilities = reading.held_out(look)
    answers = probabilities.argmax(1)
    labels = look.data.test_labels.numpy()
    classes = look.data.classes
    start = st.session_state.get("start:from", 0) % len(labels)
    order = np.random.default_rng(1).permutation(len(labels))
    sample = order[(start + np.arange(SHOWN)) % len(labels)]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**Never learned from**", width="content")
        st.button("Others", icon=":material/shuffle:", type="tertiary", key="start:others", on_click=_others)
    _gallery(look, sample, answers, labels, classes, key="start:samples")
    wrong = np.flatnonzero(answers != labels)
    wrong = wrong[np.argsort(-probabilities[wrong, answers[wrong]])]
    st.markdown(f"**What it gets wrong**: {len(wrong)} of {len(labels)}, the surest first")
    if len(wrong):
        _gallery(look, wrong[:SHOWN], answers, labels, classes, key="start:wrong")
    else:
        st.caption("Nothing, at this age.")


def _gallery(look: "Look", indices: np.ndarray, answers: Any, labels: Any, classes: Any, *, key: str) -> None:
    pictures = []
    for i in indices:
        right = answers[i] == labels[i]
        said, true = classes[answers[i]], classes[labels[i]]
        pictures.append(
            Picture(
                reading.shown(look, look.data.test_images[int(i)]),
                said if right else f"{said}, is {true}",
                alt=f"A {true}, read as {said}; click to look at it",
                tone="right" if right else "wrong",
            )
        )
    chosen = gallery(pictures, key=key, size=50, pickable=True)
    if chosen is not None:
        st.session_state["start:picked"] = int(indices[chosen])
        st.session_state["start:token"] = st.session_state.get("start:token", -1) + 1
        st.rerun(scope="fragment")


def _others() -> None:
    st.session_state["start:from"] = st.session_state.get("start:from", 0) + SHOWN
