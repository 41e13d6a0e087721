"""A folder of the user that is called like one of our packages is named in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import envs
from sandbox import cli
from sandbox.commands import doctor
from sandbox.shadowing import ShadowedError, require_own


def play(script: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in its folder, as somebody would who has installed this project."""
    home = {**os.environ, "PYTHONPATH": str(Path(envs.__file__).parents[1])}
    command = [sys.executable, str(script)]
    return subprocess.run(command, capture_output=True, text=True, cwd=script.parent, env=home)


def test_our_own_packages_are_found():
    require_own("envs", "agents", "apps")


@pytest.mark.thorough
@pytest.mark.parametrize("with_init", [False, True])
def test_a_script_beside_a_folder_called_envs(tmp_path, with_init):
    own = tmp_path / "envs"
    own.mkdir()
    if with_init:
        (own / "__init__.py").write_text("")
    script = tmp_path / "train.py"
    script.write_text("from agents import make_vec_env\nprint(make_vec_env('cartpole', 2).num_envs)\n")
    run = play(script)
    if not with_init:  # a folder without __init__.py comes after every package
        assert run.stdout == "2\n"
        return
    ours = Path(envs.__file__).parent
    assert f"Your own folder {own} shadows {ours} of Deep Sandbox" in run.stderr.splitlines()[-1]


@pytest.mark.parametrize("line", ["import gymnasium, agents", "from agents.presets import cartpole"])
def test_every_import_of_agents_beside_a_folder_called_envs(tmp_path, line):
    own = tmp_path / "envs"
    own.mkdir()
    (own / "__init__.py").write_text("")
    script = tmp_path / "train.py"
    script.write_text(f"{line}\n")
    run = play(script)
    assert f"Your own folder {own} shadows" in run.stderr.splitlines()[-1]


def test_doctor_says_what_scripts_of_this_folder_would_import(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list(doctor.shadows()) == []
    (tmp_path / "envs").mkdir()
    assert list(doctor.shadows()) == []  # a folder without __init__.py comes after every package
    (tmp_path / "envs" / "__init__.py").write_text("")
    (tmp_path / "agents.py").write_text("")
    ours = Path(envs.__file__).parent
    assert [finding.text for finding in doctor.shadows()] == [
        f"{tmp_path / 'envs'} shadows {ours} of Deep Sandbox in scripts of this folder",
        f"{tmp_path / 'agents.py'} shadows {ours.with_name('agents')} of Deep Sandbox in scripts of this "
        "folder",
    ]
    monkeypatch.chdir(ours.parent)
    assert list(doctor.shadows()) == []


def test_the_command_line_says_it_in_one_sentence(tmp_path, monkeypatch, capsys):
    class Elsewhere:
        submodule_search_locations = (str(tmp_path),)

    class Module:
        __spec__ = Elsewhere()

    monkeypatch.setitem(sys.modules, "envs", Module)
    with pytest.raises(ShadowedError):
        require_own("envs")
    assert cli.main(["list"]) == 2
    assert capsys.readouterr().err.startswith(f"Your own folder {tmp_path} shadows")
