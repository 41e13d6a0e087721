"""Compare: what a sensible person would try first, and other trainings, on the same held-out pictures."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from apps.components import selection
from apps.components.gallery import Picture, gallery
from apps.components.intervals import Score, percent, show_scores
from apps.start import reading
from envs.engine import palette

if TYPE_CHECKING:
    from apps.start.reading import Look

METRIC = "test_accuracy"
OTHERS = 4
"""Earlier runs that are shown beside this one."""
SHOWN = 12


def show(look: "Look", neighbour: Any) -> None:
    """Draw the tab."""
    reached = reading.accuracy(look)
    own = reached.metrics(METRIC)
    scores = [percent(f"this network, step {look.step:,}", own, METRIC, palette.MODEL)]
    if neighbour is not None:
        scores.append(percent(neighbour.name, neighbour.metrics, METRIC))
    scores += _other_runs(look)
    show_scores(
        scores,
        x_title=f"right of 100 held-out {reading.things(look)}, with its 95 % interval",
        alt="; ".join(f"{score.name} {score.mean:z.1f}" for score in scores),
        form=".1f",
        zero=False,
        key="compare:scores",
    )
    verdict = _verdict(reached, neighbour) if neighbour is not None else ""
    st.caption(f"The same {len(look.data.test_labels)} pictures for all. {verdict}")
    _disagree(look)


def _verdict(reached: Any, neighbour: Any) -> str:
    figures = neighbour.metrics
    if reached.low > figures["test_accuracy_high"]:
        return f"The network is ahead of the {neighbour.name}: their intervals lie apart."
    if reached.high < figures["test_accuracy_low"]:
        return f"The {neighbour.name} is ahead of the network: their intervals lie apart."
    return f"The intervals of network and {neighbour.name} overlap: this test cannot tell who is better."


def _other_runs(look: "Look") -> list[Score]:
    found = []
    light = palette.blend(palette.MODEL, "white", 0.4)
    mine = reading.split_of(look.run)
    for run in selection.runs_of([look.run.config["target"]]):
        if run == look.run or len(found) == OTHERS:
            continue
        rows = [row for row in run.metrics() if f"{METRIC}_low" in row]
        if not rows or reading.split_of(run) != mine:
            continue
        found.append(percent(f"{run.name}, seed {run.config.get('seed', 0)}", rows[-1], METRIC, light))
    return found


def _disagree(look: "Look") -> None:
    labels = look.data.test_labels.numpy()
    network, neighbour = reading.held_out(look).argmax(1), reading.neighbour_labels(look.data)
    left, right = st.columns(2, gap="large")
    cases = [
        (
            left,
            "Only the network reads",
            (network == labels) & (neighbour != labels),
            neighbour,
            "compare:ours",
        ),
        (
            right,
            "Only the neighbour reads",
            (network != labels) & (neighbour == labels),
            network,
            "compare:theirs",
        ),
    ]
    for column, title, where, said, key in cases:
        with column:
            indices = np.flatnonzero(where)
            st.markdown(f"**{title}**: {len(indices)}")
            if not len(indices):
                st.caption("None.")
                continue
            gallery(
                [
                    Picture(
                        reading.shown(look, look.data.test_images[int(i)]),
                        f"{look.data.classes[labels[i]]}, not {look.data.classes[said[i]]}",
                        alt=f"A {look.data.classes[labels[i]]}; the other says {look.data.classes[said[i]]}",
                    )
                    for i in indices[:SHOWN]
                ],
                key=key,
                size=58,
            )
