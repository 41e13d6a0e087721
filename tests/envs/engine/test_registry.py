"""`envs`: every file is an environment, and a broken one harms nobody else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.errors import BadArray, BrokenEnvironment, UnknownEnvironment

USE = """
import envs
print(envs.names(), list(envs.broken()))
print(envs.find("cartpole"))
for name in ("no_such_name", "broken_rules", "broken_syntax", "ends_all", "ends_well"):
    try:
        envs.find(name)
    except Exception as error:
        print(type(error).__name__, error.user_error, error)
"""


def test_broken_files_harm_nobody_else(tmp_path):
    source = Path(envs.__file__).parent
    shutil.copytree(source, tmp_path / "envs", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "envs" / "broken_syntax.py").write_text("import math\ndef step(state\n")
    (tmp_path / "envs" / "broken_rules.py").write_text("import math\n\nENV = math.undefined\n")
    (tmp_path / "envs" / "ends_all.py").write_text("import sys\n\nsys.exit('bye')\n")
    (tmp_path / "envs" / "ends_well.py").write_text("raise SystemExit\n")
    run = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    names, found, unknown, rules, syntax, *ends = run.stdout.splitlines()
    assert "'cartpole'" in names
    assert names.endswith("['broken_rules', 'broken_syntax', 'ends_all', 'ends_well']")
    assert found == "Environment('sandbox/CartPole-v1')"
    assert unknown.startswith("UnknownEnvironment True No environment is called 'no_such_name'.")
    assert rules.startswith(
        "BrokenEnvironment True envs/broken_rules.py, line 3: AttributeError: module 'math'"
    )
    assert syntax.startswith("BrokenEnvironment True envs/broken_syntax.py, line 2: '(' was never closed")
    for said, place in zip(ends, ("envs/ends_all.py, line 3", "envs/ends_well.py, line 1"), strict=True):
        assert said.startswith(f"BrokenEnvironment True {place}: it ends the whole program")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cartpol", r"called 'cartpol'\. Did you mean cartpole"),
        ("Snak", r"Did you mean snake\?"),
        ("sandbox/CartPol-v1", r"Did you mean cartpole\?"),
        ("zzzz", r"There are: .*cartpole.*snake"),
        ("nowhere/maze.py", r"There is no file .*nowhere/maze\.py"),
    ],
)
def test_unknown_names(name, sentence):
    with pytest.raises(UnknownEnvironment, match=sentence) as caught:
        envs.find(name)
    assert caught.value.user_error


def test_files_anywhere(write_environment):
    path = write_environment("Anywhere")
    environment = envs.find(path)
    assert envs.find(path) is environment
    assert envs.find("test/Anywhere-v0") is environment
    assert environment.name == "Anywhere"
    assert environment.rules == "A counter, for tests."
    assert "Anywhere" not in envs.names()
    import gymnasium

    assert gymnasium.make("test/Anywhere-v0").reset(seed=0)[0] == 0


def test_a_path_into_the_folder_is_the_environment_itself():
    assert envs.find(envs.find("snake").file) is envs.find("snake")


def test_an_id_belongs_to_one_file(write_environment, tmp_path):
    envs.find(write_environment("Twice"))
    copy = tmp_path / "copy.py"
    copy.write_text((tmp_path / "Twice.py").read_text())
    with pytest.raises(BrokenEnvironment, match=r"copy\.py: the id 'test/Twice-v0' is taken"):
        envs.find(str(copy))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"space": "spaces.Box(0, 1, (100_000_000,), np.float32)"},
         "Huge.py, line .*: observation_space has 100,000,000 numbers, 1,048,576 are the most"),
        ({"space": "spaces.Box(0, 1, (1024, 1025), np.uint8)"}, "has 1,049,600 numbers"),
        ({"actions": "spaces.MultiBinary(2**21)"}, "action_space has 2,097,152 numbers"),
        ({}, ""),
    ],
)  # fmt: skip
def test_what_is_too_large_is_refused_at_once(write_environment, parts, sentence):
    path = write_environment("Huge", **parts)
    if not sentence:
        text = Path(path).read_text().replace('("cells", "u1", (4,))', '("cells", "u1", (200_000_000,))')
        Path(path).write_text(text)
        sentence = "state holds 200,000,001 numbers, 1,048,576 are the most"
    with pytest.raises(BrokenEnvironment, match=sentence):
        envs.find(path)


def test_more_copies_than_memory_are_refused_at_once():
    with pytest.raises(
        BadArray, match=r"copies of sandbox/Snake-v0 need [\d,]+ GiB of memory, more than the"
    ):
        Batch(envs.find("snake"), 10**11)
