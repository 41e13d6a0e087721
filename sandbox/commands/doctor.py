"""Check this machine: versions, devices, display, caches, disk and speed; says what to do."""

import importlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.markup import escape

from sandbox.errors import printable
from sandbox.options import Flag, parse
from sandbox.shadowing import shadows_in
from sandbox.terminal import console, print_json

PACKAGES = (
    "torch",
    "numpy",
    "numba",
    "gymnasium",
    "stable-baselines3",
    "streamlit",
    "pygame",
    "scikit-learn",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FREE_GIGABYTES = 1.0
MATRIX = 1024


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox doctor`."""

    json: Flag = False
    """print one JSON object instead of lines"""


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        name: what was looked at.
        state: `note` is something optional that is missing; `problem` keeps some part from working.
        text: what was found.
        remedy: what to do; empty when nothing needs doing.
    """

    name: str
    state: Literal["ok", "note", "problem"]
    text: str
    remedy: str = ""


def main(arguments: Sequence[str]) -> int:
    """Prints one line a check; 1 when there is a problem, else 0."""
    options = parse(Options, arguments, "sandbox doctor", __doc__ or "")
    findings = []
    for finding in examine():
        findings.append(finding)
        if not options.json:
            _print(finding)
    problems = sum(finding.state == "problem" for finding in findings)
    if options.json:
        print_json({"ok": problems == 0, "findings": [asdict(finding) for finding in findings]})
    else:
        console().print(f"\n{problems} problem{'s' * (problems != 1)}" if problems else "\nno problems")
    return 1 if problems else 0


def examine() -> Iterator[Finding]:
    """Runs every check; one that fails in an unforeseen way is itself a finding."""
    for check in CHECKS:
        try:
            yield from check()
        except Exception as error:
            name = check.__name__.replace("_", " ")
            yield Finding(name, "problem", f"{type(error).__name__}: {error}", "please report this")


def python() -> Iterator[Finding]:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", f"{version} at {sys.executable}")


def packages() -> Iterator[Finding]:
    """The packages that everything rests on, without importing them."""
    found, missing = [], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            # pygame-ce is the same module under another name, for the Pythons that pygame has no wheels for
            (found if package == "pygame" and importlib.util.find_spec("pygame") else missing).append(package)
    if missing:
        yield Finding("packages", "problem", f"missing: {', '.join(missing)}", "run make setup")
    else:
        yield Finding("packages", "ok", ", ".join(found))


def shadows() -> Iterator[Finding]:
    """Folders here that scripts would import instead of ours."""
    for sentence in shadows_in(Path.cwd()):
        yield Finding("shadows", "note", sentence, "rename it, or keep scripts in another folder")


def device() -> Iterator[Finding]:
    """What torch would train on."""
    devices = importlib.import_module("sandbox.devices")
    found = devices.describe(devices.pick_device("auto"))
    memory = f", {found['memory_gib']} GiB" if found["memory_gib"] else ""
    yield Finding("device", "ok", f"{found['device']} ({found['name']}{memory})")


def threads() -> Iterator[Finding]:
    """How many cores this process may use, and how many torch takes."""
    torch = importlib.import_module("torch")
    cores = importlib.import_module("sandbox.devices").cores()
    text = f"{torch.get_num_threads()} of {cores} core{'s' * (cores != 1)}"
    if torch.get_num_threads() > cores:
        yield Finding(
            "threads",
            "note",
            text,
            f"more threads than cores are slower: set OMP_NUM_THREADS={cores}",
        )
    else:
        yield Finding("threads", "ok", text)


def display() -> Iterator[Finding]:
    """Whether `watch` and `play` can open a window."""
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if driver in ("dummy", "offscreen"):
        found = Finding(
            "display", "note", f"SDL_VIDEODRIVER={driver}: windows are not shown", "unset it to see them"
        )
    elif sys.platform == "linux" and not driver and not screen:
        remedy = "watch agents in the browser (sandbox studio), or start an X server"
        found = Finding("display", "note", "none, so no windows", remedy)
    else:
        found = Finding("display", "ok", driver or screen or sys.platform)
    yield found


def browser() -> Iterator[Finding]:
    """The browser that the tests of the studio drive: the system's Chromium, or playwright's own."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None and importlib.util.find_spec("playwright") is not None:
        playwright = importlib.import_module("playwright.sync_api")
        with playwright.sync_playwright() as driver:
            own = Path(driver.chromium.executable_path)
        program = str(own) if own.exists() else None
    if program is None:
        remedy = f"{sys.executable} -m playwright install chromium (only make test needs it)"
        yield Finding("test browser", "note", "there is no Chromium", remedy)
    else:
        yield Finding("test browser", "ok", program)


def compile_cache() -> Iterator[Finding]:
    """Where compiled environments are kept, so that only their first use has to wait for the compiler."""
    folder = importlib.import_module("envs.engine.core.compile_cache").cache_folder()
    if folder.is_relative_to(tempfile.gettempdir()) and "SANDBOX_CACHE" not in os.environ:
        remedy = "set SANDBOX_CACHE to a folder you may write to"
        yield Finding("compile cache", "note", f"{folder}: only until the next clean-up", remedy)
    else:
        yield Finding("compile cache", "ok", str(folder))


def runs() -> Iterator[Finding]:
    """Where runs are saved, how much room there is, and which of them cannot be read."""
    module = importlib.import_module("sandbox.runs")
    folder = module.runs_dir()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free / 1e9
    trouble = _writing_trouble(existing)
    if trouble:
        remedy = "set SANDBOX_RUNS to a folder you may write to"
        yield Finding("runs", "problem", f"{folder}: {trouble}", remedy)
    elif free < FREE_GIGABYTES:
        remedy = "make room, or set SANDBOX_RUNS to another disk"
        yield Finding("runs", "problem", f"{folder}: only {free:.2f} GB free", remedy)
    else:
        yield Finding("runs", "ok", f"{folder}, {free:.0f} GB free")
    for run, sentence in module.list_broken_runs():
        yield Finding("runs", "note", sentence, f"correct that file, or delete {run.path}")


def matrix_product() -> Iterator[Finding]:
    """How fast torch multiplies matrices here: the bound on every network."""
    torch = importlib.import_module("torch")
    place = importlib.import_module("sandbox.devices").pick_device("auto")
    a = torch.rand(MATRIX, MATRIX, device=place)
    _finish(a @ a)
    seconds = min(_timed(lambda: _finish(a @ a)) for _ in range(5))
    yield Finding(
        "matrix product", "ok", f"{2 * MATRIX**3 / seconds / 1e9:,.0f} GFLOP/s on {place.type}, float32"
    )


def environments() -> Iterator[Finding]:
    """Which environment files are broken; builds one of the others and steps it."""
    module = importlib.import_module("envs")
    gymnasium = importlib.import_module("gymnasium")
    for error in module.broken().values():
        yield Finding("environments", "problem", str(error), "correct that line, or delete the file")
    if not module.names():
        return
    environment = module.find(module.names()[0])
    started = time.perf_counter()
    world = gymnasium.make_vec(environment.id, num_envs=64)
    ready = time.perf_counter() - started
    world.reset(seed=0)
    actions = world.action_space.sample()
    seconds = min(_timed(lambda: world.step(actions)) for _ in range(200))
    speed = f"{64 / seconds / 1e6:.1f} million steps/s in a batch of 64"
    yield Finding("environments", "ok", f"{environment.name}: ready in {ready:.2f} s, {speed}")


def _finish(product: Any) -> None:
    """Waits for a device that computes in the background."""
    product[0, 0].item()


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _writing_trouble(folder: Path) -> str:
    """Why a file cannot be written there; empty when it can."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _print(finding: Finding) -> None:
    colours = {"ok": "green", "note": "yellow", "problem": "bold red"}
    mark = {"ok": "ok", "note": "note", "problem": "problem"}[finding.state]
    text = escape(printable(finding.text))
    line = f"[{colours[finding.state]}]{mark:<8}[/]{finding.name:<16}{text}"
    console().print(line, markup=True, soft_wrap=True)
    if finding.remedy:
        console().print(f"{'':<24}→ {printable(finding.remedy)}", soft_wrap=True)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    packages,
    shadows,
    device,
    threads,
    display,
    browser,
    compile_cache,
    runs,
    matrix_product,
    environments,
)
