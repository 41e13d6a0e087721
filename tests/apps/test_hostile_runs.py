"""Run folders as a stranger might send them, on every page and in every command: nothing of them runs.

Each would run code, begin a training, end a process, or take all memory.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from apps.arena.controls import More, argv
from apps.studio import navigation
from sandbox import cli, jobs
from sandbox.errors import UserError
from sandbox.jobs import job_process
from sandbox.runs import Run, list_broken_runs, list_runs

PAGES = [entry.page.name for entry in navigation.find_pages()]
OFTEN = ("start", "arena", "runs", "neurons")
"""Pages that are tried at every change; `make thorough` has all others."""
CODE = "from pathlib import Path\nPath({marker!r}).write_text('it ran')\n"
CREATED = "2026-01-01T00:00:00+00:00"
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "file": ({"target": "EVIL"}, {}),
    "relative": ({"target": "runs/relative/evil.py"}, {}),
    "module": ({"target": "strange_module:Env-v0"}, {}),
    "task": ({"target": "../task/evil", "kind": "task"}, {}),
    "parameter": ({"settings": {"params": {"environment": "EVIL"}}}, {}),
    "expert": ({"agent": "gail", "settings": {"expert": "file"}}, {}),
    "queued": ({"argv": ["train", "EVIL"]}, {"state": "queued", "queued": 1.0}),
    "resumed": ({"target": "EVIL"}, {"state": "queued", "queued": 1.0, "resume": True}),
    "running": ({"argv": ["train", "EVIL"]}, {"state": "running", "job": True, "launching": 1}),
    "wide": ({"settings": {"hidden": [1_000_000_000]}}, {}),
}
"""What config.json and status.json say besides, by the folder's name."""
real_tick, real_resume = jobs.tick, jobs.resume


@pytest.fixture
def marker(tmp_path) -> Path:
    """The file that a stranger's code writes."""
    return tmp_path / "marker"


@pytest.fixture
def orders(monkeypatch) -> list[Any]:
    """What a process was told to train; none is started."""
    given: list[Any] = []
    monkeypatch.setattr(job_process, "give", lambda order, announce: given.append(order) or True)
    return given


@pytest.fixture
def hostile(tmp_path, runs_root, marker, make_run, monkeypatch) -> list[Path]:
    """A good run, and a folder of each kind with its checkpoints, so that nothing else stops them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "strange_module.py").write_text(CODE.format(marker=str(marker)))
    monkeypatch.syspath_prepend(tmp_path / "modules")
    good = make_run("cartpole", "done")
    folders = []
    for name, (config, status) in KINDS.items():
        folder = runs_root / name
        shutil.copytree(good.path, folder)
        (folder / "evil.py").write_text(CODE.format(marker=str(marker)))
        full = {**good.config, "created": CREATED, **config}
        text = json.dumps(full).replace('"EVIL"', json.dumps(str(folder / "evil.py")))
        (folder / "config.json").write_text(text)
        (folder / "status.json").write_text(json.dumps({"state": "done", "updated": time.time(), **status}))
        folders.append(folder)
    return folders


def of_strangers(orders: list[Any]) -> list[Any]:
    """Orders for runs of strangers; a page may order its own first training."""
    return [order for order in orders if Path(order["run"]).name in KINDS]


def test_the_marker_would_be_seen(hostile, marker):
    """The test's own test: the file does write it when a person names it."""
    assert cli.main(["check", str(hostile[0] / "evil.py")]) == 1
    assert marker.read_text() == "it ran"


@pytest.mark.quick(*OFTEN)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_runs_on_any_page(open_page, hostile, marker, orders, monkeypatch, page):
    monkeypatch.setattr(jobs, "tick", real_tick)
    at = open_page(page)
    assert at.title
    assert not marker.exists()
    assert not of_strangers(orders)


@pytest.mark.quick("file-*", "module-*", "resumed-*", "running-*")
@pytest.mark.parametrize("page", ["arena", "runs"])
@pytest.mark.parametrize("name", KINDS)
def test_nothing_runs_on_a_page_that_shows_it(open_page, hostile, marker, orders, monkeypatch, page, name):
    monkeypatch.setattr(jobs, "tick", real_tick)
    at = open_page(page, run=name)
    assert at.title
    assert not marker.exists()
    assert not of_strangers(orders)


def test_a_file_typed_into_a_page_is_not_imported(open_page, tmp_path, marker):
    file = tmp_path / "evil.py"
    file.write_text(CODE.format(marker=str(marker)))
    at = open_page("arena", session={"arena:target": str(file)})
    assert "name it yourself" in at.error[0].value
    with pytest.raises(UserError, match="name it yourself"):
        argv(str(file), "ppo", {}, More(seed=0, steps=None, policy=None))
    assert not marker.exists()


COMMANDS = (
    "evaluate {}",
    "evaluate {} --episodes 1",
    "watch {} --frames frames --episodes 1",
    "export {} --to script",
    "export {} --to sb3",
    "predict {} picture.png",
    "train --resume {}",
)


@pytest.mark.quick("file", "module", "resumed")
@pytest.mark.parametrize("name", KINDS)
def test_nothing_runs_in_any_command(hostile, marker, orders, capsys, name):
    for command in COMMANDS:
        words = command.format(name).split()
        status = cli.main(words)
        said = capsys.readouterr()
        # A resume.json with nothing in it fails the training: 1.
        assert status in (0, 1, 2), (command, said)
        assert "Traceback" not in said.err
        assert not marker.exists(), command
    for words in (["list"], ["list", "runs"], ["list", "runs", "--json"]):
        assert cli.main(words) == 0
    assert not marker.exists()


def test_lists_show_what_is_unreadable(hostile, capsys):
    broken = {run.name: sentence for run, sentence in list_broken_runs()}
    assert broken.keys() == {"file", "relative", "module", "parameter", "resumed"}
    assert all("config.json" in sentence for sentence in broken.values())
    assert "settings.params.environment" in broken["parameter"]
    assert {run.name for run in list_runs()} >= {"cartpole-001", "wide", "queued", "running"}
    assert cli.main(["list", "runs", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["runs"]}
    assert rows["file"]["state"] == "unreadable"
    assert rows["queued"]["state"] == "stopped"
    assert rows["cartpole-001"]["state"] == "done"


def test_a_queue_of_strangers_is_no_queue(hostile, orders, marker):
    assert jobs.list_jobs() == []
    assert real_tick() is None
    assert not orders
    own = jobs.start(["cartpole", "--seed", "1"])
    assert [order["argv"] for order in orders] == [["train", "cartpole", "--seed", "1", "--run", own.name]]


def test_what_a_run_says_later_about_its_command_is_not_carried_out(runs_root, orders, marker):
    jobs.start(["cartpole"])  # begins at once
    waiting = Run.create("cartpole", {"argv": ["train", "cartpole", "--seed", "2"]}, state="queued")
    waiting.update_config(argv=["train", "/tmp/evil.py"])
    orders.clear()
    for run in list_runs():
        if run != waiting:
            run.update_status(state="done", launching=None)
    assert real_tick() == waiting
    assert orders[0]["argv"] == ["train", "cartpole", "--seed", "2", "--run", waiting.name]


@pytest.mark.quick(*OFTEN)
@pytest.mark.parametrize("page", PAGES)
def test_one_bad_folder_leaves_every_page_standing(open_page, make_run, runs_root, monkeypatch, page):
    make_run("cartpole", "done")
    deep = "[" * 100_000 + "]" * 100_000
    queued = '{"state": "queued", "queued": %s}'
    bad = [queued % '"abc"', queued % deep, '{"state": "running", "launching": 1%s}' % ("0" * 30), "[]", ""]
    for number, status in enumerate(bad):
        run = make_run("cartpole", "done")
        (run.path / "status.json").write_text(status)
        if number == 0:
            (run.path / "config.json").unlink()
    monkeypatch.setattr(jobs, "tick", real_tick)
    monkeypatch.setattr(job_process, "give", lambda order, announce: True)
    at = open_page(page)
    assert at.title and not at.exception
    assert len(list_broken_runs()) == len(bad)


@pytest.mark.quick(*OFTEN)
@pytest.mark.parametrize("page", PAGES)
def test_runs_that_cannot_be_written_are_one_sentence(open_page, monkeypatch, page):
    def refuse(root: Path | None = None) -> None:
        raise UserError("Could not use the runs because you may not write there.")

    monkeypatch.setattr(jobs, "tick", refuse)
    at = open_page(page)
    assert at.title and not at.exception
    assert [error.value for error in at.error] == ["Could not use the runs because you may not write there."]


@pytest.mark.quick(*OFTEN)
@pytest.mark.parametrize("page", PAGES)
def test_runs_that_cannot_be_read_leave_every_page_standing(open_page, runs_root, monkeypatch, page):
    def refuse(path: Any) -> Any:
        if Path(path) == runs_root:
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    really = os.scandir
    runs_root.mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(jobs, "tick", real_tick)
    at = open_page(page)
    assert not at.exception
    if page != "neurons":
        assert "Could not read" in at.error[0].value


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_stranger_ends_no_process(hostile, runs_root):
    victim = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        folder = runs_root / "running"
        for status in ({"pid": victim.pid, "launching": victim.pid}, {"launching": victim.pid}):
            told = {"state": "running", "job": True, "updated": time.time(), **status}
            (folder / "status.json").write_text(json.dumps(told))
            (folder / "stop").write_text("")
            os.utime(folder / "stop", (1.0, 1.0))
            real_tick()
            (folder / "stop").unlink(missing_ok=True)
            jobs.stop(Run(folder))
            assert victim.poll() is None
    finally:
        victim.send_signal(signal.SIGTERM)
        victim.communicate()


def test_a_wide_network_takes_no_memory(hostile):
    from agents.player import Player

    with pytest.raises(UserError, match=r"hidden in config\.json takes values from 1 to 4096"):
        Player.load("wide")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
@pytest.mark.parametrize("file", ["log.txt", "metrics.jsonl", "lock", "checkpoints"])
def test_a_link_leads_nowhere(hostile, runs_root, tmp_path, capsys, file):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    folder = runs_root / "wide"
    shutil.rmtree(folder / file, ignore_errors=True)
    (folder / file).unlink(missing_ok=True)
    (folder / file).symlink_to(outside)
    assert cli.main(["train", "--resume", "wide"]) == 2
    assert "symbolic link" in capsys.readouterr().err
    assert outside.read_text() == "precious"


def test_the_owner_trains_evaluates_and_watches_a_file_of_their_own(tmp_path, runs_root, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = Path(sys.modules["envs"].__file__ or "").with_name("cartpole.py").read_text()
    (tmp_path / "mine.py").write_text(source.replace("sandbox/CartPole-v1", "mine/Mine-v0"))
    few = ["--total-timesteps", "64", "--num-envs", "4", "--num-steps", "8", "--final-episodes", "1"]
    assert cli.main(["train", "./mine.py", *few]) == 0
    (run,) = list_runs()
    assert run.config["target"] == str(tmp_path / "mine.py")
    monkeypatch.chdir(runs_root)
    assert cli.main(["evaluate", run.name, "--episodes", "1"]) == 0
    (tmp_path / "mine.py").write_text((tmp_path / "mine.py").read_text() + "\n# other rules\n")
    capsys.readouterr()
    assert cli.main(["evaluate", run.name, "--episodes", "1"]) == 2
    assert "has changed since you last named it" in capsys.readouterr().err
    assert cli.main(["watch", str(tmp_path / "mine.py"), "--frames", "f", "--episodes", "1"]) in (0, 2)
    assert cli.main(["evaluate", run.name, "--episodes", "1"]) == 0
