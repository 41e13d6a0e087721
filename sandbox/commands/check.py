"""Check an environment with Gymnasium's checker, Stable-Baselines3's, and checks of our own."""

import importlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import tyro
from rich.markup import escape

from sandbox.options import Flag, parse
from sandbox.targets import find_environment
from sandbox.terminal import console, print_json


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox check`."""

    environment: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """an environment's file name or any Gymnasium id"""
    seconds: float | None = None
    """how long to play with array bounds checked; by default 2 s"""
    json: Flag = False
    """print one JSON object instead of lines"""


def main(arguments: Sequence[str]) -> int:
    """Prints a line for each check; 1 when one failed, else 0."""
    options = parse(Options, arguments, "sandbox check", __doc__ or "")
    name = _name(options.environment)
    started = time.perf_counter()
    results, out = [], console()
    for result in importlib.import_module("envs.engine.checks.check").iterate_checks(name, options.seconds):
        results.append(result)
        if not options.json:
            mark = "[green]ok[/]    " if result.passed else "[bold red]failed[/]"
            out.print(f"{mark}  {escape(result.name)}", markup=True, soft_wrap=True)
            for note in result.message.split("; ") if result.message else ():
                out.print(f"        {note}", soft_wrap=True)
    seconds = time.perf_counter() - started
    failed = sum(not result.passed for result in results)
    if options.json:
        record = {"environment": name, "ok": failed == 0, "seconds": seconds}
        print_json(record | {"results": [asdict(result) for result in results]})
    else:
        said = f"{failed} of {len(results)} checks failed" if failed else f"all {len(results)} checks passed"
        out.print(f"\n{name}: {said} in {seconds:.1f} s")
    return 1 if failed else 0


def _name(name: str) -> str:
    """The environment's name; a broken file is a result of the check, not a mistake of the command."""
    try:
        return find_environment(name)
    except importlib.import_module("envs.engine.errors").BrokenEnvironment:
        return name
