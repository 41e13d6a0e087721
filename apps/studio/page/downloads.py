"""What can be taken away from a run: the model, a report, a script."""

import json
import shlex
from typing import Any

from apps.studio import wording
from apps.studio.page.layout import Download
from apps.studio.plain_text import escape
from sandbox.runs import Run


def downloads(run: Run) -> list[Download]:
    """The download buttons of a page's footer."""
    model = Download(
        label="Model",
        make=lambda: model_bytes(run),
        file_name=f"{run.name}.safetensors",
        mime="application/octet-stream",
        icon=":material/download:",
        help="The newest checkpoint's weights as safetensors; how to use them is in its metadata.",
    )
    report = Download(
        label="Report",
        make=lambda: markdown(run),
        file_name=f"{run.name}.md",
        mime="text/markdown",
        icon=":material/description:",
        help="Settings, versions and figures as Markdown.",
    )
    code = Download(
        label="Script",
        make=lambda: script(run),
        file_name=f"{run.name}.py",
        mime="text/x-python",
        icon=":material/code:",
        help="A Python script that trains this again and prints the figures of this page."
        + " With the downloaded model beside it, it tests that." * (run.config["kind"] == "task"),
    )
    ready = run.config.get("settings") is not None  # else its process has not read them yet
    return [model] * bool(run.checkpoints()) + [report] + [code] * ready


def command(run: Run) -> list[str]:
    """The words behind `sandbox` that began the run."""
    words, target = run.config.get("argv") or [], run.config["target"]
    # A person may copy these words: they name what the run says it learned, and nothing else.
    return ["train", target, *words[2:]] if words[:1] == ["train"] else ["train", target]


def script(run: Run) -> str:
    """A Python script that trains the same again and tests it on unseen examples or episodes."""
    if run.config["kind"] == "task":
        from sandbox.targets import import_task
        from sandbox.tasks.loading import settings_from
        from sandbox.tasks.script import recipe

        task = import_task(run.config["target"])
        return task.script(recipe(run, settings_from(task, run.config.get("settings") or {})))
    from agents.script import script_of

    return script_of(run)


def model_bytes(run: Run, step: int | None = None) -> bytes:
    """A checkpoint's weights as one safetensors file, with its meta data inside."""
    from safetensors.torch import save

    tensors, meta = run.load_model(step)
    return save(tensors, metadata={"meta": json.dumps(meta), "run": run.name})


def markdown(run: Run) -> str:
    """The run on one page of Markdown."""
    config, status = run.config, run.status()
    rows = run.metrics()
    lines = [
        f"# {escape(config['target'])}: {run.name}",
        "",
        f"{wording.STATES[wording.state_of(run, status)][0].capitalize()} at "
        f"{status.get('unit', 'step')} {wording.count(status.get('step') or 0)}, after "
        f"{wording.duration(float(status.get('seconds') or 0.0))} of training, seed {config.get('seed', 0)}.",
        "",
        "## Again",
        "",
        "    sandbox " + shlex.join(command(run)),
        "",
        "## Last figures",
        "",
        *_table(_last(rows)),
        "",
        "## Settings",
        "",
        *_table(config.get("settings") or {}),
        "",
        "## Versions",
        "",
        *_table(config.get("versions") or {}),
        "",
    ]
    return "\n".join(lines)


def _last(rows: list[dict[str, Any]]) -> dict[str, Any]:
    last: dict[str, Any] = {}
    for row in rows:
        last |= row
    return last


def _table(values: dict[str, Any]) -> list[str]:
    if not values:
        return ["None."]
    lines = ["| | |", "|---|---|"]
    for name, value in values.items():
        shown = f"{value:.6g}" if isinstance(value, float) else str(value)
        lines.append(f"| {escape(name)} | {escape(shown).replace('|', chr(92) + '|')} |")
    return lines
