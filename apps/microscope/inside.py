"""Inside: from a pixel of a feature map to what it sees, and to the multiplications that made it."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch

from apps.components.gallery import Picture, gallery
from apps.components.numbers import Block, show_numbers
from apps.microscope import specimen
from apps.microscope.attempt import MOST
from apps.microscope.lens import lens
from apps.start import reading
from sandbox import explain

if TYPE_CHECKING:
    from apps.start.reading import Look

PAGE = specimen.PAGE
PLACE = f"{PAGE}:place"
STRONGEST = 3
"""Channels of a deeper filter whose numbers are shown."""


def show(look: "Look") -> None:
    """Draw the tab."""
    model = look.classifier.model
    image, _ = specimen.current(look)
    picture = torch.from_numpy(image)
    maps = [found[0] for found in explain.feature_maps(model, picture[None])]
    stages = [f"convolution {i + 1}" for i in range(len(maps))]
    chosen = st.segmented_control(
        "Layer",
        stages,
        default=stages[0],
        required=True,
        key=f"{PAGE}:layer:{len(stages)}",
        help="The first convolution looks at the picture, each further one at the maps of the one before.",
    )
    stage = stages.index(str(chosen))
    values = maps[stage].numpy()
    number = _filters(look, stage, values)
    row, column = _place(values[number])
    clicked = lens(
        reading.shown(look, image),
        values[number],
        explain.fields(model)[stage],
        (row, column),
        title=f"Filter {number + 1}",
        key=f"{PAGE}:lens",
    )
    if clicked is not None and clicked != (row, column):
        st.session_state[PLACE] = clicked
        st.rerun(scope="fragment")
    _apart(explain.pixel(model, picture, stage, number, row, column), stage, look.data.in_shape[0])
    with st.expander("Which held-out pictures this filter answers to most"):
        found = reading.drives(look, stage, number)
        labels = look.data.test_labels
        gallery(
            [
                Picture(
                    reading.shown(look, look.data.test_images[int(i)]), look.data.classes[int(labels[int(i)])]
                )
                for i in found
            ],
            key=f"{PAGE}:drives",
            size=52,
        )


def _filters(look: "Look", stage: int, values: np.ndarray) -> int:
    """Filters of a convolution and what they find; returns the chosen one."""
    weights = next(look.classifier.model.body[stage].children()).get_parameter("weight").detach().numpy()
    scale = float(np.abs(weights).max()) or 1.0
    key = f"{PAGE}:filter:{stage}"
    chosen = min(st.session_state.get(key, int(values.max((1, 2)).argmax())), len(values) - 1)
    largest = float(values.max()) or 1.0
    kinds = weights.shape[1]
    about = "what it multiplies with" if kinds == 1 else f"mean over its {kinds} channels"
    with st.container(gap="xsmall"):
        st.caption(f"Filters of {weights.shape[2]} × {weights.shape[3]} pixels ({about}), blue up, red down")
        gallery(
            [
                Picture(weight.mean(0) / scale, "", alt=f"Weights of filter {i + 1}")
                for i, weight in enumerate(weights[:MOST])
            ],
            key=f"{PAGE}:weights:{stage}",
            size=44,
            signed=True,
        )
        st.caption("What they find in this picture; a click chooses one")
        picked = gallery(
            [
                Picture(
                    unit / largest,
                    str(i + 1) if i == chosen else "",
                    alt=f"Filter {i + 1} of convolution {stage + 1}",
                    tone="right" if i == chosen else "",
                )
                for i, unit in enumerate(values[:MOST])
            ],
            key=f"{PAGE}:maps:{stage}",
            size=44,
            pickable=True,
        )
    if picked is not None and picked != chosen:
        st.session_state[key] = picked
        st.session_state.pop(PLACE, None)
        st.rerun(scope="fragment")
    return chosen


def _place(values: np.ndarray) -> tuple[int, int]:
    """The chosen pixel, by default the largest."""
    row, column = st.session_state.get(PLACE) or divmod(int(values.argmax()), values.shape[1])
    return min(row, values.shape[0] - 1), min(column, values.shape[1] - 1)


def _apart(pixel: explain.Pixel, stage: int, channels: int) -> None:
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
            key=f"{PAGE}:products:{place}",
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
