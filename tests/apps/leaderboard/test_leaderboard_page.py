"""The leaderboard's page: nothing measured yet, and a row in full."""

from dataclasses import replace

from sandbox.bench import leaderboard
from sandbox.bench.leaderboard import Row

ROW = Row(
    task="vision/classify",
    preset="fast",
    data=None,
    about="handwritten digits",
    synthetic=False,
    question="Can a network learn to read while you watch?",
    metric={"name": "accuracy", "title": "accuracy", "unit": "%", "higher_is_better": True, "digits": 1},
    reached=[0.99, 0.97],
    seconds=2.345,
    parameters=12345,
    baseline="nearest neighbour",
    baseline_reached=0.985,
    public=["99 %: a person (somebody 1998)"],
    measured="2026-11-26, a machine",
)
LOSS = {"name": "loss", "title": "loss", "unit": "nats", "higher_is_better": False, "digits": 2}


def test_before_anything_is_measured_it_says_how(open_page, read, monkeypatch):
    monkeypatch.setattr(leaderboard, "read", list)
    at = open_page("leaderboard")
    assert "Nothing has been measured yet." in read(at)
    assert at.code[0].value == "sandbox bench leaderboard --write"


def test_a_row_in_full(open_page, read, monkeypatch):
    made = replace(ROW, metric=LOSS, reached=[0.5], baseline_reached=0.6, synthetic=True, public=[])
    monkeypatch.setattr(leaderboard, "read", lambda: [ROW, made])
    at = open_page("leaderboard")
    assert not at.error
    # An error is better when it is smaller, so the second network is ahead and the first is not.
    assert "2 networks" in read(at) and "1 of them" in read(at)
    table = at.dataframe[0].value
    assert list(table["Reached"]) == ["98.0 % [97.0, 99.0] (2 seeds)", "0.50 nats (one seed)"]
    assert list(table["Simple method"]) == ["98.5 % (nearest neighbour)", "0.60 nats (nearest neighbour)"]
    assert list(table["Public figure"]) == ["99 %: a person", ""]
    assert list(table["Data"]) == ["handwritten digits", "handwritten digits (synthetic)"]
    assert at.code[0].value == "sandbox train vision/classify --preset fast"
    assert "Published: 99 %: a person" in read(at)
    assert "sandbox bench leaderboard vision/classify:fast" in read(at)


def test_agents_are_shown_apart_from_tasks(open_page, read, monkeypatch):
    metric = {"name": "return", "title": "return", "unit": "", "higher_is_better": True, "digits": 1}
    agent = replace(
        ROW, kind="environment", task="cartpole", preset="ppo:default", metric=metric, about="PPO, 9 steps"
    )
    monkeypatch.setattr(leaderboard, "read", lambda: [ROW, agent])
    at = open_page("leaderboard")
    assert list(at.dataframe[0].value["Task"]) == ["vision/classify"]
    at.segmented_control(key="leaderboard:kind").set_value("environment").run()
    assert not at.error
    assert list(at.dataframe[0].value["Environment"]) == ["cartpole"]
    assert at.code[0].value == "sandbox train cartpole --agent ppo --preset default"
