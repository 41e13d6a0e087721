"""Where a picture's answer comes from: a grey patch is moved over it. Zeiler & Fergus 2014."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import name_of, shown
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from sandbox.percent import percent

TITLE = "Where it looks"
ORDER = 20
PLACES = 12
"""Of the patch, along each side."""


def fits(view: RunView) -> bool:
    """Whether it sorts pictures."""
    kinds = view.predictor.input.kind, view.predictor.output.kind
    return kinds == ("image", "probabilities")


def show(page: str, view: RunView) -> None:
    """Draw the picture, the map, and the probability with the worst place covered."""
    image = np.asarray(current(page, view).value)
    answer = np.asarray(view.predictor.predict(image[None])[0])
    best = int(answer.argmax())
    name = name_of(view, best) or str(view.predictor.output.classes[best])
    left, right = panes([1, 2], key=f"{page}-covered", least=240)
    with left:
        share = st.slider(
            "Patch", 0.1, 0.5, 0.25, 0.05, key=f"{page}:patch", help="Its side, as a share of the picture's."
        )
        gallery(
            [Picture(shown(view, image), f"{name}, {percent(answer[best])}")], key=f"{page}:whole", size=160
        )
    losses, pictures = moved_patch(view, image, best, share)
    worst = int(losses.argmax())
    largest = max(float(np.abs(losses).max()), 0.05)
    with right:
        lost, covered = st.columns(2)
        with lost:
            scaled = (losses / largest).reshape(PLACES, PLACES)
            gallery([Picture(scaled, "what covering costs")], key=f"{page}:losses", size=160, signed=True)
        with covered:
            told = f"covered: {name}, {percent(answer[best] - losses[worst])}"
            gallery([Picture(shown(view, pictures[worst]), told)], key=f"{page}:worst", size=160)
        st.caption(
            f"Blue places speak for {name}: covering one lowers its probability by up to "
            f"{100 * losses.max():z.0f} points. Red ones speak against it. The last picture "
            "has the strongest place covered."
        )


def picture(page: str, view: RunView) -> None:
    """Draw the map of the input."""
    image = np.asarray(current(page, view).value)
    best = int(np.asarray(view.predictor.predict(image[None])[0]).argmax())
    losses, _ = moved_patch(view, image, best, 0.25)
    scaled = (losses / max(float(np.abs(losses).max()), 0.05)).reshape(PLACES, PLACES)
    gallery([Picture(scaled, "what covering costs")], key=f"{page}:learn:covered", size=160, signed=True)


def moved_patch(
    view: RunView, image: NDArray[Any], label: int, share: float
) -> tuple[NDArray[np.floating], NDArray[np.float32]]:
    """How much probability each place of the patch takes away, and the covered pictures."""
    height, width = image.shape[1:]
    rows, columns = max(1, round(share * height)), max(1, round(share * width))
    tops = np.linspace(0, height - rows, PLACES).round().astype(int)
    lefts = np.linspace(0, width - columns, PLACES).round().astype(int)
    grey = image.mean((1, 2), keepdims=True)
    covered = np.repeat(image[None], PLACES**2, axis=0).astype(np.float32)
    for i, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        covered[i, :, top : top + rows, left : left + columns] = grey
    whole = float(np.asarray(view.predictor.predict(image[None])[0])[label])
    return whole - np.asarray(view.predictor.predict(covered))[:, label].astype(float), covered
