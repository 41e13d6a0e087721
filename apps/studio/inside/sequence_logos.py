"""The motifs that filters have found, as sequence logos, and where they are in the tried sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.sequence_logo import logo
from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.motif import match
from sandbox.percent import percent
from sandbox.tasks.families.motif_network import MotifClassifier

TITLE = "Motifs"
ORDER = 10
FILTERS, SEQUENCES, SIZE = 6, 1_000, 300
"""Filters that are shown, unseen sequences whose sites make their logos, and pixels of a logo."""


def fits(view: RunView) -> bool:
    """Whether it looks for motifs."""
    return isinstance(view.predictor, MotifClassifier)


def show(page: str, view: RunView) -> None:
    """Draw the planted motif, the filters that matter most, and where the first one is in the sequence."""
    found = view.later("motifs", lambda: _motifs(view))
    if found is None:
        st.caption("Collecting the sites of each filter …")
        return
    pictures = []
    known = getattr(view.test, "motif", None)
    if known is not None:
        pictures.append(
            Picture(logo(known), "the planted motif (truth)", alt="The planted motif", tone="right")
        )
    for number, motif, weight, count in found[:FILTERS]:
        caption = f"filter {number + 1}: {weight:+.2f}, {count} sites"
        if known is not None:
            caption += f", match {percent(match(motif, known))}"
        pictures.append(Picture(logo(motif), caption, alt=f"Logo of filter {number + 1}"))
    gallery(pictures, key=f"{page}:logos", size=SIZE)
    st.caption(
        f"The letters that each filter reacts to, in {min(SEQUENCES, len(view.test)):,} unseen sequences. "
        "The higher a column, the more it matters which letter stands there; either strand counts. The "
        "number is what the filter adds to the log-odds of "
        f"**{escape(view.predictor.output.classes[1])}**, in the mean."
    )
    sites(page, view, found)


def picture(page: str, view: RunView) -> None:
    """Draw the logos of the filters that matter most."""
    found = _motifs(view)[:2]
    known = getattr(view.test, "motif", None)
    pictures = (
        [] if known is None else [Picture(logo(known), "planted", alt="The planted motif", tone="right")]
    )
    pictures += [
        Picture(logo(motif), f"filter {number + 1}", alt=f"Logo of filter {number + 1}")
        for number, motif, _, _ in found
    ]
    gallery(pictures, key=f"{page}:logos-learn", size=SIZE)


def sites(page: str, view: RunView, found: Any) -> None:
    """Draw the sequence that was tried; blue where the filter that says most has its best place."""
    sequence = str(np.asarray(current(page, view).value).item())
    predictor: MotifClassifier = view.predictor
    number = max(found, key=lambda one: one[2])[0]
    responses, places = predictor.strongest([sequence])
    threshold = float(predictor.model.threshold.detach()[number])
    turned, begin = divmod(int(places[0, number]), max(1, len(sequence) - predictor.model.width + 1))
    end = begin + predictor.model.width
    strand = "the other strand" if turned else "this strand"
    note = f"filter {number + 1} says {responses[0, number] - threshold:z.2f} here, on {strand}"
    strength = 0.8 if responses[0, number] > threshold else 0.15
    st.markdown(f"**Where it looks**: the best place of filter {number + 1} in the sequence that was tried")
    show_text(
        [Piece(sequence[:begin]), Piece(sequence[begin:end], strength, note), Piece(sequence[end:])],
        key=f"{page}-sites",
        color=palette.MODEL,
    )


def _motifs(view: RunView) -> list[tuple[int, Any, float, int]]:
    """Number, matrix, weight and sites of each filter, the weightiest first."""
    some = view.test.some(SEQUENCES)
    predictor: MotifClassifier = view.predictor
    weights = predictor.importance(some.inputs)
    found = [
        (number, sites.motif(), float(weights[number]), len(sites.rows))
        for number, sites in enumerate(predictor.sites(some.inputs))
    ]
    return sorted(found, key=lambda one: -abs(one[2]))
