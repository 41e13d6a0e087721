"""Exports: a stock zip in a process of its own, a video that can be read, a script that runs."""

import dataclasses
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from agents.evaluate import evaluate
from agents.export import export
from agents.player import Player
from agents.settings import PPOSettings, settings_for
from agents.train import train
from sandbox.errors import UserError
from sandbox.runs import Run


@pytest.fixture(scope="module")
def cartpole(tmp_path_factory) -> Run:
    root = tmp_path_factory.mktemp("runs")
    settings = dataclasses.replace(settings_for("cartpole"), total_timesteps=8192, final_episodes=4)
    run = Run.create("cartpole", {"seed": 1, "threads": 1}, root=root)
    for _ in train("cartpole", settings, run):
        pass
    return run


ONLY_STOCK = """
import json, sys
import numpy as np
sys.path = [p for p in sys.path if p and p != {root!r}]
for name in ("agents", "sandbox", "envs"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise SystemExit(name + " is importable here, so this proves nothing")
import stable_baselines3
model = stable_baselines3.{algorithm}.load("model.zip", device="cpu")
print(json.dumps([model.predict(np.load("obs.npy"), deterministic=True)[0].tolist(), model.num_timesteps]))
"""


def predictions_elsewhere(folder: Path, algorithm: str, obs: np.ndarray) -> tuple[list, int]:
    np.save(folder / "obs.npy", obs)
    root = str(Path(__file__).resolve().parents[2])
    (folder / "only_stock.py").write_text(ONLY_STOCK.format(root=root, algorithm=algorithm))
    done = subprocess.run(
        [sys.executable, "only_stock.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sb3_predicts_the_same_without_this_project(cartpole, tmp_path):
    obs = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    assert export(cartpole, "sb3", tmp_path / "model.zip") == tmp_path / "model.zip"
    actions, steps = predictions_elsewhere(tmp_path, "PPO", obs)
    assert actions == Player.load(cartpole).act_batch(obs).tolist()
    assert 0 < sum(actions) < 200 and steps == 8192


@pytest.mark.thorough
@pytest.mark.parametrize("agent", ["sac", "td3", "tqc", "qrdqn"])
def test_other_agents_become_stock_ones_too(agent, tmp_path):
    target = "Acrobot-v1" if agent == "qrdqn" else "Pendulum-v1"
    run = Run.create(target, {"agent": agent, "seed": 0})
    changes = {"total_timesteps": 120, "learning_starts": 100, "hidden": (16, 8), "final_episodes": 1}
    for _ in train(target, dataclasses.replace(settings_for(target, agent), **changes), run):
        pass
    stock = pytest.importorskip("sb3_contrib" if agent in ("tqc", "qrdqn") else "stable_baselines3")
    model = getattr(stock, agent.upper()).load(export(run, "sb3", tmp_path), device="cpu")
    width = 6 if agent == "qrdqn" else 3
    obs = np.random.default_rng(0).normal(size=(20, width)).astype(np.float32)
    np.testing.assert_allclose(
        model.predict(obs, deterministic=True)[0], Player.load(run).act_batch(obs), atol=1e-5
    )


@pytest.mark.thorough
def test_a_video_shows_one_episode(cartpole, tmp_path, capfd):
    path = export(cartpole, "video", tmp_path)
    assert capfd.readouterr() == ("", "")  # FFmpeg has something to say about every codec
    assert path.name == "cartpole-001.webm"
    reader = cv2.VideoCapture(str(path))
    assert reader.get(cv2.CAP_PROP_FPS) == pytest.approx(50, abs=1)
    frames = []
    while (found := reader.read())[0]:
        frames.append(found[1])
    assert len(frames) > 20 and frames[0].shape == (400, 600, 3)
    assert not np.array_equal(frames[0], frames[-1])


@pytest.mark.thorough
def test_the_script_gets_the_same_number(cartpole, tmp_path):
    path = export(cartpole, "script", tmp_path / "again.py")
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    found = re.fullmatch(r"mean return (.*) over 4 episodes, expected (.*)", last)
    assert found and float(found[1]) == float(found[2])


def test_mistakes_are_one_sentence(cartpole, tmp_path):
    with pytest.raises(UserError, match="Did you mean video"):
        export(cartpole, "vidoe")
    with pytest.raises(UserError, match="no folder"):
        export(cartpole, "script", tmp_path / "nowhere" / "x.py")
    young = Run.create("snake", {"seed": 0})
    settings = PPOSettings(num_envs=4, num_steps=8, batch_size=32, total_timesteps=32, final_episodes=1)
    for _ in train("snake", settings, young):
        pass
    with pytest.raises(UserError, match="this project's cnn block"):
        export(young, "sb3", tmp_path)
    if importlib.util.find_spec("onnx") is None:
        with pytest.raises(UserError, match="pip install"):
            export(cartpole, "onnx", tmp_path)


@pytest.mark.thorough
def test_a_folder_for_the_hub(cartpole, tmp_path):
    folder = export(cartpole, "hub", tmp_path / "card")
    assert {"README.md", "model.safetensors", "config.json", "model.zip", "train.py"} <= {
        path.name for path in folder.iterdir()
    }
    head, _, body = (
        (folder / "README.md").read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    )
    said = dict(line.split(": ", 1) for line in head.splitlines())
    (index,) = json.loads(said["model-index"])
    (figure,) = index["results"][0]["metrics"]
    reached = evaluate(cartpole, 100)["interval"]
    assert figure["type"] == "mean_reward" and figure["value"] == pytest.approx(reached.mean)
    assert f"{reached.mean:.2f}, 95 % interval {reached.low:.2f}" in body
    assert 'PPO.load("model.zip")' in body and "reinforcement-learning" in json.loads(said["tags"])
    with pytest.raises(UserError, match="is there already; name a new or an empty folder with --out"):
        export(cartpole, "hub", folder)
