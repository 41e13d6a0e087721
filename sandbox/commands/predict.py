"""Ask a task's network about files: which class is the picture?"""

import importlib
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from sandbox.errors import UserError
from sandbox.files import path_text, typed_path
from sandbox.options import Flag, Optional, parse
from sandbox.runs import Run
from sandbox.settings import MOST_STEPS, setting
from sandbox.terminal import figure, print_json, print_table, share

SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox predict`."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
    """a task's run: its name or folder"""
    files: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="FILE ...")]
    """what to ask about, such as pictures"""
    step: Optional[int] = setting(
        None,
        "age: the checkpoint of this training step; by default the newest",
        low=0,
        high=MOST_STEPS,
    )
    json: Flag = False
    """print one JSON object instead of a table"""


def main(arguments: Sequence[str]) -> int:
    """Prints the most probable answers for each file; 2 when one of them could not be read, else 0."""
    options = parse(Options, arguments, "sandbox predict", __doc__ or "")
    if not options.files:
        raise UserError("`sandbox predict` needs at least one file behind the run.")
    run = Run.open(options.run)
    predictor = importlib.import_module("sandbox.task").load_predictor(run, options.step)
    found: dict[str, Mapping[str, float]] = {}
    problems: dict[str, str] = {}
    for file in options.files:
        try:
            found[path_text(file)] = answers(predictor, file)
        except UserError as error:  # the other files are answered all the same
            problems[path_text(file)] = str(error)
    if options.json:
        if found:
            print_json(
                {"run": run.name, "predictions": found, **({"problems": problems} if problems else {})}
            )
    elif found:
        print_table(["file", "answer"], [[file, _shown(answer)] for file, answer in found.items()])
    for problem in problems.values():
        print(problem, file=sys.stderr)
    return 2 if problems else 0


def _shown(answer: Mapping[str, float]) -> str:
    """The most probable names; of numbers that are no probabilities, all."""
    if not math.isclose(sum(answer.values()), 1.0, abs_tol=0.01):
        return "  ".join(f"{name} {figure(number)}" for name, number in answer.items())
    best = sorted(answer.items(), key=lambda item: -item[1])[:SHOWN]
    return "  ".join(f"{name} {share(probability)}" for name, probability in best)


def answers(predictor: Any, file: Path) -> Mapping[str, float]:
    """What a predictor says about a file: its own `predict_file`, or `predict` for pictures.

    Raises:
        UserError: the file cannot be read.
    """
    if not typed_path(file).is_file():
        raise UserError(f"There is no file {path_text(file)}.")
    if hasattr(predictor, "predict_file"):
        return predictor.predict_file(file)
    picture = importlib.import_module("sandbox.data.formats.images").values(file)
    return dict(zip(predictor.classes, predictor.predict(picture).tolist(), strict=True))
