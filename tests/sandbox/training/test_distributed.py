"""Two processes that share each batch learn what one learns from the whole of it.

Run as a program, this file is the second process.
"""

import os
import socket
import sys
import weakref
from dataclasses import dataclass

import pytest
import torch
from torch import distributed as dist
from torch import nn

from sandbox.blocks.cnn import CNN
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError
from sandbox.metrics.scores import Metric, PerExample
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.tasks.training import follow_task, train_task
from sandbox.training import distributed, process_group
from sandbox.training import fit as fit_module
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised


@dataclass(frozen=True, kw_only=True)
class Settings:
    steps: int = 12
    batch_size: int = 16


class Tiny(Task[Settings, torch.Tensor, int]):
    """A network with momentum, a schedule and clipping; without batch normalisation, which sees the parts."""

    presets = {"default": Settings()}  # noqa: RUF012 as every task
    metric = Metric("accuracy", "accuracy")

    def load(self, settings, source):
        generator = torch.Generator().manual_seed(5)
        x = torch.randn(100, 1, 8, 8, generator=generator)
        examples = Examples(x, torch.randint(0, 3, (100,), generator=generator))
        return Split(train=examples, test=examples, about=About("tiny"))

    def prepare(self, settings, split, *, seed, device):
        x, y = split.train.inputs, split.train.targets
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
            predictor=None,  # pyright: ignore[reportArgumentType] nothing is answered
            batches=batches,
            total=settings.steps,
            threads=1,
            meta={},
        )

    def measure(self, predictor, examples):
        return {"accuracy": PerExample(torch.zeros(2).numpy())}

    def baselines(self, settings, split):
        raise NotImplementedError

    def predictor(self, tensors, meta):
        raise NotImplementedError


def weights(run):
    return run.load_model()[0]


@pytest.mark.thorough
def test_two_learn_what_one_learns_stopped_and_resumed(monkeypatch, second_process):
    monkeypatch.setattr(fit_module, "LOOK_EVERY", 0.0)
    run, alone = Run.create("test", {"seed": 3}), Run.create("test", {"seed": 3})
    with second_process(__file__, trainings=2) as meet:
        meet()
        events = train_task(Tiny(), Settings(), run)
        for progress in events:
            if progress.step == 5:
                events.close()
        half = weights(run)
        meet()  # the second one begins anew, and is told where the first one is
        assert drive(run, train_task(Tiny(), Settings(), run, resume=True)) == "done", run.status()["message"]
    assert run.config["processes"] == 2
    assert drive(alone, train_task(Tiny(), Settings(), alone)) == "done"
    assert alone.config["processes"] == 1
    torch.testing.assert_close(weights(run), weights(alone), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(half["head.0.weight"], weights(run)["head.0.weight"], atol=1e-3)


def test_what_averages_gradients_is_gone_before_the_group(monkeypatch):
    # Else it destroys the group itself, and now and then that never ends.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    for name, value in {"WORLD_SIZE": "1", "RANK": "0", "MASTER_ADDR": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MASTER_PORT", port)
    task, settings = Tiny(), Settings()
    training = task.prepare(settings, task.load(settings, None), seed=0, device=torch.device("cpu"))
    learner, found = training.learner, []
    assert isinstance(learner, Supervised)
    model = learner.model
    team = distributed.Team(learner, torch.device("cpu"), 0)
    averaging, destroy = weakref.ref(learner.forward), dist.destroy_process_group
    assert averaging() is not model

    def destroyed():
        found.append(averaging())
        destroy()

    monkeypatch.setattr(dist, "destroy_process_group", destroyed)
    with team.led(training.batches) as batches:
        learner.step(batches(0))
    assert found == [None] and learner.forward is model


def test_only_supervised_learning_is_shared():
    assert not process_group.is_asked_for()
    with pytest.raises(UserError, match=r"Only supervised learning .* not object; start it without torchrun"):
        distributed.Team(object(), torch.device("cpu"), 0)
    learner = (
        Tiny().prepare(Settings(), Tiny().load(Settings(), None), seed=0, device=torch.device("cpu")).learner
    )
    with pytest.raises(UserError, match="on CPUs or on CUDA devices, not on mps"):
        distributed.Team(learner, torch.device("mps"), 0)


if __name__ == "__main__":
    for port in sys.argv[1:]:
        os.environ["MASTER_PORT"] = port
        follow_task(Tiny(), Settings(), {"seed": 3})
