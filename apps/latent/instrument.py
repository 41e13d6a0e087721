"""Codes, forgers and maps: drag a point and see the picture; watch a duel; see a sheet unfold."""

from collections.abc import Callable
from typing import Any

from apps.latent import controls
from apps.studio.charts.curves import Curve, Level, on_the_way, show_curves, tell_part
from apps.studio.page import layout
from apps.studio.page.polling import live
from apps.studio.page.run_page import draw, waiting
from envs.engine import palette
from sandbox.runs import Run

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
    draw(
        PAGE,
        run,
        question=controls.QUESTIONS[target],
        needs=NEEDS,
        reading="apps.latent.reading",
        controls=controls.row,
        curve=lambda look: _curve(target, look.rows, look.baseline, look.age),
        answer=lambda look: (
            controls.ASKED[target] if look.seen is None else _answer(look.seen, look.baseline)
        ),
        tabs=lambda look: _tabs(look.run, look.seen, look.baseline),
    )


def _answer(seen: Any, other: Any) -> str:
    from apps.latent.views import all as views

    return f"{controls.ASKED[seen.target]} {views.VIEWS[seen.target].answer(seen, other)}"


def _curve(target: str, rows: list[dict[str, Any]], other: Any, age: int | None) -> None:
    name, title, factor = CURVES[target]
    points = on_the_way(rows, name)
    share = name == "test_explained"
    curve = Curve(
        name="held out",
        x=[row["step"] for row in points],
        # Who has learned nothing yet may explain less than nothing, which would squeeze all that follows.
        y=[factor * row[name] for row in points],
        floor=0.0 if share else 1e-3,
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
    tell_part(rows, name)


def _tabs(run: Run | None, seen: Any, other: Any) -> None:
    if seen is None:
        layout.tabs(PAGE, dict.fromkeys(layout.TABS, lambda: _waiting(run)))
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
    layout.tabs(PAGE, bodies)


def _waiting(run: Run | None) -> None:
    waiting(
        run,
        "What you can touch appears with the first step.",
        "There is nothing to touch yet. *Train* makes it in seconds.",
        height=320,
    )


def main() -> None:
    """Draw the page."""
    live(body, needs=NEEDS, begin=controls.shown)
