"""Completions with known answers: by similar pictures, by components, by a machine."""

import pytest
import torch

from apps.energy.rbm import Machine
from sandbox.baselines.completed_components import CompletedComponents
from sandbox.baselines.similar_pictures import SimilarPictures
from sandbox.blocks.rbm import RBM
from sandbox.metrics.completion import explained, given
from sandbox.tasks.inputs.image import Image

SHAPE = Image((1, 2, 4))


@pytest.mark.parametrize("missing", ["lower", "upper", "left", "right"])
def test_the_missing_half_is_where_it_is_said(missing):
    keep = given((4, 6), missing).reshape(4, 6)
    assert int((~keep).sum()) == 12
    side = {"lower": keep[2:], "upper": keep[:2], "left": keep[:, :3], "right": keep[:, 3:]}[missing]
    assert not side.any()
    assert int(given((4, 6), missing, 0.0).sum()) == 24


def tied() -> RBM:
    """A machine whose hidden units each tie a pixel to the one below it."""
    machine = RBM(8, 4)
    with torch.no_grad():
        machine.weight.zero_()
        for i in range(4):
            machine.weight[i, [i, i + 4]] = 12.0
        machine.hidden_bias.fill_(-12.0)
        machine.visible_bias.fill_(-6.0)
    return machine


def test_completions_keep_what_is_given_and_find_what_is_certain():
    generator = torch.Generator().manual_seed(0)
    top = torch.bernoulli(torch.full((300, 4), 0.5), generator=generator)
    rows = torch.cat([top, top], 1)  # the lower half repeats the upper one
    keep = given((2, 4), "lower")
    train, test, mean = rows[:200], rows[200:], rows[:200].mean(0)
    machine = Machine(tied(), SHAPE, mean)
    state = torch.random.get_rng_state()
    for completer in (SimilarPictures(train, SHAPE, 1), CompletedComponents(train, SHAPE, 4), machine):
        guess = completer.complete(test, keep)
        assert torch.allclose(guess[:, keep], test[:, keep])
        assert explained(test, guess, mean, keep).mean() > 0.9
        # As a predictor it completes the lower half.
        pictures = torch.as_tensor(completer.predict(test.reshape(-1, 1, 2, 4)))
        assert torch.allclose(pictures.flatten(1), guess, atol=1e-6)
    plain = mean.expand(100, -1)
    assert explained(test, plain, mean, keep).mean().item() == pytest.approx(0, abs=1e-5)
    assert torch.equal(state, torch.random.get_rng_state())


def test_a_chain_is_the_same_for_the_same_seed_and_keeps_the_given_units():
    machine, rows = tied(), torch.rand(3, 8)
    keep = given((2, 4), "upper")
    frames = machine.chain(rows, keep, 5, seed=1)
    assert frames.shape == (5, 3, 8)
    assert torch.equal(frames, machine.chain(rows, keep, 5, seed=1))
    assert not torch.equal(frames, machine.chain(rows, keep, 5, seed=2))
    assert torch.equal(frames[:, :, keep], rows[:, keep].expand(5, -1, -1))
