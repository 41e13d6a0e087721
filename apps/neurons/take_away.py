"""What can be taken away from the playground: model, points, report, and a script that comes to the same."""

import json
import shlex
from dataclasses import asdict
from typing import Any

from apps.neurons.controls import PAINTED, TABLE, Choice
from apps.neurons.lab import Lab
from apps.neurons.plane import Settings
from apps.studio.page.layout import Download
from apps.studio.plain_text import escape

TARGET = "neurons/plane"


def downloads(lab: Lab, choice: Choice) -> list[Download]:
    """The download buttons of the footer."""
    return [
        Download(
            label="Model",
            make=lambda: model_bytes(lab),
            file_name="neurons.safetensors",
            mime="application/octet-stream",
            icon=":material/download:",
            help="The weights as they are now, as safetensors; how to use them is in its metadata.",
        ),
        Download(
            label="Points",
            make=lab.points.to_csv,
            file_name="points.csv",
            mime="text/csv",
            icon=":material/scatter_plot:",
            help="All points as a CSV file, which this page and the command line read.",
        ),
        Download(
            label="Report",
            make=lambda: markdown(lab, choice),
            file_name="neurons.md",
            mime="text/markdown",
            icon=":material/description:",
            help="Settings and figures as Markdown.",
        ),
        Download(
            label="Script",
            make=lambda: script(lab, choice),
            file_name="neurons.py",
            mime="text/x-python",
            icon=":material/code:",
            help="A Python script that trains this again and prints the figures of this page.",
        ),
    ]


def model_bytes(lab: Lab) -> bytes:
    """The weights as one safetensors file, with what `plane.TASK.predictor` needs inside."""
    from safetensors.torch import save

    tensors = {name: value.detach().clone() for name, value in lab.model.state_dict().items()}
    return save(tensors, metadata={"meta": json.dumps(lab.meta)})


def argv(lab: Lab, data: str) -> list[str]:
    """The words behind `sandbox` that train the same.

    Args:
        lab: what was trained.
        data: name of the set or of a file.
    """
    default = asdict(Settings())
    words = ["train", TARGET, "--data", data, "--seed", str(lab.seed), "--device", "cpu"]
    for name, value in asdict(lab.settings).items():
        if value != default[name]:
            values = [str(each) for each in value] if isinstance(value, tuple) else [str(value)]
            words += [f"--{name.replace('_', '-')}", *values]
    return words


def command(lab: Lab, choice: Choice) -> str:
    """The same as one line for a terminal; own points are in the file `points.csv`."""
    data = "points.csv" if choice.data in (PAINTED, TABLE) else choice.data
    return "sandbox " + shlex.join(argv(lab, data))


def script(lab: Lab, choice: Choice) -> str:
    """A Python script that trains the same again and prints the figures on what is held out."""
    from sandbox.task_script import Recipe, with_library

    own = choice.data in (PAINTED, TABLE)
    recipe = Recipe(
        name="neurons",
        target=TARGET,
        settings=asdict(lab.settings),
        seed=lab.seed,
        device="cpu",
        threads=1,
        data="points.csv" if own else choice.data,
        steps=lab.step,
        meta=lab.meta,
    )
    return with_library(recipe, data=lab.points.to_csv() if own else None)


def markdown(lab: Lab, choice: Choice) -> str:
    """The training on one page of Markdown."""
    figures: dict[str, Any] = {**lab.rows[-1], **lab.final()}
    lines = [f"# {escape(lab.points.name)}, step {lab.step:,} of {lab.total:,}", ""]
    if lab.points.synthetic:
        lines += ["The points are synthetic.", ""]
    if lab.touched:
        lines += [f"Changed by hand on the way: {', '.join(sorted(lab.touched))}.", ""]
    lines += ["## Again", "", f"    {command(lab, choice)}", "", "## Figures", "", "| | |", "|---|---|"]
    lines += [
        f"| {name} | {value:.6g} |" if isinstance(value, float) else f"| {name} | {value} |"
        for name, value in figures.items()
    ]
    lines += ["", "## Settings", "", "| | |", "|---|---|", f"| seed | {lab.seed} |"]
    lines += [f"| {name} | {value} |" for name, value in asdict(lab.settings).items()]
    return "\n".join([*lines, ""])
