"""What answers the questions of the lessons on diffusion; see `apps.studio.page.questions`."""

from apps.studio.page.run_view import RunView


def by_calls(view: RunView, calls: int) -> float:
    """The main figure if the network is called so many times for an example."""
    from apps.dream.views.fewer_calls import measured

    return view.task.metric.scale * measured(view, calls)
