"""Ask a task's network about files or texts: which class is the picture? Or save something new it makes."""

import importlib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from sandbox.errors import UserError, because
from sandbox.files import path_text, typed_path
from sandbox.options import Flag, Optional, parse
from sandbox.runs import Run
from sandbox.settings import MOST_STEPS, setting
from sandbox.terminal import print_json, print_table

VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm")
"""Endings of `sandbox.data.formats.video`, which is not imported for files of another kind."""
DRAWN = 8
"""Samples that are saved of a task that makes something new."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox predict`."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
    """a task's run: its name or folder"""
    files: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="FILE ...")]
    """what to ask about, such as pictures, or a text in quotes; none for tasks that make something new"""
    step: Optional[int] = setting(
        None,
        "age: the checkpoint of this training step; by default the newest",
        low=0,
        high=MOST_STEPS,
    )
    set: tuple[str, ...] = ()
    """how to answer, as NAME=VALUE ..., of a run that can be told: temperature=0.5 length=1000 of one that
    writes"""
    json: Flag = False
    """print one JSON object instead of a table"""
    save: Optional[Path] = None
    """a folder: write each answer into a file of its own there, as a picture, a table or JSON"""


def main(arguments: Sequence[str]) -> int:
    """Prints the answer to each file; 2 when one of them could not be read, else 0."""
    options = parse(Options, arguments, "sandbox predict", __doc__ or "")
    run = Run.open(options.run)
    predictor = importlib.import_module("sandbox.tasks.loading").load_predictor(run, options.step)
    if options.set:
        _tell(run, predictor, options.set)
    films = [file for file in options.files if file.suffix.lower() in VIDEOS]
    if films:
        if len(films) < len(options.files):
            raise UserError("`sandbox predict` takes videos or other files, not both at once.")
        return _videos(run, predictor, options)
    drawn = _drawn(run, predictor, options)
    answers, codes, problems = (drawn, {}, {}) if drawn else _of_files(predictor, options.files)
    output, saved = predictor.output, {}
    if options.save is not None:
        folder = _folder(options.save)
        for (name, answer), stem in zip(answers.items(), _stems(answers), strict=True):
            saved[name] = path_text(output.save(answer, folder, stem))
            if hasattr(output, "save_over") and not drawn:  # a mask over its picture, for the eye
                read = predictor.input.encode(predictor.input.read(typed_path(name)))
                output.save_over(read, answer, folder, stem)
    if options.json and answers:
        found = {name: output.to_json(answer) for name, answer in answers.items()}
        coded = {name: _second(predictor).to_json(code) for name, code in codes.items()}
        more = {_name(predictor): coded, "saved": saved, "problems": problems}
        print_json({"run": run.name, "predictions": found} | {key: its for key, its in more.items() if its})
    elif answers:
        head = ["file" if options.files else "", "answer", *(["saved as"] if saved else [])]
        rows = [
            [name, _second(predictor).text(codes[name]) if name in codes else output.text(answer)]
            for name, answer in answers.items()
        ]
        print_table(head, [[*row, saved[row[0]]] if saved else row for row in rows])
    for problem in problems.values():
        print(problem, file=sys.stderr)
    return 2 if problems else 0


def _videos(run: Run, predictor: Any, options: Options) -> int:
    """Write each video with what is found drawn into it, and say how many frames a second that were.

    Raises:
        UserError: the run takes no photos, or there is no folder to write to.
    """
    video = importlib.import_module("sandbox.tasks.video")
    if not video.fits(predictor):
        raise UserError(f"{run.name} takes {predictor.input.files}; there is nothing to draw into a video.")
    if options.save is None:
        raise UserError("A video with answers is a file: add --save FOLDER.")
    folder, found, problems = _folder(options.save), {}, {}
    for file, stem in zip(options.files, _stems(map(str, options.files)), strict=True):
        name = path_text(file)
        try:
            if not typed_path(file).is_file():
                raise UserError(f"There is no file {name}.")
            found[name] = video.annotate(predictor, typed_path(file), folder / f"{stem}{video.ENDING}")
        except UserError as error:
            problems[name] = str(error)
    rows = {
        name: {"frames": one.frames, "frames_per_second": round(one.rate, 1), "saved": path_text(one.path)}
        for name, one in found.items()
    }
    if options.json:
        print_json({"run": run.name, "videos": rows} | ({"problems": problems} if problems else {}))
    elif rows:
        heads = ["file", "frames", "frames a second", "saved as"]
        print_table(heads, [[name, *map(str, row.values())] for name, row in rows.items()])
    for problem in problems.values():
        print(problem, file=sys.stderr)
    return 2 if problems else 0


def _tell(run: Run, predictor: Any, words: Sequence[str]) -> None:
    """Tell a predictor how to answer.

    Raises:
        UserError: it cannot be told anything, or not this.
    """
    if not hasattr(predictor, "told"):
        raise UserError(f"How {run.name} answers cannot be set; it knows no --set.")
    pairs = [word.partition("=") for word in words]
    if not all(equals for _, equals, _ in pairs):
        raise UserError("--set takes NAME=VALUE, such as temperature=0.5.")
    predictor.told({name: value for name, _, value in pairs})


def _of_files(predictor: Any, files: Sequence[Path]) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Answers by file, codes or replies of a predictor that has some, and what is wrong with files.

    Where texts are asked about, words with spaces between them that name no file are a text.
    """
    if not files:
        raise UserError(
            f"`sandbox predict` needs at least one file behind the run; it takes {predictor.input.files}."
        )
    answers, codes, problems = {}, {}, {}
    for file in files:
        name = path_text(file)
        try:
            there = typed_path(file).is_file()
            said = predictor.input.kind == "text" and " " in name
            if not there and not said:
                raise UserError(f"There is no file {name}.")
            raw = predictor.input.read(typed_path(file)) if there else str(file)
            batch = _batch(predictor.input, raw)
            found = predictor.predict(batch)
            # A table has an answer for each row.
            names = [name] if len(found) == 1 else [f"{name}, row {i + 1}" for i in range(len(found))]
            answers |= zip(names, found, strict=True)
            if hasattr(predictor, "codes"):
                codes |= zip(names, predictor.encode(batch), strict=True)
            elif hasattr(predictor, "replies"):
                codes |= zip(names, predictor.reply(batch), strict=True)
        except UserError as error:  # the other files are answered all the same
            problems[name] = str(error)
    return answers, codes, problems


def _name(predictor: Any) -> str:
    """What a second kind of answer is called: `codes`, or `replies`."""
    return "replies" if hasattr(predictor, "replies") else "codes"


def _second(predictor: Any) -> Any:
    """The output of the second kind of answer."""
    return getattr(predictor, _name(predictor))


def _drawn(run: Run, predictor: Any, options: Options) -> dict[str, Any] | None:
    """Answers to inputs drawn at random, of a task whose inputs are in no file; None for the others.

    Raises:
        UserError: files were given; or there is no folder to save the answers in, or nothing to draw.
    """
    if predictor.input.files:
        return None
    draw = getattr(predictor.input, "draw", None)
    if draw is None:
        raise UserError(f"{run.name} answers no files: {run.config['target']} makes its own inputs.")
    if options.files or options.save is None:
        raise UserError(
            f"{run.name} takes no files, it makes something new: sandbox predict {run.name} --save FOLDER."
        )
    found = predictor.predict(draw(DRAWN, int(run.config.get("seed") or 0)))
    return {f"sample {i + 1}": answer for i, answer in enumerate(found)}


def _batch(kind: Any, raw: Any) -> Any:
    """What a file holds as a batch: all that it holds, or one: an array with a first axis, or a list."""
    if hasattr(kind, "encode_all"):
        return kind.encode_all(raw)
    value = kind.encode(raw)
    return value[None] if hasattr(value, "shape") else [value]


def _stems(names: Iterable[str]) -> list[str]:
    """A file name without its ending for each answer; the same one twice gets a number."""
    found: list[str] = []
    for name in names:
        stem = Path(name).stem.replace(" ", "-") or "answer"
        again = (f"{stem}-{i}" for i in range(2, len(found) + 3))
        found.append(next(one for one in (stem, *again) if one not in found))
    return found


def _folder(typed: Path) -> Path:
    """The folder to save in, made if it is not there.

    Raises:
        UserError: it cannot be made.
    """
    folder = typed_path(typed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path_text(typed)} cannot be a folder because {because(error)}.") from error
    return folder
