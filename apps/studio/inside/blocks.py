"""Block by block: what a photo would look like after each residual block, and what the network takes away."""

from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery, on_one_scale
from apps.studio.inputs.damaged_photo import as_large, detail
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from sandbox.blocks.subpixel import SubPixel
from sandbox.metrics.fidelity import psnr
from sandbox.tasks.families.photo_network import FillIn
from sandbox.tasks.predictor import evaluating

TITLE = "Block by block"
ORDER = 10
SIDE, MAPS = 96, 24
"""Pixels of the side of the detail that is looked at, and maps that are shown."""
STRONGEST = 0.98
"""Share of the numbers that are not cut off."""


def fits(view: RunView) -> bool:
    """Whether the network is a stack of residual blocks."""
    return view.block(SubPixel)


def show(page: str, view: RunView) -> None:
    """Draw the stages of the middle of the photo, the change that the network makes, and its first maps."""
    given = current(page, view)
    steps = kept(("blocks", *view.key, np.asarray(given.value).tobytes()), lambda: stages(view, given))
    picture(page, view)
    before, last = steps["damaged"], steps[list(steps)[-1]]
    found = [(last - before).mean(0)]
    names = ["what the network adds"]
    if given.target is not None:
        found.append((_middle(given.target, last.shape) - before).mean(0))
        names.append("what it should add")
    st.markdown("**The change**", help="Blue: it makes a pixel brighter; red: darker.")
    change_of = on_one_scale(vivid(np.stack(found)), names, alt="{}")
    gallery(change_of, key=f"{page}:change", size=170, signed=True)
    maps = kept(("first maps", *view.key, np.asarray(given.value).tobytes()), lambda: first_maps(view, given))
    st.markdown(
        f"**After the first convolution**: {len(maps)} of its maps",
        help="Where each filter found its pattern. Blue is more than nothing, red less.",
    )
    gallery(on_one_scale(vivid(maps), alt="Map {}"), key=f"{page}:maps", size=64, signed=True)


def picture(page: str, view: RunView) -> None:
    """Draw the middle of the photo as it would be after each block."""
    given = current(page, view)
    steps = kept(("blocks", *view.key, np.asarray(given.value).tobytes()), lambda: stages(view, given))
    st.markdown(
        "**The photo after each block**",
        help="The last convolution is applied to what there is after so many blocks.",
    )
    truth = None if given.target is None else _middle(given.target, steps["damaged"].shape)
    pictures = []
    for name, values in steps.items():
        said = "" if truth is None else f", {view.task.metric.text(psnr(truth, values))}"
        pictures.append(Picture(detail(values, SIDE), f"{name}{said}"))
    gallery(pictures, key=f"{page}:blocks", size=120)


def vivid(values: NDArray[Any]) -> NDArray[Any]:
    """Values cut off at the size of all but the strongest few, which would leave the others pale."""
    most = float(np.quantile(np.abs(values), STRONGEST)) or 1.0
    return np.clip(values, -most, most)


def network(view: RunView) -> tuple[SubPixel, bool]:
    """The network, and whether it is told what is missing."""
    model: Any = view.predictor.model
    told = isinstance(model, FillIn)
    inside: Any = model.network if told else model
    return inside, told


def part(view: RunView, given: ChosenInput) -> torch.Tensor:
    """The middle of the photo as the network gets it, (1, C, h, w); grey for one that takes one colour."""
    side = SIDE // view.predictor.input.damage.factor
    values = _middle(given.value, (0, side, side))
    if view.predictor.input.colours == 1:
        values = values.mean(0, keepdims=True)
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))[None]


def stages(view: RunView, given: ChosenInput) -> dict[str, NDArray[Any]]:
    """The middle of the photo, damaged and after each block, (C, H, W) by name."""
    model, told = network(view)
    x = part(view, given)
    missing = x[:, :1].isnan()
    known = x.nan_to_num(0.5)
    taken = torch.cat([known, missing.float()], 1) if told else x
    with evaluating(model):
        found = model.answers(taken, set(range(model.depth + 1)))
    if told:
        found = [torch.where(missing, each, known) for each in found]
    names = ["no block"] + [f"block {number}" for number in range(1, model.depth + 1)]
    shown = as_large(known[0].numpy(), found[0].shape[1:])
    return {"damaged": shown} | {
        name: each[0].clamp(0, 1).numpy() for name, each in zip(names, found, strict=True)
    }


def first_maps(view: RunView, given: ChosenInput) -> NDArray[Any]:
    """Maps of the first convolution, (maps, rows, columns)."""
    model, told = network(view)
    x = part(view, given)
    taken = torch.cat([x.nan_to_num(0.5), x[:, :1].isnan().float()], 1) if told else x
    with evaluating(model):
        height, width = (side // model.shrink * model.shrink for side in taken.shape[2:])
        maps = model.head(torch.nn.functional.pixel_unshuffle(taken[:, :, :height, :width], model.shrink))
    values = maps[0, :MAPS].numpy()
    return values - np.median(values, (1, 2), keepdims=True)


def _middle(photo: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    values = np.asarray(photo)
    height, width = values.shape[1:]
    down, right = min(shape[1], height), min(shape[2], width)
    top, left = (height - down) // 2, (width - right) // 2
    found = values[:, top : top + down, left : left + right]
    return found.mean(0, keepdims=True) if shape[0] == 1 and len(found) == 3 else found
