"""Networks that drive by what they see: the contract, with a stand-in network that reads colours."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import torch

from agents.loops import closed_loop, scores, seeing_player, table
from agents.loops.closed_loop import ClosedLoop, loop_of
from agents.loops.seeing_player import SeeingPlayer
from agents.viewing.episode import Episode
from agents.watch import find_subject, watch
from envs.engine.errors import BadParameter
from sandbox.errors import UserError
from sandbox.runs import Run

SIZE = (64, 96)


class StandIn:
    """A network that tells the share of orange in a picture, which is where the robot's arm is."""

    input = SimpleNamespace(shape=(3, *SIZE))

    def __init__(self):
        self.asked: list[np.ndarray] = []

    def predict(self, inputs):
        self.asked.append(np.array(inputs))
        orange = (inputs[:, 0] - inputs[:, 2]) > 0.35
        return orange.mean((1, 2)).tolist()


class Loop(ClosedLoop):
    """Full speed and standing still in turns, longer the more orange it sees."""

    environment = "work_cell"
    counts: ClassVar[Mapping[str, str]] = {"injuries": "injuries", "cycles": "cycles"}
    grain = 0.01

    def own(self, obs):
        return obs[48:55]

    def act(self, answer, own, memory):
        assert own.shape == (7,), "only what the machine knows of itself"
        tick = 0 if memory is None else memory
        return (4 if tick % 7 < 3 + 100 * answer else 0), tick + 1

    def draw(self, answer, camera, canvas):
        left, top = camera.units((0, 0))
        canvas.rect(left, top, 10, 10, "danger")


@pytest.fixture
def run(monkeypatch) -> Run:
    made = Run.create("work-cell-eyes", {"kind": "task", "target": "vision/detect", "settings": {}})
    made.save_checkpoint(7, {"weight": torch.zeros(1)}, {"step": 7})
    found = {"vision/detect": Loop()}
    monkeypatch.setattr(closed_loop, "loop_of", found.get)
    monkeypatch.setattr(seeing_player, "predictor_of", lambda run, tensors, meta: StandIn())
    task = SimpleNamespace(
        baselines=lambda settings, split: {"a baseline": StandIn()}, load=lambda settings, source: None
    )
    monkeypatch.setattr(seeing_player, "import_task", lambda name: task)
    monkeypatch.setattr(seeing_player, "settings_from", lambda task, values: None)
    monkeypatch.setattr(seeing_player, "own_data", lambda run: None)
    return made


def test_the_window_plays_what_evaluation_measures():
    loop, params = Loop(), {"people": 2, "braking": 4.0}
    player = SeeingPlayer(loop, StandIn())
    player.spoil["night"] = 0.5
    driven = scores.drive(
        loop.world, scores.seeing(player), episodes=3, seed=5, params=params, counts=loop.counts
    )
    for i in range(3):
        last = list(Episode("work_cell", player, seed=5 + i, params=params, ops=False))[-1]
        assert last.episode_return == pytest.approx(driven.returns[i])
        assert last.step == driven.lengths[i]
        assert [last.info[name] for name in loop.counts] == [driven.counts[name][i] for name in loop.counts]
    assert len({float(each) for each in driven.returns}) > 1


def test_the_true_state_drives_as_the_hand_written_player_does():
    from agents.evaluate import baseline_policy, evaluate_policy

    world = Loop().world
    driven = scores.drive(world, scores.told(world), episodes=4, seed=3)
    policy = baseline_policy(world)
    assert policy is not None
    assert driven.returns.tolist() == pytest.approx(evaluate_policy("work_cell", policy, 4, 3)["returns"])


def test_a_condition_changes_what_is_seen_and_what_is_shown():
    stand_in = StandIn()
    player = SeeingPlayer(Loop(), stand_in)
    episode = Episode("work_cell", player, seed=1)
    clear = stand_in.asked[-1]
    assert clear.shape == (1, 3, *SIZE)
    assert [op[0] for op in episode.moment.ops].count("image") == 0
    assert episode.moment.ops[-1][0] == "rect", "what the loop draws comes last"
    episode.set_params()
    assert (stand_in.asked[-1] == clear).all(), "the same moment is seen alike"
    player.spoil["fog"] = 0.9
    episode.set_params()
    assert stand_in.asked[-1].std() < 0.3 * clear.std()
    assert [op[0] for op in episode.moment.ops].count("image") == 1


def test_conditions_are_parameters_and_spoilt_pictures():
    loop = Loop()
    assert loop.conditions({"people": 6.0, "fog": 0.5}) == ({"people": 6}, {"fog": 0.5})
    with pytest.raises(UserError, match=r"no condition 'fogg'.*fog"):
        loop.conditions({"fogg": 0.5})
    with pytest.raises(UserError, match="fog goes from 0 to"):
        loop.conditions({"fog": 3})
    with pytest.raises(BadParameter, match="people"):
        loop.conditions({"people": 99})


def test_everybody_drives_the_same_episodes(run):
    found = scores.compare(run, episodes=3, conditions={"people": 0})
    assert list(found) == [run.name, "a baseline", scores.TRUE_STATE]
    assert (found[run.name].returns == found["a baseline"].returns).all()
    share = found[run.name].share_of(found[scores.TRUE_STATE])
    assert share.low <= share.mean <= share.high < 1, "it stands still half of the time"
    head, rows = table.rows(run, found)
    assert head[-1] == ">cycles"
    assert all(len(row) == len(head) for row in rows)


def test_a_task_that_drives_nothing_is_told(run, monkeypatch):
    assert loop_of("vision/detect") is None
    monkeypatch.setattr(closed_loop, "loop_of", loop_of)
    with pytest.raises(UserError, match="drives no environment"):
        find_subject(run.name)


def test_a_run_is_watched_with_its_conditions(run, tmp_path, monkeypatch):
    seen: list[dict] = []
    monkeypatch.setattr(SeeingPlayer, "act", _noting(SeeingPlayer.act, seen))
    monkeypatch.setattr("agents.viewing.watch_session.Watcher.play_one", _closing)
    watch(run.name, frames=tmp_path / "frames", conditions={"fog": 0.4, "people": 1})
    assert seen[-1] == {"fog": 0.4}
    assert len(list((tmp_path / "frames").glob("*.png"))) == 1


def _noting(act, seen):
    def noting(self, *given, **named):
        seen.append(dict(self.spoil))
        return act(self, *given, **named)

    return noting


def _closing(watcher):
    watcher.closed = True
