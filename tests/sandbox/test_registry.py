"""The registry, read from files alone: who uses which block."""

from pathlib import Path

from sandbox import registry

STANDARD = ["mlp", "cnn", "rnn", "lstm", "autoencoder", "gan", "som", "rbm", "dbn", "rbf"]
"""The field's list; backpropagation and gradient descent are what every agent runs, through torch."""
ARCHITECTURE = Path(registry.__file__).parents[1] / "docs" / "architecture.md"


def test_every_block_of_the_standard_list_serves_a_page_and_an_agent():
    users = {block: registry.users(block) for block in STANDARD}
    assert {block: found for block, found in users.items() if not (found["apps"] and found["agents"])} == {}


def test_the_table_of_the_architecture_is_what_the_files_import():
    rows = []
    for entry in registry.blocks():
        found = registry.users(entry.name)
        cells = [", ".join(f"`{name}`" for name in found[package]) for package in ("agents", "apps")]
        rows.append(f"| `{entry.name}` | {cells[0]} | {cells[1]} |")
    table = "\n".join(rows)
    assert table in ARCHITECTURE.read_text(encoding="utf-8"), f"docs/architecture.md should say:\n{table}"


def test_a_task_is_known_from_its_file_alone(monkeypatch):
    listed = {entry.name for entry in registry.tasks()}
    top = ARCHITECTURE.parents[1] / "apps"
    files = {f"{path.parent.name}/{path.stem}" for path in top.glob("*/*.py")}
    others = {"cartpole", "", "/", "vision/", "/classify", "vision/../vision/classify", "vision/classify.py"}
    assert listed and {name for name in files | others if registry.is_task(name)} == listed
    read = []
    monkeypatch.setattr(registry, "_outline_of", read.append)
    monkeypatch.setattr(registry, "_assigns", lambda path, name: bool(read.append(path)) or True)
    assert registry.is_task("vision/classify")
    assert read == [top / "vision" / "classify.py"]
