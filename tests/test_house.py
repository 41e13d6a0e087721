"""The house itself: packages resolve to this checkout, file names say what is in them."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sandbox import registry

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("sandbox", "envs", "agents", "apps")


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")]


def test_packages_resolve_to_this_checkout_from_anywhere(tmp_path):
    # `agents` and `envs` are names that other distributions use too.
    code = f"import {', '.join(PACKAGES)}\nprint(*(p.__file__ for p in ({', '.join(PACKAGES)})), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(REPOSITORY / package / "__init__.py") for package in PACKAGES]


def test_importing_envs_is_light():
    code = (
        "import envs, sys; heavy = {'torch', 'pygame', 'stable_baselines3', 'streamlit', 'cv2'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()


def test_no_grab_bags():
    assert not [path for path in sources() if path.stem in {"utils", "util", "helpers", "common", "misc"}]


def test_every_module_says_what_it_is():
    silent = [
        path
        for path in sources()
        if not path.read_text(encoding="utf-8").lstrip().startswith(('"""', 'r"""'))
    ]
    assert not silent


def test_no_task_imports_streamlit():
    entries = registry.tasks()
    assert entries
    assert not [one.name for one in entries if "streamlit" in one.path.read_text(encoding="utf-8")]


def test_every_page_is_kept_apart_from_the_others():
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    apart = next(one for one in contracts["contracts"] if one["type"] == "independence")
    pages = {f"apps.{path.parent.name}" for path in (REPOSITORY / "apps").glob("*/page.py")}
    assert set(apart["modules"]) == pages


ADDRESSES = (
    "agents.PPO",
    "agents.make_vec_env",
    "agents.features.LearnedFeatures",
    "agents.imitation.GAIL",
    "agents.memory.MemoryPolicy",
    "agents.player.Player",
    "agents.policies.BlockCnnPolicy",
    "agents.policies.MlpPolicy",
    "agents.ppo.PPO",
    "agents.settings.PPOSettings",
    "agents.train.train",
    "agents.vec_env.make_vec_env",
    "envs.engine.batch.Batch",
    "envs.engine.canvas.PygameCanvas",
    "envs.engine.cuda.CudaBatch",
    "envs.engine.environment.Environment",
    "envs.engine.frames.frames",
    "envs.engine.random.uniform",
    "envs.engine.vector.BatchVectorEnv",
    "sandbox.jobs.start",
    "sandbox.runs.Run",
)
"""What scripts and saved models name: these stay where they are, whatever moves behind them."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_scripts_use_stay(address):
    module, _, name = address.rpartition(".")
    assert getattr(importlib.import_module(module), name)
