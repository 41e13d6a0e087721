"""What the folders hold, found by file name without importing anything: the registry of the whole project.

`envs/snake.py` is the environment `snake`, `agents/presets/snake.py` its preset, `sandbox/blocks/cnn.py` the
block `cnn`, `apps/vision/classify.py` the task `vision/classify`.
"""

import ast
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"[^./\\\\:]+/[^./\\\\:]+")
"""What may be a task's name: a path is none, so that nothing outside of `apps` is looked at."""


@dataclass(frozen=True)
class Entry:
    """One file of the registry.

    Attributes:
        name: the key that commands take: `snake`, `vision/classify`.
        path: the file.
        about: the first line of its docstring; empty when it has none or the file cannot be parsed.
    """

    name: str
    path: Path
    about: str


def package_folder(package: str) -> Path | None:
    """The folder of a top-level package, or None where it is not installed. Imports nothing."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def repository() -> Path:
    """The folder that holds `sandbox`, `envs`, `agents`, `apps` and, in a checkout, `docs`."""
    return Path(__file__).resolve().parents[1]


def envs() -> list[Entry]:
    """Environments: `envs/*.py`."""
    return _files("envs")


def blocks() -> list[Entry]:
    """Network blocks: `sandbox/blocks/*.py`."""
    return _files("sandbox", "blocks")


def presets() -> list[Entry]:
    """Presets: `agents/presets/*.py`."""
    return _files("agents", "presets")


def trackers() -> list[Entry]:
    """Programs that are told figures of a training: `sandbox/trackers/*.py`."""
    return _files("sandbox", "trackers")


def commands() -> list[Entry]:
    """Commands: `sandbox/commands/*.py`."""
    return _files("sandbox", "commands")


def tasks() -> list[Entry]:
    """Tasks: files of `apps/<domain>/` that define a `TASK`."""
    top = package_folder("apps")
    if top is None:
        return []
    found = (_entry(path, f"{path.parent.name}/{path.stem}") for path in _python_files(top, "*/*.py"))
    return [entry for entry in found if entry.path.stem != "page" and _assigns(entry.path, "TASK")]


def is_task(name: str) -> bool:
    """Whether `<domain>/<file>` is one of `tasks()`. Reads that file alone: all take a third of a second."""
    domain, _, stem = name.partition("/")
    top = package_folder("apps")
    if top is None or stem == "page" or stem.startswith("_") or not _NAME.fullmatch(name):
        return False
    path = top / domain / f"{stem}.py"
    # Unlike Path's, this says no to a name that no file can have.
    return os.path.isfile(path) and _assigns(path, "TASK")  # noqa: PTH113


def loop_of(task: str) -> str | None:
    """The module that lets a task's network drive an environment, `apps/<domain>/<task>_loop.py`, or None."""
    domain, _, stem = task.partition("/")
    top = package_folder("apps")
    if top is None or not is_task(task) or not (top / domain / f"{stem}_loop.py").is_file():
        return None
    return f"apps.{domain}.{stem}_loop"


def users(block: str) -> dict[str, list[str]]:
    """Who uses a block: modules of `agents` by name, and domains of `apps` (`vision`, `latent`).

    A task also uses the blocks of the family that it stands on.
    """
    found = {}
    for package, pattern in (("agents", "**/*.py"), ("apps", "*/**/*.py")):
        top = package_folder(package)
        files = _python_files(top, pattern) if top is not None else []
        using = [path for path in files if block in _blocks_of(path)]
        names = {path.stem if package == "agents" else _domain(path, top) for path in using}
        found[package] = sorted(names - {"studio"})
    return found


def _blocks_of(path: Path, seen: frozenset[Path] = frozenset()) -> frozenset[str]:
    """Blocks that a file imports, itself or through `sandbox.tasks`."""
    outline = _outline_of(path) if path.is_file() and path not in seen else None
    if outline is None:
        return frozenset()
    files = (repository() / f"{name.replace('.', '/')}.py" for name in outline.shared)
    return outline.blocks.union(*(_blocks_of(file, seen | {path}) for file in files))


def _domain(path: Path, top: Path | None) -> str:
    return path.relative_to(top or path).parts[0]


def first_line(path: Path) -> str:
    """The first line of a Python file's docstring; empty when there is none or the file is broken."""
    outline = _outline_of(path)
    return outline.first_line if outline is not None else ""


def title_of(task: Path) -> str:
    """The question that a task's file asks, its class's `title`; empty when it cannot be read."""
    outline = _outline_of(task)
    return outline.title if outline is not None else ""


def _files(package: str, *folders: str) -> list[Entry]:
    top = package_folder(package)
    if top is None:
        return []
    return [_entry(path, path.stem) for path in _python_files(top.joinpath(*folders), "*.py")]


def _python_files(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("_"))


def _entry(path: Path, name: str) -> Entry:
    return Entry(name, path, first_line(path))


def _assigns(path: Path, name: str) -> bool:
    outline = _outline_of(path)
    if outline is None:  # a broken task file is still listed, so that its own error is shown when it is used
        return name in path.read_text(encoding="utf-8", errors="replace")
    return name in outline.names


@dataclass(frozen=True)
class Bench:
    """Something that `sandbox bench` measures: a module with a `bench(quick)` that returns tables.

    Its `BENCH` says the rest, as literals that are read without importing: `{"name": "mnist", "title":
    "MNIST", "long": True, "takes": ["data"]}`.

    Attributes:
        name: what the command takes.
        title: its heading in docs/benchmarks.md.
        module: where it is.
        about: the first line of the module's docstring.
        long: whether it is only measured if named.
        takes: what `bench` takes besides: `data`, a set's name or a path, `names` of things to measure, and
            `seconds` after which what has not arrived is given up.
    """

    name: str
    title: str
    module: str
    about: str = ""
    long: bool = False
    takes: Sequence[str] = ()


def benches() -> dict[str, Bench]:
    """Whatever can be measured, by name: files of the four packages with a `BENCH`."""
    found = {}
    for package in ("envs", "agents", "sandbox", "apps"):
        top = package_folder(package)
        for path in sorted(top.rglob("*.py")) if top is not None else []:
            content = path.read_bytes()
            if b"\nBENCH = {" not in content:
                continue
            nodes = ast.parse(content).body
            said = next(node for node in nodes if isinstance(node, ast.Assign) and _name_of(node) == "BENCH")
            module = ".".join([package, *path.relative_to(top or path).with_suffix("").parts])
            bench = Bench(module=module, about=first_line(path), **ast.literal_eval(said.value))
            found[bench.name] = bench
    return found


def _name_of(node: ast.Assign) -> str:
    return node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""


class _Outline(NamedTuple):
    first_line: str
    title: str
    names: frozenset[str]
    blocks: frozenset[str]
    shared: frozenset[str]
    """Modules of `sandbox.tasks` that it imports: what tasks of a kind share may hold its blocks."""


def _outline_of(path: Path) -> _Outline | None:
    stat = path.stat()
    return _read_outline(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _read_outline(path: Path, _modified: int, _size: int) -> _Outline | None:
    """What is known of a file without importing it; None if it does not parse. Read again once it changes."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None
    docstring = ast.get_docstring(tree) or ""
    names = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names.update(target.id for target in targets if isinstance(target, ast.Name))
    first = docstring.partition("\n")[0].strip()
    shared = (node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    tasks = frozenset(name for name in shared if name.startswith("sandbox.tasks."))
    return _Outline(first, _title_in(tree), frozenset(names), frozenset(_blocks_in(tree)), tasks)


def _title_in(tree: ast.Module) -> str:
    """The text that a class of a file has as its `title`; empty if there is none."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name("title")], value=ast.Constant(str() as title)):
                return title
            case ast.AnnAssign(target=ast.Name("title"), value=ast.Constant(str() as title)):
                return title
    return ""


def _blocks_in(tree: ast.Module) -> Iterator[str]:
    """Blocks that a file imports: `from sandbox.blocks.cnn import CNN`, `from sandbox.blocks import gan`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "sandbox.blocks":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sandbox.blocks."):
            yield (node.module or "").rpartition(".")[2]
