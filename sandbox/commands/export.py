"""Export a run: an agent as SB3 zip, video, script, ONNX or model card; a task as a zip that answers."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from sandbox.options import Flag, Optional, parse
from sandbox.runs import Run
from sandbox.settings import MOST_STEPS, setting
from sandbox.terminal import print_json


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox export`."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
    """a run: its name or folder"""
    to: Annotated[str, tyro.conf.arg(metavar="sb3|video|script|onnx|hub")]
    """of an agent: a zip that Stable-Baselines3 loads, one episode as WebM, a script that trains it again,
    ONNX; of a task, script or onnx: a zip with the model and a script that answers without this project;
    of both, hub: a folder in Hugging Face's layout with a model card, which is not uploaded"""
    out: Optional[Path] = None
    """the file, or the folder for it; by default named after the run, in the working directory"""
    step: Optional[int] = setting(
        None,
        "age: the checkpoint of this step of the training; by default the newest",
        low=0,
        high=MOST_STEPS,
    )
    json: Flag = False
    """print one JSON object instead of a line"""


def main(arguments: Sequence[str]) -> int:
    """Writes the file and says where it is."""
    options = parse(Options, arguments, "sandbox export", __doc__ or "")
    run = Run.open(options.run)
    of = "sandbox.tasks.export" if run.config.get("kind") == "task" else "agents.export"
    path = importlib.import_module(of).export(run, options.to, options.out, options.step)
    parts = [part for part in path.rglob("*") if part.is_file()] if path.is_dir() else [path]
    size = sum(part.stat().st_size for part in parts)
    if options.json:
        print_json({"run": run.name, "to": options.to, "file": str(path), "bytes": size})
    else:
        print(f"{path} ({size / 1000:,.0f} kB)")
    return 0
