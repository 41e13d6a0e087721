"""`sandbox train`: what it prints and leaves behind, stopping and resuming, and the mistakes one can make."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from sandbox import cli
from sandbox.runs import Run, checkpoints, list_runs

NOT_FOR_PPO = ("torch._dynamo", "torch.onnx", "onnx", "pandas", "matplotlib", "pygame", "streamlit")
"""What takes long to import, and a training of PPO does without."""
SHORT = ["cartpole", "--total-timesteps", "4096", "--eval-episodes", "5", "--final-episodes", "5"]


def last_json(text):
    """The one JSON object, which is the last line."""
    lines = text.splitlines()
    assert sum(line.startswith("{") for line in lines) == 1
    return json.loads(lines[-1])


def test_agent_run(capsys):
    assert cli.main(["train", *SHORT, "--seed", "3", "--learning-rate", "0.001", "--json"]) == 0
    record = last_json(capsys.readouterr().out)
    assert record["run"] == "cartpole-001"
    assert record["state"] == "done"
    assert record["steps"] == 4096
    assert record["seconds"] > 0
    assert 5 < record["metrics"]["eval_return"] <= 500
    run = Run.open("cartpole-001")
    assert run.config["agent"] == "ppo"
    assert run.config["seed"] == 3
    assert run.config["settings"]["learning_rate"] == 0.001
    assert run.config["argv"] == ["train", *SHORT, "--seed", "3", "--learning-rate", "0.001", "--json"]
    assert run.checkpoints()[-1] == 4096


def test_summary_says_what_to_do_next(capsys):
    assert cli.main(["train", *SHORT]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"cartpole-001: 4,096 steps in [\d.]+ s, eval return [\d.]+ \[[\d.]+, [\d.]+\](, solved .*)?", first
    )
    assert second.startswith("next: sandbox watch cartpole-001 · sandbox evaluate cartpole-001")
    assert cli.main(["evaluate", "cartpole-001", "--episodes", "20"]) == 0
    table = capsys.readouterr().out
    assert [line.split()[0] for line in table.splitlines()[1:5]] == ["player", "agent", "baseline", "random"]
    assert cli.main(["evaluate", "cartpole-001", "--episodes", "20", "--seed", "5", "--json"]) == 0
    record = last_json(capsys.readouterr().out)
    assert record["low"] <= record["mean"] <= record["high"]
    assert record["baseline"]["mean"] == 500
    assert record["episodes"] == 20


def test_watch_opens_a_window_when_the_training_is_done(monkeypatch, capsys):
    watched = []
    monkeypatch.setattr(
        "agents.watch.watch", lambda name: watched.append((name, Run.open(name).status()["state"]))
    )
    assert cli.main(["train", *SHORT, "--watch"]) == 0
    assert watched == [("cartpole-001", "done")]
    assert cli.main(["watch", "cartpole", "--frames", "pictures", "--speed", "fast"]) == 2
    assert "--speed takes a number, not 'fast'" in capsys.readouterr().err


def test_export(tmp_path, capsys):
    assert cli.main(["train", *SHORT]) == 0
    capsys.readouterr()
    assert cli.main(["export", "cartpole-001", "--to", "sb3", "--out", str(tmp_path), "--json"]) == 0
    record = last_json(capsys.readouterr().out)
    file = tmp_path / "cartpole-001.zip"
    assert record == {"run": "cartpole-001", "to": "sb3", "file": str(file), "bytes": file.stat().st_size}
    for arguments, words in (
        ([], "sandbox export needs --to sb3|video|script|onnx|hub ("),
        (["--to", "vidoe"], "Nothing can be exported to 'vidoe'. Did you mean video?"),
        (["--to", "script", "--out", "/nowhere/x.py"], "There is no folder /nowhere"),
    ):
        assert cli.main(["export", "cartpole-001", *arguments]) == 2
        assert words in capsys.readouterr().err


def test_task_run_is_evaluated_and_predicts(tmp_path, capsys):
    assert cli.main(["train", "vision/classify", "--steps", "60", "--json"]) == 0
    record = last_json(capsys.readouterr().out)
    assert record["run"] == "vision-classify-001"
    assert record["steps"] == 60
    assert cli.main(["evaluate", "vision-classify-001", "--json"]) == 0
    again = last_json(capsys.readouterr().out)
    assert again["test_accuracy"] == pytest.approx(record["metrics"]["test_accuracy"])
    assert again["baseline"]["test_accuracy"] > 0.95
    assert cli.main(["evaluate", "vision-classify-001", "--step", "0", "--json"]) == 0
    assert last_json(capsys.readouterr().out)["test_accuracy"] < 0.4
    assert cli.main(["evaluate", "vision-classify-001"]) == 0
    assert "nearest neighbour" in capsys.readouterr().out

    picture = tmp_path / "one.png"
    draw_one(picture)
    assert cli.main(["predict", "vision-classify-001", str(picture), "--json"]) == 0
    predicted = last_json(capsys.readouterr().out)["predictions"][str(picture)]
    assert sum(predicted.values()) == pytest.approx(1)
    assert max(predicted, key=predicted.get) == "1"
    assert cli.main(["predict", "vision-classify-001", str(tmp_path / "two.png")]) == 2
    assert capsys.readouterr().err == f"There is no file {tmp_path / 'two.png'}.\n"
    (tmp_path / "broken.png").write_bytes(b"no picture")
    files = [str(tmp_path / name) for name in ("broken.png", "one.png", "two.png")]
    assert cli.main(["predict", "vision-classify-001", *files]) == 2
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].split()[1:2] == ["1"]
    assert captured.err.count("\n") == 2 and "broken.png" in captured.err and "two.png" in captured.err
    assert cli.main(["predict", "vision-classify-001", *files, "--json"]) == 2
    record = last_json(capsys.readouterr().out)
    assert list(record["predictions"]) == [files[1]] and list(record["problems"]) == [files[0], files[2]]


def draw_one(path):
    """Dark ink on light paper, as a scanner sees it."""
    cv2 = pytest.importorskip("cv2")
    np = pytest.importorskip("numpy")
    paper = np.full((200, 200), 240, np.uint8)
    cv2.line(paper, (105, 30), (95, 170), 20, 18)
    cv2.line(paper, (105, 30), (75, 60), 20, 18)
    cv2.imwrite(str(path), paper)


def test_help_shows_the_settings_with_their_defaults(capsys):
    assert cli.main(["train", "--help"]) == 0
    assert "sandbox train NAME --help" in capsys.readouterr().out
    assert cli.main(["train", "cartpole", "--help"]) == 0
    text = capsys.readouterr().out
    assert "usage: sandbox train cartpole" in text
    assert "Defaults: the preset 'default' of agents/presets/cartpole.py." in text
    assert "--gae-lambda" in text
    assert "(default: 0.9" in text
    assert cli.main(["train", "cartpole", "--agent", "dqn", "--help"]) == 0
    assert "--buffer-size" in capsys.readouterr().out
    assert cli.main(["train", "vision/classify", "--preset", "best", "--help"]) == 0
    assert "(default: 3400)" in capsys.readouterr().out
    assert list_runs() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "`sandbox train` needs a name, such as cartpole; `sandbox list` shows them."),
        (["--seed", "3", "cartpole"], "The name comes before --seed"),
        (["cartpol"], "There is no environment or task 'cartpol'. Did you mean cartpole"),
        (
            ["vision/clasify"],
            "There is no environment or task 'vision/clasify'. Did you mean vision/classify",
        ),
        (["zzzzzzzz"], "There is no environment 'zzzzzzzz'. `sandbox list envs` shows what there is."),
        (["cartpole", "--agent", "pppo"], "There is no agent 'pppo'. Did you mean ppo?"),
        (["cartpole", "--agent=sac"], "sac cannot play cartpole"),
        (
            ["cartpole", "--preset", "defalt"],
            "cartpole has no preset 'defalt' for ppo. Did you mean default?",
        ),
        (["vision/classify", "--preset", "bset"], "There is no preset 'bset'. Did you mean best"),
        (
            ["cartpole", "--learning-rat", "3"],
            "There is no option --learning-rat. Did you mean --learning-rate?",
        ),
        (["cartpole", "--learning-rate", "fast"], "--learning-rate takes a number, not 'fast'"),
        (["cartpole", "--policy", "rnm"], "not 'rnm'"),
        (["cartpole", "--device", "cuda:9"], "There is no device 'cuda:9'"),
        (["cartpole", "--params", "gravty", "3"], "has no parameter 'gravty'; did you mean gravity?"),
        (["cartpole", "--params", "gravity"], "--params: gravity needs a number"),
        (["deep_sea", "--preset", "deep", "--params", "side", "40"], "cannot be 40.0: allowed is 2 to 20"),
        (["cartpole", "--policy", "cnn"], "A CNN policy needs pictures"),
        (["vision/classify", "--data", "/nowhere"], "There is no data set, file or folder '/nowhere'"),
        (["vision/classify", "--steps", "0"], "--steps must be at least 1, not 0."),
        (["--resume", "cartpole-001"], "There is no run named 'cartpole-001'."),
        (["--resume"], "--resume needs a value"),
        (["cartpole", "--run", "cartpole-001"], "There is no run named 'cartpole-001'."),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(arguments, words, capsys):
    assert cli.main(["train", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert list_runs() == []


def test_ctrl_c_saves_and_resume_goes_on(runs_root, capsys):
    script = (
        "import sys; from sandbox.cli import main; status = main()\n"
        f"print([name for name in {NOT_FOR_PPO} if name in sys.modules], file=sys.stderr); sys.exit(status)"
    )
    command = [sys.executable, "-c", script, "train", "cartpole", "--total-timesteps", "50000"]
    command += ["--no-stop-when-solved", "--eval-episodes", "2", "--final-episodes", "5", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        metrics = runs_root / "cartpole-001" / "metrics.jsonl"
        deadline = time.monotonic() + 60
        while not (metrics.exists() and metrics.read_text().count("\n") > 1):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130
    assert set(err.splitlines()) == {"[]"}, err  # from the process that trained, and from its supervisor
    record = last_json(out)
    assert record["state"] == "stopped"
    assert 0 < record["steps"] < 50000
    assert "sandbox train --resume cartpole-001" in record["message"]

    assert cli.main(["train", "cartpole", "--resume", "cartpole-001", "--json"]) == 0
    record = last_json(capsys.readouterr().out)
    assert record["run"] == "cartpole-001"
    assert record["state"] == "done"
    assert record["steps"] >= 50000

    assert cli.main(["train", "--resume", "cartpole-001"]) == 2
    sentence = "cartpole-001 is done already; `sandbox train cartpole` begins a new run.\n"
    assert capsys.readouterr().err == sentence
    assert cli.main(["train", "snake", "--resume", "cartpole-001"]) == 2
    assert capsys.readouterr().err == "cartpole-001 trains cartpole, not snake.\n"


def test_a_queued_run_is_trained_in_place(capsys):
    argv = ["train", *SHORT]
    run = Run.create("cartpole", {"argv": argv}, state="queued")
    assert cli.main([*argv, "--run", run.name]) == 0
    assert [found.name for found in list_runs()] == [run.name]
    done = Run.open(run.name)
    assert done.status()["state"] == "done"
    assert done.config["settings"]["total_timesteps"] == 4096


@pytest.mark.parametrize("files", [2, 3, 4])
def test_disk_full_while_saving_keeps_the_last_checkpoint(monkeypatch, capsys, files):
    """Also if that is the one of step 0, whose two files of tensors are the first."""
    real, saved = checkpoints.write_tensors, []

    def full(path, tensors):
        if len(saved) >= files:
            raise OSError(28, "No space left on device", str(path))
        saved.append(path)
        return real(path, tensors)

    monkeypatch.setattr(checkpoints, "write_tensors", full)
    assert cli.main(["train", *SHORT]) == 2
    err = capsys.readouterr().err.splitlines()[-1]
    assert "the disk is full" in err
    assert "is unharmed" in err
    run = Run.open("cartpole-001")
    assert run.status()["state"] == "failed"
    assert run.checkpoints()
    run.load_model()


def test_a_folder_renamed_while_it_trains_is_one_sentence(monkeypatch, capsys):
    log, calls = Run.log, []

    def rename_first(self, *arguments):
        calls.append(self)
        if len(calls) == 3:
            self.path.rename(self.path.with_name("elsewhere"))
        log(self, *arguments)

    monkeypatch.setattr(Run, "log", rename_first)
    assert cli.main(["train", *SHORT]) == 2
    err = capsys.readouterr().err
    assert "was renamed or removed while it trained" in err.splitlines()[-1] and "Traceback" not in err
    monkeypatch.setattr(Run, "log", log)
    assert [run.name for run in list_runs()] == ["elsewhere"]
    assert cli.main(["train", "--resume", "elsewhere"]) == 0
    assert Run.open("elsewhere").status()["state"] == "done"


def test_no_write_permission(monkeypatch, capsys):
    def refuse(self, *arguments, **keywords):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    assert cli.main(["train", *SHORT]) == 2
    captured = capsys.readouterr()
    assert "because you may not write there" in captured.err
    assert "SANDBOX_RUNS names another folder" in captured.err


@pytest.mark.parametrize("file", ["config.json", "status.json"])
def test_a_corrupt_run_names_the_file(file, capsys):
    run = Run.create("cartpole", {}, state="stopped")
    (run.path / file).write_text("{")
    for command in (["train", "--resume", run.name], ["watch", run.name], ["evaluate", run.name]):
        assert cli.main(command) == 2
        assert f"{run.path / file} is corrupt" in capsys.readouterr().err
    assert cli.main(["list", "runs"]) == 0
    assert f"{run.path / file} is corrupt" in capsys.readouterr().out


def test_a_corrupt_checkpoint_names_the_file(capsys):
    assert cli.main(["train", *SHORT]) == 0
    run = Run.open("cartpole-001")
    model = run.path / "checkpoints" / f"{run.checkpoints()[-1]:012d}" / "model.safetensors"
    model.write_bytes(model.read_bytes()[:100])
    capsys.readouterr()
    assert cli.main(["evaluate", "cartpole-001"]) == 2
    assert f"{model} is corrupt" in capsys.readouterr().err


def test_no_display(monkeypatch, capsys):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform != "linux":
        pytest.skip("other systems always have a display")
    assert cli.main(["watch", "cartpole"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("There is no display to open a window on; ")
    assert "--to video" in err
    assert "`sandbox studio`" in err and "`sandbox evaluate" in err
    assert cli.main(["play", "cartpole"]) == 2
    err = capsys.readouterr().err
    assert "There is no display to play on" in err and "`sandbox studio`" in err
    assert cli.main(["train", *SHORT, "--watch"]) == 2
    err = capsys.readouterr().err
    assert "`sandbox studio`" in err and "`sandbox evaluate" in err and err.count("\n") == 1
    assert list_runs() == []  # said before the training, not after it


def test_output_of_a_pipe_is_plain():
    environment = os.environ | {"COLUMNS": "40"}
    command = [sys.executable, "-m", "sandbox.cli", "list", "envs"]
    out = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())
    assert any(line.startswith("cartpole ") and line.endswith("left or right.") for line in out.splitlines())
