"""What the units of Boltzmann machines look for, layer by layer, and what this input makes of them."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.heatmap import heat
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.inputs.image import shown
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.blocks.rbm import RBM

TITLE = "Filters and layers"
ORDER = 10
MOST, DRIVERS = 64, 8
"""Units of a layer that are shown, and unseen pictures that drive one."""
REBUILT = "test_rebuilt_"


def layers_of(view: RunView) -> list[RBM]:
    """The machines of the view's network, from below."""
    model = getattr(view.predictor, "model", None)
    return [] if model is None else [module for module in model.modules() if isinstance(module, RBM)]


def fits(view: RunView) -> bool:
    """Whether the network is made of Boltzmann machines over pictures."""
    return bool(layers_of(view)) and view.predictor.input.kind == "image"


def show(page: str, view: RunView) -> None:
    """Draw the input after its way through the layers, the hidden units, and filters of each layer."""
    layers, row = layers_of(view), rows_of(current(page, view).value[None])
    left, right = panes([1, 2], key=f"{page}-layers", least=240)
    with left:
        _rebuilt(page, view, layers, row)
        if len(layers) > 1:
            show_rebuilding(view, key=f"{page}:rebuilding")
        with torch.no_grad():
            _units(page, layers[0].hidden_mean(row)[0].numpy())
    with right:
        for number, views in enumerate(layer_views(layers)):
            _filters(page, view, number, views.reshape(-1, *view.predictor.input.shape[1:]).numpy())
        if len(layers) > 1:
            st.caption(
                "For higher layers, the weights are multiplied down to the picture. Training with "
                "labels changes the weights, too: drag the age to see them before and after."
            )


def picture(page: str, view: RunView) -> None:
    """Draw filters of the first layer, those that the input drives most."""
    layers, row = layers_of(view), rows_of(current(page, view).value[None])
    views = layer_views(layers)[0].reshape(-1, *view.predictor.input.shape[1:]).numpy()
    with torch.no_grad():
        order = layers[0].hidden_mean(row)[0].argsort(descending=True)[:24].tolist()
    scale = _scale(views)
    gallery([Picture(shown(view, current(page, view).value), "input")], key=f"{page}:learn:input", size=72)
    gallery(
        [Picture(views[unit] / scale, alt=f"Filter of unit {unit}") for unit in order],
        key=f"{page}:learn:filters",
        size=44,
        signed=True,
    )


def rows_of(images: np.ndarray | Tensor) -> Tensor:
    """Pictures (N, 1, H, W) as the visible units, (N, V)."""
    return torch.as_tensor(np.asarray(images)).flatten(1)


def layer_views(layers: list[RBM]) -> list[Tensor]:
    """What each unit of each layer likes to see, (units, V): weights times those below. Lee et al. 2008."""
    found = []
    with torch.no_grad():
        for depth, layer in enumerate(layers):
            view = layer.weight.detach()
            for below in reversed(layers[:depth]):
                view = view @ below.weight
            found.append(view / view.abs().amax(1, keepdim=True).clamp_min(1e-9) if depth else view)
    return found


def _rebuilt(page: str, view: RunView, layers: list[RBM], row: Tensor) -> None:
    st.markdown(
        "**This picture**, up through the layers and down again"
        if layers[1:]
        else "**This picture**, up and down",
        help="By means, with the weights of this age. Training without labels teaches the layers to keep a "
        "picture; training with labels makes them forget what no label needs.",
    )
    size = view.predictor.input.shape
    pictures = [Picture(shown(view, row.reshape(size)), "input")]
    for depth in range(1, len(layers) + 1):
        back = rebuilt(layers[:depth], row).reshape(size)
        pictures.append(
            Picture(shown(view, back), f"through {depth}" if layers[1:] else "what its units say")
        )
    gallery(pictures, key=f"{page}:updown", size=84)


def rebuilt(layers: list[RBM], rows: Tensor) -> Tensor:
    """What is left of rows (N, V) after their way up through the layers and down again."""
    with torch.no_grad():
        for layer in layers:
            rows = layer.hidden_mean(rows)
        for layer in reversed(layers):
            rows = layer.visible_mean(rows)
    return rows


def _units(page: str, on: np.ndarray) -> None:
    st.markdown("**Hidden units** now", help="The probability that each is on, given this picture.")
    side = int(np.ceil(np.sqrt(len(on))))
    said = f"{int((on > 0.5).sum())} of {len(on)} are on"
    heat(
        np.pad(on, (0, side * side - len(on))).reshape(side, side),
        key=f"{page}:hidden",
        alt=said,
        x_title="unit, across",
        y_title="row",
        scale=1.0,
        square=True,
        note=said,
    )


def show_rebuilding(view: RunView, *, key: str) -> None:
    """Draw how much of unseen pictures is left through each number of layers, over the training."""
    rows = view.run.metrics()
    names = sorted({name for row in rows for name in row if _depth(name)}, key=_depth)
    curves = []
    for number, name in enumerate(names):
        points = [row for row in rows if name in row]
        curves.append(
            Curve(
                name=f"through {_depth(name)} layer{'s' * (_depth(name) > 1)}",
                x=[row["step"] for row in points],
                # Layers that have not begun to learn make pictures worse than the mean one.
                y=[100 * row[name] for row in points],
                floor=0.0,
                color=palette.blend(palette.MODEL, "white", 0.4 * (number > 0)),
                format=".0f",
                unit=" %",
            )
        )
    show_curves(
        curves,
        x_title="steps of training",
        y_title="left of an unseen picture, %",
        alt="; ".join(f"{curve.name} {curve.y[-1]:z.0f} % is left" for curve in curves),
        y_range=(0.0, 100.0),
        mark=view.step,
        key=key,
        height=220,
    )


def _depth(name: str) -> int:
    rest = name.removeprefix(REBUILT)
    return int(rest) if name.startswith(REBUILT) and rest.isdecimal() else 0


def _filters(page: str, view: RunView, number: int, views: np.ndarray) -> None:
    layers, scale = layers_of(view)[: number + 1], _scale(views)
    row, test = rows_of(current(page, view).value[None]), rows_of(view.test.inputs)
    with torch.no_grad():
        for layer in layers:
            row, test = layer.hidden_mean(row), layer.hidden_mean(test)
    order = row[0].argsort(descending=True)[:MOST].tolist()
    st.markdown(
        f"**Layer {number + 1}**: the {len(order)} units that this picture drives most, of {len(views)}",
        help="Blue asks for ink, red for paper. Click one to see what drives it.",
    )
    picked = gallery(
        [Picture(views[unit] / scale, alt=f"Unit {unit}; click to see what drives it") for unit in order],
        key=f"{page}:filters:{number}",
        size=40,
        signed=True,
        pickable=True,
    )
    chosen: Mapping[int, int] = st.session_state.get(f"{page}:units", {})
    if picked is not None:
        chosen = st.session_state[f"{page}:units"] = {**chosen, number: order[picked]}
    unit = chosen.get(number)
    if unit is None or unit >= len(views):
        return
    st.markdown(f"Unit {unit}, and the unseen pictures that drive it most:")
    drivers = test[:, unit].argsort(descending=True)[:DRIVERS].tolist()
    with st.container(horizontal=True, gap="small"):
        gallery([Picture(views[unit] / scale, "filter")], key=f"{page}:one:{number}", size=60, signed=True)
        gallery(
            [Picture(shown(view, view.test.inputs[place])) for place in drivers],
            key=f"{page}:drives:{number}",
            size=48,
        )


def _scale(views: np.ndarray) -> float:
    # A few strong weights would leave all others pale.
    return float(np.quantile(np.abs(views), 0.995)) or 1.0
