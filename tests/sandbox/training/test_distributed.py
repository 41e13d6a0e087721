"""Two processes that share each batch learn what one learns from the whole of it.

Run as a program, this file is the second process.
"""

import contextlib
import os
import socket
import subprocess
import sys
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from sandbox.blocks.cnn import CNN
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.task import Task, Training, follow_task, train_task
from sandbox.training import distributed
from sandbox.training import fit as fit_module
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised


@dataclass(frozen=True, kw_only=True)
class Settings:
    steps: int = 12
    batch_size: int = 16


class Tiny(Task[Settings]):
    """A network with momentum, a schedule and clipping; without batch normalisation, which sees the parts."""

    presets = {"default": Settings()}  # noqa: RUF012 as every task
    metric = "accuracy"

    def prepare(self, settings, *, data, seed, device):
        generator = torch.Generator().manual_seed(5)
        x = torch.randn(100, 1, 8, 8, generator=generator)
        y = torch.randint(0, 3, (100,), generator=generator)
        model = CNN((1, 8, 8), (4,), norm="group", hidden=(8,), out_dim=3)
        learner = Supervised(
            model,
            torch.optim.Adam(model.parameters(), lr=0.01),
            nn.functional.cross_entropy,
            schedule=warmup_cosine(settings.steps),
            clip=0.5,
            accumulate=2,
        )
        batches = ShuffledBatches(x, y, batch_size=settings.batch_size, seed=seed)
        return Training(
            learner=learner,
            batches=batches,
            total=settings.steps,
            evaluate=dict,
            test=lambda: {"accuracy": 0.0},
            threads=1,
            meta={},
        )

    def baseline(self, settings, data=None):
        raise NotImplementedError

    def predictor(self, tensors, meta):
        raise NotImplementedError


@contextlib.contextmanager
def second_process(monkeypatch):
    """This process is the first of two, as torchrun would start them; the second must end well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    team = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    with monkeypatch.context() as patch:
        for name, value in {**team, "RANK": "0"}.items():
            patch.setenv(name, value)
        command = [sys.executable, __file__]
        with subprocess.Popen(
            command, env={**os.environ, "RANK": "1"}, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield
                _, complaints = process.communicate(timeout=60)
                assert process.returncode == 0, complaints
            finally:
                process.kill()


def weights(run):
    return run.load_model()[0]


# Slow, and on a busy machine the second process sometimes does not end: not yet understood, see docs/log.md.
@pytest.mark.slow
def test_two_learn_what_one_learns_stopped_and_resumed(monkeypatch):
    monkeypatch.setattr(fit_module, "LOOK_EVERY", 0.0)
    run, alone = Run.create("test", {"seed": 3}), Run.create("test", {"seed": 3})
    with second_process(monkeypatch):
        events = train_task(Tiny(), Settings(), run)
        for progress in events:
            if progress.step == 5:
                events.close()
    assert run.config["processes"] == 2
    half = weights(run)
    with second_process(monkeypatch):  # it starts anew, and is told where the first one is
        assert drive(run, train_task(Tiny(), Settings(), run, resume=True)) == "done", run.status()["message"]
    assert drive(alone, train_task(Tiny(), Settings(), alone)) == "done"
    assert alone.config["processes"] == 1
    torch.testing.assert_close(weights(run), weights(alone), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(half["head.0.weight"], weights(run)["head.0.weight"], atol=1e-3)


def test_only_supervised_learning_is_shared():
    assert not distributed.is_asked_for()
    with pytest.raises(UserError, match=r"Only supervised learning .* not object; start it without torchrun"):
        distributed.Team(object(), torch.device("cpu"), 0)


if __name__ == "__main__":
    follow_task(Tiny(), Settings(), {"seed": 3})
