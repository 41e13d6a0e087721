"""Temperature scaling: one number, fitted on examples kept aside, makes probabilities honest."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.page.run_view import RunView
from sandbox.metrics.calibration import calibration_error, fit_temperature, tempered

HELP = (
    "All scores are divided by one number, the temperature, before they become probabilities. "
    "Guo et al. 2017."
)


def fitted(view: RunView) -> tuple[float, int] | None:
    """The temperature and how many examples it was fitted on, 0 if none were kept aside; None until known."""

    def work() -> tuple[float, int]:
        aside = view.task.aside(view.settings, view.split)
        if aside is None or not len(aside):
            return 1.0, 0
        answers = np.asarray(view.predictor.predict(aside.inputs))
        return fit_temperature(answers, np.asarray(aside.targets)), len(aside)

    return view.later("temperature", work)


def show(view: RunView, answers: NDArray[Any], labels: NDArray[Any]) -> float | None:
    """Say the calibration error before and after; returns the temperature, None where there is none.

    Args:
        view: whose answers these are.
        answers: probabilities (N, C) of unseen examples.
        labels: (N,) their classes.
    """
    found = fitted(view)
    if found is None:
        st.caption("Looking for the temperature …")
        return None
    temperature, count = found
    if not count:
        if hasattr(view.settings, "aside"):
            st.caption(
                "To try temperature scaling here, train with a share kept aside (*More*, aside).", help=HELP
            )
        return None
    before, after = (
        calibration_error(some.max(1), some.argmax(1) == labels)
        for some in (answers, tempered(answers, temperature))
    )
    sure = "too sure" if temperature > 1 else "not sure enough"
    st.markdown(
        f"**Temperature scaling**: calibration error (ECE) {100 * before:z.1f} % before, "
        f"{100 * after:z.1f} % after.",
        help=HELP,
    )
    st.caption(
        f"The temperature {temperature:z.2f} was fitted on {count:,} {view.things} that were kept aside from "
        f"training, not on the unseen ones. "
        + (
            f"There the network was {sure}."
            if abs(temperature - 1) > 0.05
            else "There it was honest already."
        )
        + " No answer changes."
    )
    return temperature
