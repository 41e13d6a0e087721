"""Inside: what the units look for, layer by layer, and what this very picture makes of them."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from apps.energy import attempt, dbn, layers, reading
from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.heatmap import heat
from apps.studio.page.columns import panes

if TYPE_CHECKING:
    from apps.energy.reading import Look

MOST = 64
"""Units of a layer that are shown."""


def show(look: "Look") -> None:
    """Draw the tab."""
    torch = reading.torch
    picture, _ = attempt.current(look)
    if look.run.config["target"] == "energy/dbn":
        _layers(look, picture)
        return
    machine = look.rbm
    with torch.no_grad():
        on = machine.hidden_mean(picture)[0].numpy()
        weights = machine.weight.numpy()
        answers = machine.hidden_mean(look.pictures.test)
        back = machine.visible_mean(machine.hidden_mean(picture))[0]
    left, right = panes([1, 3], key="energy-inside", least=240)
    with left:
        st.markdown("**This picture**, and up and down once")
        gallery(
            [
                Picture(reading.grid(look, picture[0]), "given"),
                Picture(reading.grid(look, back), "what its hidden units say"),
            ],
            key="energy:updown",
            size=96,
        )
        st.markdown("**Hidden units** now", help="The probability that each is on, given this picture.")
        side = int(np.ceil(np.sqrt(len(on))))
        square = np.pad(on, (0, side * side - len(on))).reshape(side, side)
        heat(
            square,
            key="energy:hidden",
            alt=f"{int((on > 0.5).sum())} of {len(on)} hidden units are on",
            x_title="unit, across",
            y_title="row",
            scale=1.0,
            square=True,
            note=f"{int((on > 0.5).sum())} of {len(on)} are on",
        )
    with right:
        order = np.argsort(-on)
        _filters(
            look,
            weights.reshape(-1, *look.pictures.shape),
            order,
            answers,
            f"**Filters** of the {min(MOST, len(on))} units that this picture drives most, of {len(on)}",
            "rbm",
        )


def _layers(look: "Look", picture: reading.Tensor) -> None:
    torch = reading.torch
    net = look.stack.nets["pretrained"]
    depths = range(1, len(net.rbms) + 1)
    left, right = panes([1, 2], key="energy-layers", least=240)
    with left:
        st.markdown(
            "**This picture**, up through the layers and down again",
            help="By means, with the weights of this age. Looking teaches the layers to keep a picture; "
            "being taught names makes them forget what no name needs.",
        )
        rebuilt = [dbn.rebuilt(net, picture, depth)[0] for depth in depths]
        gallery(
            [
                Picture(reading.grid(look, picture[0]), "given"),
                *(
                    Picture(reading.grid(look, row), f"through {depth}")
                    for depth, row in zip(depths, rebuilt, strict=True)
                ),
            ],
            key="energy:updown",
            size=72,
        )
    with right:
        layers.show_rebuilding(look.run.metrics(), look.step, key="energy:rebuilding")
    for layer in range(len(net.rbms)):
        with torch.no_grad():
            on = net.features(picture, layer + 1)[0].numpy()
            answers = net.features(look.pictures.test, layer + 1)
        _filters(
            look,
            reading.layer_view(look, layer),
            np.argsort(-on),
            answers,
            f"**Layer {layer + 1}**: what the units like to see that this picture drives most, of {len(on)}",
            f"layer{layer}",
        )
    st.caption(
        "Of higher layers the weights are multiplied down to the picture. Before the tuning, weights of the "
        "pretrained net come from looking alone; drag the age to see both."
    )


def _filters(
    look: "Look", views: np.ndarray, order: np.ndarray, answers: reading.Tensor, title: str, name: str
) -> None:
    st.markdown(title, help="Blue asks for ink, red for paper. Click one to see what drives it.")
    # A few strong weights would leave all others pale.
    scale = float(np.quantile(np.abs(views), 0.995)) or 1.0
    shown = order[:MOST]
    picked = gallery(
        [Picture(views[unit] / scale, alt=f"Unit {unit}; click to see what drives it") for unit in shown],
        key=f"energy:filters:{name}",
        size=40,
        signed=True,
        pickable=True,
    )
    if picked is not None:
        st.session_state[f"energy:unit:{name}"] = int(shown[picked])
    unit = st.session_state.get(f"energy:unit:{name}")
    if unit is None or unit >= len(views):
        return
    st.markdown(f"Unit {unit}, and the held-out pictures that drive it most:")
    drivers = reading.drives(answers[:, unit], look)
    with st.container(horizontal=True, gap="small"):
        gallery([Picture(views[unit] / scale, "filter")], key=f"energy:one:{name}", size=60, signed=True)
        gallery(
            [Picture(reading.grid(look, look.pictures.test[int(i)])) for i in drivers],
            key=f"energy:drives:{name}",
            size=48,
        )
