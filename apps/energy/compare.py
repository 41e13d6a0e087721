"""Compare: the baseline a sensible person would try first, other ways to learn, and many seeds."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.energy import completion, measured, reading
from apps.energy.rbm import MOST, with_interval
from apps.studio import background_work
from apps.studio.charts.intervals import Score, percent, show_scores
from apps.studio.page import run_selection
from envs.engine import palette
from sandbox.data.fingerprint import source_of

if TYPE_CHECKING:
    from apps.energy.reading import Look


def show(look: "Look", baseline: Any) -> None:
    """Draw the tab."""
    figures = reading.figures(look)
    if figures is None:
        st.caption("All held-out pictures are being asked for …")
        st.skeleton(height=240)
        return
    dbn = look.run.config["target"] == "energy/dbn"
    metric = "test_accuracy" if dbn else "test_completion"
    scores = []
    if dbn:
        scores.append(percent("pretrained", figures, "test_accuracy_pretrained", palette.MODEL))
        light = palette.blend(palette.MODEL, "white", 0.4)
        scores.append(percent("not pretrained", figures, "test_accuracy_plain", light))
    else:
        scores.append(percent(f"the machine, step {look.step:,}", figures, metric, palette.MODEL))
        others = background_work.ask(
            ("energy components", source_of("", look.run.config).key, look.settings.split_seed),
            lambda: _components(look),
        )
        if others is not None:
            scores.append(percent(f"{completion.COMPONENTS} components", others, metric, palette.BASELINE))
    if baseline is not None:
        scores.append(percent(baseline.name, baseline.metrics, metric, palette.BASELINE))
    scores += _other_runs(look, metric)
    title = "read right, of 100" if dbn else "explained of what is missing, %"
    show_scores(
        scores,
        x_title=title,
        alt="; ".join(f"{score.name} {score.mean:z.1f}" for score in scores),
        form=".1f",
        zero=not dbn,
        key="energy:compare",
    )
    count = len(look.pictures.test) if dbn else min(MOST, len(look.pictures.test))
    scale = "" if dbn else " 0 is as good as the mean picture, 100 is right."
    st.caption(f"The same {count} held-out pictures for all, each with its 95 % interval.{scale}")
    rows, note = (
        (measured.LABELS, measured.LABELS_NOTE) if dbn else (measured.MACHINES, measured.MACHINES_NOTE)
    )
    if rows:
        st.markdown("**Measured beforehand**, scikit-learn's digits")
        st.table(list(rows), hide_index=True)
        st.caption(f"{note} Again with `{measured.COMMAND}`.")


def _components(look: "Look") -> dict[str, float]:
    found, keep = look.pictures, reading.kept(look, "lower")
    guess = completion.by_components(found.train, found.test[:MOST], keep)
    values = completion.explained(found.test[:MOST], guess, found.train.mean(0), keep)
    return with_interval("test_completion", values)


def _other_runs(look: "Look", metric: str) -> list[Score]:
    """Up to four earlier runs on the same split."""
    found = []
    for run in run_selection.runs_of([look.run.config["target"]]):
        settings = reading.settings_of(run)
        same = (source_of("", run.config).key, settings.split_seed) == (
            source_of("", look.run.config).key,
            look.settings.split_seed,
        )
        rows = [row for row in run.metrics() if f"{metric}_low" in row]
        if run == look.run or not same or not rows or len(found) == 4:
            continue
        what = f"{settings.labels} labels" if metric == "test_accuracy" else way(settings)
        name = f"{run.name}, {what}, seed {run.config.get('seed', 0)}"
        found.append(percent(name, rows[-1], metric, palette.blend(palette.MODEL, "white", 0.6)))
    return found


def way(settings: Any) -> str:
    """How a machine learns: `PCD` or `CD-1`."""
    return "PCD" if settings.chains else f"CD-{settings.gibbs}"
