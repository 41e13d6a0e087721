"""What the folders hold, found by file name without importing anything: the registry of the whole project.

`envs/snake.py` is the environment `snake`, `agents/presets/snake.py` its preset, `sandbox/blocks/cnn.py` the
block `cnn`, `apps/vision/classify.py` the task `vision/classify`.
"""

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path


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


def first_line(path: Path) -> str:
    """The first line of a Python file's docstring; empty when there is none or the file is broken."""
    tree = _parse(path)
    docstring = None if tree is None else ast.get_docstring(tree)
    return docstring.splitlines()[0].strip() if docstring else ""


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
    tree = _parse(path)
    if tree is None:  # a broken task file is still listed, so that its own error is shown when it is used
        return name in path.read_text(encoding="utf-8", errors="replace")
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return True
    return False


def _parse(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None
