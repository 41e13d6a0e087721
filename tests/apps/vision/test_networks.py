"""What network and what numbers suit a picture's size and the processor."""

import pytest
import torch

from apps.vision.classify import TASK, in_bfloat16
from apps.vision.settings import Precision, Settings
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.families.picture_network import build, cnn_shape
from sandbox.tasks.training import train_task
from sandbox.training import fit as fit_module

CPU = torch.device("cpu")


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 15, 15), (1, 28, 28), (3, 17, 23), (3, 64, 64)])
def test_larger_pictures_are_halved_by_the_first_convolution(shape, depth):
    keywords = {"in_shape": shape, "channels": (4,) * depth, "norm": "batch", "out_dim": 3}
    model = build("cnn", keywords | cnn_shape(shape, depth))
    assert model(torch.rand(2, *shape)).shape == (2, 3)
    first = model.body[0](torch.rand(2, *shape))
    small = min(shape[1:]) < 16
    assert min(model.body(torch.rand(2, *shape)).shape[2:]) >= 3  # enough places are left
    assert first.shape[2:] == tuple(side if small else -(-side // 2) for side in shape[1:])


def test_bfloat16_is_taken_where_the_processor_multiplies_it(monkeypatch):
    def chosen(side, precision: Precision = "auto"):
        return in_bfloat16(Settings(precision=precision), CPU, (1, side, side))

    for feature in ("avx512_bf16", "amx_bf16"):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda feature=feature: {feature: True})
        assert chosen(28) and not chosen(8) and chosen(8, "bfloat16") and not chosen(28, "float32")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    assert not chosen(28) and chosen(28, "bfloat16")
    monkeypatch.delattr(torch.cpu, "get_capabilities")  # an older version of torch
    assert not chosen(28)


@pytest.mark.thorough
def test_in_bfloat16_a_stopped_training_ends_with_the_same_bits(monkeypatch):
    monkeypatch.setattr(fit_module, "LOOK_EVERY", 0.0)  # however fast the machine is
    settings = Settings(steps=24, channels=(4, 8), hidden=(8,), dropout=0.2, precision="bfloat16")
    whole, stopped = (Run.create("vision/classify", {"threads": 1}) for _ in range(2))
    events = train_task(TASK, settings, stopped)
    next(event for event in events if event.step >= 10)
    events.close()
    assert 10 <= (stopped.resumable_step() or 0) < settings.steps
    assert drive(stopped, train_task(TASK, settings, stopped, resume=True)) == "done"
    assert drive(whole, train_task(TASK, settings, whole)) == "done"
    (a, _), (b, _) = whole.load_model(), stopped.load_model()
    assert a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
