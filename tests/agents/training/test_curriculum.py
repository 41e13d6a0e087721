"""A curriculum: an environment that grows harder while an agent learns."""

import dataclasses

import pytest

from agents.environments import find_target
from agents.settings import PPOSettings, PQNSettings, settings_for
from agents.train import Trainer
from agents.train_seeds import why_not_together
from agents.training.curriculum import Curriculum
from agents.vec_env import make_vec_env
from envs.engine.errors import UnknownParameter
from sandbox.errors import UserError
from sandbox.runs import Run

CARDS = PPOSettings(curriculum={"cards": 4.0}, curriculum_fraction=0.5, total_timesteps=1000)


def test_a_whole_parameter_goes_evenly_to_its_default():
    env = make_vec_env("autoencode", 2, 0)
    curriculum = Curriculum(find_target("autoencode"), CARDS, env)
    for step, cards in ((0, 4), (250, 28), (500, 52), (1000, 52)):
        curriculum.go_to(step)
        assert env.get_attr("cards") == [cards, cards]


def test_it_ends_at_what_the_settings_say():
    env = make_vec_env("cartpole", 2, 0)
    settings = dataclasses.replace(CARDS, curriculum={"gravity": 2.0}, params={"gravity": 5.0})
    curriculum = Curriculum(find_target("cartpole"), settings, env)
    seen = []
    for step in (0, 100, 500):
        curriculum.go_to(step)
        seen.append(env.get_attr("gravity")[0])
    assert seen == pytest.approx([2.0, 2.6, 5.0])


def test_a_training_begins_with_the_first_and_is_judged_by_the_last():
    settings = PQNSettings(
        total_timesteps=64,
        num_envs=4,
        num_steps=8,
        eval_episodes=2,
        final_episodes=2,
        curriculum={"cards": 4.0},
    )
    trainer = Trainer(find_target("autoencode"), settings, Run.create("autoencode", {"seed": 0}), False)
    progress = trainer.progress()
    assert [*progress][-1].metrics["eval_length"] == 103
    assert trainer.env.get_attr("cards") == [52] * 4
    infos = trainer.model.ep_info_buffer
    assert infos and infos[0]["l"] == 7, "the first episodes have 4 cards"
    trainer.close()


def test_what_makes_no_curriculum_is_refused():
    env = make_vec_env("autoencode", 2, 0)
    with pytest.raises(UnknownParameter, match="cards"):
        Curriculum(find_target("autoencode"), dataclasses.replace(CARDS, curriculum={"card": 4.0}), env)
    with pytest.raises(UserError, match="environments of this project"):
        Curriculum(find_target("Acrobot-v1"), CARDS, env)
    assert why_not_together("autoencode", CARDS) == "a curriculum changes the environment on the way"


@pytest.mark.thorough
def test_stopped_and_resumed_it_ends_bit_identical(resumes_exactly):
    changes = {"num_envs": 4, "num_steps": 32, "batch_size": 64, "memory": 8, "hidden": (8,)}
    changes |= {"total_timesteps": 2560, "eval_episodes": 2, "final_episodes": 2}
    settings = dataclasses.replace(settings_for("autoencode", "pqn"), **changes)
    resumes_exactly("autoencode", settings, {"agent": "pqn", "seed": 4}, stop_at=1280)
