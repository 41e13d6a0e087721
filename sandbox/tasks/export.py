"""What can be carried away from a task's run: a zip that answers without this project.

It holds the weights (safetensors), what they mean (JSON), the lines of this project that the answer needs,
and a script that reads files and prints answers: the same ones, because the same lines make them. `onnx`
adds the network as an ONNX graph, which the script runs with ONNX Runtime.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from sandbox import hub, onnx_graph, registry
from sandbox.errors import UserError, because, did_you_mean
from sandbox.files import path_text, write_bytes
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.evaluation import own_data
from sandbox.tasks.loading import predictor_of, settings_from
from sandbox.tasks.script import recipe

FORMS = ("script", "onnx", "hub")
OURS = ("sandbox", "apps", "envs", "agents")
"""Packages of this project."""
_BESIDE = re.compile(r"with_name\(\"([\w.-]+)\"\)")
"""How a module names a file of data that lies beside it."""
TEMPLATE = Path(__file__).with_name("exported_predict.py")
"""What becomes `predict.py`."""


def export(run: Run, to: str, out: Path | None = None, step: int | None = None) -> Path:
    """Make a zip of a task's run.

    Args:
        run: of a task.
        to: one of `FORMS`.
        out: the file, or the folder for it; by default named after the run, in the working directory.
        step: which checkpoint; None for the newest.

    Returns:
        Path of the zip.

    Raises:
        UserError: there is no such form or checkpoint, the network cannot be a graph, or the file cannot be
            written; says why.
    """
    if to not in FORMS:
        hint = did_you_mean(to, FORMS) or f" There are {' and '.join(FORMS)} for tasks."
        raise UserError(f"Nothing of a task can be exported to {to!r}.{hint}")
    if to == "hub":
        return _to_hub(run, Path(f"{run.name}-hub") if out is None else out, step)
    name = f"{run.name}{'-onnx' * (to == 'onnx')}.zip"
    path = Path(name) if out is None else (out / name if out.is_dir() else out)
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path_text(path.parent)} to write {path.name} to.")
    content = packed(run, to, step)
    try:
        write_bytes(path, content)
    except OSError as error:
        raise UserError(f"Could not write {path_text(path)} because {because(error)}.") from error
    return path


def packed(run: Run, to: str = "script", step: int | None = None) -> bytes:
    """The zip's bytes; see `export`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(contents(run, to, step).items()):
            # A fixed date: the same run makes the same bytes.
            archive.writestr(zipfile.ZipInfo(f"{run.name}/{name}"), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def contents(run: Run, to: str = "script", step: int | None = None) -> dict[str, bytes]:
    """What the zip holds, by path; see `export`."""
    if to == "onnx":
        onnx_graph.check_packages()
    target = run.config["target"]
    tensors, meta = run.load_model(step)
    predictor = predictor_of(run, tensors, meta)
    files = {f"lib/{name}": text for name, text in sources(f"apps.{target.replace('/', '.')}").items()}
    settings = settings_from(import_task(target), run.config.get("settings") or {})
    if step is None or step == run.checkpoints()[-1]:
        files["train.py"] = import_task(target).script(recipe(run, settings)).encode()
    files |= {
        "model.safetensors": save({name: tensor.contiguous() for name, tensor in tensors.items()}),
        "model.json": json.dumps({"task": target, "run": run.name, "meta": meta}, indent=1).encode(),
        "predict.py": TEMPLATE.read_bytes(),
        "requirements.txt": _requirements(files, to).encode(),
    }
    if to == "onnx":
        files["model.onnx"] = graph(predictor, _example(run))
    return files


def _to_hub(run: Run, folder: Path, step: int | None) -> Path:
    """A folder in the layout of Hugging Face's hub; nobody uploads it."""
    task, target = import_task(run.config["target"]), run.config["target"]
    rows = [row for row in run.metrics() if task.metric.key in row]
    row = rows[-1] if rows else {}
    figures = []
    if rows and (step is None or step == run.checkpoints()[-1]):
        said, low, high = (task.metric.text(row[key]) for key in _with_interval(task.metric.key, row))
        text = said if low == high else f"{said}, 95 % interval {low} to {high}"
        figures = [
            hub.Figure(name=task.metric.title, value=row[task.metric.key], text=f"{text}, unseen examples")
        ]
    data = Path(run.config.get("data") or "its own data").name
    card = hub.Card(
        title=task.title,
        about=f"A network that learned `{target}` from scratch, on {data}.",
        kind=target.partition("/")[0],
        tags=[target.replace("/", "-")],
        data=target,
        figures=figures,
        use="```bash\npip install -r requirements.txt\npython predict.py FILE\n```",
        limits=" ".join(run.config.get("notes") or ()),
    )
    return hub.write(run, folder, contents(run, "script", step), card)


def _with_interval(key: str, row: Mapping[str, float]) -> tuple[str, str, str]:
    """The keys of a figure and its interval; the figure itself where a run has no interval."""
    low, high = f"{key}_low", f"{key}_high"
    return (key, low, high) if low in row and high in row else (key, key, key)


def sources(module: str) -> dict[str, bytes]:
    """The files of this project that a module needs, by path: it, its data, what it imports, and so on."""
    root, found, waiting = registry.repository(), {}, [module]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name.split(".")[0] not in OURS:
            continue
        seen.add(name)
        place = root.joinpath(*name.split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if not path.is_file():
            continue  # a name in a module, such as a function
        content = path.read_bytes()
        found[path.relative_to(root).as_posix()] = content
        for data in map(path.with_name, _BESIDE.findall(content.decode())):
            if data.suffix != ".py" and data.is_file():
                found[data.relative_to(root).as_posix()] = data.read_bytes()
        waiting += [name.rpartition(".")[0]] * ("." in name)
        waiting += imported(ast.parse(content))
        if place.is_dir() and b"iter_modules(__path__)" in content:  # it finds its files by their folder
            waiting += [f"{name}.{each.stem}" for each in place.glob("*.py")]
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """Names of all that a file imports, wherever in it: modules, and what may be a module of a package."""
    checked = {
        id(line)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for line in node.body
    }
    for node in ast.walk(tree):
        if id(node) in checked:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class _SeenError(Exception):
    """What a network was given."""

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        self.inputs = inputs


def graph(predictor: Any, example: Any) -> bytes:
    """A predictor's network as an ONNX graph.

    Its first axis may be of any length, and its others, too, where the network takes any.

    Args:
        predictor: with a `model` that `predict` calls with one tensor.
        example: one input in a batch.

    Raises:
        UserError: it has no such network.
    """
    model = getattr(predictor, "model", None)
    inputs = _given(predictor, model, example) if isinstance(model, nn.Module) else None
    if not isinstance(model, nn.Module) or inputs is None or len(inputs) != 1:
        raise UserError(
            "Its answer is made of more than one call of a network, which no ONNX graph holds; "
            "export it to script."
        )
    (value,) = inputs
    # Not every network takes other sizes, or lets torch find out that it does.
    for free in (range(1, value.ndim), ()):
        try:
            return _graph(model.eval(), value, free)
        except Exception as error:  # torch's exporter fails in many ways
            failure = error
    raise UserError(
        f"torch cannot write this network as an ONNX graph ({type(failure).__name__}); export it to script."
    ) from failure


def _graph(model: nn.Module, value: Tensor, free: Iterable[int]) -> bytes:
    """The graph of a network whose input may be larger or smaller along the `free` axes, too."""
    shapes = {0: torch.export.Dim("batch")} | dict.fromkeys(free, torch.export.Dim.AUTO)
    pair = torch.cat([value, value])  # torch would take a first axis of 1 for one that is always 1
    return onnx_graph.to_bytes(model, [pair], ["inputs"], ["outputs"], [shapes])


def _given(predictor: Any, model: nn.Module, example: Any) -> tuple[Tensor, ...] | None:
    """What `predict` gives the network of one input; None if that is no tensor."""

    def stop(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        raise _SeenError(inputs)

    handle = model.register_forward_pre_hook(stop)
    try:
        predictor.predict(example)
    except _SeenError as seen:
        found = seen.inputs
        return tuple(found) if all(isinstance(one, Tensor) for one in found) else None
    finally:
        handle.remove()
    return None


def _example(run: Run) -> Any:
    """One unseen input in a batch."""
    task = import_task(run.config["target"])
    split = task.load(settings_from(task, run.config.get("settings") or {}), own_data(run))
    return split.test.inputs[:1]


def _requirements(files: dict[str, bytes], to: str) -> str:
    """Packages that the exported lines import at once, in the versions that are installed here."""
    names: set[str] = {"safetensors"} | ({"onnxruntime"} if to == "onnx" else set())
    for content in (content for name, content in files.items() if name.endswith(".py")):
        tree = ast.parse(content)
        names |= {name.split(".")[0] for name in imported(ast.Module(_at_head(tree), []))}
    homes = importlib.metadata.packages_distributions()
    found = {
        homes[name][0] for name in names if name in homes and name not in (*OURS, *sys.stdlib_module_names)
    }
    lines = [
        f"{name}=={importlib.metadata.version(name).partition('+')[0]}"
        for name in sorted(found, key=str.lower)
    ]
    lines += [name for name in names if name == "onnxruntime" and name not in homes]
    return "\n".join(lines) + "\n"


def _at_head(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
