"""docs/adding.md works: its commands run in its order, in a copy of the house, and train an agent."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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

CONTRACTS = r"""
import importlib, torch

module, inputs = importlib.import_module("sandbox.blocks.my_block").example()
output = module(*inputs)
output.sum().backward()
assert output.shape == inputs[0].shape
assert all(parameter.grad is not None and parameter.grad.any() for parameter in module.parameters())

from agents.settings import presets_of
from agents.environments import find_target
presets = presets_of(find_target("my_env"))
preset = presets["ppo"]["default"]
assert (preset.learning_rate, preset.total_timesteps, preset.hidden) == (0.002, 30000, (64, 64)), presets
"""

PAGE = r"""
import os
from pathlib import Path
from streamlit.testing.v1 import AppTest
from apps.studio import background_work, navigation

SHOW = '''
from apps.studio import navigation
next(one.page for one in navigation.find_pages() if one.page.name == {!r}).show()
'''
TABS = {
    "Try": "Mistakes",
    "Inside": "First filters",
    "Compare": "Confusion matrix",
    "Code": "A script",
    "Limits": "at this amount",
    "Learn": "Predict, then reveal",
}


def opened(name, tab):
    at = AppTest.from_string(SHOW.format(name), default_timeout=60)
    at.query_params[f"{name}-tab"] = tab
    at.run()
    while background_work.pending():
        background_work.wait(30.0)
        at.run()
    assert not at.exception and not at.error, (tab, at.exception, at.error)
    assert [panel.label for panel in at.tabs] == list(TABS)
    return at

found = {entry.page.name: entry for entry in navigation.find_pages()}
assert found["play_my_task"].path is None and found["play_my_task"].page.section == "Play"
for tab, words in TABS.items():
    at = opened("play_my_task", tab)
    assert at.title[0].value == "Which class does a picture belong to?"
    text = " ".join(one.value for one in at.markdown)
    assert "unseen pictures" in text and words in text, (tab, text)

Path("apps/play/page.py").write_text(os.environ["PAGE"], encoding="utf-8")
assert "play_my_task" not in {entry.page.name for entry in navigation.find_pages()}
assert opened("play", "Try").title[0].value == "Can a network sort my pictures?"
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


def draw_pictures(folder):
    """Bright and dark pictures by class, as somebody may bring them."""
    generator = np.random.default_rng(0)
    for name, light in (("cats", 60), ("dogs", 180)):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            noise = generator.integers(0, 60, (16, 16, 3)) + light
            Image.fromarray(noise.astype(np.uint8)).save(folder / name / f"{i}.png")


def run_python(folder, *arguments, page=""):
    """Run a program in a process of its own, in the copy of the house."""
    environment = os.environ | {"PYTHONPATH": str(folder), "SANDBOX_RUNS": str(folder / "runs"), "PAGE": page}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
    )


def walk(folder, lines, then, page=""):
    """Run commands in their order, then a program; returns the lines that the commands printed."""
    done = run_python(folder, WALK + then, json.dumps(lines), page=page)
    assert done.returncode == 0, done.stdout + done.stderr
    *printed, outcomes = done.stdout.splitlines()
    assert json.loads(outcomes) == [[line, 0] for line in lines], "\n".join(printed) + done.stderr
    return printed


@pytest.mark.thorough
def test_the_guide_leads_to_a_trained_agent(copy):
    lines = commands()
    assert {line.split()[1] for line in lines} >= {"new", "check", "train", "evaluate", "watch", "play"}
    walked = [line for line in lines if line.split()[1] not in OPENING and "my_pictures" not in line]
    walked = [line for line in walked if "my_task" not in line and "my-task" not in line]
    # The second of them was trained with the preset that was written from the first.
    walked += ["sandbox evaluate my-env-001 --json", "sandbox evaluate my-env-002 --json"]
    for figures in walk(copy, walked, CONTRACTS)[-2:]:
        found = json.loads(figures)
        assert found["low"] > found["random"]["high"], found


@pytest.mark.thorough
def test_the_guide_leads_from_own_pictures_to_a_page(copy):
    draw_pictures(copy / "my_pictures")
    walked = [line for line in commands() if "my_task" in line or "my-task" in line]
    assert [line.split()[1] for line in walked] == ["new", "train", "evaluate", "predict"]
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (page,) = [block for block in blocks if "PAGE = Page(" in block]
    lines = [*walked, "sandbox evaluate play-my-task-001 --json"]
    found = json.loads(walk(copy, lines, PAGE, page=page)[-1])
    assert found["test_accuracy"] == 1.0
    assert len(list((copy / "answers").iterdir())) == 1
    assert len((copy / "apps/play/my_task.py").read_text(encoding="utf-8").splitlines()) <= 60


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
