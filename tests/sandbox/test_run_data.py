"""A run knows its data: from another folder, with other pictures of the same name, moved, or gone."""

import json
import shutil
from collections import OrderedDict

import numpy as np
import pytest
from PIL import Image

from apps.studio.page.run_view import RunView
from apps.vision.classify import TASK, Settings
from sandbox import cli
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.tasks.training import train_task

pytestmark = pytest.mark.thorough

SHORT = ["--steps", "40", "--channels", "4", "8", "--hidden", "8", "--size", "8", "--threads", "1"]
SHORT_SETTINGS = Settings(steps=40, channels=(4, 8), hidden=(8,), size=8)


def draw(folder, swapped=False, count=9):
    """Red and blue pictures; swapped, each lies in the other's folder."""
    generator = np.random.default_rng(0)
    for name, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        colour = colour[::-1] if swapped else colour
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            noise = generator.integers(0, 50, (8, 8, 3))
            Image.fromarray((noise + colour).astype(np.uint8)).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Two folders, each with its own `pics`; the working directory is the first."""
    draw(tmp_path / "here" / "pics")
    draw(tmp_path / "there" / "pics", swapped=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def stopped(places):
    """A run that was stopped halfway."""
    run = Run.create("vision/classify", {"kind": "task", "data": "pics", "threads": 1})
    events = train_task(TASK, SHORT_SETTINGS, run)
    next(event for event in events if event.step >= 20)
    events.close()
    run.update_status(state="stopped", launching=None)
    return Run.open(run.path)


def last(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_run_is_measured_on_its_own_pictures_from_every_folder(places, monkeypatch, capsys):
    assert cli.main(["train", "vision/classify", "--data", "pics", *SHORT, "--json"]) == 0
    trained = last(capsys)
    assert trained["metrics"]["test_accuracy"] == 1.0
    run = Run.open(trained["run"])
    assert run.config["data"] == str(places / "here" / "pics")
    assert run.config["argv"][:4] == ["train", "vision/classify", "--data", str(places / "here" / "pics")]
    assert run.config["data_fingerprint"]["files"] == 18
    monkeypatch.chdir(places / "there")
    assert cli.main(["evaluate", run.name, "--json"]) == 0
    measured = last(capsys)
    assert measured["test_accuracy"] == 1.0 and measured["data"] == str(places / "here" / "pics")
    assert cli.main(["evaluate", run.name, "--data", "pics", "--json"]) == 0  # asked for: the others
    assert last(capsys)["test_accuracy"] == 0.0


@pytest.mark.parametrize("spelled", ["--data=pics", "--data=./pics"])
def test_the_command_that_is_kept_names_the_whole_path(places, spelled, capsys):
    assert cli.main(["train", "vision/classify", spelled, *SHORT, "--json"]) == 0
    assert Run.open(last(capsys)["run"]).config["argv"][2] == f"--data={places / 'here' / 'pics'}"


def test_a_built_in_set_stays_a_name_whatever_lies_beside(places, capsys):
    draw(places / "here" / "digits")
    assert cli.main(["train", "vision/classify", "--data", "digits", *SHORT, "--json"]) == 0
    config = Run.open(last(capsys)["run"]).config
    assert config["data"] == "digits" and config["data_fingerprint"] is None


def test_evaluate_refuses_changed_and_missing_data(places, capsys):
    assert cli.main(["train", "vision/classify", "--data", "pics", *SHORT, "--json"]) == 0
    run = last(capsys)["run"]
    draw(places / "here" / "pics", swapped=True)
    assert cli.main(["evaluate", run, "--json"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{places / 'here' / 'pics'} is not what {run} was trained on: files in it have changed." in said
    assert "--accept-data" in said
    assert cli.main(["evaluate", run, "--accept-data", "--json"]) == 0
    assert last(capsys)["test_accuracy"] == 0.0
    shutil.rmtree(places / "here" / "pics")
    assert cli.main(["evaluate", run, "--json"]) == 2
    assert "is not there any more" in capsys.readouterr().err


def test_resume_refuses_changed_data_and_leaves_the_run_as_it_was(places, stopped, monkeypatch, capsys):
    monkeypatch.chdir(places / "there")
    assert cli.main(["train", "--resume", stopped.name, "--json"]) == 0  # its own pictures, from elsewhere
    assert last(capsys)["metrics"]["test_accuracy"] == 1.0


def test_resume_goes_on_with_changed_data_only_if_that_is_accepted(places, stopped, capsys):
    draw(places / "here" / "pics", swapped=True)
    before = stopped.status()
    assert cli.main(["train", "--resume", stopped.name]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "is not what" in said and "--accept-data goes on" in said
    assert stopped.status() == before
    assert cli.main(["train", "--resume", stopped.name, "--accept-data", "--json"]) == 0
    assert last(capsys)["steps"] == 40
    assert cli.main(["evaluate", stopped.name, "--json"]) == 0  # they are its data now


def test_a_training_from_python_refuses_changed_data_too(places, stopped):
    draw(places / "here" / "pics", count=10)
    with pytest.raises(UserError, match="it held 18 files then and holds 20 now"):
        next(train_task(TASK, SHORT_SETTINGS, stopped, resume=True))


def test_a_run_goes_on_where_its_data_were_moved(places, stopped, capsys):
    (places / "here" / "pics").rename(places / "moved")
    assert cli.main(["train", "--resume", stopped.name]) == 2
    assert "is not there any more. --data names where they lie now" in capsys.readouterr().err
    assert cli.main(["train", "--resume", stopped.name, "--data", str(places / "there" / "pics")]) == 2
    assert "is not what" in capsys.readouterr().err
    assert cli.main(["train", "--resume", stopped.name, "--data", str(places / "moved"), "--json"]) == 0
    assert last(capsys)["metrics"]["test_accuracy"] == 1.0
    assert Run.open(stopped.name).config["data"] == str(places / "moved")


def test_a_run_of_an_earlier_version_goes_on_as_before(places, stopped, capsys):
    config = json.loads((stopped.path / "config.json").read_text())
    del config["data_fingerprint"]
    (stopped.path / "config.json").write_text(json.dumps(config | {"data": "pics"}))
    assert cli.main(["train", "--resume", stopped.name, "--json"]) == 0
    assert last(capsys)["metrics"]["test_accuracy"] == 1.0
    assert cli.main(["evaluate", stopped.name, "--json"]) == 0


def test_a_page_refuses_changed_data_and_two_runs_of_one_path_keep_theirs(places, stopped, monkeypatch):
    first = RunView.at(stopped, None)
    assert first is not None and len(first.split.test) == 6
    draw(places / "here" / "pics", count=12)
    other = Run.create("vision/classify", {"kind": "task", "data": "pics", "threads": 1})
    list(train_task(TASK, SHORT_SETTINGS, other))
    second = RunView.at(Run.open(other.path), None)
    assert second is not None
    assert (len(first.split.test), len(second.split.test)) == (6, 8)
    monkeypatch.setattr("apps.studio.page.kept._results", OrderedDict())
    again = RunView.at(stopped, None)
    assert again is not None
    with pytest.raises(UserError, match="it held 18 files then and holds 24 now"):
        _ = again.split


def test_what_was_left_out_is_told(places, capsys):
    (places / "here" / "pics" / "red" / "1.heic").write_bytes(b"x")
    assert cli.main(["train", "vision/classify", "--data", "pics", *SHORT]) == 0
    assert "18 of 19 files were read; 1 left out: not PNG" in capsys.readouterr().out
    run = Run.open("vision-classify-001")
    assert run.config["notes"][0].startswith("18 of 19 files were read")
    assert cli.main(["evaluate", run.name]) == 0
    assert "red/1.heic" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["evaluate"], ["train", "--resume"]])
def test_an_agents_run_has_no_data(command, make_agent, capsys):
    assert cli.main([*command, make_agent.name, "--accept-data"]) == 2
    assert "is an agent's run; --data and --accept-data are for tasks." in capsys.readouterr().err


@pytest.fixture
def make_agent():
    import torch

    run = Run.create("cartpole", {"kind": "agent", "agent": "ppo", "settings": {}})
    run.save_checkpoint(1, {"x": torch.zeros(1)}, {}, ({}, {}))
    run.update_status(state="stopped", launching=None)
    return run
