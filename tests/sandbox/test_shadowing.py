"""A folder of the user that is called like one of our packages is named in one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

import envs
from sandbox import cli
from sandbox.shadowing import ShadowedError, require_own


def test_our_own_packages_are_found():
    require_own("envs", "agents", "apps")


@pytest.mark.parametrize("with_init", [False, True])
def test_a_script_beside_a_folder_called_envs(tmp_path, with_init):
    own = tmp_path / "envs"
    own.mkdir()
    if with_init:
        (own / "__init__.py").write_text("")
    script = tmp_path / "train.py"
    script.write_text("from agents import make_vec_env\nprint(make_vec_env('cartpole', 2).num_envs)\n")
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path)
    if not with_init:  # a folder without __init__.py comes after every package
        assert run.stdout == "2\n"
        return
    ours = Path(envs.__file__).parent
    assert f"Your own folder {own} shadows {ours} of Deep Sandbox" in run.stderr.splitlines()[-1]


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
