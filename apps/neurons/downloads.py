"""What can be taken away from the playground: model, points, report, and a script that comes to the same."""

from dataclasses import replace
from typing import Any

from apps.neurons.live_training import LiveTraining
from apps.neurons.live_view import LiveRun
from apps.studio.page import downloads as studio
from apps.studio.page.layout import Download
from apps.studio.plain_text import escape
from sandbox.data.plane_points import SETS
from sandbox.tasks.script import over_task, recipe


def downloads(training: LiveTraining) -> list[Download]:
    """The download buttons of the footer: the studio's, and the points."""
    run: Any = LiveRun(training)
    makes = {"Script": lambda: script(training), "Report": lambda: report(training)}
    found = [replace(each, make=makes.get(each.label, each.make)) for each in studio.downloads(run)]
    points = Download(
        label="Points",
        make=training.points.to_csv,
        file_name="points.csv",
        mime="text/csv",
        icon=":material/scatter_plot:",
        help="All points as a CSV file, which this page and the command line read.",
    )
    return [*found, points]


def script(training: LiveTraining) -> str:
    """A Python script that trains the same again and prints the figures on unseen points."""
    run: Any = LiveRun(training)
    content = None if training.data in SETS else training.points.to_csv()
    return over_task(recipe(run, training.settings), data=content)


def report(training: LiveTraining) -> str:
    """The training on one page of Markdown."""
    run: Any = LiveRun(training)
    lines = [studio.markdown(run)]
    made = ", which are synthetic" if training.points.synthetic else ""
    lines.append(f"Trained on {len(training.points.x)} points: {escape(training.points.name)}{made}.\n")
    if training.changed:
        lines.append(f"Changed by hand during the training: {' and '.join(sorted(training.changed))}.\n")
    return "\n".join(lines)
