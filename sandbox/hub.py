"""A run as a folder in the layout of Hugging Face's hub: files and a model card. Nothing is ever uploaded.

The card's head is what the hub reads (tags, figures), its text is what people read: what was learned and how
well, how to use it, how to train it again.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import UserError, because
from sandbox.files import path_text, write_bytes
from sandbox.runs import Run
from sandbox.versions import versions

LARGE = ("safetensors", "onnx", "zip")
"""Files that the hub wants in Git's large file storage."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a model.

    Attributes:
        name: such as `accuracy`.
        value: as it is.
        text: as people read it, with its interval.
    """

    name: str
    value: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the card says.

    Attributes:
        title: the heading.
        about: a sentence or two on what it does.
        kind: the hub's word for the task: `reinforcement-learning`, `image-classification`.
        tags: words to be found by.
        data: name of the environment or the data.
        figures: on unseen episodes or examples.
        use: how to use it: Markdown.
        limits: what it is not good for; empty if nothing is known besides the figures.
    """

    title: str
    about: str
    kind: str
    tags: Sequence[str]
    data: str
    figures: Sequence[Figure]
    use: str
    limits: str = ""


def write(run: Run, folder: Path, files: Mapping[str, bytes], card: Card) -> Path:
    """Write the folder.

    Args:
        run: what is exported.
        folder: where; made if it is not there, and empty if it is.
        files: contents by their path in it.
        card: what README.md says.

    Raises:
        UserError: the folder has something in it, or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(
                f"{path_text(folder)} is there already; name a new or an empty folder with --out."
            )
        attributes = "".join(f"*.{ending} filter=lfs diff=lfs merge=lfs -text\n" for ending in LARGE)
        whole = {**files, "README.md": text(run, card).encode(), ".gitattributes": attributes.encode()}
        for name, content in whole.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, content)
    except OSError as error:
        raise UserError(f"Could not write {path_text(folder)} because {because(error)}.") from error
    return folder


def text(run: Run, card: Card) -> str:
    """README.md: a head for the hub and the card for people."""
    results = [
        {"type": figure.name, "value": round(figure.value, 6), "name": figure.name} for figure in card.figures
    ]
    index = {
        "name": run.name,
        "results": [
            {
                "task": {"type": card.kind},
                "dataset": {"name": card.data, "type": card.data},
                "metrics": results,
            }
        ],
    }
    # JSON is YAML, and needs no package to be written.
    head = {"library_name": "deep-sandbox", "tags": [card.kind, *card.tags], "model-index": [index]}
    lines = ["---", *(f"{name}: {json.dumps(value)}" for name, value in head.items()), "---", ""]
    lines += [f"# {card.title}", "", card.about, ""]
    if card.figures:
        lines += ["| figure | reached |", "| --- | --- |"]
        lines += [*(f"| {figure.name} | {figure.text} |" for figure in card.figures), ""]
    lines += ["## Use it", "", card.use, "", "## Train it again", "", "```bash"]
    lines += [f"sandbox {shlex.join(run.config.get('argv') or ['train', run.config['target']])}", "```", ""]
    lines += [f"Seed {run.config.get('seed')}, {run.status()['seconds']:.0f} s, {_machine(run.config)}.", ""]
    if card.limits:
        lines += ["## Limits", "", card.limits, ""]
    return "\n".join(lines)


def _machine(config: Mapping[str, Any]) -> str:
    """Where it was trained, and with which versions."""
    known = {name: version for name, version in versions().items() if name in ("deep-sandbox", "torch")}
    device = config.get("device") or "cpu"
    return ", ".join([f"on {device}", *(f"{name} {version}" for name, version in known.items())])
