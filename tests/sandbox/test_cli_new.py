"""`sandbox new`: names that would not work are refused, and nothing is ever overwritten."""

import ast
import dataclasses
import runpy

import pytest

from agents.settings import settings_for
from sandbox import cli
from sandbox.commands import new
from sandbox.runs import Run


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Four empty packages to write into."""
    monkeypatch.setattr(new, "folder_of", lambda name: tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_env_is_written_where_it_belongs(house, capsys):
    assert cli.main(["new", "env", "wind_walk"]) == 0
    text = (house / "envs/wind_walk.py").read_text()
    ast.parse(text)
    assert 'id="sandbox/WindWalk-v0"' in text
    assert text.startswith('"""Wind walk: ')
    assert "$" not in text
    out = capsys.readouterr().out
    assert out.startswith("envs/wind_walk.py is written and already runs.")
    assert "sandbox train wind_walk" in out


def test_nothing_is_overwritten(house, capsys):
    assert cli.main(["new", "block", "my_block"]) == 0
    before = (house / "sandbox/blocks/my_block.py").read_bytes()
    assert cli.main(["new", "block", "my_block"]) == 2
    assert (
        capsys.readouterr().err
        == "sandbox/blocks/my_block.py exists already; edit it, or choose another name.\n"
    )
    assert (house / "sandbox/blocks/my_block.py").read_bytes() == before


def finished(seed, learning_rate, score, **settings):
    """A run of cartpole as a training leaves it."""
    values = dataclasses.asdict(dataclasses.replace(settings_for("cartpole"), learning_rate=learning_rate))
    run = Run.create("cartpole", {"agent": "ppo", "seed": seed, "settings": values | settings}, state="done")
    row = {"eval_return": score, "eval_low": score - 5, "eval_high": score + 5, "eval_episodes": 100}
    run.log(4096, 1.5, row)
    return run


def written(file):
    """What a new preset says."""
    found = runpy.run_path(str(file))
    (by_name,) = found["CONFIG"].values()
    return by_name["default"], str(found["__doc__"])


def test_a_preset_keeps_the_settings_used_so_far(house, capsys):
    file = house / "agents/presets/cartpole.py"
    finished(3, 0.002, 480.0)
    finished(4, 0.001, 120.0)
    finished(5, 0.003, 499.0, params={"gravity": 1.0})
    assert cli.main(["new", "preset", "cartpole"]) == 0
    settings, text = written(file)
    assert settings == dataclasses.replace(settings_for("cartpole"), learning_rate=0.002)
    assert "the run cartpole-001, seed 3: mean return 480.00," in text and "after 4,096 steps" in text
    file.unlink()
    assert cli.main(["new", "preset", "cartpole", "--run", "cartpole-002"]) == 0
    assert written(file)[0].learning_rate == 0.001
    file.unlink()
    capsys.readouterr()
    for arguments, sentence in (
        (["preset", "snake", "--run", "cartpole-001"], "cartpole-001 trained cartpole, not snake.\n"),
        (
            ["env", "x", "--run", "cartpole-001"],
            "--run goes with a preset: sandbox new preset NAME --run RUN.\n",
        ),
    ):
        assert cli.main(["new", *arguments]) == 2
        assert capsys.readouterr().err == sentence


def test_a_preset_without_runs_is_what_training_begins_with(house):
    assert cli.main(["new", "preset", "Acrobot-v1"]) == 0
    settings, text = written(house / "agents/presets/acrobot_v1.py")
    assert settings == settings_for("Acrobot-v1") and "untuned" in text


@pytest.mark.parametrize(
    ("kind", "name", "sentence"),
    [
        (
            "env",
            "My-Env",
            "'My-Env' cannot be a file's name here: use small letters, digits and _, such as my_env.",
        ),
        (
            "env",
            "2048",
            "'2048' cannot be a file's name here: use small letters, digits and _, such as my_env.",
        ),
        ("env", "../x", "'../x' cannot be a file's name here: use small letters, digits and _, such as x."),
        ("env", "class", "'class' is a keyword of Python; choose another name, such as class_env."),
        (
            "env",
            "random",
            "'random' is the name of a module already; choose another name, such as random_env.",
        ),
        (
            "env",
            "engine",
            "'engine' is the name of a module already; choose another name, such as engine_env.",
        ),
        (
            "block",
            "torch",
            "'torch' is the name of a module already; choose another name, such as torch_block.",
        ),
        ("task", "my_task", "A task's name is domain/name, such as vision/my_task."),
        (
            "task",
            "vision/Class",
            "'Class' cannot be a file's name here: use small letters, digits and _, such as my_task.",
        ),
        (
            "preset",
            "cartpol",
            "There is no environment 'cartpol'. Did you mean cartpole or CartPole-v1 or CartPole-v0?",
        ),
        ("thing", "x", "There is no template for 'thing'. There are env, task, block, preset."),
        ("envs", "x", "There is no template for 'envs'. Did you mean env?"),
    ],
)
def test_bad_names(house, kind, name, sentence, capsys):
    assert cli.main(["new", kind, name]) == 2
    assert capsys.readouterr().err == sentence + "\n"
    assert not [path for path in house.rglob("*") if path.is_file()]


def test_no_write_permission(house, monkeypatch, capsys):
    # Root may write anywhere, so the refusal of the system is acted.
    def refuse(self, *arguments, **keywords):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    assert cli.main(["new", "env", "wind_walk"]) == 2
    assert capsys.readouterr().err == f"Could not use {house / 'envs'} because you may not write there.\n"


def test_every_kind_has_a_template():
    assert {f"{kind}.py.txt" for kind in new.PLANS} == {path.name for path in new.TEMPLATES.iterdir()}
