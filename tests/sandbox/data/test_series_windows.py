"""Series cut into windows: nobody looks ahead, and their period is found."""

import numpy as np
import pytest
import torch

from sandbox.data import series_table, synthetic_series
from sandbox.data.series_windows import cuts, period, windows
from sandbox.errors import UserError


def test_what_follows_lies_in_its_part_and_right_behind_what_is_read():
    time = torch.arange(100.0)[:, None]
    train, aside, test = windows(time, 10, 4, cuts(100), "a series")
    assert train.inputs.shape == (47, 10, 1) and train.targets.max() == 59
    assert (aside.targets.min(), aside.targets.max()) == (60, 79)
    assert (test.targets.min(), test.targets.max()) == (80, 99)
    for part in (train, aside, test):
        assert torch.equal(part.targets[:, 0] - part.inputs[:, -1], torch.ones(len(part), 1))


def test_too_short_a_series_is_refused():
    with pytest.raises(UserError, match="100 time steps, too few"):
        windows(torch.zeros(100, 1), 60, 4, cuts(100), "a series")


def test_the_period_of_a_day_is_found_and_noise_has_none():
    series = synthetic_series.seasonal(1500).float()[:, None]
    assert period(series, 96) == 24
    assert period(torch.randn(1500, 1, generator=torch.Generator().manual_seed(0)), 96) == 1


def test_columns_by_name_and_gaps_that_are_filled_from_before(tmp_path):
    file = tmp_path / "two.csv"
    file.write_text(
        "date,a,b\n2020-01-01,,5\n2020-01-02,1,?\n2020-01-03,2,7\n2020-01-04,3,8\n2020-01-05,4,9\n"
    )
    table = series_table.read(file, "all")
    assert table.names == ("a", "b") and "2 missing values" in table.notes[0]
    np.testing.assert_array_equal(table.values, [[1, 5], [1, 5], [2, 7], [3, 8], [4, 9]])
    assert series_table.read(file).names == ("b",) and series_table.read(file, "a").names == ("a",)
    with pytest.raises(UserError, match="no column 'c'"):
        series_table.read(file, "c")
