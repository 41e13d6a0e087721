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
        return SimpleNamespace(bench=lambda quick, *more: asked.append((name, quick, *more)) or [TABLE])

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


def test_tasks_by_name(measured, monkeypatch, capsys):
    assert cli.main(["bench", "tasks", "vision/classify", "latent/vae", "--quick"]) == 0
    assert measured == [("sandbox.bench.tasks", True, ("vision/classify", "latent/vae"))]
    assert cli.main(["bench", "envs", "vision/classify"]) == 2
    assert "Only tasks takes names: sandbox bench tasks vision/classify" in capsys.readouterr().err
    assert cli.main(["bench", "tasks", "vision/classify", "--write"]) == 2
    assert "leave out the names or --write" in capsys.readouterr().err
    monkeypatch.undo()
    assert cli.main(["bench", "tasks", "vision/clasify"]) == 2
    assert "There is no task 'vision/clasify'. Did you mean vision/classify?" in capsys.readouterr().err


def test_tasks_that_are_measured_unasked(monkeypatch):
    from sandbox.bench import tasks as task_bench

    trained = []

    def train_once(name, seed):
        trained.append((name, seed))
        return {"test_accuracy": 0.9 + seed / 100, "seconds": 1.0}

    monkeypatch.setattr(task_bench, "train_once", train_once)
    monkeypatch.setattr(task_bench, "overhead", lambda rounds: TABLE)
    tables = task_bench.bench()
    assert trained == [("vision/classify", seed) for seed in range(5)] and tables[1] is TABLE
    assert tables[0]["rows"][0][:3] == ["vision/classify", "test_accuracy", "0.9200"]


def test_a_section_is_replaced_and_the_rest_stays(tmp_path):
    document = tmp_path / "docs" / "benchmarks.md"
    bench.write(document, "envs", "Environments", [TABLE], ["bench", "envs"])
    bench.write(document, "agents", "Agents", [TABLE], ["bench", "agents"])
    document.write_text(document.read_text() + "\nA remark of somebody.\n")
    bench.write(
        document, "envs", "Environments", [TABLE | {"title": "Newer \\1", "note": ""}], ["bench", "envs"]
    )
    text = document.read_text()
    assert text.count("## Environments") == text.count("## Agents") == 1
    assert text.index("## Environments") < text.index("## Agents") < text.index("A remark of somebody.")
    assert "### Newer \\1\n\n| what | steps/s |\n| --- | ---: |\n| a | 1,234,567 |\n| b | 0.5 |\n" in text
    assert text.startswith("# Benchmarks\n")
    assert "`sandbox bench envs`" in text


def test_mistakes(measured, capsys):
    assert cli.main(["bench", "env"]) == 2
    assert capsys.readouterr().err == "There is nothing to measure called 'env'. Did you mean envs?\n"
    assert cli.main(["bench", "--quick", "--write"]) == 2
    assert "--quick measures too little to be written down" in capsys.readouterr().err
    assert measured == []


def test_what_is_measured_is_found_by_folder():
    found = registry.benches()
    assert {"envs", "drawing", "folding", "energy", "tasks"} <= set(found)
    assert found["mnist"].takes == "data" and found["mnist"].long and not found["tasks"].long
    assert all(one.about and one.title for one in found.values())


def test_data_goes_where_it_is_taken(measured, capsys):
    assert cli.main(["bench", "mnist", "--data", "somewhere"]) == 0
    assert measured == [("sandbox.bench.mnist", False, "somewhere")]
    assert cli.main(["bench", "agents", "--data", "somewhere"]) == 2
    assert capsys.readouterr().err.startswith("--data goes with gan or mnist, such as sandbox bench gan")


def test_a_task_is_really_trained(monkeypatch):
    from sandbox.bench import tasks as task_bench

    task = task_bench.import_task("vision/classify")
    short = task.settings()
    monkeypatch.setattr(type(task), "settings", lambda self, preset=None: type(short)(steps=15))
    figures = task_bench.train_once("vision/classify", 0)
    assert 0.2 < figures["test_accuracy"] < 1.0
    assert figures["seconds"] > 0
