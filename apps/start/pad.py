"""Try: draw a digit or pick one, and see what the network makes of it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from apps.components.bars import show_bars
from apps.components.gallery import Picture, gallery
from apps.components.sketch import sketch_pad

if TYPE_CHECKING:
    from apps.start.reading import Look

LABEL = "Draw a digit, 0 to 9"
SHOWN = 12
"""Pictures in a gallery."""


def show_waiting(alive: bool) -> None:
    """Before there is a network: the pad is there, and what one draws stays.

    Args:
        alive: whether a network is about to begin.
    """
    left, right = st.columns([10, 22], gap="large")
    with left:
        sketch_pad(key="start:pad", label=LABEL, token=-1)
    with right:
        if alive:
            st.caption("The network is about to begin; what you draw is read as soon as it has looked once.")
            st.skeleton(height=240)
        else:
            st.caption("There is no network to ask yet. *Train* makes one in seconds; what you draw stays.")


def show(look: "Look") -> None:
    """Draw the tab."""
    left, middle, right = st.columns([10, 9, 13], gap="large")
    picked = st.session_state.get("start:picked", 0)
    token = st.session_state.get("start:token", -1)
    labels = look.data.test_labels
    picked = min(picked, len(labels) - 1)
    picture = look.data.test_images[picked].mean(0).numpy()
    with left:
        if look.data.in_shape[0] == 1:
            sketch = sketch_pad(key="start:pad", label=LABEL, picture=picture, token=token)
        else:
            from apps.components.sketch import Sketch

            gallery([Picture(picture, look.data.classes[int(labels[picked])])], key="start:photo", size=260)
            sketch = Sketch(picture, drawn=False)
    image = seen_by(look, sketch.pixels, None if sketch.drawn else picked)
    with middle:
        if image is None:
            st.markdown("##### Draw something")
            st.caption("Or pick one of the digits on the right.")
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
    from apps.start import reading

    probabilities = reading.probabilities(look.classifier.model, reading.torch.from_numpy(image)[None])[0]
    best = int(probabilities.argmax())
    classes = look.data.classes
    verdict = ""
    if truth is not None:
        verdict = ", which is right" if truth == best else f", but it is {classes[truth]}"
    st.markdown(f"##### It reads {classes[best]}{verdict}")
    show_bars(classes, probabilities.tolist(), key="start:bars")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        gallery([Picture(image.mean(0), "", alt="What the network sees")], key="start:sees", size=64)
        side = f"{image.shape[2]} × {image.shape[1]}"
        st.caption(
            f"What the network sees: your drawing scaled to {side} pixels, like the digits it learns from."
        )


def _pick(look: "Look") -> None:
    from apps.start import reading

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
                look.data.test_images[int(i)].mean(0).numpy(),
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
