"""Try: a map of what the network sees, and the quickest route over it; a click sets start or goal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.satellite import lands
from apps.satellite.views.zoom_map import Drawn, zoom_map
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.columns import panes
from apps.studio.page.kept import kept
from apps.studio.page.kinds import input_of
from apps.studio.page.run_view import RunView
from apps.studio.page.try_tab import show_samples
from apps.studio.plain_text import escape
from envs.scenes.recon import COLORS
from sandbox.data.overlay import COLOURS, photo_of
from sandbox.metrics.route import Cell, cheapest, cost_along

TITLE = "Map and route"
START, GOAL = "start", "goal"
ENDS = {START: (0.08, 0.08), GOAL: (0.92, 0.92)}
"""Where they are before anybody clicks, as shares of height and width."""
CHEAP, DEAR = np.array((0.99, 0.96, 0.80)), np.array((0.55, 0.04, 0.15))
LOWEST, HIGHEST = 0.1, 50.0
"""Hours that a ground may be said to take."""


def fits(view: RunView) -> bool:
    """Whether it says the class of every pixel."""
    output = view.predictor.output
    return output.kind == "mask" and bool(output.classes)


def show(page: str, view: RunView) -> None:
    """Draw the map on the left; figures, ways to give a picture and unseen ones on the right."""
    left, right = panes([15, 14], key=f"{page}-route")
    with right:
        said = st.container()
        chosen: ChosenInput | None = input_of(view).choose(page, view)
        costs = _costs(page, view.predictor.output.classes)
        show_samples(page, view)
    if chosen is None:
        said.markdown("##### Your map")
        said.caption(f"Give it a picture of your own, or pick one of the unseen {view.things}.")
        return
    with left:
        figures = _map(page, view, chosen, costs)
    said.markdown(figures)


def picture(page: str, view: RunView) -> None:
    """Draw the map for the lesson."""
    classes = view.predictor.output.classes
    _map(f"{page}:learn", view, current(page, view), _usual(classes))


def _map(page: str, view: RunView, given: ChosenInput, costs: NDArray[Any]) -> str:
    """Draw layers and routes; returns what they say."""
    photo, output = np.asarray(given.value), view.predictor.output
    shares = kept(("zones", *view.key, photo.tobytes()), lambda: lands.probabilities(view.predictor, photo))
    answer, hours = shares.argmax(0), lands.expected(shares, costs)
    height, width = answer.shape
    ends = {name: _end(page, name, (height, width)) for name in (START, GOAL)}
    way = cheapest(hours, ends[START], ends[GOAL])
    routes = [Drawn(way, "model", "planned on what the network sees")]
    base = photo_of(photo)
    colours = _colours(output.classes)
    layers = {"Picture": base, "Zones": colours[answer], "Cost": _coloured(hours)}
    said = f"##### Planned: {_hours(hours, way)}\n\n{escape(output.text(answer))}"
    if given.target is not None:
        truth = np.asarray(given.target)
        true = costs[truth]
        best = cheapest(true, ends[START], ends[GOAL])
        routes.insert(0, Drawn(best, "truth", "the quickest on the true map"))
        layers["Truth"] = colours[truth]
        paid, least = cost_along(true, way), cost_along(true, best)
        extra = 100 * (paid / least - 1) if least else 0.0
        said = (
            f"##### It costs {extra:z.0f} % more than the quickest way\n\nBlue, planned on what the network "
            f"sees: {_hours(hours, way)} expected, {_hours(true, way)} in truth. Green, planned on the true "
            f"map: {_hours(true, best)}.\n\n{escape(output.text(answer))}"
        )
    turn = st.segmented_control(
        "A click sets the", [START, GOAL], default=GOAL, required=True, key=f"{page}:click", width="content"
    )
    spot = zoom_map(
        layers,
        routes,
        (ends[START], ends[GOAL]),
        key=f"{page}:map",
        hint=f"Click to set the {turn}. The wheel or + and − zoom, dragging moves.",
        legend={name: _hexadecimal(colour) for name, colour in zip(output.classes, colours, strict=True)},
        alt=f"Map with a route from start to goal; Enter sets the {turn} in the middle of what is shown",
    )
    if spot is not None:
        st.session_state[f"{page}:{turn}"] = (spot[0] / height, spot[1] / width)
        st.rerun(scope="fragment")
    return said


def _end(page: str, name: str, shape: tuple[int, int]) -> Cell:
    """Row and column of start or goal, which keep their place in a picture of another size."""
    down, right = st.session_state.get(f"{page}:{name}", ENDS[name])
    return min(round(down * shape[0]), shape[0] - 1), min(round(right * shape[1]), shape[1] - 1)


def _costs(page: str, classes: Sequence[str]) -> NDArray[np.float64]:
    """What each class costs: the hours of Recon's rules, or what somebody has typed."""
    usual = _usual(classes)
    if lands.hours(classes) is None:
        st.caption("Only you know what these grounds cost. To begin with, all cost the same.")
    with st.popover("What each ground costs", icon=":material/timer:"):
        st.caption(f"Hours for {lands.CELL} pixels straight ahead.")
        return np.array(
            [
                st.number_input(
                    escape(name), LOWEST, HIGHEST, float(hours), 0.5, key=f"{page}:cost:{name}", format="%.1f"
                )
                for name, hours in zip(classes, usual, strict=True)
            ]
        )


def _usual(classes: Sequence[str]) -> NDArray[np.float64]:
    known = lands.hours(classes)
    return np.ones(len(classes)) if known is None else known


def _colours(classes: Sequence[str]) -> NDArray[np.float64]:
    """Red, green and blue of each class: as the made lands look, or apart for colour-blind eyes."""
    if lands.hours(classes) is not None:
        return np.array([COLORS[lands.CLASSES.index(name)] / 255 for name in classes])
    return np.array([COLOURS[i % len(COLOURS)] for i in range(len(classes))]) / 255


def _hexadecimal(colour: NDArray[np.floating]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*np.round(255 * colour).astype(int).tolist())


def _hours(costs: NDArray[Any], way: NDArray[Any]) -> str:
    return f"{cost_along(costs, way) / lands.CELL:z.1f} h"


def _coloured(costs: NDArray[Any]) -> NDArray[np.float64]:
    """Costs as a picture, from pale to dark red; twice as dark is four times as much."""
    share = np.sqrt(costs / max(float(costs.max()), 1e-9))[..., None]
    return (1 - share) * CHEAP + share * DEAR
