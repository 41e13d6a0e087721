"""Damage beyond what was learned: nothing at 0, worse and worse, and what is missing stays missing."""

import pytest
import torch

from sandbox.corruptions.found import corruptions_of
from sandbox.data.damages import Holes, Noise, Small
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.split import Examples

pytestmark = pytest.mark.thorough

CLEAN = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
KINDS = {"noise": Noise(), "holes": Holes(0.2), "small": Small(2)}
CASES = [(kind, name) for kind, damage in KINDS.items() for name in corruptions_of(DamagedPhoto(damage))]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_nothing_at_0_and_more_and_more(kind, name):
    damage = KINDS[kind]
    corruption = corruptions_of(DamagedPhoto(damage))[name]
    inputs = damage.apply(CLEAN, torch.Generator().manual_seed(1))
    before = Examples(inputs, CLEAN)

    def spoilt(amount):
        return corruption.spoil(None, None, before, amount, 3).inputs

    def apart(amount):
        return (spoilt(amount) - inputs).nan_to_num(0).abs().mean().item()

    assert apart(0.0) < 1e-6
    assert 0 < apart(corruption.most / 4) < apart(corruption.most)
    assert torch.equal(spoilt(corruption.most).isnan(), inputs.isnan())
    assert torch.equal(spoilt(corruption.most).nan_to_num(0), spoilt(corruption.most).nan_to_num(0))


def test_only_noise_can_be_less_than_it_was():
    assert {kind for kind, name in CASES if name == "less_noise"} == {"noise"}
    gone = corruptions_of(DamagedPhoto(Noise()))["less_noise"]
    damaged = Noise().apply(CLEAN, torch.Generator().manual_seed(1))
    found = gone.spoil(None, None, Examples(damaged, CLEAN), 1.0)
    assert torch.allclose(found.inputs, CLEAN, atol=1e-6)
