"""The error by step ahead: how soon a forecast is no better than a simple one."""

import streamlit as st

from apps.studio.outputs.forecast import draw_errors, errors_ahead
from apps.studio.page.run_view import RunView

TITLE = "Error by step ahead"
ORDER = 10


def fits(view: RunView) -> bool:
    """Whether it forecasts."""
    return view.predictor.output.kind == "forecast"


def show(page: str, view: RunView) -> None:
    """Draw error and honesty of the band over the steps ahead."""
    picture(page, view)
    st.caption("The further ahead, the larger the error, until the present helps no more than the mean does.")


def picture(page: str, view: RunView) -> None:
    """Draw the same without words."""
    found = view.later("errors ahead", lambda: errors_ahead(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    draw_errors(f"{page}:inside", view, found)
