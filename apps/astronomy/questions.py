"""What answers questions of this page's lessons besides the studio's."""

from __future__ import annotations

from apps.studio.page.run_view import RunView


def simplest(view: RunView) -> float:
    """The main figure of the last baseline, the simplest."""
    metric = view.task.metric
    last = list(view.baselines.values())[-1]
    return metric.scale * view.task.measure(last, view.split.test)[metric.name].mean
