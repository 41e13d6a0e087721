"""Inside: what the network does with this very input, from the filters to the answer."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch

from apps.components.gallery import Picture, gallery
from apps.components.panes import panes
from apps.components.plain import escape
from apps.start import pad, reading
from sandbox import explain

if TYPE_CHECKING:
    from apps.start.reading import Look

MOST = 32
"""Filters of one convolution that are shown."""


def show(look: "Look") -> None:
    """Draw the tab."""
    model, image = look.classifier.model, pad.current_input(look)
    stages = [maps[0].numpy() for maps in explain.feature_maps(model, torch.from_numpy(image)[None])]
    probabilities = reading.probabilities(model, torch.from_numpy(image)[None])[0]
    best = int(probabilities.argmax())
    name = look.data.classes[best]
    left, right = panes([1, 3], key="start-inside", least=240)
    with left:
        st.markdown("**This input**")
        gallery(
            [Picture(reading.shown(look, image), f"read as {name}, {probabilities[best]:.0%}")],
            key="inside:input",
            size=120,
        )
        pull = reading.saliency(model, image, best)
        st.markdown(
            f"**What speaks for {escape(name)}**",
            help="The gradient of the score of the answer at each pixel.",
        )
        gallery([Picture(pull, "")], key="inside:saliency", size=120, signed=True)
        st.caption("More ink at a blue pixel would make the answer surer, at a red one less sure.")
    with right:
        _filters(model)
        for number, maps in enumerate(stages):
            _maps(look, number, maps)


def _filters(model) -> None:
    weights = model.body[0][0].weight.detach().numpy()
    scale = float(np.abs(weights).max()) or 1.0
    st.markdown(
        f"**First filters**: {len(weights)} patterns of {weights.shape[2]} × {weights.shape[3]} pixels, "
        "slid over the picture",
        help="Blue weighs ink up, red down. They began as noise; training made them.",
    )
    gallery(
        [Picture(weight.mean(0) / scale, "", alt=f"Filter {i}") for i, weight in enumerate(weights[:MOST])],
        key="inside:filters",
        size=36,
        signed=True,
    )


def _maps(look: "Look", number: int, maps: np.ndarray) -> None:
    scale = float(maps.max()) or 1.0
    st.markdown(
        f"**After convolution {number + 1}**: where each of its {len(maps)} filters found its pattern",
        help="Click one to see what it answers to most.",
    )
    picked = gallery(
        [
            Picture(unit / scale, "", alt=f"Unit {i} of convolution {number + 1}")
            for i, unit in enumerate(maps[:MOST])
        ],
        key=f"inside:maps:{number}",
        size=44,
        pickable=True,
    )
    if picked is not None:
        st.session_state["inside:unit"] = (number, picked)
    stage, unit = st.session_state.get("inside:unit", (None, None))
    if stage != number or unit is None or unit >= len(maps):
        return
    st.markdown(f"Unit {unit} answers most to:")
    found = reading.drives(look, number, unit)
    labels = look.data.test_labels
    gallery(
        [
            Picture(
                reading.shown(look, look.data.test_images[int(i)]), look.data.classes[int(labels[int(i)])]
            )
            for i in found
        ],
        key=f"inside:drives:{number}",
        size=48,
    )
