"""Recordings of play as demonstrations: read as they were written, and never trusted."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from agents.environments import find_target
from agents.imitation.recordings import read
from agents.viewing.episode import Episode
from agents.viewing.recording import Recording
from sandbox.cli import main
from sandbox.errors import UserError
from sandbox.runs import list_runs


def played(target: str, path: Path | None, episodes: int = 3, **params) -> Recording:
    """What the hand-written player does, given as a person's actions."""
    episode = Episode(target, seed=3, params=params, control="human", ops=False)
    recording, environment = Recording(path, episode.world), episode.world.environment
    assert environment is not None
    for number in range(episodes):
        first = episode.moment if number == 0 else episode.restart()
        recording.begin(first, episode.seed)
        while not episode.moment.over:
            action, _ = environment.baseline_step(episode.moment.obs, None)
            recording.add(episode.step(action))
    return recording


@pytest.fixture(scope="module")
def maze(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("played") / "maze.npz"
    played("maze", path).close()
    return path


def test_what_was_played_is_what_is_shown(maze):
    shown, target = read(maze, find_target("maze")), find_target("maze")
    assert target.environment is not None
    assert len(shown.returns) == 3 and shown.ends == 3
    right = [target.environment.baseline_step(obs, None)[0] for obs in shown.obs.numpy()]
    assert shown.actions.tolist() == right
    # Every step costs 0.01, the exit gives 1.
    found = (shown.returns > 0).sum().item()
    assert torch.isclose(shown.returns.sum(), torch.tensor(found - 0.01 * len(right), dtype=torch.float64))


def test_undo_forgets_the_present_episode_or_the_one_before(tmp_path):
    recording = played("maze", None, 2)
    steps, last = recording.steps, len(recording._moments[-1]) - 1
    recording.undo()
    assert (recording.episodes, recording.steps) == (1, steps - last)
    recording.undo()
    assert (recording.episodes, recording.steps) == (0, 0)
    recording.undo()
    recording.close()


@pytest.mark.thorough
def test_the_terminal_trains_on_it(maze, capsys):
    words = ["--demonstrations", str(maze), "--total-timesteps", "20", "--final-episodes", "1"]
    assert main(["train", "maze", "--agent", "clone", *words, "--eval-every", "300"]) == 0
    (run,) = list_runs()
    assert run.config["expert"]["name"] == "maze.npz" and run.config["expert"]["episodes"] == 3
    assert main(["train", "snake", "--agent", "gail", *words]) == 2
    assert "it cannot show how to play snake" in capsys.readouterr().err


class Harm:
    """Unpickled, it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def changed(maze: Path, path: Path, **arrays) -> Path:
    with np.load(maze, allow_pickle=False) as file:
        np.savez(path, allow_pickle=True, **{**dict(file), **arrays})
    return path


def test_damaged_and_foreign_files_are_one_sentence_and_never_unpickled(maze, tmp_path):
    target, harm = find_target("maze"), tmp_path / "harm"
    whole = dict(np.load(maze, allow_pickle=False))
    steps = len(whole["actions"])
    other = np.array(json.dumps({"id": "sandbox/Snake-v0", "params": {}}))
    other_physics = np.array(json.dumps({"id": target.id, "params": {"rooms": 3}}))
    wrong = whole["actions"].copy()
    wrong[7] = 9
    rewards = whole["rewards"].copy()
    rewards[0] = np.nan
    cases = {
        "holds Python objects": {"actions": np.array([Harm(harm)] * steps, object)},
        "was played in sandbox/Snake-v0; it cannot show how to play maze": {"about": other},
        "train with --params rooms 3": {"about": other_physics},
        "is no recording of play": {"about": np.array("[1]")},
        "is damaged: it does not hold what is seen": {"actions": wrong},
        "is damaged: it does not hold what is": {"obs": whole["obs"][:-1]},
        "is damaged: it does not hold what": {"obs": whole["obs"].astype(np.float32)},
        "is damaged: it does not hold": {"rewards": rewards},
        "is damaged: it does not": {"lengths": np.array([steps + 1, -1])},
        "is damaged: it does": {"actions": whole["actions"][0]},
    }
    for number, (sentence, arrays) in enumerate(cases.items()):
        with pytest.raises(UserError, match=sentence):
            read(changed(maze, tmp_path / f"{number}.npz", **arrays), target)
    pickled, cut = tmp_path / "pickle.npz", tmp_path / "cut.npz"
    pickled.write_bytes(pickle.dumps(Harm(harm)))
    cut.write_bytes(maze.read_bytes()[:-200])
    for path in (pickled, cut):
        with pytest.raises(UserError, match="is no archive of NumPy arrays"):
            read(path, target)
    with pytest.raises(UserError, match="There is no file"):
        read(tmp_path / "none.npz", target)
    assert not harm.exists()
    assert (
        read(changed(maze, tmp_path / "physics.npz", about=other_physics), target, {"rooms": 3.0}).ends == 3
    )


def test_too_little_play_is_one_sentence(maze, tmp_path):
    whole = dict(np.load(maze, allow_pickle=False))
    few = {name: whole[name][:40] for name in ("obs", "actions", "rewards", "terminated")}
    path = changed(maze, tmp_path / "few.npz", **few, lengths=np.array([40]))
    with pytest.raises(
        UserError, match="holds 40 steps of play; at least 50 are needed: play a little longer"
    ):
        read(path, find_target("maze"))
