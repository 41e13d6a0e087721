"""The README is true: every command and every program in it runs."""

import functools
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")

SHORTER = {
    # Training that takes minutes is only begun here.
    "sandbox train snake": ["--total-timesteps", "8192", "--final-episodes", "4"],
    "sandbox train maze --policy lstm": ["--total-timesteps", "4096", "--final-episodes", "4"],
    "sandbox train cartpole --agent gail": ["--total-timesteps", "4096", "--final-episodes", "4"],
    # tests/apps/vision/test_classify.py trains to the end and holds it to its figure.
    "sandbox train vision/classify": ["--steps", "200"],
}


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def own_environment() -> list[str]:
    return [command for command in commands() if command.endswith("my_env")]


@pytest.fixture
def windows_close_by_themselves(monkeypatch):
    import agents.play
    import agents.watch

    for name in ("watch", "watch_race"):
        shortened = functools.partial(getattr(agents.watch, name), max_seconds=0.3)
        monkeypatch.setattr(agents.watch, name, shortened)
    monkeypatch.setattr(agents.play, "play", functools.partial(agents.play.play, max_seconds=0.3))


@pytest.mark.timeout(180)
def test_sandbox_commands(windows_close_by_themselves, tmp_path, monkeypatch, capsys):
    from sandbox import cli

    monkeypatch.chdir(tmp_path)
    run = [c for c in commands() if c.startswith("sandbox ") and c not in own_environment()]
    assert len(run) >= 8
    for command in run:
        status = cli.main([*command.split()[1:], *SHORTER.get(command, [])])
        output = capsys.readouterr()
        assert status == 0, (command, output)


def test_an_environment_of_your_own_is_what_the_guide_walks_through():
    """The guide's commands are run, in their order, by tests/sandbox/test_adding.py."""
    assert [c.split()[1] for c in own_environment()] == ["new", "check", "train"]
    guide = (REPOSITORY / "docs/adding.md").read_text(encoding="utf-8").splitlines()
    assert all(any(line.startswith(command) for line in guide) for command in own_environment())


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("make ")])
def test_make_targets_exist(command):
    subprocess.run([*command.split(), "--dry-run"], cwd=REPOSITORY, check=True, capture_output=True)


def test_what_make_starts_is_there():
    modules = re.findall(r"-m ([a-z_.]+)", (REPOSITORY / "Makefile").read_text(encoding="utf-8"))
    ours = [name for name in modules if name.split(".")[0] in ("sandbox", "envs", "agents", "apps")]
    assert ours and [name for name in ours if importlib.util.find_spec(name) is None] == []


PROGRAMS = """
import json, os, sys, traceback
# What other people's packages take to import is taken once.
import gymnasium, numba, stable_baselines3, torch

for code in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        try:
            exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_programs(tmp_path):
    """Each in a process of its own."""
    environment = os.environ | {"PYTHONWARNINGS": "error:::__main__"}
    programs = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
    assert len(programs) >= 3
    command = [sys.executable, "-c", PROGRAMS, json.dumps(programs)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_pictures_and_links_exist():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    missing = [t for t in targets if not t.startswith("http") and not (REPOSITORY / t).exists()]
    assert not missing
