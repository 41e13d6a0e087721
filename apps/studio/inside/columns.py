"""Which columns matter: for this row, and for all unseen ones."""

import numpy as np
import streamlit as st

from apps.studio.charts.intervals import Score, show_scores
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.explain_columns import Importance, gradients, permutation_importance
from sandbox.percent import percent

TITLE = "Which columns matter"
ORDER = 10
MOST = 10
"""Columns that are shown."""
ROWS = 500
"""Unseen rows on which columns are shuffled."""


def fits(view: RunView) -> bool:
    """Whether the network reads rows of a table."""
    return view.predictor.input.kind == "row" and hasattr(view.predictor, "model")


def show(page: str, view: RunView) -> None:
    """Draw what pulls this row's answer, beside what all answers need."""
    left, right = panes([1, 1], key=f"{page}-columns")
    with left:
        _pulls(page, view)
    with right:
        _importance(f"{page}:inside", view)


def picture(page: str, view: RunView) -> None:
    """Draw what all answers need."""
    _importance(f"{page}:learn", view)


def _pulls(page: str, view: RunView) -> None:
    row = np.asarray(current(page, view).value)
    answer = np.asarray(view.predictor.predict(row[None])[0])
    name = str(view.predictor.output.classes[int(answer.argmax())])
    pulls = gradients(view.predictor, row[None])[0]
    order = np.argsort(-np.abs(pulls))[:MOST]
    columns = view.predictor.input.columns
    st.markdown(f"**This row**: what makes it surer of *{name}* ({percent(answer.max())})")
    show_scores(
        [
            Score(
                name=columns[i].name,
                mean=float(pulls[i]),
                color=palette.MODEL if pulls[i] > 0 else palette.DANGER,
            )
            for i in order
        ],
        x_title="log-odds for one deviation more",
        alt=f"The strongest pull is that of {columns[int(order[0])].name}",
        form=".2f",
        key=f"{page}:pulls",
    )
    st.caption(
        "The gradient at this row: a larger value of a column with a positive bar makes the answer "
        "surer. It holds "
        "for small changes only."
    )


def _importance(key: str, view: RunView) -> None:
    st.markdown("**All unseen rows**: what is lost without a column")
    found = view.later("permutation importance", lambda: importance(view))
    if found is None:
        st.caption("Shuffling one column after the other …")
        st.skeleton(height=300)
        return
    metric, columns = view.task.metric, view.predictor.input.columns
    order = np.argsort(-found.mean)[:MOST]
    show_scores(
        [
            Score(
                name=columns[i].name,
                mean=metric.scale * float(found.mean[i]),
                low=metric.scale * float(found.low[i]),
                high=metric.scale * float(found.high[i]),
                color=palette.MODEL,
            )
            for i in order
        ],
        x_title=f"{metric.title} lost, {metric.unit}, with its 95 % interval",
        alt=f"Most is lost without {columns[int(order[0])].name}",
        form=".1f",
        key=f"{key}:importance",
    )
    st.caption(
        "Each column's values are shuffled among the rows. If two columns say nearly the same, one stands "
        "in for the other, and little is lost without either."
    )


def importance(view: RunView) -> Importance:
    """What the main figure loses without each column. In the background."""
    task, predictor = view.task, view.predictor
    sign = 1 if task.metric.higher_is_better else -1
    return permutation_importance(
        lambda some: sign * task.measure(predictor, some)[task.metric.name].mean, view.split.test.some(ROWS)
    )
