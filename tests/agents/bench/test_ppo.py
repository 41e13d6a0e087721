"""The benchmark's parts; the whole takes minutes."""

import math

import pytest
import torch

from agents.bench.ppo import bench, product_limit, update_speed
from agents.bench.solve_cartpole import seconds_to_solve
from agents.settings import settings_for
from agents.training.build import build_model
from agents.vec_env import make_vec_env


def cartpole():
    settings = settings_for("cartpole")
    return build_model(settings, make_vec_env("cartpole", settings.num_envs, 0), torch.device("cpu"), 0)


@pytest.mark.thorough
def test_seconds_are_of_training_until_it_is_solved():
    # A model that gives up before the first check has no time.
    assert seconds_to_solve(cartpole(), 2048, 0) == math.inf
    assert 0 < seconds_to_solve(cartpole(), 100_000, 0) < 60


@pytest.mark.thorough
def test_an_update_cannot_compute_more_than_a_matrix_product():
    assert 0 < update_speed() < 1.2 * product_limit()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_tables_are_complete_and_ours_is_ahead():
    tables = bench(quick=True)
    assert len(tables) == 4
    for table in tables:
        assert {"title", "columns", "rows", "note"} <= table.keys()
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
        assert table["rows"][-1][0].startswith("ours") and table["rows"][-1][-1] > 1.5
