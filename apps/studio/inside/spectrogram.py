"""What a network that listens sees of a sound, what it listened to, and what its filters find."""

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.browser.gallery import gallery, on_one_scale
from apps.studio.browser.heatmap import heat
from apps.studio.inputs.image import name_of
from apps.studio.inputs.sound import listen, pitches, strengths
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox import explain
from sandbox.blocks.cnn import CNN
from sandbox.data.sound_mask import masked
from sandbox.percent import percent
from sandbox.tasks.families.sound_network import Recogniser

TITLE = "Spectrogram"
ORDER = 5
MOST = 32
"""Filters of one convolution that are shown."""
FAINT = 0.02
"""What is left of the pressure where it did not listen."""
TIME = "time, hundredths of a second"


def fits(view: RunView) -> bool:
    """Whether the network listens."""
    return isinstance(getattr(view.predictor, "model", None), Recogniser)


def show(page: str, view: RunView) -> None:
    """Draw the spectrogram, what spoke for the answer, and what the filters found."""
    left, right = panes([1, 1], key=f"{page}-spectrogram")
    with left:
        _listened(page, view)
    with right:
        _filters(page, view)


def picture(page: str, view: RunView) -> None:
    """Draw the spectrogram and where the network listened."""
    _listened(f"{page}:learn", view, short=True)


def _listened(page: str, view: RunView, *, short: bool = False) -> None:
    wave = np.asarray(current(page.partition(":")[0], view).value)
    seen = view.predictor.spectrogram(wave)
    probabilities = np.asarray(view.predictor.predict(wave[None])[0])
    best = int(probabilities.argmax())
    name, rate = name_of(view, best), view.predictor.input.rate
    names = pitches(rate) if seen.shape[1] == len(pitches(rate)) else ()
    st.markdown(f"**What it hears**: {name}, {percent(probabilities[best])}")
    heat(
        strengths(seen[0].numpy()),
        key=f"{page}:seen",
        alt="The spectrogram as the network sees it",
        x_title=TIME,
        y_title="pitch",
        names=names,
        scale=1.0,
        height=150,
    )
    if isinstance(view.predictor.model.network, CNN):
        st.markdown(
            f"**Where it listened** to answer {name}",
            help="Grad-CAM: where the last convolution found what speaks for the answer.",
        )
        gains = where(view.predictor.model.network, seen, best)
        heat(
            gains[::-1],
            key=f"{page}:where",
            alt=f"Where it heard {name}",
            x_title=TIME,
            y_title="pitch",
            names=names,
            height=150,
        )
        if not short:
            st.caption("The sound, then only what it listened to:")
            listen(wave, rate)
            listen(masked(wave, FAINT + (1 - FAINT) * gains, view.predictor.model.front), rate)
    if short:
        return
    st.markdown(f"**What speaks for {name}**", help="The gradient of the score of the answer.")
    pull = explain.saliency(view.predictor.model.network, seen, best)[0].numpy()[::-1]
    heat(
        pull,
        key=f"{page}:pull",
        alt=f"Moments and pitches that speak for {name} and against",
        x_title=TIME,
        y_title="pitch",
        names=names,
        signed=True,
        note="More sound at a blue place would make the answer surer, at a red one less sure.",
        height=150,
    )


def where(model: CNN, seen: torch.Tensor, label: int) -> NDArray[np.float32]:
    """Grad-CAM laid over a spectrogram (1, M, L): (M, L), at most 1."""
    found = explain.grad_cam(model, seen, label)
    laid = explain.over_picture(found, explain.fields(model)[-1], (seen.shape[1], seen.shape[2])).numpy()
    return (laid / max(1e-12, float(laid.max()))).astype(np.float32)


def _filters(page: str, view: RunView) -> None:
    model = view.predictor.model.network
    seen = view.predictor.spectrogram(np.asarray(current(page, view).value))
    if not isinstance(model, CNN):
        st.caption("Feature maps are shown of plain convolutions only.")
        return
    for number, maps in enumerate(explain.feature_maps(model, seen[None])):
        values = maps[0].numpy()[:, ::-1]
        st.markdown(
            f"**After convolution {number + 1}**: where each of its {len(values)} filters found its pattern"
        )
        gallery(
            on_one_scale(values[:MOST], alt=f"Filter {{}} of convolution {number + 1}"),
            key=f"{page}:heard:{number}",
            size=72,
        )
