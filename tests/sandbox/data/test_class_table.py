"""Tables with a class in each row: as people have them, and as a network gets them."""

import math
from typing import Any

import numpy as np
import pytest

from sandbox.corruptions.row import corruptions
from sandbox.data import class_table, columns
from sandbox.errors import UserError
from sandbox.explain_columns import permutation_importance
from sandbox.tasks.inputs.row import Row
from sandbox.tasks.split import Examples

pytestmark = pytest.mark.thorough
DIRTY = """\
id;Größe;colour;empty;same;note;class
{}"""


@pytest.fixture
def dirty(tmp_path):
    """Semicolons, decimal commas, gaps in three spellings, columns of texts, of nothing and of ones."""
    lines = []
    for i in range(40):
        size = "?" if i % 10 == 3 else f"{i % 7},{i % 3}"
        colour = ("red", "blue", "", "NA")[i % 4]
        lines.append(f"{i};{size};{colour};;1;text {i};{'yes' if i % 2 else 'no'}")
    lines += ["41;1,0;red;;1;no class;", "42;1,0"]
    path = tmp_path / "dirty.csv"
    path.write_text("\ufeff" + DIRTY.format("\n".join(lines)) + "\n", encoding="utf-8")
    return path


def test_dirty_tables_are_read_and_what_is_left_out_is_told(dirty):
    found = class_table.load(dirty)
    assert found.classes == ("no", "yes")
    assert found.names == ("id", "Größe", "colour") and found.levels == (None, None, ("blue", "red"))
    assert len(found.train) + len(found.test) == 40
    rows = np.concatenate([found.train, found.test])
    assert np.isnan(rows[:, 1]).sum() == 4 and np.isnan(rows[:, 2]).sum() == 20
    told = " ".join(found.notes)
    assert all(word in told for word in ("empty", "same", "note", "2 of 42 rows"))


def test_a_line_about_the_table_and_a_class_of_one_row_do_no_harm(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(
        "|a remark\n" + "".join(f"{i},{i % 3},{'no.' if i % 2 else 'yes'}\n" for i in range(30)) + "5,1,so\n"
    )
    found = class_table.load(path)
    assert found.classes == ("no", "yes") and found.names == ("column 1", "column 2")
    assert len(found.train) + len(found.test) == 30 and "single row are left out: so" in " ".join(found.notes)


def test_another_column_may_hold_the_class(dirty):
    assert class_table.load(dirty, "colour").classes == ("blue", "red")
    assert class_table.load(dirty, "3").classes == ("blue", "red")
    with pytest.raises(UserError, match=r"no column 'color'.*colour"):
        class_table.load(dirty, "color")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("a,b\n" + "1,2\n" * 30, "Every class"),
        ("a,b\n" + "".join(f"1,{i}.5\n" for i in range(80)), "80 different values"),
        ("a\n" + "1\n2\n" * 20, "1 columns"),
        ("a,b\n1,x\n2,y\n", "2 rows with a class"),
        ("a,b\n" + "7,x\n7,y\n" * 20, "says anything"),
        ("a,b\n" + "1,x\n2,x\n" * 20 + "3,y\n", "fewer than two classes"),
    ],
)
def test_what_cannot_be_learned_from_is_one_sentence(tmp_path, content, says):
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=says) as refusal:
        class_table.load(path)
    assert "\n" not in str(refusal.value)


def test_rows_that_say_the_same_are_on_one_side(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n" + "".join(f"{i % 20},{i % 20},{'xy'[i % 20 > 9]}\n" for i in range(200)))
    found = class_table.load(path)
    train, test = ({row.tobytes() for row in part} for part in (found.train, found.test))
    assert not train & test and len(found.train) + len(found.test) == 200 if len(found.test) else True


def test_the_wisconsin_table_is_that_of_scikit_learn():
    from sklearn.datasets import load_breast_cancer

    known: Any = load_breast_cancer()
    found = class_table.breast_cancer()
    rows = np.concatenate([found.train, found.test])
    assert sorted(rows[:, 0].tolist()) == sorted(known.data[:, 0].astype(np.float32).tolist())
    malignant = np.concatenate([found.train_labels, found.test_labels]) == 1
    assert malignant.sum() == (known.target == list(known.target_names).index("malignant")).sum() == 212
    assert rows[malignant, 0].mean() > rows[~malignant, 0].mean()
    assert [name.replace("error of ", "") for name in found.names[10:12]] == ["radius", "texture"]


def test_columns_as_a_network_gets_them():
    rows = np.array([[1.0, 0], [3.0, 1], [np.nan, 1], [5.0, np.nan]], np.float32)
    number, colour = columns.fit(["size", "colour"], [None, ("blue", "red")], rows)
    assert (number.mean, number.gaps, colour.levels) == (3.0, True, ("blue", "red"))
    found = columns.features([number, colour], rows)
    assert found.shape == (4, number.width + colour.width) == (4, 5)
    assert found[2].tolist() == [0, 1, 0, 1, 0] and found[3, 2:].tolist() == [0, 0, 1]
    assert columns.features([number], np.array([[1e9]], np.float32))[0, 0] == columns.FARTHEST
    assert columns.from_json(columns.to_json([number, colour])) == (number, colour)
    assert number.text(math.nan) == "?" and colour.text(1.0) == "red"


def test_rows_of_another_table_are_read_by_name_and_text():
    here, there = (
        columns.fit(names, levels, np.array([[0.0, 1], [1, 0]], np.float32))
        for names, levels in (
            (["colour", "size"], [("blue", "red"), None]),
            (["size", "colour"], [None, ("green", "red")]),
        )
    )
    rows = np.array([[5.0, 0], [6, 1], [np.nan, np.nan]], np.float32)
    found = columns.recoded(rows, there, here)
    np.testing.assert_array_equal(found, np.array([[np.nan, 5], [1, 6], [np.nan, np.nan]], np.float32))
    with pytest.raises(UserError, match="lacks a column that the network reads: colour"):
        columns.recoded(rows[:, :1], there[:1], here)


def test_a_row_finds_its_columns_by_name(tmp_path):
    rows = np.array([[1.5, 0], [3.5, 1], [2.5, 1]], np.float32)
    row = Row(tuple(columns.fit(["size", "colour"], [None, ("blue, light", "red")], rows)))
    path = tmp_path / "other.csv"
    path.write_text("colour;more;size\nred;9;2,5\ngreen;9;\nblue, light;9;4,5\n")
    found = row.encode_all(row.read(path))
    np.testing.assert_array_equal(found, np.array([[2.5, 1], [np.nan, np.nan], [4.5, 0]], np.float32))
    again = row.read(row.write(found[1], tmp_path, "gap"))
    assert np.isnan(again).all() and again.shape == (1, 2)
    np.testing.assert_array_equal(row.read(row.write(found[2], tmp_path, "one"))[0], found[2])
    path.write_text("size\n1\n2\n")
    with pytest.raises(UserError, match="lacks columns that the network reads: colour"):
        row.read(path)
    with pytest.raises(UserError, match="finite"):
        row.encode([np.inf, 0])
    with pytest.raises(UserError, match="2 columns, not 3"):
        row.encode([1, 0, 0])


def test_spoilt_rows_keep_their_categories_and_lose_what_they_should():
    rows = np.array([[1.0, 0], [3.0, 1], [5.0, 1]] * 50, np.float32)
    row = Row(tuple(columns.fit(["size", "colour"], [None, ("blue", "red")], rows)))
    ways = corruptions(row)
    half = ways["missing"].apply(rows, 0.5, 0)
    assert 0.4 < np.isnan(half).mean() < 0.6
    assert (np.isnan(half) <= np.isnan(ways["missing"].apply(rows, 0.7, 0))).all()
    noisy = ways["noise"].apply(rows, 1.0, 0)
    assert np.array_equal(noisy[:, 1], rows[:, 1]) and not np.array_equal(noisy[:, 0], rows[:, 0])
    assert all(np.array_equal(way.apply(rows, 0.0, 0), rows) for way in ways.values())
    letters = columns.fit(["colour"], [("blue", "red")], rows[:, 1:])
    assert set(corruptions(Row(tuple(letters)))) == {"missing"}


def test_the_column_that_decides_is_the_one_that_matters():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 3)).astype(np.float32)
    truth = (rows[:, 1] > 0).astype(int)
    found = permutation_importance(
        lambda some: float(((some.inputs[:, 1] > 0) == some.targets).mean()), Examples(rows, truth)
    )
    assert found.mean.argmax() == 1 and found.low[1] > 0.3
    assert np.allclose(found.mean[[0, 2]], 0)
