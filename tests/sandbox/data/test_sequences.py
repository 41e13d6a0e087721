"""Generated sequences: what is asked for is in them, what is held out cannot be drawn, and seeds repeat."""

import pytest
import torch

from sandbox.data import numeric_column, sequences
from sandbox.errors import UserError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_adding_asks_for_the_sum_of_one_marked_number_in_either_half():
    x, y = sequences.adding(2000, 21, generator())
    marks = x[..., 1]
    assert torch.equal(marks[:, :10].sum(1), torch.ones(2000))
    assert torch.equal(marks[:, 10:].sum(1), torch.ones(2000))
    assert torch.allclose(y[:, 0, 0], (x[..., 0] * marks).sum(1))
    # Two uniform numbers: a mean of 1 and a variance of 1/6, the error of who always says 1.
    assert (y - 1).square().mean().item() == pytest.approx(1 / 6, abs=0.01)
    again, _ = sequences.adding(2000, 21, generator())
    assert torch.equal(x, again)


def test_copying_holds_out_what_nobody_can_draw():
    x, y = sequences.copying(8000, 9, generator(), symbols=3)
    _, held_out = sequences.copying(8000, 9, generator(1), symbols=3, held_out=True)
    assert not set(map(tuple, y.tolist())) & set(map(tuple, held_out.tolist()))
    # All of them appear, 7 of 8 and 1 of 8 of the 512 there are.
    assert len(set(map(tuple, y.tolist()))) == 448
    assert len(set(map(tuple, held_out.tolist()))) == 64
    codes = x.argmax(-1)
    assert torch.equal(codes[:, :3], y)
    assert (codes[:, 3:6] == 8).all() and (codes[:, 6] == 9).all() and (codes[:, 7:] == 8).all()


def test_echo_repeats_after_the_delay():
    x, y = sequences.echo(5, 12, generator(), delay=4)
    assert y.shape == (5, 8, 1)
    for t in range(4, 12):
        assert torch.equal(y[:, t - 4], x[:, t - 4])


def test_mackey_glass_is_bounded_and_does_not_repeat():
    series = sequences.mackey_glass(300)
    assert len(series) == 300 and series.min() > 0.2 and series.max() < 1.5
    assert torch.corrcoef(torch.stack([series[:-1], series[1:]]))[0, 1] > 0.3
    assert not torch.allclose(series[:100], series[100:200], atol=0.1)


def test_a_column_is_found_by_name_number_or_as_the_last_one(tmp_path):
    file = tmp_path / "series.csv"
    file.write_text('"day";"level";"flow"\nMon;1;10\nTue;2;20.5\n')
    assert numeric_column.read(file).tolist() == [10, 20.5]
    assert numeric_column.read(file, "level").tolist() == [1, 2]
    assert numeric_column.read(file, "2").tolist() == [1, 2]
    plain = tmp_path / "plain.txt"
    plain.write_text("1\n2.5\n\n-3e1\n")
    assert numeric_column.read(plain).tolist() == [1, 2.5, -30]


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("a,b\n1,2\n3,x\n", "b", "'x' in line 3, column 2"),
        ("a,b\n1,2\n3,nan\n", "b", "'nan' in line 3"),
        ("a,b\n1,2\n", "c", "no column 'c'; there are a, b"),
        ("a,b\n", "", "no numbers"),
        ("", "", "is empty"),
        ("x,y\nu,v\n", "", "no column of numbers"),
    ],
)
def test_what_is_no_series_is_a_sentence(tmp_path, text, column, words):
    file = tmp_path / "series.csv"
    file.write_text(text)
    with pytest.raises(UserError, match=words):
        numeric_column.read(file, column)
    with pytest.raises(UserError, match="no file"):
        numeric_column.read(tmp_path / "none.csv")
