"""Parts beside the playground: tables of numbers, a logarithmic count, optimisers on landscapes."""

import numpy as np
import pytest

from apps.neurons import controls, descents
from apps.neurons.views import optimiser_race
from apps.studio.browser.number_grid import Block, payload
from apps.studio.charts.curves import Curve, Level, chart
from sandbox.blocks.descent import OPTIMIZERS, Surface


def test_numbers_leave_cells_empty_and_scale_to_the_largest():
    table = payload(Block(values=np.array([[1.0, np.nan], [-4.0, 2.0]]), strong=[1]))
    assert table["values"] == [[1.0, None], [-4.0, 2.0]]
    assert table["scale"] == 4.0
    assert payload(Block(values=np.full((1, 2), np.nan)))["scale"] == 0.0
    assert payload(Block(values=np.array([3.0]), scale=0))["values"] == [[3.0]]


def test_a_logarithmic_count_begins_above_zero():
    curve = Curve(name="network", x=[0.001, 0.1, 1.0], y=[1.0, 2.0, 3.0])
    drawn = chart([curve], [Level(name="base", y=2.0)], x_title="step", y_title="score", x_log=True).to_dict()
    places = [row["x"] for rows in drawn["datasets"].values() for row in rows if "x" in row]
    assert min(places) == 0.001
    room = next(row["x"] for rows in drawn["datasets"].values() for row in rows if row.get("kind") == "room")
    assert 1.0 < room < 1e4
    assert drawn["layer"][3]["encoding"]["x"]["scale"]["type"] == "log"


@pytest.mark.parametrize("surface", Surface.KINDS)
def test_landscapes_show_their_starts_and_minima(surface):
    left, right, bottom, top = descents.WINDOWS[surface]
    for x, y in (Surface.KINDS[surface][1], *Surface.MINIMA[surface]):
        assert left < x < right and bottom < y < top
    assert surface in descents.ABOUT


def test_each_gets_the_step_size_that_ends_lowest_and_who_leaves_the_numbers_is_gone(monkeypatch):
    monkeypatch.setattr(descents, "STEPS", 40)
    assert set(controls.OPTIMIZERS) == set(OPTIMIZERS) == set(optimiser_race.RATES)
    start = Surface.KINDS["valley"][1]
    best = descents.best("valley", "sgd", start)
    ends = [descents.descend("valley", "sgd", rate, start).heights[-1] for rate in descents.RATES]
    assert best.heights[-1] == min(end for end in ends if end is not None)
    wild = descents.descend("valley", "sgd", 1.0, start)
    assert wild.heights[-1] is None
    assert len(wild.path) < 41 and all(place is not None for place in wild.path)
