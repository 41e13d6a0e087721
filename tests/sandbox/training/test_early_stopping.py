"""A training that stops when it no longer gets better: at the best weights, and the same after a resume."""

import pytest
import torch
from torch import nn

from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.runs import Run
from sandbox.training import fit as fit_module
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised

TOTAL = 2_000


def overfitting(seed=0, patience=3):
    """Forty noisy examples, a network that can learn them by heart, and fresh examples that notice."""
    generator = torch.Generator().manual_seed(7)
    x, fresh = torch.randn(40, 6, generator=generator), torch.randn(400, 6, generator=generator)
    y, answers = (
        (each.sum(1) + 2 * torch.randn(len(each), generator=generator) > 0).long() for each in (x, fresh)
    )
    torch.manual_seed(seed)
    model = nn.Sequential(MLP(6, (64,), activation="relu"), nn.Dropout(0.1), nn.Linear(64, 2))
    learner = Supervised(model, torch.optim.Adam(model.parameters(), lr=0.01), nn.functional.cross_entropy)

    def validate():
        model.eval()
        with torch.no_grad():
            loss = nn.functional.cross_entropy(model(fresh), answers).item() + 0 * torch.rand(1).item()
        model.train()
        return loss

    stopping = EarlyStopping(validate, every=10, patience=patience)
    return learner, ShuffledBatches(x, y, batch_size=20, seed=1), stopping, validate


def test_it_stops_and_keeps_the_best_weights():
    learner, batches, stopping, validate = overfitting()
    seen = list(fit(learner, batches, TOTAL, stopping=stopping))
    assert seen[-1].step == stopping.best_step + 3 * 10 < TOTAL // 4
    assert validate() == stopping.best
    assert "validation_loss" in seen[-1].metrics
    # Without it, the loss on what was kept aside goes up again.
    learner, batches, _, validate = overfitting()
    list(fit(learner, batches, 600))
    assert validate() > stopping.best + 0.1


def test_looking_does_not_change_the_training():
    ends = []
    for every in (10, 10**6):
        learner, batches, stopping, _ = overfitting(patience=1000)
        stopping.every = every
        events = fit(learner, batches, 60, stopping=stopping)
        for progress in events:
            if progress.step == 59:
                break
        list(events)
        ends.append(learner.optimizer.state_dict()["state"][0]["exp_avg"].clone())
    assert torch.equal(*ends)


@pytest.mark.parametrize("stop", [5, 31, 1000])
def test_stopped_and_resumed_it_ends_with_the_same_bits(stop, monkeypatch):
    monkeypatch.setattr(fit_module, "LOOK_EVERY", 0.0)
    whole, batches, stopping, _ = overfitting()
    last = [progress.step for progress in fit(whole, batches, TOTAL, stopping=stopping)][-1]
    run = Run.create("test", {})
    learner, batches, first, _ = overfitting()
    events = fit(learner, batches, TOTAL, run=run, stopping=first)
    for progress in events:
        if progress.step == min(stop, last):
            events.close()
    learner, batches, second, _ = overfitting(seed=99)
    steps = [p.step for p in fit(learner, batches, TOTAL, run=run, resume=True, stopping=second)]
    assert (steps or [last])[-1] == last
    assert (second.best, second.best_step, second.misses) == (stopping.best, stopping.best_step, 3)
    for name, tensor in whole.model_state().items():
        assert torch.equal(tensor, learner.model_state()[name]), name


def test_a_figure_that_is_no_number_is_no_better():
    stopping = EarlyStopping(lambda: float("nan"), every=1, patience=2)
    stopping.look(1, {})
    assert not stopping.is_over and stopping.best_weights() is None
    stopping.look(2, {})
    assert stopping.is_over
    with pytest.raises(ValueError, match="at least 1, not 0 and 2"):
        EarlyStopping(lambda: 0.0, every=0, patience=2)
