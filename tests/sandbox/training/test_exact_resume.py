"""Killed with `kill -9` and resumed, a training of any learner ends with the same bits as one that never was.

Run as a program, this file is the trainings that are killed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from sandbox.blocks.cnn import CNN
from sandbox.blocks.gan import GAN
from sandbox.blocks.rbm import RBM
from sandbox.blocks.som import SOM
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.devices import seed_everything
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.training import fit as fit_module
from sandbox.training import save_schedule
from sandbox.training.adversarial import Adversarial
from sandbox.training.competitive import Competitive
from sandbox.training.contrastive_divergence import ContrastiveDivergence
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised, warmup_cosine

pytestmark = pytest.mark.thorough

STEPS = 80


def supervised():
    """A network with all that a resume can get wrong: batch statistics, dropout, momentum, schedule, ..."""
    model = CNN((1, 8, 8), (4,), norm="batch", hidden=(8,), out_dim=3, dropout=0.2)
    return Supervised(
        model,
        torch.optim.AdamW(model.parameters(), lr=0.01),
        nn.functional.cross_entropy,
        schedule=warmup_cosine(STEPS),
        clip=1.0,
        augment=jitter,
    )


def adversarial():
    """Two optimizers and an average."""
    gan = GAN.of_points(64, latent_dim=3, hidden=(8,))
    adam = (torch.optim.Adam(part.parameters(), lr=1e-3) for part in (gan.generator, gan.discriminator))
    return Adversarial(gan, *adam, average=0.9)


def contrastive_divergence():
    """Chains that go on from step to step."""
    rbm = RBM(64, 8)
    optimizer = torch.optim.SGD(rbm.parameters(), lr=0.05, momentum=0.5)
    return ContrastiveDivergence(rbm, optimizer, chains=10)


def competitive():
    """A radius that shrinks with the steps."""
    return Competitive(SOM(64, 3, 3), STEPS, rule="online")


LEARNERS = {make.__name__: make for make in (supervised, adversarial, contrastive_divergence, competitive)}


def training(name, run, resume=False):
    torch.set_num_threads(1)
    # A resume puts the random generators back; where nothing was saved, it begins with the run's own seed.
    seed_everything(99 if resume and run.resumable_step() is not None else 0)
    learner = LEARNERS[name]()
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand(70, 1, 8, 8, generator=generator), torch.randint(0, 3, (70,), generator=generator)
    if name != "supervised":
        x = x.flatten(1)
    return fit(learner, ShuffledBatches(x, y, batch_size=16, seed=3), STEPS, run=run, resume=resume)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run of each learner that was killed somewhere in the middle."""
    root = tmp_path_factory.mktemp("killed")
    runs = {name: Run.create(name, {}, root=root) for name in LEARNERS}
    process = subprocess.run(
        [sys.executable, __file__, *(str(run.path) for run in runs.values())], timeout=100, check=False
    )
    assert process.returncode == 0
    return runs


@pytest.mark.quick("supervised")
@pytest.mark.parametrize("name", LEARNERS)
def test_killed_and_resumed_it_ends_with_the_same_bits(name, killed):
    whole, killed = Run.create("test", {}), killed[name]
    assert killed.status()["state"] == "interrupted"
    step = killed.resumable_step()
    assert step is not None and 0 < step < STEPS
    assert drive(killed, training(name, killed, resume=True)) == "done"
    assert drive(whole, training(name, whole)) == "done"
    (a, _), (b, _) = whole.load_model(), killed.load_model()
    assert a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
    (_, a, _), (_, b, _) = whole.load_resume(), killed.load_resume()
    # The type checker of the tests draws from Python's own generator.
    differ = [
        name for name in a if not torch.equal(a[name], b[name]) and not name.startswith("random.python")
    ]
    assert a.keys() == b.keys() and differ == []
    assert {"random.torch", "random.numpy"} <= a.keys()
    assert name != "supervised" or "optimizer.state.0.exp_avg" in a
    rows = [row["step"] for row in killed.metrics()]
    assert rows == sorted(set(rows)) and rows[-1] == STEPS
    assert set(whole.checkpoints()) <= set(killed.checkpoints())


def killed_in_the_middle(run):
    """Train until a checkpoint can be resumed, and a little more: the end may meet a file half written."""
    fit_module.SAVE_FIRST = fit_module.SAVE_EVERY = fit_module.LOOK_EVERY = 0.0
    save_schedule.SHARE = 1e9
    ends = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGKILL))

    def show(progress):
        time.sleep(0.005)
        if progress.step >= 20 and run.resumable_step() and not ends.is_alive():
            ends.start()
        if progress.step >= 60:  # on a busy machine the timer may come late
            os.kill(os.getpid(), signal.SIGKILL)

    drive(run, training(run.config["target"], run), show)


if __name__ == "__main__":
    for path in sys.argv[1:]:
        child = os.fork()  # importing torch again would take seconds
        if not child:
            killed_in_the_middle(Run.open(Path(path)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            sys.exit(f"{path} was not killed")
