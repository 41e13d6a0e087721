"""What comes next: the probability of each character, and the tree of what may follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.bars import show_bars
from apps.studio.inputs.text import beginning
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.tasks.writer import Drawing, Writer, tempered

TITLE = "Next characters"
ORDER = 10
DEPTH, BRANCHES, LEAST = 12, 4, 0.01
"""Tokens ahead, branches of each, and the least probability of a way that is followed."""
MOST = 160
"""Nodes of the tree."""
NARROW = 0.035
"""Share of the height from which a node says its letter."""


@dataclass(frozen=True)
class Node:
    """A way that the text may go.

    Attributes:
        text: of its last token.
        way: all tokens from the prompt on.
        depth: tokens from the prompt.
        low: where its probability begins, in [0, 1].
        high: where it ends.
        share: its probability given the way before it.
    """

    text: str
    way: str
    depth: int
    low: float
    high: float
    share: float


def fits(view: RunView) -> bool:
    """Whether it writes."""
    return isinstance(view.predictor, Writer)


def show(page: str, view: RunView) -> None:
    """Draw the probabilities behind a prompt, and the tree."""
    writer: Writer = view.predictor
    left, right = panes([4, 9], key=f"{page}-next")
    with left:
        prompt = st.text_input(
            "After this text",
            value=prompt_of(page, view),
            key=f"{page}:next:{view.data_key[0]}",
            max_chars=500,
            help="The network has read this; what comes next?",
        )
        temperature = st.slider(
            "Temperature",
            0.1,
            2.0,
            1.0,
            0.05,
            key=f"{page}:next-temperature",
            help="1 is what the network predicts. Below, the probable becomes more so; above, less.",
        )
        how = Drawing(temperature=temperature)
        state = writer.begin(writer.encode(prompt))
        values = tempered(writer.probabilities(state), how)
        show_bars(
            [_sign(piece) for piece in writer.vocabulary.pieces], values.tolist(), key=f"{page}:next-bars"
        )
        bits = float(-(values * np.log2(np.maximum(values, 1e-12))).sum())
        st.caption(
            f"Undecided by {bits:z.2f} bits: like a choice among {2**bits:z.1f} equally probable ones."
        )
    with right:
        st.markdown(
            "**The tree of alternatives**: a column for each character ahead; the higher a field, the more "
            "probable the way there"
        )
        draw_tree(page, tree(writer, state, how))


def picture(page: str, view: RunView) -> None:
    """Draw the tree behind the current prompt."""
    writer: Writer = view.predictor
    prompt = prompt_of(page, view)
    draw_tree(page, tree(writer, writer.begin(writer.encode(prompt)), Drawing(temperature=1.0)), prompt)


def prompt_of(page: str, view: RunView) -> str:
    """What was typed last, or the beginning of an unseen passage."""
    text = str(np.asarray(current(page, view).value).item())
    return (beginning(view, text) if len(text) > 500 else text).replace("\n", " ")


def tree(writer: Writer, state: Any, how: Drawing) -> list[Node]:
    """The most probable ways on, those with the greatest probability first followed."""
    found: list[Node] = []
    open_: list[tuple[float, float, str, int, Any]] = [(0.0, 1.0, "", 0, state)]
    while open_ and len(found) < MOST:
        open_.sort(key=lambda one: one[0] - one[1])
        low, high, way, depth, at = open_.pop(0)
        values = tempered(writer.probabilities(at), how)
        place = low
        for token in np.argsort(-values)[:BRANCHES]:
            share = float(values[token])
            end = place + share * (high - low)
            if end - place < LEAST:
                break
            text = writer.vocabulary.pieces[token]
            found.append(Node(text, way + text, depth + 1, place, end, share))
            if depth + 1 < DEPTH:
                open_.append((place, end, way + text, depth + 1, writer.advance(at, int(token))))
            place = end
    return found


def draw_tree(page: str, nodes: list[Node], prompt: str = "") -> None:
    """Draw nodes as fields: a column for each token, as high as the way is probable."""
    import altair as vega
    import pandas as pd

    if not nodes:
        st.caption("Nothing is probable enough to follow; give it a beginning, or a lower temperature.")
        return
    rows = pd.DataFrame(
        [
            {
                "x": node.depth - 1,
                "x2": node.depth,
                "middle": node.depth - 0.5,
                "y": node.low,
                "y2": node.high,
                "centre": (node.low + node.high) / 2,
                "sign": _sign(node.text) if node.high - node.low >= NARROW else "",
                "way": node.way.replace("\n", "⏎"),
                "probability": node.high - node.low,
                "share": node.share,
                "opacity": 0.12 + 0.6 * node.share,
            }
            for node in nodes
        ]
    )
    x = vega.X("x:Q", axis=None, scale=vega.Scale(domain=[0, DEPTH]))
    y = vega.Y("y:Q", axis=None, scale=vega.Scale(domain=[1, 0]))
    base = vega.Chart(rows)
    chart = vega.layer(
        base.mark_rect(color=palette.MODEL, cornerRadius=3, stroke="white", strokeWidth=1.5).encode(
            x=x,
            x2="x2:Q",
            y=y,
            y2="y2:Q",
            opacity=vega.Opacity("opacity:Q", scale=None, legend=None),
            tooltip=[
                vega.Tooltip("way:N", title="the way there"),
                vega.Tooltip("probability:Q", title="its probability", format=".1%"),
                vega.Tooltip("share:Q", title="of the last step", format=".1%"),
            ],
        ),
        base.mark_text(fontSize=14, font="monospace", fontWeight=600).encode(
            x=vega.X("middle:Q", axis=None), y=vega.Y("centre:Q", axis=None), text="sign:N"
        ),
    ).properties(height=420)
    best = max(
        (node for node in nodes if node.depth == max(n.depth for n in nodes)), key=lambda n: n.high - n.low
    )
    st.altair_chart(chart, width="stretch", key=f"{page}:tree", alt=f"Most probable way on: {best.way}")
    if prompt:
        st.caption(
            f"Behind this beginning, a field for each next character: {len(prompt)} characters were read."
        )


def _sign(piece: str) -> str:
    """A token that can be seen."""
    return piece.replace("\n", "⏎").replace(" ", "␣").replace("\t", "⇥")
