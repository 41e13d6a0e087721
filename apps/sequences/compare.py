"""Compare: the networks on the same held-out sequences, beside who always says the same, and other runs."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.sequences import measured, reading
from apps.sequences.hues import hue
from apps.sequences.networks import BLOCKS, TITLES
from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page import run_selection
from envs.engine import palette
from sandbox.data.fingerprint import source_of
from sandbox.statistics import bootstrap_interval

if TYPE_CHECKING:
    from apps.sequences.reading import Look

ERRORS = {
    "number": "mean squared error",
    "symbol": "cross-entropy, nats",
    "bit": "cross-entropy, nats",
}


def show(look: "Look", baseline: Any) -> None:
    """Draw the tab."""
    figures = reading.figures(look)
    error = ERRORS[look.networks.answers.kind]
    left, right = st.columns(2, gap="large")
    for column, metric, title, form, factor in (
        (left, "test_accuracy", "right of 100 answers", ".1f", 100.0),
        (right, "test_loss", error, ".3g", 1.0),
    ):
        with column:
            scores = [
                _score(TITLES[name], figures, f"{metric}_{name}", hue(name), factor) for name in look.blocks
            ]
            if baseline is not None:
                scores.append(_score(baseline.name, baseline.metrics, metric, palette.BASELINE, factor))
            show_scores(
                scores,
                x_title=f"{title}, with its 95 % interval",
                alt="; ".join(f"{score.name} {score.mean:.3g}" for score in scores),
                form=form,
                key=f"sequences:compare:{metric}",
            )
    st.caption(f"On {len(look.held_out.inputs):,} sequences that nobody learned from{_synthetic(look)}.")
    _other_runs(look)
    if look.name == "adding" and measured.ROWS:
        _measured()


def _score(name: str, figures: Any, metric: str, color: str, factor: float) -> Score:
    return Score(
        name=name,
        mean=factor * figures[metric],
        low=factor * figures[f"{metric}_low"],
        high=factor * figures[f"{metric}_high"],
        color=color,
    )


def _synthetic(look: "Look") -> str:
    own = look.run.config.get("data")
    return "" if own else " (*synthetic*: generated, not collected)"


def _other_runs(look: "Look") -> None:
    """Runs of the same task with the same settings but other seeds, as means over seeds."""
    same = {key: value for key, value in vars(look.settings).items() if key not in ("block",)}
    found: dict[str, list[float]] = {}
    seeds: set[Any] = set()
    for run in run_selection.runs_of([look.run.config["target"]]):
        if source_of("", run.config).key != source_of("", look.run.config).key:
            continue
        settings = vars(reading.settings_of(run))
        if {key: settings[key] for key in same} != same:
            continue
        rows = [row for row in run.metrics() if "test_accuracy_low" in row]
        if not rows:
            continue
        seeds.add(run.config.get("seed"))
        for block in BLOCKS:
            if f"test_accuracy_{block}" in rows[-1]:
                found.setdefault(block, []).append(100 * rows[-1][f"test_accuracy_{block}"])
    if len(seeds) < 2:
        st.caption(
            "Train again with another seed (under *More*), and the spread between trainings appears here."
        )
        return
    st.markdown(f"**{len(seeds)} seeds on this machine**, the same settings")
    scores = []
    for block, values in found.items():
        interval = bootstrap_interval(values)
        scores.append(
            Score(
                name=f"{TITLES[block]}, {len(values)} run{'s' * (len(values) > 1)}",
                mean=interval.mean,
                low=interval.low,
                high=interval.high,
                color=hue(block),
            )
        )
    show_scores(
        scores,
        x_title="right of 100 answers, mean over seeds with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:z.0f}" for score in scores),
        key="sequences:compare:seeds",
    )


def _measured() -> None:
    st.markdown(f"**Measured beforehand**: length {measured.LENGTH}, {measured.SEEDS} seeds each")
    st.table(
        [
            {
                "network": row.name,
                "mean squared error": f"{row.mean:z.5f}",
                "95 % interval over seeds": f"{row.low:z.5f} to {row.high:z.5f}",
                "worst seed": f"{row.worst:z.5f}",
                "learning rate": row.rate,
            }
            for row in measured.ROWS
        ],
        hide_index=True,
    )
    st.caption(f"{measured.NOTE} Again with `{measured.COMMAND}`. The sequences are *synthetic*.")
