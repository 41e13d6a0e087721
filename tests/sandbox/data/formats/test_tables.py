"""Tables as spreadsheets of all countries write them: decimal commas, marks, columns that only count."""

import numpy as np
import pytest

from sandbox.data import labelled_points, mixtures, numeric_column, point_table
from sandbox.data.formats import tables
from sandbox.errors import UserError

POINTS = [
    (0.5, 1.25, "a"),
    (1.5, -2.25, "b"),
    (2.0, 3.75, "a"),
    (-1.0, 0.5, "b"),
    (0.25, 0.75, "a"),
    (3, 1, "b"),
]


def lines(form):
    return "\n".join(form(i, *point) for i, point in enumerate(POINTS))


def comma(number):
    return str(number).replace(".", ",")


FORMS = {
    "points and commas": "x,y,label\n" + lines(lambda i, x, y, c: f"{x},{y},{c}"),
    "decimal commas": "x;y;label\n" + lines(lambda i, x, y, c: f"{comma(x)};{comma(y)};{c}"),
    "decimal commas, no names": lines(lambda i, x, y, c: f"{comma(x)};{comma(y)};{c}"),
    "decimal commas, tabs": "x\ty\tlabel\n" + lines(lambda i, x, y, c: f"{comma(x)}\t{comma(y)}\t{c}"),
    "decimal commas in quotes": '"x","y","label"\n'
    + lines(lambda i, x, y, c: f'"{comma(x)}","{comma(y)}","{c}"'),
    "semicolons": "x;y;label\n" + lines(lambda i, x, y, c: f"{x};{y};{c}"),
    "pandas' index": ",x,y,label\n" + lines(lambda i, x, y, c: f"{i},{x},{y},{c}"),
    "pandas' index, read and written again": "Unnamed: 0,x,y,label\n"
    + lines(lambda i, x, y, c: f"{i},{x},{y},{c}"),
    "R's row names": '"","x","y","label"\n' + lines(lambda i, x, y, c: f'"{i + 1}",{x},{y},"{c}"'),
    "R's row names without a name": "x,y,label\n" + lines(lambda i, x, y, c: f"{i + 1},{x},{y},{c}"),
    "an index and no names": lines(lambda i, x, y, c: f"{i},{x},{y},{c}"),
    "a shuffled index": ",x,y,label\n" + lines(lambda i, x, y, c: f"{(i * 5 + 2) % 7},{x},{y},{c}"),
}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", "utf-16"])
@pytest.mark.parametrize("form", FORMS)
def test_the_same_points_from_every_form(form, mark):
    text = FORMS[form]
    content = text.encode("utf-16") if isinstance(mark, str) else mark + text.encode()
    points = labelled_points.points_of(tables.decoded(content, "mine.csv"), "mine.csv")
    found = np.array(points.shift) + np.array(points.scale) * points.x
    assert np.allclose(found, [point[:2] for point in POINTS], atol=1e-6)
    assert [points.classes[int(number)] for number in points.y] == [point[2] for point in POINTS]


def test_equal_labels_are_one_class():
    rows = "\n".join(f"{i},{i * i},{label}" for i, label in enumerate(["0", "0.0", "1", "1.0", "00", "1e0"]))
    points = labelled_points.points_of(rows, "mine.csv")
    assert points.classes == ("0", "1")
    assert points.y.tolist() == [0, 0, 1, 1, 0, 1]


def test_a_series_with_decimal_commas(tmp_path):
    file = tmp_path / "series.csv"
    for text in (
        "day;level\n1.1.2024;1,5\n2.1.2024;1.002,25\n3.1.2024;-3\n",
        "level\n1,5\n1002,25\n-3,0\n",
        '"level"\n"1,5"\n"1.002,25"\n"-3,0"\n',
        "day level\n1.1.2024 1,5\n2.1.2024 1002,25\n3.1.2024 -3\n",
    ):
        file.write_text(text)
        assert numeric_column.read(file).tolist() == [1.5, 1002.25, -3], text


def test_thousands_are_no_decimals(tmp_path):
    file = tmp_path / "series.csv"
    file.write_text('year,people\n2000,"1,234"\n2001,"12,345,678"\n2002,"9,999"\n')
    assert numeric_column.read(file).tolist() == [1234, 12345678, 9999]


def test_a_series_without_names_loses_no_value(tmp_path):
    file = tmp_path / "series.csv"
    file.write_text("2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n")
    assert numeric_column.read(file).tolist() == [5, 6, 7]


def test_points_for_a_generator(tmp_path):
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(40, 2)).round(3)
    expected = {tuple(row) for row in rows.tolist()}
    file = tmp_path / "points.csv"
    for text in (
        "x;y\n" + "\n".join(f"{comma(x)};{comma(y)}" for x, y in rows),
        ",x,y\n" + "\n".join(f"{i},{x},{y}" for i, (x, y) in enumerate(rows)),
        "name,x,y\n" + "\n".join(f"p{i},{x},{y}" for i, (x, y) in enumerate(rows)),
    ):
        file.write_text(text)
        found = mixtures.read(file).numpy()
        low, high = rows.min(0), rows.max(0)
        back = found * (high - low) / 2.4 + (low + high) / 2
        assert {tuple(row) for row in back.round(3).tolist()} == expected, text[:20]


def test_points_to_ask_about(tmp_path):
    file = tmp_path / "ask.csv"
    for text in ("1.5,2\n3,4\n", "x;y\n1,5;2\n3;4\n", "1.5 2\n3 4\n", ",x,y\n0,1.5,2\n1,3,4\n"):
        file.write_text(text)
        assert point_table.read(file).tolist() == [[1.5, 2], [3, 4]], text
    file.write_text("1,2,3\n4,5,6\n")
    with pytest.raises(UserError, match="3 columns of numbers; two are needed"):
        point_table.read(file)


def test_whatever_a_file_holds_it_is_points_or_one_sentence(tmp_path):
    generator = np.random.default_rng(0)
    pieces = [
        ",",
        ";",
        "\t",
        " ",
        "\n",
        "\n",
        "\r",
        '"',
        ".",
        "1",
        "23",
        "-4,5",
        "6.7",
        "x",
        "",
        "9" * 5000,
        "\x1c",
    ]
    pieces += ["1e999", "nan", "\N{MINUS SIGN}3", "2024-01-02", "1.234.567", "+", "e5", ",,,", "\ufeff"]
    file = tmp_path / "any.csv"
    for _ in range(150):
        text = "".join(generator.choice(pieces, generator.integers(1, 60)))
        file.write_text(text, newline="")
        for read in (labelled_points.load, point_table.read, numeric_column.read, mixtures.read):
            try:
                read(file)
            except UserError as error:
                assert str(error).count("\n") == 0, str(error)
