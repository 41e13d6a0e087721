"""The cheapest routes over maps of costs: where they lead, and what they cost."""

import numpy as np
import pytest

from sandbox.errors import UserError
from sandbox.metrics.route import cheapest, cost_along, detour

START, GOAL = (4, 1), (4, 7)


@pytest.fixture
def wall():
    """A wall with a gate far off the straight way."""
    costs = np.ones((9, 9))
    costs[:, 4] = 50.0
    costs[8, 4] = 1.0
    return costs


def test_a_route_goes_through_the_gate(wall):
    way = cheapest(wall, START, GOAL)
    assert tuple(way[0]) == START and tuple(way[-1]) == GOAL
    assert np.abs(np.diff(way, axis=0)).max() == 1
    assert [8, 4] in way.tolist()
    # Four rows down to the gate and up again: diagonally but for one step each.
    assert cost_along(wall, way) == pytest.approx(2 * (3 * 2**0.5 + 1))


def test_costs_are_those_of_the_cells_that_are_passed():
    costs = np.array([[1.0, 3.0, 5.0]])
    assert cost_along(costs, np.array([(0, 0), (0, 1), (0, 2)])) == pytest.approx(2 + 4)
    assert cost_along(costs, np.array([(0, 1)])) == 0


def test_a_detour_is_paid_on_the_true_map(wall):
    ways = [(START, GOAL)]
    assert detour(wall, wall, ways) == 0
    blind = np.ones_like(wall)
    straight, best = 5 + (1 + 50) / 2 * 2 - 1, 2 * (3 * 2**0.5 + 1)
    assert detour(blind, wall, ways) == pytest.approx(straight / best - 1)
    assert detour(3 * wall, wall, ways) == 0


@pytest.mark.parametrize(("costs", "goal"), [(np.ones((3, 3)), (3, 0)), (np.zeros((3, 3)), (2, 2))])
def test_what_is_no_map_is_one_sentence(costs, goal):
    with pytest.raises(UserError, match=r"\.$"):
        cheapest(costs, (0, 0), goal)
