"""One run on a page: the order in which it is drawn, what moves first and what takes long last."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.studio import background_imports, wording
from apps.studio.page import downloads, layout, own_folder, run_selection, training_buttons
from sandbox.runs import Run


@dataclass(frozen=True)
class Look:
    """What a page knows of the run that it shows.

    Attributes:
        run: None if there is none.
        state: as `wording.STATES` names it; None without a run.
        age: step of the checkpoint that is looked at; None for the newest.
        rows: metrics; none after *Reset*.
        seen: what the page's reading found in the checkpoint; None until there is one.
        baseline: what the reading compares it with; None until it is there.
    """

    run: Run | None
    state: str | None
    age: int | None
    rows: list[dict[str, Any]]
    seen: Any
    baseline: Any


def draw(
    page: str,
    run: Run | None,
    *,
    question: str,
    needs: tuple[str, ...],
    reading: str,
    controls: Callable[[Run | None, str | None], object],
    curve: Callable[[Look], None],
    answer: Callable[[Look], str],
    tabs: Callable[[Look], None],
) -> None:
    """Draw the whole page.

    Args:
        page: its key.
        run: what it shows.
        question: its title.
        needs: heavy modules that the reading and the tabs import, see `background_imports.ready`.
        reading: module with `look(run, age)` and `baseline(run)`, imported once all that is needed is there.
        controls: draws the row of buttons and menus, given the run and its state.
        curve: draws how the training went.
        answer: the sentence below the title.
        tabs: draws the rest.
    """
    heading = layout.Heading(question)
    status = run.status() if run is not None else None
    state = wording.state_of(run, status) if run is not None else None
    controls(run, state)
    training_buttons.show_refusal(page)
    if run is not None and status is not None:
        layout.message_of(run, status)
        own_folder.show_notes(run)
    view, below, last = st.container(), st.container(), st.container()
    fresh = training_buttons.fresh(page)
    with below:
        slot = st.container()
        age = training_buttons.age(page, run)
    with last:
        # Before all that takes longer to draw: the first steps are seen as soon as they are taken.
        if run is not None and status is not None:
            layout.footer(run, status, downloads.downloads(run))
    rows = run.metrics() if run is not None and not fresh else []
    look = Look(run, state, age, rows, *_read(run, status, age, needs, reading))
    with slot:
        curve(look)
    heading.answer(answer(look), None if fresh else state, run_selection.usual_time(run))
    with view:
        tabs(look)


def _read(
    run: Run | None, status: Mapping[str, Any] | None, age: int | None, needs: tuple[str, ...], reading: str
) -> tuple[Any, Any]:
    """What there is to see in a checkpoint, and what to compare it with."""
    # An untrained network is not worth the time to draw it: it would be the first step's.
    begins = status is not None and wording.begins(status)
    if not background_imports.ready(*needs) or run is None or begins:
        return None, None
    module = importlib.import_module(reading)
    seen = module.look(run, age)
    return seen, None if seen is None else module.baseline(run)


def waiting(run: Run | None, promise: str, otherwise: str, height: int) -> None:
    """Draw what stands in a tab until there is something to see.

    Args:
        run: that is waited for; None if there is none.
        promise: what appears, and when.
        otherwise: said where nothing trains and nothing has been learned.
        height: of the empty place, in pixels.
    """
    state = None if run is None else wording.state_of(run)
    if run is not None and (run.checkpoints() or state in wording.ALIVE):
        st.caption(f"{wording.awaited(run, state)} {promise}")
        st.skeleton(height=height)
    else:
        st.caption(otherwise)
