"""A page about tasks, drawn: controls, heading, tabs, curve, age slider and footer."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.studio import background_imports, wording
from apps.studio.inputs import drawing
from apps.studio.page import controls, downloads, layout, run_selection, training_buttons
from apps.studio.page.columns import TRIED, panes
from apps.studio.page.page import Page
from apps.studio.page.polling import live
from sandbox.runs import Run

if TYPE_CHECKING:
    from apps.studio.page.run_view import RunView

TABS: Mapping[str, str] = {
    "Try": "try_tab",
    "Inside": "inside_tab",
    "Compare": "compare_tab",
    "Code": "code_tab",
    "Limits": "limits_tab",
    "Learn": "learn_tab",
}
"""Tabs in their order, and the modules of this package that draw them."""


@dataclass(frozen=True)
class Shown:
    """What a page shows at the moment.

    Attributes:
        page: the page.
        run: the run; None if there is none.
        state: of the run, as `wording.STATES` names it.
        age: step of the checkpoint that is looked at; None for the newest.
        rows: metrics; none after *Reset*.
        view: the run at this age; None until it can be shown.
    """

    page: Page
    run: Run | None
    state: str | None
    age: int | None
    rows: list[dict[str, Any]]
    view: RunView | None


def show(page: Page) -> None:
    """Draw a page and keep it drawn while something trains."""
    live(lambda: _body(page), needs=page.waits_for, begin=lambda: controls.run_of(page))


def _body(page: Page) -> None:
    import streamlit as st

    run = controls.run_of(page)
    heading = layout.Heading(controls.question_of(page))
    status = run.status() if run is not None else None
    state = wording.state_of(run, status) if run is not None else None
    controls.show(page, run, state)
    training_buttons.show_refusal(page.name)
    if run is not None and status is not None:
        layout.message_of(run, status)
        layout.show_notes(run)
    above, below, last = st.container(), st.container(), st.container()
    fresh = training_buttons.fresh(page.name)
    with below:
        slot = st.container()
        age = training_buttons.age(page.name, run)
    with last:
        # Before all that takes longer to draw: the first steps are seen as soon as they are taken.
        if run is not None and status is not None:
            layout.footer(run, status, downloads.downloads(run))
    rows = run.metrics() if run is not None and not fresh else []
    shown = Shown(page, run, state, age, rows, _view(page, run, status, age))
    curve = importlib.import_module("apps.studio.page.curve")
    with slot:
        curve.show(shown)
    heading.answer(curve.sentence(shown), None if fresh else state, run_selection.usual_time(run))
    with above:
        layout.tabs(page.name, {name: _tab(module, shown) for name, module in TABS.items()})


def _view(page: Page, run: Run | None, status: Mapping[str, Any] | None, age: int | None) -> RunView | None:
    """The run at its age; None before there is something to see."""
    # An untrained network is not worth the time to draw it: it would be the first step's.
    begins = status is not None and wording.begins(status)
    if not background_imports.ready(*page.waits_for) or run is None or begins:
        return None
    return importlib.import_module("apps.studio.page.run_view").RunView.at(run, age)


def _wait(shown: Shown, *, sketch: bool) -> None:
    """What a tab says before there is a network; with a pad where one can draw already."""
    import streamlit as st

    if sketch:
        # Divided as it will be, so that nothing on it moves when the network comes.
        left, beside, right = panes(TRIED, key=f"{shown.page.name}-try")
        with left:
            drawing.wait(shown.page.name)
        with right:
            st.skeleton(height=240)
    else:
        beside = st.container()
    with beside:
        layout.waiting(
            shown.run,
            "What you draw is read in a moment." if sketch else "It appears here in a moment.",
            "There is no network to look at yet. *Train* makes one." + " What you draw stays." * sketch,
            240,
        )


def _tab(module: str, shown: Shown) -> Callable[[], None]:
    def draw() -> None:
        if shown.view is None:
            _wait(shown, sketch=module == "try_tab" and shown.page.sketches)
        else:
            importlib.import_module(f"apps.studio.page.{module}").show(shown)

    return draw
