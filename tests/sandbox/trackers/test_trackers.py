"""Figures told to other programs: every row of a run, once, and nothing of it lost when a run goes on."""

import sys
from types import SimpleNamespace

import pytest

from sandbox import trackers
from sandbox.commands.train import main as train
from sandbox.errors import UserError
from sandbox.runs import Run


@pytest.fixture
def run():
    return Run.create("cartpole", {"kind": "agent", "seed": 3, "settings": {"hidden": [8]}})


def test_what_is_not_there_is_a_sentence(monkeypatch, run):
    with pytest.raises(UserError, match=r"no 'tensorbord' to log to. Did you mean tensorboard"):
        trackers.check(["tensorbord"])
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="--log wandb needs the package wandb: pip install wandb"):
        train(["catch", "--log", "wandb"])
    assert len(list(run.path.parent.iterdir())) == 1  # nothing was begun


def test_trackers_are_told_what_is_logged_and_closed(monkeypatch, run):
    told, closed = [], []
    tracker = SimpleNamespace(
        log=lambda step, figures: told.append((step, figures)), close=lambda: closed.append(1)
    )
    monkeypatch.setitem(
        sys.modules,
        "sandbox.trackers.tensorboard",
        SimpleNamespace(PACKAGE="json", track=lambda run: tracker),
    )
    with pytest.raises(RuntimeError), trackers.tracked(run, ["tensorboard"]):
        run.log(5, 0.1, {"loss": 2, "broken": float("nan")})
        raise RuntimeError
    run.log(6, 0.2, {"loss": 1})
    assert told == [(5, {"loss": 2.0})] and closed == [1]


def test_tensorboard_reads_what_a_run_logged(run):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for steps in ((1, 2), (2, 3)):  # resumed from step 1: step 2 comes again
        with trackers.tracked(run, ["tensorboard"]):
            for step in steps:
                run.log(step, step / 10, {"loss": 10 * len(steps) + step})
        (run.path / "metrics.jsonl").write_text('{"step": 1, "seconds": 0.1, "loss": 21}\n')
    events = EventAccumulator(str(run.path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 21), (2, 22), (3, 23)]


def test_wandb_and_mlflow_are_called_as_they_are_documented(monkeypatch, run):
    said = []
    theirs = SimpleNamespace(
        log=lambda figures, step: said.append(("wandb", step, figures)), finish=lambda: said.append("finish")
    )
    monkeypatch.setitem(
        sys.modules, "wandb", SimpleNamespace(init=lambda **options: said.append(options) or theirs)
    )
    monkeypatch.setitem(
        sys.modules,
        "mlflow",
        SimpleNamespace(
            set_experiment=said.append,
            start_run=lambda run_name: said.append(run_name),
            log_params=said.append,
            log_metrics=lambda figures, step: said.append(("mlflow", step, figures)),
            end_run=lambda: said.append("end"),
        ),
    )
    monkeypatch.setattr(trackers, "find_spec", lambda name: True)
    with trackers.tracked(run, ["wandb", "mlflow"]):
        run.log(4, 0.1, {"loss": 1})
    options = said[0]
    assert options["name"] == run.name and options["config"]["seed"] == 3 and options["resume"] == "allow"
    assert said[1:] == [
        "cartpole",
        run.name,
        {"hidden": "[8]", "seed": "3"},
        ("wandb", 4, {"loss": 1.0}),
        ("mlflow", 4, {"loss": 1.0}),
        "end",
        "finish",
    ]


def test_a_run_as_a_table(run):
    assert run.to_pandas().empty
    run.log(1, 0.1, {"loss": 2})
    run.log(5, 0.4, {"loss": 1, "accuracy": 0.5})
    table = run.to_pandas()
    assert list(table.index) == [1, 5] and table.loc[5, "accuracy"] == 0.5
    assert table["accuracy"].isna().tolist() == [True, False]


def test_the_command_logs_where_it_is_told_to():
    assert train(["catch", "--log", "tensorboard", "--total-timesteps", "2000"]) == 0
    (found,) = [folder for folder in Run.open("catch-001").path.iterdir() if folder.name == "tensorboard"]
    assert any(found.iterdir())
    assert Run.open("catch-001").config["log"] == ["tensorboard"]
