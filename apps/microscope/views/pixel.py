"""One pixel of a feature map: what it sees of the picture, and the multiplications that made it."""

import numpy as np
import streamlit as st
import torch

from apps.microscope.views.lens import lens
from apps.microscope.views.network import cnn, is_cnn
from apps.microscope.views.switches import MOST
from apps.studio.browser.gallery import Picture, gallery, on_one_scale
from apps.studio.browser.number_grid import Block, show_numbers
from apps.studio.inputs.image import name_of, shown
from apps.studio.inside.feature_maps import drives, weights_of
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from sandbox import explain

TITLE = "One pixel taken apart"
ORDER = 20
STRONGEST = 3
"""Channels of a deeper filter whose numbers are shown."""

fits = is_cnn


def show(page: str, view: RunView) -> None:
    """Draw the filters of a layer, the chosen one beside the picture, and the chosen pixel's numbers."""
    model = cnn(view)
    image = np.asarray(current(page, view).value)
    picture = torch.from_numpy(image)
    maps = [found[0] for found in explain.feature_maps(model, picture[None])]
    stages = [f"convolution {i + 1}" for i in range(len(maps))]
    chosen = st.segmented_control(
        "Layer",
        stages,
        default=stages[0],
        required=True,
        key=f"{page}:layer:{len(stages)}",
        help="The first convolution looks at the picture, each further one at the maps of the one before.",
    )
    stage = stages.index(str(chosen))
    values = maps[stage].numpy()
    number = _filters(page, view, stage, values)
    row, column = _place(page, values[number])
    clicked = lens(
        shown(view, image),
        values[number],
        explain.fields(model)[stage],
        (row, column),
        title=f"Filter {number + 1}",
        key=f"{page}:lens",
    )
    if clicked is not None and clicked != (row, column):
        st.session_state[f"{page}:place"] = clicked
        st.rerun(scope="fragment")
    _apart(page, explain.pixel(model, picture, stage, number, row, column), stage, image.shape[0])
    with st.expander("Which unseen pictures this filter answers to most"):
        found = drives(view, stage, number)
        gallery(
            [
                Picture(shown(view, view.test.inputs[int(i)]), name_of(view, view.test.targets[int(i)]))
                for i in found
            ],
            key=f"{page}:drives",
            size=52,
        )


def _filters(page: str, view: RunView, stage: int, values: np.ndarray) -> int:
    """Filters of a convolution and what they find; returns the chosen one."""
    weights = weights_of(cnn(view), stage)
    key = f"{page}:filter:{stage}"
    chosen = min(st.session_state.get(key, int(values.max((1, 2)).argmax())), len(values) - 1)
    kinds = weights.shape[1]
    about = "what it multiplies with" if kinds == 1 else f"mean over its {kinds} channels"
    with st.container(gap="xsmall"):
        st.caption(f"Filters of {weights.shape[2]} × {weights.shape[3]} pixels ({about}), blue up, red down")
        pictures = on_one_scale(weights[:MOST].mean(1), alt="Weights of filter {}")
        gallery(pictures, key=f"{page}:weights:{stage}", size=44, signed=True)
        st.caption("What they find in this picture; a click chooses one")
        names = [str(i + 1) if i == chosen else "" for i in range(len(values))]
        pictures = on_one_scale(
            values[:MOST], names, alt=f"Filter {{}} of convolution {stage + 1}", tones={chosen: "right"}
        )
        picked = gallery(pictures, key=f"{page}:maps:{stage}", size=44, pickable=True)
    if picked is not None and picked != chosen:
        st.session_state[key] = picked
        st.session_state.pop(f"{page}:place", None)
        st.rerun(scope="fragment")
    return chosen


def _place(page: str, values: np.ndarray) -> tuple[int, int]:
    """The chosen pixel, by default the largest."""
    row, column = st.session_state.get(f"{page}:place") or divmod(int(values.argmax()), values.shape[1])
    return min(row, values.shape[0] - 1), min(column, values.shape[1] - 1)


def _apart(page: str, pixel: explain.Pixel, stage: int, channels: int) -> None:
    """The numbers of one pixel: patch, filter, products, their sum, and what becomes of it."""
    patch, weights = pixel.patch.numpy(), pixel.weights.detach().numpy()
    products = patch * weights
    sums = products.sum((1, 2))
    order = np.argsort(-np.abs(sums))[:STRONGEST]
    names = ("ink",) if stage == 0 and channels == 1 else ("red", "green", "blue") if stage == 0 else None
    for place, channel in enumerate(order):
        name = names[channel] if names else f"filter {channel + 1} of convolution {stage}"
        scale = float(patch.max()) or 1.0
        show_numbers(
            [
                Block(title=f"What it lies over: {name}", values=patch[channel], scale=scale),
                Block(title="× its weights", values=weights[channel], scale=float(np.abs(weights).max())),
                Block(
                    title="= products",
                    values=products[channel],
                    scale=float(np.abs(products).max()) or 1.0,
                    note=f"Their sum: {sums[channel]:z.3f}",
                ),
            ],
            key=f"{page}:products:{place}",
        )
    rest = sums.sum() - sums[order].sum()
    more = f" + {rest:z.3f} of {len(sums) - len(order)} further channels" if len(sums) > len(order) else ""
    bias = f" + bias {pixel.bias:z.3f}" if pixel.bias else ""
    total = " + ".join(f"{value:z.3f}" for value in sums[order]).replace("+ -", "- ")
    lines = [f"Sum: {total}{more}{bias} = **{pixel.sum:z.3f}**"]
    if abs(pixel.normalised - pixel.sum) > 1e-6:
        lines.append(f"batch normalisation makes it **{pixel.normalised:z.3f}**")
    lines.append(f"the activation **{pixel.value:z.3f}**")
    if pixel.window.numel() > 1:
        around = ", ".join(f"{value:z.2f}" for value in pixel.window.flatten().tolist())
        lines.append(f"and pooling takes the largest of {around}")
    st.markdown("; ".join(lines) + ".")
