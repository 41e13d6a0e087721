"""Killed with `kill -9` and resumed, a training ends with the same bits as one that never was.

Run as a program, this file is the training that is killed.
"""

import subprocess
import sys
import time
from pathlib import Path

import torch
from torch import nn

from sandbox.blocks.cnn import CNN
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.devices import seed_everything
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.training import fit as fit_module
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised, warmup_cosine

STEPS = 200


def training(run, resume=False):
    """A network with all that a resume can get wrong: batch statistics, dropout, momentum, schedule, ..."""
    torch.set_num_threads(1)
    seed_everything(99 if resume else 0)
    model = CNN((1, 8, 8), (4,), norm="batch", hidden=(8,), out_dim=3, dropout=0.2)
    learner = Supervised(
        model,
        torch.optim.AdamW(model.parameters(), lr=0.01),
        nn.functional.cross_entropy,
        schedule=warmup_cosine(STEPS),
        clip=1.0,
        augment=jitter,
    )
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand(70, 1, 8, 8, generator=generator), torch.randint(0, 3, (70,), generator=generator)
    return fit(learner, ShuffledBatches(x, y, batch_size=16, seed=3), STEPS, run=run, resume=resume)


def test_killed_and_resumed_it_ends_with_the_same_bits():
    whole, killed = Run.create("test", {}), Run.create("test", {})
    process = subprocess.Popen([sys.executable, __file__, str(killed.path)])
    end = time.monotonic() + 100
    while (killed.resumable_step() or 0) < 20 and time.monotonic() < end:
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert killed.status()["state"] == "interrupted"
    step = killed.resumable_step()
    assert step is not None and 20 <= step < STEPS
    assert drive(killed, training(killed, resume=True)) == "done"
    assert drive(whole, training(whole)) == "done"
    (a, _), (b, _) = whole.load_model(), killed.load_model()
    assert a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
    (_, a, _), (_, b, _) = whole.load_resume(), killed.load_resume()
    # The type checker of the tests draws from Python's own generator.
    differ = [
        name for name in a if not torch.equal(a[name], b[name]) and not name.startswith("random.python")
    ]
    assert a.keys() == b.keys() and differ == []
    assert {"random.torch", "random.numpy", "optimizer.state.0.exp_avg"} <= a.keys()
    rows = [row["step"] for row in killed.metrics()]
    assert rows == sorted(set(rows)) and rows[-1] == STEPS
    assert set(whole.checkpoints()) <= set(killed.checkpoints())


if __name__ == "__main__":
    fit_module.SAVE_FIRST = fit_module.SAVE_EVERY = 0.0
    to_be_killed = Run.open(Path(sys.argv[1]))
    drive(to_be_killed, training(to_be_killed), lambda progress: time.sleep(0.01))
