"""The loop: what it yields, logs and saves, and that stopping it anywhere changes nothing."""

import errno
import itertools
import math
import os
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.devices import seed_everything
from sandbox.errors import TrainingDivergedError, UserError, is_user_error
from sandbox.runs import Run, checkpoints
from sandbox.training import clock, save_schedule
from sandbox.training import fit as fit_module
from sandbox.training.fit import fit
from sandbox.training.out_of_memory import NotEnoughMemoryError
from sandbox.training.supervised import Supervised, warmup_cosine

STEPS = 60


def learner(lr=0.01, seed=0, clip: float | None = 1.0):
    """A small network with all that a resume can get wrong: momentum, schedule, dropout, augmentation."""
    seed_everything(seed)
    model = nn.Sequential(MLP(4, (16,)), nn.Dropout(0.3), nn.Linear(16, 3))
    return Supervised(
        model,
        torch.optim.AdamW(model.parameters(), lr=lr),
        nn.functional.cross_entropy,
        schedule=warmup_cosine(STEPS),
        clip=clip,
        augment=lambda x: x + 0.1 * torch.randn_like(x),
        metrics=lambda outputs, labels: {"accuracy": (outputs.argmax(1) == labels).float().mean()},
    )


def batches():
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(50, 4, generator=generator)
    return ShuffledBatches(x, (x @ torch.randn(4, 3, generator=generator)).argmax(1), batch_size=8, seed=1)


def weights(trained):
    return {name: tensor.clone() for name, tensor in trained.model_state().items()}


@pytest.fixture
def run():
    return Run.create("test", {})


@pytest.fixture
def eager(monkeypatch):
    """Look, evaluate and save after every step."""
    for name in ("LOOK_EVERY", "LOG_GROWTH", "SAVE_FIRST", "SAVE_EVERY"):
        monkeypatch.setattr(fit_module, name, 0.0)
    monkeypatch.setattr(save_schedule, "SHARE", 1e9)


def test_it_learns_and_tells(run):
    trained = learner()
    seen = list(
        fit(trained, batches(), 2 * STEPS, run=run, evaluate=lambda: {"test_loss": 1.0}, meta={"a": 1})
    )
    assert [p.step for p in seen] == sorted(p.step for p in seen) and seen[-1].step == 2 * STEPS
    assert all(p.total == 2 * STEPS for p in seen)
    assert seen[-1].metrics.keys() == {"loss", "accuracy", "gradient_norm", "test_loss"}
    rows = run.metrics()
    assert rows[0] == {"step": 0, "seconds": 0.0, "test_loss": 1.0}
    assert rows[-1]["step"] == 2 * STEPS and rows[-1]["loss"] < 0.8 * rows[1]["loss"]
    assert all(a["seconds"] <= b["seconds"] for a, b in itertools.pairwise(rows))
    tensors, meta = run.load_model()
    assert meta == {"step": 2 * STEPS, "a": 1}
    assert all(torch.equal(tensors[name], tensor) for name, tensor in trained.model_state().items())


def test_checkpoints_are_spread_over_all_ages(run):
    list(fit(learner(), batches(), STEPS, run=run))
    expected = [0]
    while (step := checkpoints.next_kept(expected[-1])) < STEPS:
        expected.append(step)
    assert run.checkpoints() == [*expected, STEPS]
    assert run.resumable_step() == STEPS


def test_without_a_run_nothing_is_written(runs_root):
    list(fit(learner(), batches(), 5))
    assert not runs_root.exists()


def test_means_are_over_all_steps_since_the_last_look(monkeypatch):
    monkeypatch.setattr(fit_module, "LOOK_EVERY", 1e9)

    class Counter(Supervised):
        def step(self, batch):
            super().step(batch)
            return {"loss": torch.tensor(float(self.steps))}

    counter = learner()
    counter.__class__ = Counter
    seen = list(fit(counter, batches(), 10))
    assert [p.step for p in seen] == [1, 10]
    # Steps 9 and 10: the look before was for the checkpoint of step 8.
    assert seen[-1].metrics["loss"] == 9.5


@pytest.mark.parametrize("stop", [1, 2, 17, STEPS - 1])
def test_stopped_and_resumed_it_ends_with_the_same_bits(run, eager, stop):
    whole = learner()
    list(fit(whole, batches(), STEPS))
    first = fit(learner(), batches(), STEPS, run=run)
    for progress in first:
        if progress.step == stop:
            first.close()
    assert run.resumable_step() == stop
    second = learner(seed=99)  # other weights and random states, which the checkpoint replaces
    steps = [progress.step for progress in fit(second, batches(), STEPS, run=run, resume=True)]
    assert steps[0] == stop + 1
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, second.model_state()[name]), name


def test_how_often_it_evaluates_and_saves_does_not_change_the_result(run, eager):
    def evaluate():
        torch.randn(7)
        return {}

    often, never = learner(), learner()
    list(fit(often, batches(), STEPS, run=run, evaluate=evaluate))
    seed_everything(0)
    never = learner()
    list(fit(never, batches(), STEPS))
    assert all(torch.equal(weights(often)[name], tensor) for name, tensor in weights(never).items())


def test_seconds_leave_out_whoever_watches(run, eager, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def wait(seconds: float) -> None:
        now[0] += seconds

    def learn(step: int):
        wait(0.5)
        return batches()(step)

    for _ in fit(learner(), learn, 10, run=run, evaluate=lambda: wait(20.0) or {}):
        wait(300.0)
    assert run.metrics()[-1]["seconds"] == 5.0


def test_seconds_go_on_after_a_resume(run, eager):
    first = fit(learner(), batches(), STEPS, run=run)
    next(first)
    first.close()
    run.log(1, 0.0, {})
    before = run.load_resume()[2]["seconds"]
    next(fit(learner(), batches(), STEPS, run=run, resume=True))
    assert run.metrics()[-1]["seconds"] >= before > 0


def test_an_exploding_loss_is_told_with_its_cause(run):
    words = r"(The loss became (nan|inf)|is no longer finite).*: most likely the learning rate"
    with pytest.raises(TrainingDivergedError, match=words):
        for _ in fit(learner(lr=1e30, clip=None), batches(), STEPS, run=run):
            pass
    tensors, _ = run.load_model()
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())


def test_data_that_are_not_finite_are_told():
    x = torch.full((8, 4), math.nan)
    with pytest.raises(TrainingDivergedError, match="the data hold values that are not finite"):
        list(fit(learner(), lambda step: (x, torch.zeros(8, dtype=torch.int64)), STEPS))


def test_the_step_at_which_the_loss_broke_is_named(monkeypatch):
    monkeypatch.setattr(fit_module, "LOOK_EVERY", 1e9)
    good = batches()

    def spoilt(step):
        x, y = good(step)
        return (x * math.nan if step == 12 else x), y

    with pytest.raises(TrainingDivergedError, match=r"became nan at step 13: the data hold values"):
        list(fit(learner(), spoilt, STEPS))


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        MemoryError(),
    ],
)
def test_running_out_of_memory_says_what_to_lower(run, error):
    trained, calls = learner(), itertools.count(1)

    def step(batch):
        if next(calls) == 5:
            raise error
        return Supervised.step(trained, batch)

    trained.step = step
    with pytest.raises(NotEnoughMemoryError, match=r"at step 5\. Lower batch_size .*accumulate") as told:
        list(fit(trained, batches(), STEPS, run=run))
    assert is_user_error(told.value) and run.checkpoints()
    trained.step = lambda batch: (_ for _ in ()).throw(RuntimeError("shapes do not fit"))
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        list(fit(trained, batches(), STEPS))


def test_a_broken_model_is_never_saved(run, eager, monkeypatch):
    monkeypatch.setattr(save_schedule, "SHARE", 1e-9)  # step 2 can only be looked back at
    broken = learner()
    events = fit(broken, batches(), STEPS, run=run)
    next(events)
    next(events)
    with torch.no_grad():
        broken.model_state()["2.weight"].fill_(math.inf)
    with pytest.raises(
        TrainingDivergedError, match=r"2.weight is no longer finite at step 2: .*step 2 is un"
    ):
        events.close()
    assert torch.isfinite(run.load_model()[0]["2.weight"]).all()


def test_a_full_disk_stops_with_the_last_good_checkpoint(run, eager, monkeypatch):
    write = checkpoints.write_bytes

    def full(path, data, sync=False):
        if int(path.parent.name.split("-")[1]) >= 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, data, sync)

    monkeypatch.setattr(checkpoints, "write_bytes", full)
    with pytest.raises(UserError, match=r"the disk is full; the checkpoint of step 1\d is unharmed"):
        list(fit(learner(), batches(), STEPS, run=run))
    assert 0 < run.load_resume()[0] < 20


def test_resume_needs_a_run():
    with pytest.raises(ValueError, match="needs a run"):
        list(fit(learner(), batches(), STEPS, resume=True))
