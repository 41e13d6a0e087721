"""What config.json and status.json may hold: one sentence for everything else, naming file and field."""

import json
import re

import pytest

from sandbox import cli
from sandbox.errors import UserError
from sandbox.runs import Run, list_broken_runs, list_runs
from sandbox.runs.schema import STATES, check_name

DEEP = "[" * 100_000 + "]" * 100_000
CONFIG = (
    ("agent", "3", "agent should be text or null, not a whole number"),
    ("settings", "[]", "settings should be an object or null, not a list"),
    ("settings", '{"hidden": NaN}', "not JSON"),
    ("settings", '{"hidden": 1e999}', "out of range"),
    (
        "settings",
        '{"params": {"gravity": "9.8"}}',
        "settings.params.gravity should be true or false or a number",
    ),
    ("settings", '{"params": {"environment": "x.py"}}', "settings.params.environment should be"),
    ("settings", '{"params": [1]}', "settings.params should be an object, not a list"),
    ("settings", '{"a b": 1}', "names of its settings"),
    ("settings", '{"a": [{"b": 1}]}', "settings.a[0] should be"),
    ("settings", DEEP, "nested too deeply"),
    (
        "settings",
        json.dumps({"hidden": [1] * 2000}),
        "settings.hidden should be a list, at most 1024 entries",
    ),
    ("created", '"[/red]"', "created cannot be used"),
    ("created", "1", "created should be"),
    ("seed", '"x"', "seed should be a whole number or null, not text"),
    ("seed", "-1", "seed should be a whole number, at least 0"),
    ("seed", str(2**64), "seed should be less than 2**64"),
    ("seed", "0.5", "seed should be a whole number or null, not one with a fraction"),
    ("threads", "1e9", "threads should be a whole number or null, not one with a fraction"),
    ("threads", "1000000000", "threads should be a whole number, at most 1024"),
    ("target", '"![x](http://elsewhere/x.png)"', "target cannot be used"),
    ("target", '"/somewhere/x.py"', "sandbox check /somewhere/x.py"),
    ("target", '"module:Id-v0"', "code from outside of this installation"),
    ("device", '"cpu\\u001b[31m"', "device cannot be used"),
    ("versions", '{"torch": "\\"\\"\\"\\nimport os"}', "versions[...] cannot be used"),
    ("expert", '{"name": "x"}', "expert has no episodes"),
    ("argv", '"train"', "argv should be a list or null, not text"),
    ("kind", '"dog"', "kind cannot be used"),
)
STATUS = (
    ("state", '"dreaming"', "no known state"),
    ("total", '"x"', "total should be a whole number, not text"),
    ("step", "-1", "step should be a whole number, at least 0"),
    ("queued", '"abc"', "queued should be a number or null, not text"),
    ("launching", str(10**30), "launching should be a whole number, at most 4294967295"),
    ("pid", "-5", "pid should be a whole number, at least 1"),
    ("message", "{}", "message should be text, not an object"),
    ("seconds", "null", "seconds should be a number, not null"),
    ("unit", '"<b>"', "unit cannot be used"),
    ("updated", DEEP, "nested too deeply"),
)
CASES = [("config.json", *case) for case in CONFIG] + [("status.json", *case) for case in STATUS]


def put(run: Run, file: str, field: str, text: str) -> None:
    """Write JSON, or what is none, as the value of one field."""
    values = json.loads((run.path / file).read_text())
    values.pop(field, None)
    rest = json.dumps(values)[1:]
    (run.path / file).write_text(f'{{"{field}": {text}{", " if values else ""}{rest}')


@pytest.mark.parametrize(("file", "field", "text", "words"), CASES)
def test_a_field_of_a_wrong_type_is_one_sentence(file, field, text, words):
    good, bad = Run.create("snake", {}, state="done"), Run.create("snake", {}, state="done")
    put(bad, file, field, text)
    with pytest.raises(UserError) as error:
        Run.open(bad.name)
    sentence = str(error.value)
    assert str(bad.path / file) in sentence
    assert words in sentence
    assert "\n" not in sentence
    assert list_runs() == [good]
    assert [(run, text) for run, text in list_broken_runs()] == [(bad, sentence)]


@pytest.mark.parametrize(("file", "field", "text", "words"), CASES)
def test_a_bad_run_takes_no_command_down(capsys, file, field, text, words):
    good, bad = Run.create("snake", {}, state="done"), Run.create("snake", {}, state="done")
    put(bad, file, field, text)
    assert cli.main(["list", "runs"]) == 0
    shown = capsys.readouterr().out
    assert good.name in shown and "unreadable" in shown
    for command in (["evaluate"], ["watch"], ["train", "--resume"], ["export", "--to", "script"]):
        assert cli.main([*command, bad.name]) == 2
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1


def test_what_training_writes_may_be_read():
    expert = {"name": "baseline", "step": None, "episodes": 4, "return": 1.5, "low": 1.0, "high": 2.0}
    settings = {"hidden": [64, 64], "params": {"gravity": 3, "remind": True}, "target_kl": None, "rate": 1e-4}
    config = {"seed": 2**64 - 1, "threads": 2, "settings": settings, "expert": expert, "of_later": [1]}
    run = Run.create("snake", config, state="done", queued=None, pid=None)
    assert Run.open(run.name).config["of_later"] == [1]
    for state in STATES[:5]:
        run.update_status(state=state)
        assert Run(run.path).problem() is None


def test_what_a_status_leaves_out_means_nothing_was_done():
    run = Run.create("snake", {}, state="done")
    (run.path / "status.json").write_text('{"state": "done"}')
    status = run.status()
    assert (status["step"], status["total"], status["unit"], status["seconds"]) == (0, 0, "step", 0.0)


@pytest.mark.parametrize(
    "name", ["", "a" * 300, "../x", "![x](http:x)", "<b>", "[/red]", "a\nb", ".hidden", "a\x00"]
)
def test_such_a_name_is_no_runs(name):
    with pytest.raises(UserError, match="cannot be the name of a run"):
        check_name(name)
    with pytest.raises(UserError) as error:
        Run.open(name)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("name", ["cartpole-001", "the best (2)", "größer=3, seed@4", "_x"])
def test_people_may_rename_their_runs(name):
    run = Run.create("snake", {}, state="done")
    run.path.rename(run.path.with_name(name))
    assert Run.open(name).name == name
    assert [found.name for found in list_runs()] == [name]


def test_a_folder_whose_name_is_markup_is_listed_as_unreadable(capsys):
    run = Run.create("snake", {}, state="done")
    run.path.rename(run.path.with_name("[red]x"))
    assert list_runs() == []
    assert cli.main(["list", "runs"]) == 0
    assert "[red]x" in capsys.readouterr().out


def test_settings_keep_their_types():
    from agents.settings import PPOSettings, from_config

    known = from_config("ppo", {"hidden": [1, 2], "gamma": 1, "new": 3})
    assert known == PPOSettings(hidden=(1, 2), gamma=1.0)
    for values, words in (
        ({"num_envs": "x"}, "num_envs in config.json must be a whole number from 1 to 1,000,000, not 'x'"),
        ({"num_envs": 2.5}, "num_envs in config.json must be a whole number"),
        ({"hidden": 5}, "hidden in config.json must be"),
        ({"policy": "magic"}, "policy in config.json must be one of"),
        ({"params": {"device": 1}}, "device is no parameter"),
    ):
        with pytest.raises(UserError, match=re.escape(words)):
            from_config("ppo", values)


def test_a_pipe_or_a_huge_file_is_not_waited_for(tmp_path, monkeypatch):
    import os

    from sandbox import files

    run = Run.create("snake", {}, state="done")
    (run.path / "status.json").unlink()
    os.mkfifo(run.path / "status.json")
    with pytest.raises(UserError, match="no ordinary file"):
        run.status()
    assert "no ordinary file" in dict(list_broken_runs())[run]
    with pytest.raises(UserError, match="is a pipe or device"):
        Run.open(run.name)
    (run.path / "status.json").unlink()
    with (run.path / "status.json").open("wb") as file:
        file.truncate(files.LARGEST_OBJECT + 1)
    with pytest.raises(UserError, match="bytes, more than"):
        run.status()


def test_pipes_are_not_waited_for_while_runs_are_listed():
    import os

    run = Run.create("snake", {}, state="running", launching=None)
    for name in ("metrics.jsonl", "lock"):
        os.mkfifo(run.path / name)
    assert list_runs() == [run]
    assert run.status()["state"] in ("running", "interrupted")
    with pytest.raises(UserError, match="Could not read"):
        run.metrics()
