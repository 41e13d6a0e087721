"""docs/adding.md works: its commands run in its order, in a copy of the house, and train an agent."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = (REPOSITORY / "docs/adding.md").read_text(encoding="utf-8")
# These open a window or a server, and have tests of their own.
OPENING = ("watch", "play", "studio")

WALK = """
import json, sys
from sandbox.cli import main
outcomes = [[line, main(line.split()[1:])] for line in json.loads(sys.argv[1])]
print(json.dumps(outcomes))
"""

CONTRACTS = """
import importlib, torch
from streamlit.testing.v1 import AppTest

module, inputs = importlib.import_module("sandbox.blocks.my_block").example()
output = module(*inputs)
output.sum().backward()
assert output.shape == inputs[0].shape
assert all(parameter.grad is not None and parameter.grad.any() for parameter in module.parameters())

from agents.settings import presets_of
from agents.target import find_target
presets = presets_of(find_target("my_env"))
preset = presets["ppo"]["default"]
assert (preset.learning_rate, preset.total_timesteps, preset.hidden) == (0.002, 30000, (64, 64)), presets

page = AppTest.from_file("apps/play/page.py", default_timeout=20).run()
assert not page.exception, page.exception
assert page.title[0].value == "What is this page about?"
"""


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("sandbox ")]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the four packages: what is added there is gone afterwards."""
    folder = tmp_path_factory.mktemp("house")
    for package in ("sandbox", "envs", "agents", "apps"):
        shutil.copytree(
            REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
    return folder


def run_python(folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(folder), "SANDBOX_RUNS": str(folder / "runs")}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
    )


def test_the_guide_leads_to_a_trained_agent(copy):
    lines = commands()
    assert {line.split()[1] for line in lines} >= {"new", "check", "train", "evaluate", "watch", "play"}
    walked = [line for line in lines if line.split()[1] not in OPENING]
    # The second of them was trained with the preset that was written from the first.
    walked += ["sandbox evaluate my-env-001 --json", "sandbox evaluate my-env-002 --json"]
    done = run_python(copy, WALK, json.dumps(walked))
    assert done.returncode == 0, done.stderr
    *printed, first, second, outcomes = done.stdout.splitlines()
    assert json.loads(outcomes) == [[line, 0] for line in walked], "\n".join(printed) + done.stderr
    for figures in (first, second):
        found = json.loads(figures)
        assert found["low"] > found["random"]["high"], found

    page = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert page is not None
    (copy / "apps/play/page.py").write_text(page[1], encoding="utf-8")
    done = run_python(copy, CONTRACTS)
    assert done.returncode == 0, done.stderr


def test_a_broken_file_names_its_line_and_harms_no_other(copy):
    (copy / "envs/crooked.py").write_text('"""Crooked."""\n\nimport numpy as np\nSTATE = np.dtype(\n')
    (copy / "envs/hollow.py").write_text('"""Hollow."""\n\nSTATE = UNKNOWN\n')
    lines = ["sandbox list envs", "sandbox train crooked", "sandbox check crooked", "sandbox play hollow"]
    done = run_python(copy, WALK, json.dumps(lines))
    outcomes = json.loads(done.stdout.splitlines()[-1])
    assert [status for _, status in outcomes] == [0, 2, 1, 2]
    train, play = done.stderr.splitlines()
    assert train.startswith(f"{Path('envs/crooked.py')}, line 4: ")
    assert play.startswith(f"{Path('envs/hollow.py')}, line 3: NameError")
    assert "cartpole" in done.stdout
