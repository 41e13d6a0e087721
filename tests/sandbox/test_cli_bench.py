"""`sandbox bench`: tables on the terminal and in the document."""

import json
from types import SimpleNamespace

import pytest

from sandbox import cli, registry
from sandbox.commands import bench

TABLE = {
    "title": "Speed",
    "columns": ["what", "steps/s"],
    "rows": [["a", 1234567], ["b", 0.5]],
    "note": "In turns.",
}


@pytest.fixture
def measured(monkeypatch):
    """Stands in for the measurements, which take minutes; returns what they were asked."""
    asked = []

    def import_module(name):
        return SimpleNamespace(
            bench=lambda quick, **more: asked.append((name, quick, *more.values())) or [TABLE]
        )

    real = bench.importlib.import_module
    modules = {found.module for found in registry.benches().values()}
    monkeypatch.setattr(
        bench.importlib, "import_module", lambda name: import_module(name) if name in modules else real(name)
    )
    return asked


def test_tables_on_the_terminal(measured, capsys):
    assert cli.main(["bench", "envs", "--quick"]) == 0
    out = capsys.readouterr().out
    assert measured == [("envs.engine.bench.speed", True)]
    assert out.splitlines()[:4] == ["Speed", "what    steps/s", "a     1,234,567", "b           0.5"]
    assert "In turns." in out


def test_everything_as_json(measured, capsys):
    assert cli.main(["bench", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [name for name, _ in measured] == [
        found.module for found in registry.benches().values() if not found.long
    ]
    assert record["agents"] == [TABLE]
    assert record["machine"]


def test_names_go_where_they_are_taken(measured, capsys):
    assert cli.main(["bench", "leaderboard", "vision/classify:best", "--data", "digits", "--quick"]) == 0
    assert measured == [("sandbox.bench.leaderboard", True, ("vision/classify:best",), "digits")]
    assert cli.main(["bench", "envs", "vision/classify"]) == 2
    assert capsys.readouterr().err.startswith(
        "Names go with leaderboard or pqn: sandbox bench leaderboard vision/classify."
    )


def test_a_section_is_replaced_and_the_rest_stays(tmp_path):
    document = tmp_path / "docs" / "benchmarks.md"
    bench.write(document, "envs", "Environments", [TABLE], ["bench", "envs"], "a machine")
    bench.write(document, "agents", "Agents", [TABLE], ["bench", "agents"], "a machine")
    document.write_text(document.read_text() + "\nA remark of somebody.\n")
    newer = [TABLE | {"title": "Newer \\1", "note": ""}]
    bench.write(document, "envs", "Environments", newer, ["bench", "envs"], "a machine")
    text = document.read_text()
    assert text.count("## Environments") == text.count("## Agents") == 1
    assert text.index("## Environments") < text.index("## Agents") < text.index("A remark of somebody.")
    assert "### Newer \\1\n\n| what | steps/s |\n| --- | ---: |\n| a | 1,234,567 |\n| b | 0.5 |\n" in text
    assert text.startswith("# Benchmarks\n")
    assert "`sandbox bench envs`" in text


def test_tables_that_were_not_measured_again_stay(tmp_path):
    document, more = tmp_path / "benchmarks.md", ("a machine", True)
    old, other = TABLE | {"title": "One"}, TABLE | {"title": "Other"}
    bench.write(document, "pqn", "PQN", [old, other], ["bench", "pqn"], *more)
    bench.write(document, "envs", "Environments", [TABLE], ["bench", "envs"], "a machine")
    bench.write(document, "pqn", "PQN", [old | {"rows": [["c", 7]]}], ["bench", "pqn", "one"], *more)
    first, second = document.read_text().split("## Environments")[0].split("### ")[1:]
    assert first.startswith("One\n") and "| c | 7 |" in first and "0.5" not in first
    assert "`sandbox bench pqn one`" in first
    assert second.startswith("Other\n") and "| b | 0.5 |" in second and "`sandbox bench pqn`" in second


def test_seconds_go_where_they_are_taken(measured, capsys):
    assert cli.main(["bench", "pqn", "cartpole", "--seconds", "3", "--quick"]) == 0
    assert measured == [("agents.bench.pqn", True, ("cartpole",), 3.0)]
    for wrong in (["pqn", "--seconds", "0"], ["envs", "--seconds", "3"]):
        assert cli.main(["bench", *wrong]) == 2
        assert capsys.readouterr().err.startswith("--seconds is a number above 0 and goes with pqn, such as")


def test_mistakes(measured, capsys):
    assert cli.main(["bench", "env"]) == 2
    assert capsys.readouterr().err == "There is nothing to measure called 'env'. Did you mean envs?\n"
    assert cli.main(["bench", "--quick", "--write"]) == 2
    assert "--quick measures too little to be written down" in capsys.readouterr().err
    assert measured == []


def test_what_is_measured_is_found_by_folder():
    found = registry.benches()
    assert {"envs", "drawing", "folding", "energy", "loop"} <= set(found)
    assert found["mnist"].takes == ["data"] and found["mnist"].long and not found["loop"].long
    assert all(one.about and one.title for one in found.values())


def test_data_goes_where_it_is_taken(measured, capsys):
    assert cli.main(["bench", "mnist", "--data", "somewhere"]) == 0
    assert measured == [("sandbox.bench.mnist", False, "somewhere")]
    assert cli.main(["bench", "agents", "--data", "somewhere"]) == 2
    assert capsys.readouterr().err.startswith("--data goes with gan or leaderboard or mnist, such")


def test_a_task_is_really_trained(monkeypatch):
    from sandbox.bench.training import import_task, train_once

    task = import_task("vision/classify")
    short = task.settings()
    monkeypatch.setattr(type(task), "settings", lambda self, preset=None: type(short)(steps=15))
    figures = train_once("vision/classify", 0)
    assert 0.2 < figures["test_accuracy"] < 1.0
    assert figures["seconds"] > 0 and figures["parameters"] > 1_000
