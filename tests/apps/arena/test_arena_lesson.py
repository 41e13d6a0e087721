"""The Arena's lesson: its picture is right about an episode, and its questions are about this environment."""

from itertools import pairwise

import pytest

import envs
from agents.evaluate import FIRST_SEED
from apps.arena import lesson, questions
from apps.arena.agent_view import EPISODES, AgentView
from apps.arena.views import critic
from sandbox.errors import UserError
from sandbox.runs import Run


@pytest.fixture
def view(cartpole) -> AgentView:
    found = AgentView.at(cartpole, None)
    assert found is not None
    return found


def test_the_reward_that_came_is_discounted_backwards(view):
    values, came = critic.course(view)
    assert len(values) == len(came) == view.play()["lengths"][0]
    assert view.play()["seed"] == FIRST_SEED
    gamma = view.settings["gamma"]
    assert gamma < 1
    # CartPole pays 1 for each step.
    assert all(now == pytest.approx(1 + gamma * later) for now, later in pairwise(came))
    assert came[-1] == pytest.approx(1 + gamma * (values[-1] if len(came) == 500 else 0))


def test_an_agent_that_predicts_another_reward_has_no_such_picture(view):
    assert critic.fits(view)
    config = {"agent": "gail", "settings": {}}
    other = Run.create("cartpole", config)
    assert not critic.fits(AgentView(other, 0, 0.0, None))


def test_episodes_are_counted_in_which_it_reaches_more(view):
    first = AgentView.at(view.run, 0)
    assert first is not None
    assert first.draws and not view.draws
    pairs = zip(view.play()["returns"], first.play()["returns"], strict=True)
    assert questions.ages(view) == sum(now > young for now, young in pairs) > EPISODES / 2
    assert questions.ages(first) == 0
    assert questions.drawing(first) + questions.drawing(view) > 0


@pytest.mark.parametrize("target", envs.names())
def test_the_changed_physics_are_allowed_and_told(target):
    found = questions.changed(target)
    assert found is not None
    name, value = found
    param = envs.find(target).params[name]
    assert param.low <= value <= param.high and value != param.default
    ask = lesson.lesson_for(target).questions[-1].ask
    assert name.replace("_", " ") in ask and lesson.CHANGE not in ask


def test_an_environment_without_physics_is_answered_in_a_sentence(view):
    run = Run.create("Acrobot-v1", {"agent": "ppo", "settings": {}})
    other = AgentView(run, 0, 0.0, view.predictor)
    assert lesson.lesson_for("Acrobot-v1").questions[-1].ask.startswith("Change the physics")
    with pytest.raises(UserError, match="Acrobot-v1 has no physics to change"):
        questions.change(other)
