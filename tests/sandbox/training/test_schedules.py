import itertools
from typing import get_args

import pytest
import torch

from sandbox.training import schedules
from sandbox.training.schedules import NAMES, constant, one_cycle, schedule, step_decay, warmup_cosine

TOTAL = 60


def rates(make):
    """What one of torch's schedulers does to a rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    found = []
    for _ in range(TOTAL):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize("peak", [0.3, 0.5])
def test_one_cycle_is_torchs(peak):
    expected = rates(lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 1.0, TOTAL + 1, pct_start=peak))[:TOTAL]
    factor = one_cycle(TOTAL + 1, peak)
    assert [factor(step) for step in range(TOTAL)] == pytest.approx(expected)
    assert factor(TOTAL) == factor(10 * TOTAL) == pytest.approx(4e-6)


def test_stairs_are_torchs():
    expected = rates(lambda o: torch.optim.lr_scheduler.StepLR(o, 7, gamma=0.3))
    assert [step_decay(7, 0.3)(step) for step in range(TOTAL)] == pytest.approx(expected)


def test_cosine_without_warmup_is_torchs():
    expected = rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, TOTAL - 1))
    factor = warmup_cosine(TOTAL, warmup=0.0)  # one step of rising, at which the rate is 1
    assert [factor(step) for step in range(TOTAL)] == pytest.approx([1.0, *expected[:-1]])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("total", [1, 2, 3, 700])
def test_every_name_gives_a_factor_for_every_step(name, total):
    factor = schedule(name, total)
    values = [factor(step) for step in range(total)]
    assert all(0 < value <= 1 for value in values) or name == "cosine"
    assert all(0 <= value <= 1 for value in values)
    if total == 700:
        assert max(values) > 0.999
        falls = [b <= a for a, b in itertools.pairwise(values[210:])]
        assert all(falls) and (values[-1] < 0.02) == (name != "constant")
    assert get_args(schedules.Name) == NAMES


def test_constant_and_mistakes():
    assert {constant()(step) for step in range(9)} == {1.0}
    wrong: str = "cosin"
    with pytest.raises(Exception, match=r"(?s)cosin.*(one_cycle|Literal)"):
        schedule(wrong, 3)  # pyright: ignore[reportArgumentType]
