"""What each level of a U-Net sees in this picture, from fine to coarse and back, and its last maps."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from torch import Tensor, nn

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.inputs.image import shown
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from sandbox.blocks.unet import UNet

TITLE = "Levels of the U-Net"
ORDER = 20
FILTERS, SIDE = 6, 110
"""Filters of a level that are shown, those that differ most over the picture; and their width in pixels."""
SENT = 64
"""Places to each side that the browser gets of a filter."""


def fits(view: RunView) -> bool:
    """Whether a U-Net answers with maps of a picture."""
    return view.block(UNet) and hasattr(view.predictor, "outputs")


def show(page: str, view: RunView) -> None:
    """Draw the maps that the answer is made of, then the strongest filters of each level."""
    picture = np.asarray(current(page, view).value)
    st.markdown("**The maps behind the answer**: what the network says of every pixel")
    _maps(page, view, picture, SIDE + 50)
    model = view.predictor.model
    coarse = getattr(model, "coarse", 1)
    found = answers_of(view, picture)
    count = len(found) // 2
    fields = seen(count, coarse)
    for number, values in enumerate(found):
        height, width = values.shape[1:]
        if number < count:
            field = f"{fields[number]} × {fields[number]}"
            name = f"Down, level {number + 1}: each place sees {field} pixels"
        elif number == count:
            name = "The middle: the widest view"
        else:
            name = f"Up, level {2 * count - number + 1}: the level below says *what*, the skip says *where*"
        st.markdown(f"**{name}** · {len(values)} filters on {width} × {height} places")
        gallery(
            [Picture(each) for each in strongest(values)],
            key=f"{page}:level:{number}",
            size=SIDE,
            signed=True,
        )
    st.caption(
        "Blue: the filter answers more than usual; red: less. Going down, places become fewer and see more. "
        "Going up, the skip of the same level brings back what pooling lost. All filters begin as "
        "noise."
    )


def picture(page: str, view: RunView) -> None:
    """Draw the picture and the maps behind the answer."""
    _maps(f"{page}:learn", view, np.asarray(current(page, view).value), SIDE + 20)


def _maps(page: str, view: RunView, picture: NDArray[Any], size: int) -> None:
    goal, output = view.predictor.goal, view.predictor.output
    maps = view.predictor.outputs(picture)
    drawn = [Picture(shown(view, picture), "picture")]
    drawn += [
        Picture(np.repeat(share[..., None], 3, -1), name)
        for name, share in zip(goal.maps, goal.shares(maps), strict=True)
    ]
    drawn.append(Picture(output.drawn(picture, goal.answer(maps)), "answer"))
    gallery(drawn, key=f"{page}:maps", size=size)


def answers_of(view: RunView, picture: NDArray[Any]) -> list[NDArray[np.float32]]:
    """What each level gives for a picture, (filters, H, W) each: all down, the middle, all up."""
    found: list[NDArray[np.float32]] = []

    def keep(module: nn.Module, inputs: Any, output: Tensor) -> None:
        found.append(output[0].float().cpu().numpy())

    # Other sessions may answer with the same network meanwhile: what is watched is a copy.
    predictor = copy.deepcopy(view.predictor)
    body: Any = next(module for module in predictor.model.modules() if isinstance(module, UNet))
    for stage in (*body.down, body.middle, *body.up):
        stage.register_forward_hook(keep)
    predictor.outputs(picture)
    return found


def strongest(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The filters that differ most over the picture, each from -1 to 1 about its middle."""
    order = np.argsort(-values.std((1, 2)))[:FILTERS]
    every = -(-max(values.shape[1:]) // SENT)
    found = []
    for each in values[order][:, ::every, ::every]:
        middle = each - np.median(each)
        found.append(middle / max(1e-9, float(np.percentile(np.abs(middle), 99))))
    return [np.clip(each, -1, 1) for each in found]


def seen(levels: int, coarse: int) -> list[int]:
    """How many pixels, to each side, a place of each level on the way down sees at most."""
    size, jump, found = 3, 1, []
    for level in range(levels):
        if level:
            size += jump
            jump *= 2
        size += 4 * jump  # two convolutions of 3 x 3
        found.append(coarse * size)
    return found
