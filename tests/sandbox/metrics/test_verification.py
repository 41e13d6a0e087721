"""Equal error rates by hand, and an interval that knows that pairs of one person hang together."""

import numpy as np
import pytest
import torch

from sandbox.metrics.verification import OverPeople, pair_distances, rates, verification_scores
from sandbox.training.contrastive import supervised_contrastive


def test_rates_by_hand():
    same = np.array([True, True, True, True, False, False, False, False])
    distances = np.array([0.1, 0.2, 0.3, 0.7, 0.4, 0.8, 0.9, 1.0])
    found = rates(distances, same)
    assert found.equal_error == pytest.approx(0.25)  # 0.7 is rejected, 0.4 accepted
    assert 0.4 <= found.threshold < 0.7
    assert found.true_accepts_at(0.0) == 0.75 and found.true_accepts_at(0.25) == 1.0
    assert rates(np.array([0.1, 0.9]), np.array([True, False])).equal_error == 0
    assert rates(np.array([0.9, 0.1]), np.array([True, False])).equal_error == 1
    assert rates(np.full(4, 0.5), np.array([True, True, False, False])).equal_error == 0.5
    weights = np.array([1, 1, 1, 1, 0, 1, 1, 1.0])
    assert rates(distances, same, weights).equal_error == 0  # without the one stranger who is near


def test_distances_are_cosines():
    vectors = np.array([[1.0, 0], [2, 0], [0, 3], [5, 0], [-1, 0], [0, 1]])
    assert pair_distances(vectors).tolist() == [0, 2, 0]


def test_the_interval_is_over_people():
    """A hundred copies of the same few pairs say nothing new; people do."""
    generator = np.random.default_rng(0)

    def some(people: int, copies: int) -> OverPeople:
        own = np.repeat(np.arange(people), 2)
        pairs = np.stack([own, np.where(np.arange(2 * people) % 2, (own + 1) % people, own)], 1)
        bad = generator.permutation(people) < people // 4
        distances = np.where(pairs[:, 0] == pairs[:, 1], np.where(bad[pairs[:, 0]], 0.9, 0.1), 0.5)
        return OverPeople(np.tile(distances, copies), np.tile(pairs, (copies, 1)), 0.01)

    one, copied, many = (
        found.interval().high - found.interval().low for found in (some(16, 1), some(16, 50), some(400, 1))
    )
    assert copied > 0.8 * one and many < 0.4 * one


def test_groups_that_have_pairs_of_both_kinds_have_a_figure():
    targets = np.array([[0, 0, 0], [0, 1, 0], [1, 1, 1], [2, 2, -1], [2, 3, -1]])
    found = verification_scores(np.array([0.1, 0.9, 0.2, 0.6, 0.5]), targets)
    assert set(found) == {"equal_error_rate", "true_accepts", "error_nobody_wears_glasses"}
    assert found["error_nobody_wears_glasses"].mean == 0 < found["equal_error_rate"].mean


def test_the_contrastive_loss_is_the_paper_s():
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(7, 5, dtype=torch.float64), dim=1).requires_grad_()
    labels, wanted = torch.tensor([0, 0, 1, 1, 1, 2, 0]), []
    for i in range(7):
        others = [a for a in range(7) if a != i]
        mates = [p for p in others if labels[p] == labels[i]]
        if mates:  # one has none
            powers = torch.exp(vectors[others] @ vectors[i] / 0.2).sum()
            shares = torch.exp(vectors[mates] @ vectors[i] / 0.2) / powers
            wanted.append(-shares.log().mean())
    loss = supervised_contrastive(vectors, labels, 0.2)
    assert float(loss.detach()) == pytest.approx(float(torch.stack(wanted).mean().detach()))
    loss.backward()
    assert vectors.grad is not None and torch.isfinite(vectors.grad).all()
