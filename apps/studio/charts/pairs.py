"""Numbers beside the true ones: a dot for each example, and the line on which they agree."""

from collections.abc import Mapping, Sequence

import streamlit as st

from envs.engine import palette


def show_pairs(
    truths: Sequence[float],
    answers: Mapping[str, Sequence[float]],
    *,
    x_title: str,
    y_title: str,
    alt: str,
    key: str,
    height: int = 280,
) -> None:
    """Draw answers over the truth.

    Args:
        truths: the true number of each example.
        answers: by name of who answers, a number for each; the first has the colour of the model.
        x_title: what the true numbers are.
        y_title: what the answers are.
        alt: what a screen reader says.
        key: name of the chart.
        height: in pixels.
    """
    import altair as vega
    import pandas as pd

    names = list(answers)
    hues = [palette.MODEL, palette.BASELINE, palette.HUMAN, palette.TRUTH]
    table = pd.DataFrame(
        [
            {"true": true, "answer": answer, "who": name}
            for name in names
            for true, answer in zip(truths, answers[name], strict=True)
        ]
    )
    most = float(max(1, *truths, *(number for each in answers.values() for number in each)))
    scale = vega.Scale(domain=[0, most], nice=True)
    agree = vega.Chart(pd.DataFrame({"true": [0.0, most], "answer": [0.0, most]})).mark_line(
        color=palette.BASELINE, opacity=0.5, strokeWidth=1
    )
    x = vega.X("true:Q", title=x_title, scale=scale)
    y = vega.Y("answer:Q", title=y_title, scale=scale)
    dots = (
        vega.Chart(table)
        .mark_point(filled=True, size=60, opacity=0.75)
        .encode(
            x=x,
            y=y,
            color=vega.Color(
                "who:N",
                scale=vega.Scale(domain=names, range=hues[: len(names)]),
                legend=vega.Legend(title=None),
            ),
            shape=vega.Shape("who:N", scale=vega.Scale(domain=names), legend=None),
            tooltip=[
                vega.Tooltip("who:N", title="who"),
                vega.Tooltip("true:Q", title="truth"),
                vega.Tooltip("answer:Q", title="answer"),
            ],
        )
    )
    chart = vega.layer(agree.encode(x=x, y=y), dots).properties(height=height)
    st.altair_chart(chart, width="stretch", alt=alt, key=key)
