"""Measure speeds and scores on this machine, beside those of other tools; --write keeps them in docs."""

import importlib
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import tyro

from sandbox import registry
from sandbox.errors import UserError, did_you_mean
from sandbox.options import Flag, Optional, parse
from sandbox.terminal import console, print_json, print_table
from sandbox.versions import versions

PREFACE = """\
# Benchmarks

Written by `sandbox bench --write`. Speeds are medians of rounds in which the contestants take turns in one
process, and their ratios say more than they do. Scores are means over seeds with 95 % bootstrap intervals.
"""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox bench`."""

    subject: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[SUBJECT]")] = "all"
    """what to measure; by default all but those that take long"""
    names: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="[NAME[:PRESET] ...]")] = ()
    """after leaderboard or pqn: names, such as vision/classify:best or cartpole; by default all"""
    data: Optional[str] = None
    """of subjects that take data: a set's name, or a folder, such as one in MNIST's format"""
    seconds: Optional[float] = None
    """of subjects that measure how soon something is reached: when a try is given up"""
    quick: Flag = False
    """fewer and shorter rounds, for a first look"""
    write: Flag = False
    """replace the sections of docs/benchmarks.md"""
    json: Flag = False
    """print one JSON object as the last line"""


def main(arguments: Sequence[str]) -> int:
    """Prints the tables."""
    known = registry.benches()
    options = parse(Options, arguments, "sandbox bench", _about(known))
    if options.subject != "all" and options.subject not in known:
        hint = did_you_mean(options.subject, known) or f" There are {', '.join(known)}."
        raise UserError(f"There is nothing to measure called {options.subject!r}.{hint}")
    if options.write and options.quick:
        raise UserError("--quick measures too little to be written down; leave out --quick or --write.")
    takes = () if options.subject == "all" else known[options.subject].takes
    if options.data is not None and "data" not in takes:
        taking = sorted(bench.name for bench in known.values() if "data" in bench.takes)
        raise UserError(
            f"--data goes with {' or '.join(taking)}, such as sandbox bench {taking[0]} --data FOLDER."
        )
    if options.names and "names" not in takes:
        taking = sorted(bench.name for bench in known.values() if "names" in bench.takes)
        raise UserError(
            f"Names go with {' or '.join(taking)}: sandbox bench {taking[0]} {shlex.join(options.names)}."
        )
    if options.seconds is not None and ("seconds" not in takes or not options.seconds > 0):
        taking = sorted(bench.name for bench in known.values() if "seconds" in bench.takes)
        raise UserError(
            f"--seconds is a number above 0 and goes with {' or '.join(taking)}, such as "
            f"sandbox bench {taking[0]} --seconds 60."
        )
    everything = [bench for bench in known.values() if not bench.long]
    # Not at the head: it needs torch.
    machine = importlib.import_module("sandbox.bench.machine").machine()
    record: dict[str, Any] = {"machine": machine, "versions": versions()}
    for bench in everything if options.subject == "all" else [known[options.subject]]:
        more = {"names": options.names, "data": options.data, "seconds": options.seconds}
        module = importlib.import_module(bench.module)
        tables = module.bench(options.quick, **{name: more[name] for name in bench.takes})
        record[bench.name] = tables
        if not options.json:
            for table in tables:
                _show(table)
        if options.write and hasattr(module, "write"):
            module.write(tables)
        elif options.write:
            command = ["bench", bench.name, *options.names]
            command += ["--data", Path(options.data).name] if options.data else []
            command += [f"--seconds={options.seconds:g}"] if options.seconds else []
            document = registry.repository() / "docs" / "benchmarks.md"
            write(document, bench.name, bench.title, tables, command, machine, "names" in bench.takes)
    if options.json:
        print_json(record)
    return 0


def _about(known: Mapping[str, registry.Bench]) -> str:
    lines = (f"- {bench.name}: {bench.about}" for bench in known.values())
    return "\n".join([__doc__ or "", "", "Subjects:", *lines])


def write(
    document: Path,
    subject: str,
    title: str,
    tables: Sequence[Mapping[str, Any]],
    command: Sequence[str],
    machine: str,
    one_by_one: bool = False,
) -> None:
    """Puts tables into the document, in place of those that it has of the same subject.

    Args:
        document: a Markdown file; made if it does not exist.
        subject: name of what was measured.
        title: its heading.
        tables: with title, columns, rows and note.
        command: what follows `sandbox`, to be named in the document.
        machine: what was measured on.
        one_by_one: tables of the subject that were not measured now stay, and each says where it comes from.
    """
    text = document.read_text(encoding="utf-8") if document.exists() else PREFACE
    begin, end = f"<!-- bench:{subject} -->", f"<!-- end:{subject} -->"
    found = {
        name: version for name, version in versions().items() if name not in ("platform", "deep-sandbox")
    }
    # Ratios bear other programs on the same cores, seconds do not.
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    origin = (
        f"{datetime.now(UTC):%Y-%m-%d}, `sandbox {shlex.join(command)}`, {machine}{busy}; "
        f"{', '.join(f'{name} {version}' for name, version in found.items())}."
    )
    written = [markdown(table) for table in tables]
    if one_by_one:
        before = text.partition(begin)[2].partition(end)[0]
        kept = {part.partition("\n")[0]: part.strip() for part in re.split(r"(?m)^(?=### )", before)[1:]}
        kept |= {part.partition("\n")[0]: f"{part}\n\n{origin}" for part in written}
        origin, written = "Each table says when and how it was measured.", list(kept.values())
    section = "\n\n".join([begin, f"## {title}", origin, *written, end])
    if begin in text and end in text:
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        text = re.sub(pattern, lambda _: section, text, flags=re.DOTALL)
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    document.parent.mkdir(exist_ok=True)
    document.write_text(text, encoding="utf-8")


def markdown(table: Mapping[str, Any]) -> str:
    """A table in Markdown, figures aligned to the right."""
    rows = [[_cell(value) for value in row] for row in table["rows"]]
    right = [all(_is_figure(row[i]) for row in table["rows"]) for i in range(len(table["columns"]))]
    lines = [table["columns"], ["---:" if is_right else "---" for is_right in right], *rows]
    drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"### {table['title']}\n\n{drawn}\n\n{table.get('note', '')}".rstrip()


def _show(table: Mapping[str, Any]) -> None:
    right = [all(_is_figure(row[i]) for row in table["rows"]) for i in range(len(table["columns"]))]
    columns = [
        f">{name}" if is_right else name for name, is_right in zip(table["columns"], right, strict=True)
    ]
    print_table(columns, [[_cell(value) for value in row] for row in table["rows"]], title=table["title"])
    if table.get("note"):
        console().print(table["note"], style="dim")
    console().print()


def _is_figure(value: object) -> bool:
    return isinstance(value, (int, float))


def _cell(value: object) -> str:
    return f"{value:,}" if _is_figure(value) else str(value)
