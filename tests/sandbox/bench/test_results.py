"""What `sandbox bench --write` wrote is read back, and pages show the same."""

import pytest

from sandbox.bench import energy, latent, results, sequences
from sandbox.commands.bench import write

TABLE = {
    "title": "Digits, `energy/rbm`",
    "columns": ["who", "score"],
    "rows": [["a", results.spread([0.5, 0.5], ".2f")], ["b", ""]],
    "note": "Of 100.",
}


def test_a_table_is_read_as_it_was_written(tmp_path):
    document = tmp_path / "benchmarks.md"
    write(document, "other", "Other", [TABLE | {"title": "Other"}], ["bench", "other"], "a machine")
    write(
        document, "energy", "Energy", [TABLE, TABLE | {"title": "Another"}], ["bench", "energy"], "a machine"
    )
    (found,) = results.tables("`energy/rbm`", document)
    assert (found.subject, found.title, found.note) == ("energy", "Digits, `energy/rbm`", "Of 100.")
    assert found.columns == ["who", "score"] and found.rows == [["a", "0.50 [0.50, 0.50]"], ["b", ""]]
    assert "`sandbox bench energy`" in found.origin
    assert results.numbers(found.rows[0][1]) == (0.5, 0.5, 0.5)
    assert len(results.tables("", document)) == 3


def test_without_a_document_nothing_was_measured(tmp_path):
    assert results.tables("", tmp_path / "none.md") == []


def test_pages_find_what_they_show():
    for title in (latent.BY_SIZE, latent.BY_EXAMPLES):
        (table,) = results.tables(title)
        methods = {row[0] for row in table.rows}
        assert methods == {*latent.CODERS, latent.COMPONENTS}
        for row in table.rows:
            mean, low, high = results.numbers(row[2])
            assert 0 < low <= mean <= high < 1
    (modes,) = results.tables(latent.MODES)
    assert [row[0] for row in modes.rows] == list(latent.import_task("latent/duel").presets)
    for target in ("energy/rbm", "energy/dbn", "sequences/adding"):
        assert results.tables(f"`{target}`")


@pytest.mark.parametrize("subject", [energy, latent, sequences])
def test_each_has_the_columns_and_titles_that_were_written(subject, monkeypatch):
    def train_once(name, seed, settings, **config):
        return dict.fromkeys(
            (
                *("test_accuracy_pretrained", "test_accuracy_plain", "test_completion", "test_explained"),
                *("test_pseudo_likelihood", "test_modes", "test_near", "test_loss"),
            ),
            0.5,
        )

    monkeypatch.setattr(subject, "train_once", train_once)
    for table in subject.bench(quick=True):
        (written,) = results.tables(table["title"])
        assert list(written.columns) == table["columns"]
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
