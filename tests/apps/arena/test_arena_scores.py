"""What the age slider teaches: an untrained agent looks untrained, a trained one plays its best."""

import pytest

from apps.arena.agent_view import AgentView
from apps.arena.scores import agent_score, score_of
from apps.arena.stage import Stage
from apps.studio import background_work


def test_the_first_age_does_not_stand(cartpole):
    """Its most probable actions would: by luck of seed 0 they reach 350."""
    view = AgentView.at(cartpole, 0)
    assert view is not None
    agent_score(view, {})
    score_of("random", "cartpole", {})
    background_work.wait(60.0)
    young, random = agent_score(view, {}), score_of("random", "cartpole", {})
    assert young is not None and random is not None
    assert young.mean < 45  # 24 in the mean
    assert random.mean == pytest.approx(22, abs=8)


def test_only_the_end_of_a_training_plays_its_best(cartpole):
    stage = Stage("cartpole", "watch", "agent", {}, cartpole, age=0)
    assert stage.draws
    assert len({stage.episode.player.act(stage.episode.moment.obs).action for _ in range(50)}) == 2
    stage.scrub(None)
    assert not stage.draws
    assert len({stage.episode.player.act(stage.episode.moment.obs).action for _ in range(20)}) == 1


def test_an_agent_that_is_followed_plays_its_best_from_the_end_of_its_training_on(cartpole):
    cartpole.update_status(state="running")
    stage = Stage("cartpole", "watch", "agent", {}, cartpole)
    assert stage.draws
    cartpole.update_status(state="done")
    stage.feed.answer({"stream": stage.feed.stream, "batch": 1, "count": 200})
    while stage.draws:
        stage.feed.answer({"stream": stage.feed.stream, "batch": stage.feed.batch + 1, "count": 200})
        assert stage.feed.batch < 20
