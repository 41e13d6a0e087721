"""More numbers in the code, or fewer examples: measured beforehand on the digits."""

import numpy as np
import streamlit as st

from apps.latent.views import new_pictures
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.bench import latent
from sandbox.bench.results import Table, numbers, tables

TITLE = "Size of the code, few examples"
SIZE, FEW = "numbers in the code", "pictures to learn from"
TITLES = {SIZE: latent.BY_SIZE, FEW: latent.BY_EXAMPLES}
WHY = {
    SIZE: "Straight lines through the data need more numbers than curves; with many, both win.",
    FEW: "A network with few examples learns them by heart; principal components have less to learn wrong.",
}


def fits(view: RunView) -> bool:
    """Whether it has codes, and learned the digits, which were measured."""
    return new_pictures.fits(view) and view.split.about.name == "digits" and bool(tables(latent.BY_SIZE))


def show(page: str, view: RunView) -> None:
    """Draw a slider and the curves of three methods."""
    left, right = panes([1, 2], key=f"{page}-amounts", least=240)
    with left:
        kind = st.selectbox("What changes", [SIZE, FEW], key=f"{page}:limits:kind", help="Of the training.")
        (table,) = tables(TITLES[kind])
        stops = list(dict.fromkeys(int(row[1]) for row in table.rows))
        amount = st.select_slider(
            kind.capitalize(), stops, stops[1], key=f"{page}:limits:{kind}", help="Where to read the curves."
        )
        st.caption(WHY[kind])
    with right:
        curves = _curves(table)
        show_curves(
            curves,
            x_title=kind,
            y_title="explained share, %",
            alt="; ".join(f"{curve.name} reaches {curve.y[-1]:z.0f} %" for curve in curves),
            y_range=(0.0, 100.0),
            mark=float(amount),
            key=f"{page}:limits:measured",
            height=320,
        )
        here = [f"{curve.name} **{np.interp(amount, curve.x, curve.y):z.0f} %**" for curve in curves]
        st.markdown(f"At {amount:z,.0f}: " + " · ".join(here))
        st.caption(f"Measured beforehand. {table.note} Again with `sandbox bench {table.subject}`.")


def _curves(table: Table) -> list[Curve]:
    hues = {
        "vae": ("var. autoencoder", palette.blend(palette.MODEL, "white", 0.45)),
        "autoencoder": ("autoencoder", palette.MODEL),
        "principal components": ("components", palette.BASELINE),
    }
    found = []
    for method, (name, hue) in hues.items():
        mine = [row for row in table.rows if row[0] == method]
        mean, low, high = zip(
            *([max(0.0, 100 * each) for each in numbers(row[2])] for row in mine), strict=True
        )
        x = [float(row[1]) for row in mine]
        found.append(Curve(name=name, x=x, y=mean, low=low, high=high, color=hue, format=".0f"))
    return found
