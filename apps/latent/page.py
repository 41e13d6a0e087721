"""Codes, forgers and maps: drag a point and see the picture; watch a duel; see a sheet unfold."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from apps.components import report, selection, skeleton, training, warm, wording
from apps.components.curves import Curve, Level, show_curves
from apps.components.live import live
from apps.latent import controls
from envs.engine import palette
from sandbox.runs import Run

TITLE = "Latent lab"
SECTION = "Methods"
ICON = ":material/blur_on:"
ORDER = 130

PAGE = controls.PAGE
NEEDS = ("torch", "apps.latent.reading", "apps.latent.views.all")
CURVES = {
    "latent/vae": ("test_explained", "explained, %", 100.0),
    "latent/autoencoder": ("test_explained", "explained, %", 100.0),
    "latent/duel": ("test_mixed", "mixed up, of 100", 100.0),
    "latent/gan": ("test_frechet", "Fréchet distance", 1.0),
    "latent/som": ("test_quantisation", "distance to unit", 1.0),
}
"""What the curve shows of each task: the figure, its axis, and what it is multiplied by."""


def body() -> None:
    """The whole page."""
    run = controls.shown()
    target = controls.target()
    heading = skeleton.Heading(controls.QUESTIONS[target])
    status = run.status() if run is not None else None
    state = wording.state_of(run, status) if run is not None else None
    controls.row(run, state)
    training.show_refusal(PAGE)
    if run is not None and status is not None:
        skeleton.message_of(run, status)
    view, below, last = st.container(), st.container(), st.container()
    fresh = training.fresh(PAGE)
    age = None
    with below:
        slot = st.container()
        if run is not None and not fresh:
            age = skeleton.age_slider(PAGE, run, run.checkpoints(), "step")
    if fresh and run is not None:
        age = next(iter(run.checkpoints()), None)
    # An untrained network is not worth the time to draw it: it would be the first step's.
    begins = status is not None and wording.begins(status)
    with last:
        # Before all that takes longer to draw: the first steps are seen as soon as they are taken.
        if run is not None and status is not None:
            skeleton.footer(run, status, report.downloads(run))
    seen = other = None
    if warm.ready(*NEEDS) and run is not None and not begins:
        from apps.latent import reading

        seen = reading.look(run, age)
        other = None if seen is None else reading.baseline(run)
    with slot:
        _curve(target, run.metrics() if run is not None and not fresh else [], other, age)
    heading.answer(
        controls.ASKED[target] if seen is None else _answer(seen, other),
        None if fresh else state,
        selection.usual_time(target),
    )
    with view:
        _tabs(run, seen, other)


def _answer(seen: Any, other: Any) -> str:
    from apps.latent.views import all as views

    return f"{controls.ASKED[seen.target]} {views.VIEWS[seen.target].answer(seen, other)}"


def _curve(target: str, rows: list[dict[str, Any]], other: Any, age: int | None) -> None:
    name, title, factor = CURVES[target]
    points = [row for row in rows if name in row]
    share = name == "test_explained"
    curve = Curve(
        name="held out",
        x=[row["step"] for row in points],
        # Who has learned nothing yet may explain less than nothing, which would squeeze all that follows.
        y=[max(0.0 if share else 1e-3, factor * row[name]) for row in points],
        color=palette.MODEL,
        format=".3g",
    )
    levels = []
    if other is not None and name in other.metrics:
        value = factor * other.metrics[name]
        levels.append(Level(name=f"{other.name} {value:.3g}", y=value))
    show_curves(
        [curve],
        levels,
        x_title="steps of training",
        y_title=title,
        alt=f"{title}, held out: now {curve.y[-1]:.3g}" if curve.y else f"{title}, held out",
        y_range=(0.0, 100.0) if share else None,
        log=target == "latent/gan",
        zero=target != "latent/gan",  # whose axis is logarithmic
        mark=age,
        key=f"latent:curve:{target}",
        height=200,
    )


def _tabs(run: Run | None, seen: Any, other: Any) -> None:
    if seen is None:
        skeleton.tabs(PAGE, dict.fromkeys(skeleton.TABS, lambda: _waiting(run)))
        return
    from apps.latent import code
    from apps.latent.views import all as views

    view = views.VIEWS[seen.target]
    bodies: dict[str, Callable[[], None]] = {
        "Try": lambda: view.attempt(seen),
        "Inside": lambda: view.inside(seen),
        "Compare": lambda: view.compare(seen, other),
        "Code": lambda: code.show(seen),
        "Limits": lambda: view.limits(seen, other),
    }
    skeleton.tabs(PAGE, bodies)


def _waiting(run: Run | None) -> None:
    state = None if run is None else wording.state_of(run)
    if run is not None and (run.checkpoints() or state in wording.ALIVE):
        st.caption(f"{wording.awaited(run, state)} What you can touch appears with the first step.")
        st.skeleton(height=320)
    else:
        st.caption("There is nothing to touch yet. *Train* makes it in seconds.")


live(body, needs=NEEDS, begin=controls.shown)
