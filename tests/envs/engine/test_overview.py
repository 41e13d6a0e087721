"""The picture of all environments."""

from itertools import pairwise

import numpy as np
import pygame
import pytest

import envs
from envs.engine import overview as strips
from envs.engine.overview import GAP, main, rows_of, strip


@pytest.mark.parametrize("count", [1, 4, 19, 40])
def test_rows_are_about_as_wide_and_nothing_is_left_out(count):
    shares = np.random.default_rng(count).uniform(0.8, 2.0, count).tolist()
    rows = rows_of(shares, 7.0)
    assert sum(rows) == count and min(rows) > 0
    ends = np.cumsum([0, *rows])
    widths = [sum(shares[a:b]) for a, b in pairwise(ends.tolist())]
    assert max(widths) - min(widths) <= 2 * max(shares)


def test_each_environment_is_drawn_across_the_width():
    shown = [envs.find("cartpole"), envs.find("snake")]
    pixels = strip(shown, width=500)
    assert pixels.shape[1] == 500
    filled = (pixels[: pixels.shape[0] // 2] != 255).any(axis=(0, 2))
    # Pictures to both edges, a gap between them.
    assert not filled[:GAP].any() and not filled[-GAP:].any()
    wide = (500 - 3 * GAP) / 2.5
    assert not filled[round(GAP + 1.5 * wide) + 1 : round(2 * GAP + 1.5 * wide) - 1].any()
    assert filled.mean() > 0.8
    np.testing.assert_array_equal(pixels, strip(shown, width=500))


def test_the_command_writes_a_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(strips.envs, "names", lambda: ["cartpole"])
    path = tmp_path / "deep" / "all.png"
    assert main([str(path)]) == 0
    assert pygame.image.load(path).get_width() == strips.WIDTH
    assert main([]) == 2 and "docs/pictures/environments.png" in capsys.readouterr().err
