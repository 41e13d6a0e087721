"""List public data sets, fetch one, or show what is in one: classes, balance, licence, near-duplicates."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import tyro

from sandbox.errors import UserError, did_you_mean
from sandbox.options import Flag, parse
from sandbox.percent import percent
from sandbox.terminal import print_json, print_table


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox data`."""

    action: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[list|fetch|show|forget]")] = "list"
    """list all sets; fetch one; show what is in one; forget one: delete it from this machine"""
    name: Annotated[str | None, tyro.conf.Positional, tyro.conf.arg(metavar="[NAME]")] = None
    """name of a set; show also takes a folder of pictures"""
    trust_first: Flag = False
    """fetch a set of which nobody publishes a checksum, and remember that of what comes"""
    json: Flag = False
    """print one JSON object as the last line"""


def main(arguments: Sequence[str]) -> int:
    """Carries out one of the actions."""
    options = parse(Options, arguments, "sandbox data", __doc__ or "")
    if options.action not in ACTIONS:
        hint = did_you_mean(options.action, ACTIONS) or f" There are {', '.join(ACTIONS)}."
        raise UserError(f"There is no action {options.action!r}.{hint}")
    if options.action != "list" and options.name is None:
        raise UserError(
            f"`sandbox data {options.action}` needs the name of a set; `sandbox data` lists them."
        )
    if options.action == "list" and options.name is not None:
        raise UserError(f"`sandbox data list` takes no name; `sandbox data show {options.name}` shows one.")
    if options.trust_first and options.action != "fetch":
        raise UserError("--trust-first goes with `sandbox data fetch NAME`.")
    ACTIONS[options.action](options)
    return 0


def _list(options: Options) -> None:
    sets = importlib.import_module("sandbox.data.sets")
    rows = [
        {
            "name": each.name,
            "holds": each.kind,
            "about": each.about,
            "bytes": each.size or None,
            "licence": each.licence,
            "here": sets.is_here(each.name),
            "checksum": each.is_pinned,
        }
        for each in sets.known().values()
    ]
    if options.json:
        print_json({"folder": str(sets.home()), "sets": rows})
        return
    print_table(
        ["name", "about", ">to fetch", "licence", "here"],
        [
            [
                row["name"],
                row["about"],
                sets.megabytes(row["bytes"]) if row["bytes"] else "?",
                row["licence"],
                "yes" if row["here"] else "" if row["checksum"] else "no checksum",
            ]
            for row in rows
        ],
    )
    print(
        "\nnext: sandbox data fetch NAME · sandbox data show NAME · sandbox train vision/classify --data NAME"
    )


def _fetch(options: Options) -> None:
    sets = importlib.import_module("sandbox.data.sets")
    name = str(options.name)
    was_here = sets.is_here(name)
    if not was_here:
        importlib.import_module("sandbox.tasks.fetching").fetch(name, trust_first=options.trust_first)
    place = sets.here(name)
    if options.json:
        print_json({"name": name, "folder": str(place), "was_here": was_here})
    else:
        found = sets.find(name)
        print(f"{found.title} {'was here already' if was_here else 'is here'}: {place}")
        print(f"licence: {found.licence}")


def _forget(options: Options) -> None:
    sets = importlib.import_module("sandbox.data.sets")
    name = str(options.name)
    was_here = sets.is_here(name)
    sets.forget(name)
    if options.json:
        print_json({"name": name, "was_here": was_here})
    else:
        print(f"{sets.find(name).title} {'is deleted' if was_here else 'was not here'}.")


def _show(options: Options) -> None:
    record = importlib.import_module("sandbox.data.overview").overview(str(options.name))
    if options.json:
        print_json(record)
        return
    _say(record)


def _say(record: Mapping[str, Any]) -> None:
    print(record["title"])
    for label in ("about", "licence", "citation", "homepage", "folder"):
        if record.get(label):
            print(f"  {label}: {record[label]}")
    if "classes" not in record:
        if record.get("files"):
            print(f"  files: {record['files']:,}")
        return
    print(f"  pictures: {record['train']:,} to learn from, {record['test']:,} to test; {record['shape']}")
    print(f"  near-duplicates: {record['near_duplicates']['sentence']}")
    for note in record["notes"]:
        print(f"  {note}")
    print()
    print_table(
        ["class", ">to learn from", ">to test", ">share"],
        [
            [row["name"], f"{row['train']:,}", f"{row['test']:,}", percent(row["share"], 1)]
            for row in record["classes"]
        ],
    )


ACTIONS: dict[str, Callable[[Options], None]] = {
    "list": _list,
    "fetch": _fetch,
    "show": _show,
    "forget": _forget,
}
