"""Where pictures of unseen people lie, by their embedding and by eigenfaces: one colour a person."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.inside.latent_plane import HUES
from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from sandbox.tasks.families.face_network import FaceVerifier

TITLE = "Map of people"
ORDER = 10
SHOWN = 8
"""People on the map."""


def fits(view: RunView) -> bool:
    """Whether it compares faces."""
    return isinstance(view.predictor, FaceVerifier)


def show(page: str, view: RunView) -> None:
    """Draw the network's map beside that of eigenfaces."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**This network**")
        picture(page, view)
    with right:
        st.markdown("**Eigenfaces**")
        _draw(view, "eigenfaces", view.baselines["eigenfaces"], key=f"{page}:map:eigenfaces")
    st.caption(
        f"Every sign is a picture; colour and shape say whose. The {SHOWN} people are unseen. Each map shows "
        "the two directions in which its vectors differ most; the distance uses all of them, so groups "
        "that overlap here may be apart."
    )


def picture(page: str, view: RunView) -> None:
    """Draw the network's map."""
    _draw(view, view.key, view.predictor, key=f"{page}:map:network")


def plane(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """The two principal components of vectors (N, D) as unit vectors, (N, 2)."""
    rows = np.asarray(vectors, np.float64)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    rows = rows - rows.mean(0)
    return rows @ np.linalg.svd(rows, full_matrices=False)[2][:2].T


def _draw(view: RunView, name: Any, predictor: Any, *, key: str) -> None:
    import altair as alt
    import pandas as pd

    people = view.split.unseen
    some = people.of(np.unique(people.whose)[:SHOWN])
    places = kept(("face map", view.data_key, name), lambda: plane(predictor.embed(some.faces)))
    order = {person: f"person {i + 1}" for i, person in enumerate(np.unique(some.whose).tolist())}
    names = [order[person] for person in some.whose.tolist()]
    chart = (
        alt.Chart(pd.DataFrame({"x": places[:, 0], "y": places[:, 1], "person": names}))
        .mark_point(filled=True, size=70, opacity=0.85)
        .encode(
            x=alt.X("x:Q", title="first direction", axis=alt.Axis(labels=False, ticks=False)),
            y=alt.Y("y:Q", title="second direction", axis=alt.Axis(labels=False, ticks=False)),
            color=alt.Color(
                "person:N",
                scale=alt.Scale(domain=list(order.values()), range=list(HUES[: len(order)])),
                legend=alt.Legend(title=None, orient="bottom", columns=4),
            ),
            shape=alt.Shape("person:N", scale=alt.Scale(domain=list(order.values()))),
            tooltip=["person:N"],
        )
        .properties(height=340)
    )
    st.altair_chart(chart, width="stretch", alt="Pictures of unseen people, by their embedding", key=key)
