"""What every task must do, whichever it is: each is found by its file and trained once, tiny."""

import json
import runpy
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sandbox import cli, registry
from sandbox.errors import UserError
from sandbox.metrics.scores import Metric, means, with_intervals
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.settings import check, specs
from sandbox.targets import import_task
from sandbox.tasks.evaluation import evaluate
from sandbox.tasks.loading import load_predictor, settings_from
from sandbox.tasks.predictor import read
from sandbox.tasks.script import recipe
from sandbox.tasks.split import Split
from sandbox.tasks.task import Task
from sandbox.tasks.training import train_task

TASKS = [entry.name for entry in registry.tasks()]
# One task of each of the oldest families; `make thorough` has all others.
pytestmark = pytest.mark.quick(
    "vision/classify", "latent/vae", "latent/duel", "energy/rbm", "sequences/adding", "neurons/plane"
)
SOME = 5
"""Unseen examples that are written, read and answered."""


@dataclass(frozen=True)
class Trained:
    """A task with its tiny training."""

    name: str
    task: Task[Any, Any, Any]
    settings: Any
    split: Split[Any, Any]
    run: Run
    predictor: Any


@pytest.fixture(scope="module", params=TASKS)
def trained(request, tmp_path_factory) -> Trained:
    task = import_task(request.param)
    assert task.tiny, f"{request.param} does not say how to be tiny: tiny = {{'steps': 60}}"
    settings = replace(task.settings(), **task.tiny)
    threads = torch.get_num_threads()
    config = {"kind": "task", "seed": 0, "device": "cpu", "threads": 1}
    run = Run.create(request.param, config, root=tmp_path_factory.mktemp("runs"))
    state = drive(run, train_task(task, settings, run))
    torch.set_num_threads(threads)
    assert state == "done", run.status()["message"]
    return Trained(request.param, task, settings, task.load(settings, None), run, load_predictor(run))


def test_it_says_what_it_is(trained):
    task = trained.task
    assert task.title and isinstance(task.metric, Metric) and task.metric.help
    for preset in task.presets:
        check(task.settings(preset))
    assert all(spec.help for spec in specs(type(task.settings())).values())
    assert trained.split.about.name and len(trained.split.test)


def test_it_gets_better_and_its_baselines_have_figures(trained):
    untrained = load_predictor(trained.run, trained.run.checkpoints()[0])
    key = trained.task.metric.key
    before = means(trained.task.measure(untrained, trained.split.test))[key]
    found = evaluate(trained.run)
    assert trained.task.metric.better(found.figures[key], before), (found.figures[key], before)
    assert found.baselines
    for figures in found.baselines.values():
        assert figures[f"{key}_low"] <= figures[key] <= figures[f"{key}_high"]


def test_the_test_of_a_run_is_its_last_row(trained):
    last = trained.run.metrics()[-1]
    figures = with_intervals(trained.task.measure(trained.predictor, trained.split.test))
    assert figures == pytest.approx({name: last[name] for name in figures}, abs=1e-5)


def test_no_unseen_example_was_seen(trained):
    train, test = (
        {repr(one): None for one in _comparable(part.inputs)}
        for part in (trained.split.train, trained.split.test)
    )
    shared = [one for one in test if one in train]
    if trained.split.about.synthetic:  # endless, but the same few may come by chance where they are short
        assert len(shared) < len(test)
    else:
        assert not shared


def test_the_same_split_each_time(trained):
    again = trained.task.load(trained.settings, None)
    assert _comparable(again.test.inputs) == _comparable(trained.split.test.inputs)


def test_a_file_in_and_the_same_answer_out(trained, tmp_path):
    kind = trained.predictor.input
    if not kind.files:
        drawn = kind.draw(SOME, 0)
        assert len(trained.predictor.predict(drawn)) == SOME
        return
    some = trained.split.test.some(SOME).inputs
    answers = trained.predictor.predict(some)
    for i, (value, answer) in enumerate(zip(some, answers, strict=True)):
        file = kind.write(value, tmp_path, f"input-{i}")
        again = read(trained.predictor, file)
        other = trained.predictor.predict(again[None] if hasattr(again, "shape") else [again])[0]
        _assert_close(other, answer, 0.05)
    (tmp_path / "none.bin").write_bytes(b"\x00\x01 none of its files")
    with pytest.raises(UserError) as refusal:
        read(trained.predictor, tmp_path / "none.bin")
    assert _is_one_sentence(str(refusal.value))


def test_the_command_answers_and_saves(trained, tmp_path, capsys):
    kind, run = trained.predictor.input, str(trained.run.path)
    files = [str(kind.write(trained.split.test.inputs[0], tmp_path, "input"))] if kind.files else []
    assert cli.main(["predict", run, *files, "--save", str(tmp_path / "answers")]) == 0
    assert "answer" in capsys.readouterr().out
    assert cli.main(["predict", run, *files, "--json", "--save", str(tmp_path / "again")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["predictions"] and all(Path(file).is_file() for file in said["saved"].values())
    if hasattr(trained.predictor, "codes"):
        assert all(np.isfinite(list(code.values())).all() for code in said["codes"].values())


def test_the_live_predictor_and_a_loaded_one_agree(trained):
    tensors, _ = trained.run.load_model()
    fresh = trained.task.prepare(trained.settings, trained.split, seed=0, device=torch.device("cpu"))
    fresh.learner.load_state(tensors, *fresh.learner.state())
    some = _inputs(trained)
    _assert_close(fresh.predictor.predict(some), trained.predictor.predict(some), 1e-5)


def test_answers_have_text_json_and_a_file(trained, tmp_path):
    output = trained.predictor.output
    for i, answer in enumerate(trained.predictor.predict(_inputs(trained))):
        assert output.text(answer).strip() and "\n" not in output.text(answer)
        json.dumps(output.to_json(answer), allow_nan=False)
        assert output.save(answer, tmp_path, f"answer-{i}").stat().st_size


def test_baselines_answer_in_the_same_form(trained):
    for baseline in trained.task.baselines(trained.settings, trained.split).values():
        assert (baseline.input.kind, baseline.output.kind) == (
            trained.predictor.input.kind,
            trained.predictor.output.kind,
        )


def test_a_bad_setting_is_one_sentence(trained):
    known = asdict_shallow(trained.settings)
    bounded = [spec for spec in specs(type(trained.settings)).values() if spec.range.low is not None]
    for spec in bounded:
        wrong: Any = (spec.range.low or 0) - 1
        with pytest.raises(UserError) as refusal:
            settings_from(trained.task, {**known, spec.name: [wrong] if spec.many else wrong})
        assert spec.name in str(refusal.value) and _is_one_sentence(str(refusal.value))
    with pytest.raises(UserError, match="no longer knows"):
        settings_from(trained.task, {"nonsense": 1})


def test_unknown_data_are_one_sentence(trained):
    with pytest.raises(UserError) as refusal:
        trained.task.load(trained.settings, "no/such/data")
    assert "no/such/data" in str(refusal.value)


def test_the_script_comes_to_the_same_figures(trained, tmp_path, capsys):
    script = trained.task.script(recipe(trained.run, trained.settings))
    key = trained.task.metric.key
    measured = trained.run.metrics()[-1][key]
    (tmp_path / "again.py").write_text(script, encoding="utf-8")
    assert _ran(tmp_path / "again.py", capsys)[key] == pytest.approx(measured, rel=1e-6, abs=1e-6)
    tensors, _ = trained.run.load_model()
    save_file(tensors, tmp_path / f"{trained.run.name}.safetensors")
    assert _ran(tmp_path / "again.py", capsys)[key] == pytest.approx(measured, rel=1e-6, abs=1e-6)


def _ran(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    threads = torch.get_num_threads()
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        torch.set_num_threads(threads)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def _inputs(trained: Trained) -> Any:
    kind = trained.predictor.input
    return trained.split.test.some(SOME).inputs if kind.files else kind.draw(SOME, 0)


def _comparable(inputs: Any) -> list[Any]:
    """Inputs as things that can be compared and hashed."""
    return [_plain(one) for one in inputs]


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_plain(one) for one in value)
    return np.asarray(value).tobytes() if hasattr(value, "shape") else value


def _assert_close(one: Any, other: Any, tolerance: float) -> None:
    if isinstance(other, str):
        assert one == other
    elif isinstance(other, (tuple, list)) and (isinstance(other[0], str) or not np.isscalar(other[0])):
        for first, second in zip(one, other, strict=True):
            _assert_close(first, second, tolerance)
    else:
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), atol=tolerance)


def _is_one_sentence(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text.strip()


def asdict_shallow(settings: Any) -> dict[str, Any]:
    """Settings by name, as a run's configuration has them."""
    return {field.name: getattr(settings, field.name) for field in fields(settings)}
