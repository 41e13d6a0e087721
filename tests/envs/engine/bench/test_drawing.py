"""The measurement of drawing: a picture of the size promised, a time for each frame."""

import pytest

import envs
from envs.engine.bench.drawing import HEIGHT, WIDTH, bench, draw_times


@pytest.mark.thorough
def test_pictures_are_as_large_as_they_may_be():
    for name in ("cartpole", "snake"):
        (width, height), times = draw_times(envs.find(name), 5)
        assert width == WIDTH or height == HEIGHT
        assert width <= WIDTH and height <= HEIGHT
        assert len(times) == 5 and sum(times) > 0


@pytest.mark.thorough
def test_the_table():
    (table,) = bench(quick=True)
    assert [row[:2] for row in table["rows"]] == [["cartpole", "900x600"], ["snake", "720x720"]]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    # Very simple pictures: far above what is promised even on a busy machine.
    assert all(row[4] > 60 for row in table["rows"])
