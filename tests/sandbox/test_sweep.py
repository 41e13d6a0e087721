"""Sweeps: what is searched, what is given up, and that one goes on after a stop."""

import json
from types import SimpleNamespace

import pytest

from agents.settings import settings_for
from sandbox import sweep as module
from sandbox.commands.sweep import main
from sandbox.errors import UserError
from sandbox.runs import Run, list_runs
from sandbox.sweep import AGENT, Dimension, Outcome, Sweep, dimensions

SPACE = [Dimension("x", float, low=0.0, high=1.0)]


def test_ranges_are_read_as_they_are_typed():
    settings = settings_for("cartpole")
    rate, sizes, flag = dimensions(
        settings, ["learning-rate=1e-4:1e-2", "batch_size=64, 128", "normalize_advantage=true,false"], {}
    )
    assert (rate.name, rate.low, rate.high) == ("learning_rate", 1e-4, 1e-2)
    assert sizes.choices == (64, 128) and flag.choices == (True, False)
    asked = []
    trial = SimpleNamespace(
        suggest_float=lambda *words, log: asked.append((*words, log)),
        suggest_int=lambda *words, log: asked.append((*words, log)),
    )
    rate.suggest(trial)
    Dimension("num_steps", int, low=16, high=64).suggest(trial)
    assert asked == [("learning_rate", 1e-4, 1e-2, True), ("num_steps", 16, 64, False)]
    assert [each.name for each in dimensions(settings, [], AGENT)] == list(AGENT)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("learning_rte=1:2", "no setting 'learning_rte' to search. Did you mean learning_rate"),
        ("learning_rate=3:1", "learning_rate=LOW:HIGH or learning_rate=A,B,C"),
        ("gamma=0.9,7", "gamma can be searched as"),
        ("schedule=linear,sudden", "schedule can be searched as"),
        ("hidden=64,128", "hidden has several numbers"),
        ("batch_size=", "batch_size can be searched as"),
    ],
)
def test_a_range_that_makes_no_sense_is_a_sentence(words, sentence):
    with pytest.raises(UserError, match=sentence):
        dimensions(settings_for("cartpole"), [words], {})


def test_it_finds_what_is_best_and_goes_on_after_a_stop():
    def train(chosen, number, goes_on):
        if number == 7:
            return "stopped", Outcome(None, "stopped")
        return f"run-{number}", Outcome(-((chosen["x"] - 0.3) ** 2), "done")

    sweep = Sweep("one", SPACE, higher_is_better=True, seed=0)
    outcomes = [sweep.run(train).state for _ in range(8)]
    assert outcomes == ["done"] * 7 + ["stopped"] and sweep.finished == 7
    again = Sweep("one", SPACE, higher_is_better=True, seed=0)
    assert again.finished == 7
    while again.finished < 25:
        again.run(train)
    values = [value for _, value, _ in again.best(25)]
    assert values == sorted(values, reverse=True) and abs(again.best()[0][2]["x"] - 0.3) < 0.06
    assert Sweep("two", SPACE, False, 0).finished == 0
    with pytest.raises(UserError, match="The sweep one searches x in ranges of its own"):
        Sweep("one", [Dimension("x", float, low=0.0, high=2.0)], True, 0)


def test_what_is_worse_than_half_of_the_others_is_given_up():
    def train(chosen, number, goes_on):
        value = 1.0 if number < module.FEWEST else 0.0
        kept = all(goes_on(step, 100, value) for step in range(0, 100, 5))
        return f"run-{number}", Outcome(value, "done" if kept else "pruned")

    sweep = Sweep("three", SPACE, higher_is_better=True, seed=0)
    outcomes = [sweep.run(train).state for _ in range(module.FEWEST + 1)]
    assert outcomes == ["done"] * module.FEWEST + ["pruned"]
    assert sweep.finished == module.FEWEST + 1 and len(sweep.best(9)) == module.FEWEST


def test_the_command_trains_ordinary_runs(capsys):
    words = [
        "catch",
        "--trials",
        "2",
        "--search",
        "learning_rate=1e-3,3e-3",
        "--json",
        "--",
        "--total-timesteps",
        "2000",
    ]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    runs = list_runs()
    assert said["trials"] == 2 == len(runs) and said["metric"] == "eval_return"
    best = Run.open(said["best"][0]["run"])
    assert best.config["sweep"] == said["study"] == "catch-sweep-001"
    assert best.config["settings"]["learning_rate"] == said["best"][0]["learning_rate"]
    assert best.config["settings"]["total_timesteps"] == 2000
    assert (
        said["best"][0]["value"] == [row["eval_return"] for row in best.metrics() if "eval_return" in row][-1]
    )
    # One more of the same sweep.
    assert main(["catch", "--study", said["study"], *words[1:2], "3", *words[3:]]) == 0
    assert len(list_runs()) == 3
