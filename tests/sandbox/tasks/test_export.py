"""A task's zip: what it holds, what it refuses, and that a fresh process answers as the run does."""

import ast
import base64
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sandbox import cli, registry
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.export import export, imported, packed, sources
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.training import train_task

TASKS = [entry.name for entry in registry.tasks()]
FILES = {"model.json", "model.safetensors", "predict.py", "requirements.txt", "train.py"}
SOME = 3


def trained(name: str, root: Path, steps: int = 4) -> tuple[Any, Any, Run]:
    """A task with its settings and a run of a few steps."""
    task = import_task(name)
    short = {key: steps if key == "steps" else value for key, value in task.tiny.items()}
    settings = replace(task.settings(), **short)
    run = Run.create(name, {"kind": "task", "seed": 0, "device": "cpu", "threads": 1}, root=root)
    assert drive(run, train_task(task, settings, run)) == "done", run.status()["message"]
    return task, settings, run


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> Run:
    return trained("vision/classify", tmp_path_factory.mktemp("runs"))[2]


def unpacked(run: Run, folder: Path, to: str = "script") -> Path:
    path = export(run, to, folder)
    assert path.parent == folder and path.name.startswith(run.name)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder / run.name


def answered(folder: Path, *words: str) -> dict[str, Any]:
    """What the exported script says, in a process of its own, which must use the lines in the zip only."""
    run = "import runpy; runpy.run_path('predict.py', run_name='__main__')"
    code = f"import sys; sys.argv[1:] = {list(words)!r}; {run}"
    watch = (
        "import atexit, sys\n"
        "def tell():\n"
        "    ours = [m.__file__ for n, m in sys.modules.items() if n.split('.')[0] in ('sandbox', "
        "'apps', 'envs')"
        " and getattr(m, '__file__', None)]\n"
        "    print(ours and all('lib' in f.split('/') for f in ours), file=sys.stderr)\n"
        "atexit.register(tell)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", watch + code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "True", "it used this project's own files"
    return json.loads(done.stdout.splitlines()[-1])["predictions"]


@pytest.mark.thorough
@pytest.mark.parametrize("name", TASKS)
def test_a_fresh_process_answers_as_the_run_does(name, tmp_path):
    task, settings, run = trained(name, tmp_path)
    assert_same_answers(task, settings, run, unpacked(run, tmp_path))


GRAPHS = {"medical/blood", "medical/tissue", "speech/words", "vision/classify", "vision/restore"}
"""A task of each family whose network is one call with one tensor."""


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_the_graph_answers_as_the_network_does(name, tmp_path):
    task, settings, run = trained(name, tmp_path)
    assert_same_answers(task, settings, run, unpacked(run, tmp_path, "onnx"))


@pytest.mark.thorough
def test_what_no_graph_holds_is_one_sentence(tmp_path):
    run = trained("latent/autoencoder", tmp_path)[2]
    with pytest.raises(UserError, match="more than one call of a network"):
        export(run, "onnx", tmp_path)


def assert_same_answers(task: Any, settings: Any, run: Run, folder: Path) -> None:
    """The exported folder answers to unseen inputs as the run does."""
    predictor, root = load_predictor(run), folder.parent
    kind = predictor.input
    if kind.files:
        some = task.load(settings, None).test.some(SOME).inputs
        files = [kind.write(value, root, f"input-{i}") for i, value in enumerate(some)][:SOME]
        raws = [kind.read(file) for file in files]
        batches = [
            kind.encode_all(raw) if hasattr(kind, "encode_all") else _batch(kind.encode(raw)) for raw in raws
        ]
        mine = [one for batch in batches for one in predictor.predict(batch)]
        told = answered(folder, *map(str, files))
    else:
        mine, told = (
            list(predictor.predict(kind.draw(SOME, 5))),
            answered(folder, "--count", str(SOME), "--seed", "5"),
        )
    assert len(told) == len(mine)
    for one, other in zip(told.values(), mine, strict=True):
        assert _equal(one, json.loads(json.dumps(predictor.output.to_json(other)))), (one, other)


def _batch(value: Any) -> Any:
    return value[None] if hasattr(value, "shape") else [value]


def _equal(one: Any, other: Any) -> bool:
    """The same, but for the order in which others add up."""
    if isinstance(other, dict) and "png" in other:
        pictures = [
            np.asarray(Image.open(io.BytesIO(base64.b64decode(each["png"])))) for each in (one, other)
        ]
        return bool(np.allclose(*pictures, rtol=0, atol=1))  # one step of 255, where a half is rounded
    if isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in other)
    if isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(np.isclose(one, other, rtol=1e-4, atol=1e-5)) if isinstance(other, float) else one == other


@pytest.mark.thorough
def test_the_zip_holds_model_meaning_and_script(digits, tmp_path, capsys):
    with zipfile.ZipFile(export(digits, "script", tmp_path / "mine.zip")) as archive:
        names = {name.removeprefix(f"{digits.name}/") for name in archive.namelist()}
        needs = archive.read(f"{digits.name}/requirements.txt").decode()
    assert names >= FILES | {"lib/sandbox/blocks/cnn.py", "lib/apps/vision/classify.py"}
    assert not any("streamlit" in name or "studio" in name for name in names)
    assert "torch==" in needs and "safetensors==" in needs and "streamlit" not in needs
    assert packed(digits) == packed(digits)
    first = digits.checkpoints()[0]
    assert packed(digits, step=first) != packed(digits)
    assert cli.main(["export", str(digits.path), "--to", "script", "--out", str(tmp_path), "--json"]) == 0
    assert Path(json.loads(capsys.readouterr().out)["file"]).is_file()


def test_what_cannot_be_is_one_sentence(digits, tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"cannot|Nothing .* There are script and onnx"):
        export(digits, "video", tmp_path)
    with pytest.raises(UserError, match="There is no folder"):
        export(digits, "script", tmp_path / "no" / "such.zip")
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "onnx" in name else there(name))
    with pytest.raises(UserError, match="pip install onnx onnxscript"):
        export(digits, "onnx", tmp_path)


def test_all_that_a_file_imports_is_found():
    found = set(
        imported(ast.parse("import a.b\ndef f():\n    from c import d\nif TYPE_CHECKING:\n    import e\n"))
    )
    assert found == {"a.b", "c", "c.d"}
    files = sources("sandbox.metrics.classification")
    assert {"sandbox/metrics/roc.py", "sandbox/__init__.py", "sandbox/statistics.py"} <= files.keys()


def test_a_folder_for_the_hub_is_the_zip_and_a_card(digits, tmp_path):
    folder = export(digits, "hub", tmp_path / "card")
    names = {path.name for path in folder.iterdir()}
    assert names >= FILES | {"lib", "README.md", ".gitattributes"}
    card = (folder / "README.md").read_text(encoding="utf-8")
    reached = digits.metrics()[-1]["test_accuracy"]
    assert f"| accuracy | {100 * reached:.1f} %" in card and "python predict.py FILE" in card
    assert json.loads(card.split("model-index: ")[1].splitlines()[0])[0]["results"][0]["metrics"][0][
        "value"
    ] == pytest.approx(reached)
