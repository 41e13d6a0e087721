"""Settings and presets: every file loads and plays, everything unknown is one sentence."""

import dataclasses
import pkgutil

import pytest

import agents.presets
from agents.environments import find_target
from agents.settings import AGENTS, DQNSettings, PPOSettings, from_config, presets_of, settings_for
from agents.train import train
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.settings import check, specs

PRESETS = [
    (module.name, agent, preset)
    for module in pkgutil.iter_modules(agents.presets.__path__)
    for agent, by_name in presets_of(find_target(module.name)).items()
    for preset in by_name
]


@pytest.mark.quick("cartpole*", "maze-ppo-small", "snake-ppo*")
@pytest.mark.parametrize(("target", "agent", "preset"), PRESETS)
def test_every_preset_trains(target, agent, preset):
    settings = settings_for(target, agent, preset)
    assert settings.agent == agent and type(settings) is AGENTS[agent]
    steps = settings.num_envs * getattr(settings, "num_steps", 1)
    small = dataclasses.replace(settings, total_timesteps=max(200, steps), final_episodes=2, eval_every=10**9)
    run = Run.create(target, {"seed": 0})
    *_, last = train(target, small, run)
    assert last.step >= small.total_timesteps
    assert "eval_return" in last.metrics


def test_every_preset_file_says_where_its_numbers_are_from():
    for module in pkgutil.iter_modules(agents.presets.__path__):
        text = (__import__(f"agents.presets.{module.name}", fromlist=["x"])).__doc__ or ""
        for word in ("Source", "return", "minutes", "measured"):
            assert word in text, (module.name, word)


def test_an_environment_without_preset_gets_what_suits_its_spaces():
    assert presets_of(find_target("Acrobot-v1")) == {}
    settings = settings_for("Acrobot-v1")
    assert settings == PPOSettings()
    assert isinstance(settings_for("Acrobot-v1", "dqn"), DQNSettings)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cartpol",), "Did you mean cartpole"),
        (("cartpole", "pppo"), "Did you mean ppo"),
        (("cartpole", "ppo", "defualt"), "Did you mean default"),
        (("MountainCar-v0", "ppo", "xy"), "There is default"),
        (
            ("Acrobot-v1", "sac"),
            "sac cannot play Acrobot-v1, whose actions are Discrete; ppo, a2c, dqn",
        ),
        (("Pendulum-v1", "dqn"), "ppo, a2c, sac, td3, tqc, gail, clone can"),
    ],
)
def test_mistakes_are_one_sentence(arguments, sentence):
    with pytest.raises(UserError, match=sentence):
        settings_for(*arguments)


def test_settings_survive_json():
    import json

    settings = dataclasses.replace(settings_for("cartpole"), params={"gravity": 3.7}, hidden=(7, 5))
    values = json.loads(json.dumps(dataclasses.asdict(settings)))
    assert from_config("ppo", values) == settings
    assert from_config("ppo", {**values, "of_another_version": 1}) == settings


@pytest.mark.parametrize("kind", AGENTS.values())
def test_every_setting_is_explained_and_its_default_is_allowed(kind):
    check(kind())
    for name, spec in specs(kind).items():
        assert spec.help, name
        assert spec.kind in (str, bool, dict) or spec.range.words(), f"{name} has no range"


@pytest.mark.parametrize(("target", "agent", "preset"), PRESETS)
def test_every_preset_is_within_the_ranges(target, agent, preset):
    check(settings_for(target, agent, preset))
