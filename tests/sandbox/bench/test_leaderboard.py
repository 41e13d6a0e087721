"""The leaderboard: rows that replace those of before, figures as people read them, the command of each."""

import json
from dataclasses import replace

import pytest

from agents.settings import settings_for
from sandbox.bench import leaderboard, training
from sandbox.bench.leaderboard import Row
from sandbox.errors import UserError
from sandbox.targets import import_task
from sandbox.tasks.reference import Reference

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
    baseline_reached=0.98,
    public=["99 %: a person, a desk (somebody 1998)"],
    measured="2026-11-26, a machine",
)


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "leaderboard.json"
    leaderboard.write([leaderboard.table([ROW])], path)
    return path


def test_a_row_says_what_was_reached_and_how_to_reach_it(document):
    text = document.with_suffix(".md").read_text(encoding="utf-8")
    assert "| vision/classify | handwritten digits | accuracy | 98.0 %" in text
    assert "| 98.0 % [97.0, 99.0] (2 seeds) | 2.3 | 12,345 |" in text
    assert "| 98.0 % (nearest neighbour) | 99 %: a person, a desk (somebody 1998) |" in text
    assert "`sandbox bench leaderboard vision/classify:fast` |" in text
    assert "- 2026-11-26, a machine" in text


def test_a_new_row_replaces_its_own_and_no_other(document):
    other = replace(ROW, data="mnist", about="handwritten digits of MNIST", synthetic=True, public=[])
    leaderboard.write([leaderboard.table([other, replace(ROW, reached=[0.5])])], document)
    rows = leaderboard.read(document)
    assert [(row.data, row.reached) for row in rows] == [(None, [0.5]), ("mnist", [0.99, 0.97])]
    text = document.with_suffix(".md").read_text(encoding="utf-8")
    assert "handwritten digits of MNIST, synthetic" in text
    assert "| 50.0 % (one seed) |" in text
    assert text.count("somebody 1998") == 1 and "none known" in text
    assert "`sandbox bench leaderboard vision/classify:fast --data mnist`" in text


def test_each_seed_is_an_ordinary_training(monkeypatch):
    asked = []

    def train_once(name, seed, settings, data):
        asked.append((name, seed, settings.steps, data))
        return {"test_accuracy": 0.9 + seed / 100, "seconds": 1.0 + seed, "parameters": 10}

    monkeypatch.setattr(training, "train_once", train_once)
    theirs = Reference(figure="99 %", method="a person", source="somebody 1998", hardware="a desk")
    elsewhere = Reference(figure="1 %", method="a guess", source="nobody", data="mnist")
    monkeypatch.setattr(type(import_task("vision/classify")), "references", (elsewhere, theirs))
    (table,) = leaderboard.bench(names=["vision/classify:best"])
    (row,) = [Row(**said) for said in json.loads(json.dumps(table["measured"]))]
    steps = import_task("vision/classify").settings("best").steps
    assert asked == [("vision/classify", seed, steps, None) for seed in range(5)]
    assert row.reached == pytest.approx([0.9, 0.91, 0.92, 0.93, 0.94]) and row.seconds == 3.0
    assert row.baseline == "nearest neighbour" and row.baseline_reached > 0.95 and not row.synthetic
    assert row.public == ["99 %: a person, a desk (somebody 1998)"]


def test_a_name_that_is_none_is_a_sentence():
    with pytest.raises(
        UserError, match=r"no task or environment 'vision/clasify'. Did you mean vision/classify"
    ):
        leaderboard.bench(names=["vision/clasify"])
    with pytest.raises(UserError, match="There is no preset 'bst'"):
        leaderboard.bench(names=["vision/classify:bst"])


def test_agents_have_a_table_of_their_own(document):
    (table,) = leaderboard.bench(quick=True, names=["catch"])
    (row,) = [Row(**said) for said in json.loads(json.dumps(table["measured"]))]
    assert row.kind == "environment" and row.preset == "ppo:default" and row.about.startswith("PPO, ")
    # An untrained agent catches hardly anything, the hand-written player all.
    assert row.reached[0] > 0.9 and row.baseline == "hand-written player" and row.baseline_reached == 1
    assert row.train == ["train", "catch", "--agent", "ppo", "--preset", "default"]
    leaderboard.write([table], document)
    text = document.with_suffix(".md").read_text(encoding="utf-8")
    assert text.index("## Tasks") < text.index("| vision/classify |") < text.index("## Environments")
    assert (
        text.index("## Environments") < text.index("| environment | trained by |") < text.index("| catch |")
    )
    assert "`sandbox bench leaderboard catch:ppo:default` |" in text


def test_data_go_with_tasks():
    with pytest.raises(UserError, match="--data goes with tasks, and catch is an environment"):
        leaderboard.bench(names=["catch"], data="mnist")


def test_what_is_written_belongs_to_what_is_there():
    for row in leaderboard.read():
        if row.kind == "environment":
            agent, _, preset = row.preset.partition(":")
            assert settings_for(row.task, agent, preset).agent == agent
        else:
            assert row.preset in import_task(row.task).presets
            assert import_task(row.task).metric.name == row.figure.name
