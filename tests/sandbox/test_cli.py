"""The command line as a whole: help without heavy imports, and mistakes answered with one sentence."""

import errno
import json
import subprocess
import sys

import pytest

from sandbox import cli, registry
from sandbox.errors import UserError

HEAVY = ("torch", "numba", "streamlit", "gymnasium", "numpy", "rich", "tyro")


def test_help_names_every_command_and_imports_nothing_heavy():
    script = (
        "import sys; from sandbox.cli import main; status = main(['--help'])\n"
        f"print([name for name in {HEAVY} if name in sys.modules], status)"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[-1] == "[] 0"
    for entry in registry.commands():
        assert f"\n  {entry.name} " in output
        assert entry.about, f"{entry.path} has no docstring"


@pytest.mark.parametrize("command", [entry.name for entry in registry.commands()])
def test_every_command_has_a_help(command, capsys):
    assert cli.main([command, "--help"]) == 0
    assert f"usage: sandbox {command}" in capsys.readouterr().out


def test_unknown_command_names_the_nearest(capsys):
    assert cli.main(["trian", "cartpole"]) == 2
    assert capsys.readouterr().err == "There is no command 'trian'. Did you mean train?\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["doctor", "--jsno"], "There is no option --jsno. Did you mean --json?"),
        (["doctor", "extra"], "Unexpected argument: extra; see `sandbox doctor --help`."),
        (
            ["studio", "--port", "many"],
            "--port takes a whole number, not 'many'; see `sandbox studio --help`.",
        ),
        (["studio", "--port"], "--port needs a value; see `sandbox studio --help`."),
        (["studio", "--port", "99999999"], "99999999 is not a port: it must lie between 1 and 65535."),
        (["list", "env"], "There is no kind 'env' to list. Did you mean envs?"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, sentence, capsys):
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err == sentence + "\n"
    assert captured.out == ""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("No such thing."), "No such thing."),
        (OSError(errno.ENOSPC, "No space left", "/r/x"), "Could not use /r/x because the disk is full."),
        (
            PermissionError(errno.EACCES, "denied", "/r/x"),
            "Could not use /r/x because you may not write there.",
        ),
        (OSError(errno.EROFS, "read-only"), "Could not use a file because that disk is read-only."),
        (ValueError("a defect"), None),
        (OSError(errno.EBADF, "a defect"), None),
    ],
)
def test_explain(error, sentence):
    assert cli.explain(error) == sentence


def test_a_defect_keeps_its_traceback(monkeypatch):
    def broken(arguments):
        raise ValueError("ours")

    monkeypatch.setattr("sandbox.commands.doctor.main", broken)
    with pytest.raises(ValueError, match="ours"):
        cli.main(["doctor"])


def test_interrupt_is_130_without_traceback(monkeypatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("sandbox.commands.doctor.main", interrupted)
    assert cli.main(["doctor"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_closed_pipe_is_no_error():
    shell = f"{sys.executable} -m sandbox.cli list | head -n 1"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == "envs\n"


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("deep-sandbox ")


def test_list_finds_files(capsys):
    assert cli.main(["list", "--json"]) == 0
    lists = json.loads(capsys.readouterr().out)
    assert {"mlp", "cnn"} <= {row["name"] for row in lists["blocks"]}
    assert lists["runs"] == []
    assert cli.main(["list", "blocks"]) == 0
    assert "mlp" in capsys.readouterr().out
