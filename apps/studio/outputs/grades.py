"""How the answers to a view's unseen examples turned out, for the tab Try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from apps.studio.page.kept import kept
from apps.studio.page.run_view import RunView
from sandbox.metrics.scores import PerExample


@dataclass(frozen=True)
class Grades:
    """Grades of all of `view.test`.

    Attributes:
        captions: what to write below each.
        worst: places of those to look at, the worst first.
        summary: what is said of them; empty if there is nothing to say.
        correct: (N,); None where an answer is better or worse, and never wrong.
        title: what the worst are called.
    """

    captions: Sequence[str]
    worst: NDArray[np.integer]
    summary: str
    correct: NDArray[np.bool_] | None = None
    title: str = "Mistakes"

    def tone(self, row: int) -> Literal["", "right", "wrong"]:
        """How the caption of an example is coloured."""
        if self.correct is None:
            return ""
        return "right" if self.correct[row] else "wrong"


def by_metric(view: RunView, title: str) -> Grades:
    """Grades by the task's main figure of each example, where it has a value for each.

    Args:
        view: the run.
        title: what the worst are called.
    """
    metric, test = view.task.metric, view.test
    scores = kept(("grades", *view.key), lambda: view.task.measure(view.predictor, test)[metric.name])
    if not isinstance(scores, PerExample) or len(scores.values) != len(test):
        return Grades([""] * len(test), np.zeros(0, int), "")
    order = np.argsort(scores.values if metric.higher_is_better else -scores.values)
    captions = [metric.text(float(value)) for value in scores.values]
    return Grades(captions, order, f"by {metric.title}, the worst first", title=title)
