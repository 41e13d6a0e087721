"""The Arena's controls: what they ask `sandbox train` for."""

from typing import get_args

import pytest

from agents.settings import PolicyName, settings_for
from apps.arena.controls import NETWORKS, More, argv
from sandbox.errors import UserError
from sandbox.runs import Run


def test_every_network_can_be_chosen():
    assert {name or "auto" for name in NETWORKS} == set(get_args(PolicyName))


def test_the_network_and_truths_of_the_physics_reach_the_command(open_page, started):
    at = open_page("arena", session={"arena:target": "maze"})
    at.selectbox(key="arena:policy").set_value("lstm").run()
    at.toggle(key="arena:maze:remind").set_value(True).run()
    next(b for b in at.button if b.label == "Train").click().run()
    (words,) = started
    assert words[words.index("--policy") + 1] == "lstm"
    assert words[words.index("--params") + 1 :] == ["remind", "1"]


def test_a_run_sets_the_physics_that_it_was_trained_in(open_page):
    settings = {"params": {"rooms": 3.0, "remind": 1.0}}
    config = {"argv": ["train", "maze"], "seed": 0, "kind": "agent", "agent": "ppo", "settings": settings}
    run = Run.create("maze", config, state="queued")
    at = open_page("arena", run=run.name)
    assert not at.exception
    assert at.toggle(key="arena:maze:remind").value is True
    assert at.slider(key="arena:maze:rooms").value == 3


def test_a_memory_for_an_agent_without_use_for_it_is_refused():
    settings_for("cartpole", "dqn")
    with pytest.raises(UserError, match="A policy with a memory is for ppo, gail and pqn; dqn"):
        argv("cartpole", "dqn", {}, More(seed=0, steps=None, policy="rnn"))
    assert "--policy" not in argv("cartpole", "dqn", {}, More(seed=0, steps=None, policy=None))
