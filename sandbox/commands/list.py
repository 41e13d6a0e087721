"""List the environments, tasks, blocks, agents, presets and runs."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import tyro

from sandbox import registry
from sandbox.errors import UserError, did_you_mean
from sandbox.options import Flag, parse
from sandbox.progress_view import duration
from sandbox.terminal import console, print_json, print_table


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox list`."""

    kind: Annotated[str | None, tyro.conf.Positional, tyro.conf.arg(metavar="[KIND]")] = None
    """envs, tasks, blocks, agents, presets or runs; everything by default"""
    json: Flag = False
    """print one JSON object instead of tables"""


def main(arguments: Sequence[str]) -> int:
    """Prints a table for each kind."""
    options = parse(Options, arguments, "sandbox list", __doc__ or "")
    if options.kind is not None and options.kind not in KINDS:
        hint = did_you_mean(options.kind, KINDS) or f" There are {', '.join(KINDS)}."
        raise UserError(f"There is no kind {options.kind!r} to list.{hint}")
    kinds = KINDS if options.kind is None else {options.kind: KINDS[options.kind]}
    tables = {kind: rows() for kind, rows in kinds.items()}
    if options.json:
        print_json(tables)
        return 0
    for kind, rows in tables.items():
        if rows:
            shown = [_readable(row) for row in rows] if kind == "runs" else rows
            columns = list(dict.fromkeys(column for row in shown for column in row))
            lines = [[str(row.get(column) or "") for column in columns] for row in shown]
            print_table(columns, lines, title=kind)
        else:
            console().print(f"[bold]{kind}[/bold]\nnone yet", markup=True)
        console().print()
    return 0


def _files(entries: Callable[[], list[registry.Entry]]) -> Callable[[], list[dict[str, object]]]:
    return lambda: [{"name": entry.name, "about": entry.about} for entry in entries()]


def _blocks() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for entry in registry.blocks():
        users = registry.users(entry.name)
        rows.append(
            {
                "name": entry.name,
                "about": entry.about,
                "agents": ", ".join(users["agents"]),
                "pages": ", ".join(users["apps"]),
            }
        )
    return rows


def _agents() -> list[dict[str, object]]:
    agents = importlib.import_module("agents.settings").AGENTS
    return [{"name": name, "about": (kind.__doc__ or "").splitlines()[0]} for name, kind in agents.items()]


def _runs() -> list[dict[str, object]]:
    runs = importlib.import_module("sandbox.runs")
    rows: list[dict[str, object]] = []
    for run in runs.list_runs():
        status = run.status()
        rows.append(
            {
                "name": run.name,
                "target": run.config["target"],
                "agent": run.config.get("agent"),
                "state": status["state"],
                "step": status.get("step"),
                "total": status.get("total"),
                "seconds": status.get("seconds"),
                "created": run.config["created"],
            }
        )
    for run, problem in runs.list_broken_runs():
        rows.append({"name": run.name, "state": "unreadable", "problem": problem})
    return rows


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """A run's row as people read it."""
    if "problem" in row:
        return row
    steps = f"{row['step']:,} of {row['total']:,}" if row["total"] else f"{row['step']:,}"
    created = datetime.fromisoformat(row["created"]).astimezone()
    shown = {
        "name": row["name"],
        "target": row["target"],
        "agent": row["agent"],
        "state": row["state"],
        "steps": steps,
    }
    return shown | {"time": duration(row["seconds"]), "started": f"{created:%Y-%m-%d %H:%M}"}


KINDS: dict[str, Callable[[], list[dict[str, object]]]] = {
    "envs": _files(registry.envs),
    "tasks": _files(registry.tasks),
    "blocks": _blocks,
    "agents": _agents,
    "presets": _files(registry.presets),
    "runs": _runs,
}
