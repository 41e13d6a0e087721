"""Race the optimisers: down a landscape over the plane, and on the network of this page."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from apps.neurons import descents, retraining
from apps.neurons.controls import OPTIMIZERS
from apps.neurons.live_view import LiveView
from apps.studio import background_work
from apps.studio.browser import component
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette
from sandbox.blocks.descent import Surface

TITLE = "Race of optimisers"
ORDER = 70
_HERE = Path(__file__).parent
_HTML = """
<div class="race">
  <canvas role="img"></canvas>
  <div class="row">
    <button type="button">Again</button>
    <input type="range" min="0" max="1" value="0" step="1" aria-label="Step of the race">
    <output></output>
  </div>
  <ol></ol>
</div>
"""
_COMPONENT = component.make(
    "descent_race",
    _HERE,
    html=_HTML,
    css=["race.css"],
    js=["pixels.js", "race.js"],
)
HUES = (
    palette.MODEL,
    palette.BASELINE,
    palette.HUMAN,
    palette.TRUTH,
    palette.DANGER,
    palette.NEUTRALS["grey"],
)
"""Of the optimisers, in the order of `controls.OPTIMIZERS`."""
EACH_ITS_BEST = "each its best"
RATES = {"adam": 0.1, "adamw": 0.05, "rmsprop": 0.1, "sgd": 1.0, "momentum": 0.1, "nesterov": 0.3}
"""On the network: of seven from 0.003 to 1 the one with the lowest loss after 600 steps (moons, seed 0)."""


def fits(view: LiveView) -> bool:
    """Always."""
    return True


def show(page: str, view: LiveView) -> None:
    """Draw both races side by side."""
    left, right = st.columns(2, gap="large")
    with left:
        _landscape(page)
    with right:
        _same_network(page, view)


def _landscape(page: str) -> None:
    st.markdown("**Down a landscape**: a click sets the start; a cross is a minimum")
    one, two = st.columns(2)
    surface = one.selectbox(
        "Landscape",
        list(Surface.KINDS),
        key=f"{page}:surface",
        help="A loss with two weights, seen from above.",
    )
    rate = two.select_slider(
        "Learning rate",
        [EACH_ITS_BEST, *descents.RATES[3:]],
        key=f"{page}:race-rate",
        help="The same for all, or for each optimiser the one of 14 that ends lowest.",
    )
    starts = st.session_state.setdefault(f"{page}:starts", {})
    start = starts.get(surface, Surface.KINDS[surface][1])
    found = [
        background_work.ask(("descent", surface, name, rate, start), _run(surface, name, rate, start))
        for name in OPTIMIZERS
    ]
    if not all(found):
        st.caption("Finding each optimiser's best learning rate …")
        st.skeleton(height=300)
        return
    names = [f"{each.name} ({each.rate:.2g})" for each in found]
    result = _COMPONENT(
        key=f"{page}:race",
        data={
            **descents.field(surface),
            "version": f"{surface} {rate} {start}",
            "label": f"Paths of {', '.join(names)} over {surface} after {descents.STEPS} steps",
            "names": names,
            "paths": [each.path for each in found],
            "heights": [each.heights for each in found],
            "minima": [list(place) for place in Surface.MINIMA[surface]],
            "steps": descents.STEPS,
        },
        on_start_change=lambda: None,
    )
    if result.start:
        starts[surface] = (float(result.start[0]), float(result.start[1]))
        st.rerun(scope="fragment")
    st.caption(
        f"{surface.capitalize()}: {descents.ABOUT[surface]} The learning rate is in brackets, the height "
        "behind it."
    )


def _run(surface: str, name: str, rate: float | str, start: tuple[float, float]) -> partial[descents.Descent]:
    if isinstance(rate, str):
        return partial(descents.best, surface, name, start)
    return partial(descents.descend, surface, name, rate, start)


def _same_network(page: str, view: LiveView) -> None:
    points, training = view.training.points, view.training
    st.markdown("**On this network**: the same points, first weights and minibatches for all")
    curves = []
    for name, hue in zip(OPTIMIZERS, HUES, strict=True):
        settings = replace(training.settings, optimizer=name, learning_rate=RATES[name])
        key = ("optimiser race", points.fingerprint, settings, training.seed)
        found = background_work.ask(key, partial(retraining.train, points, settings, training.seed))
        if found is None:
            continue
        losses = [(step, max(1e-4, loss)) for step, loss in found[1] if loss < float("inf")]
        curves.append(
            Curve(
                name=name,
                x=[step for step, _ in losses],
                y=[loss for _, loss in losses],
                color=hue,
                format=".2g",
            )
        )
    show_curves(
        curves,
        x_title="steps of training",
        y_title="loss",
        alt="Loss of this network under each optimiser",
        log=True,
        key=f"{page}:optimisers",
        height=380,
    )
    rates = ", ".join(f"{name} {RATES[name]:g}" for name in OPTIMIZERS)
    missing = len(OPTIMIZERS) - len(curves)
    rest = f" {missing} are still training …" if missing else ""
    st.caption(f"Learning rates: {rates}. The order holds for these points, not in general.{rest}")
