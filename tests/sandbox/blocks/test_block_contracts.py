"""What every block of `sandbox/blocks/` keeps, found by file name: a new block is tested unasked."""

import copy
import importlib

import pytest
import torch
from torch import Tensor, nn

from sandbox import catalog

# What the upward pass does not use; contrastive divergence moves it. A block whose loss is not the square of
# what comes out may also offer `example_loss(module, *inputs)`.
OTHERWISE_LEARNED = {"dbn": ("visible_bias",)}

NAMES = [entry.name for entry in catalog.blocks()]


@pytest.fixture(params=NAMES)
def block(request):
    """A block's file."""
    return importlib.import_module(f"sandbox.blocks.{request.param}")


def made(block, seed=0):
    torch.manual_seed(seed)
    module, inputs = block.example()
    return module, inputs


def outputs(module, inputs, seed=0) -> list[Tensor]:
    """All tensors that come out, in their order; blocks that draw random numbers draw the same ones."""
    torch.manual_seed(seed)
    return flat(module(*inputs))


def flat(value) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in flat(item)]
    return []


def test_there_are_blocks():
    assert {"mlp", "cnn"} <= set(NAMES)


def test_example_and_docstrings(block):
    module, inputs = made(block)
    assert isinstance(module, nn.Module) and all(isinstance(tensor, Tensor) for tensor in inputs)
    assert block.__doc__ and type(module).__doc__ and block.example.__doc__
    assert type(module).__module__ == block.__name__


def test_one_row_comes_out_for_each_that_goes_in(block):
    module, inputs = made(block)
    module.eval()
    found = outputs(module, inputs)
    assert found and all(torch.isfinite(tensor).all() for tensor in found)
    assert found[0].shape[0] == inputs[0].shape[0]
    smaller = outputs(module, [tensor[:2] for tensor in inputs])
    assert smaller[0].shape[0] == 2


def test_a_loss_reaches_every_parameter(block):
    module, inputs = made(block)
    parameters = dict(module.named_parameters())
    learned = {name: p for name, p in parameters.items() if p.requires_grad}
    if not learned:
        pytest.skip("learns without gradients")
    torch.manual_seed(0)
    if hasattr(block, "example_loss"):
        loss = block.example_loss(module, *inputs)
    else:
        found = [tensor for tensor in outputs(module, inputs) if tensor.requires_grad]
        loss = torch.stack([tensor.square().sum() for tensor in found]).sum()
    loss.backward()
    dead = [name for name, p in learned.items() if p.grad is None or not p.grad.abs().sum() > 0]
    other_ways = OTHERWISE_LEARNED.get(block.__name__.rpartition(".")[2], ())
    assert [name for name in dead if not name.endswith(other_ways)] == []


def test_saved_and_loaded_it_is_the_same(block):
    module, inputs = made(block)
    other, _ = made(block, seed=1)
    mine, theirs = module.state_dict(), other.state_dict()
    if not all(torch.equal(mine[name], theirs[name]) for name in mine):
        before = outputs(copy.deepcopy(other).eval(), inputs)
        assert any(not torch.equal(a, b) for a, b in zip(before, outputs(module.eval(), inputs), strict=True))
    other.load_state_dict(module.state_dict())
    for a, b in zip(outputs(module.eval(), inputs), outputs(other.eval(), inputs), strict=True):
        assert torch.equal(a, b)


def test_the_same_seed_gives_the_same(block):
    first, second = made(block), made(block)
    for a, b in zip(first[1], second[1], strict=True):
        assert torch.equal(a, b)
    for a, b in zip(outputs(*first), outputs(*second), strict=True):
        assert torch.equal(a, b)


def test_half_precision_comes_near(block):
    module, inputs = made(block)
    module.eval()
    exact = outputs(module, inputs)
    with torch.autocast("cpu", torch.bfloat16):
        rough = outputs(module, inputs)
    for a, b in zip(exact, rough, strict=True):
        assert a.shape == b.shape and torch.isfinite(b).all()
        if a.is_floating_point():
            # bfloat16 keeps 8 bits; errors add up over a few layers.
            assert (a - b.float()).abs().mean() <= 0.05 * (a.abs().mean() + 0.1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_gpu_it_is_the_same(block):
    module, inputs = made(block)
    module.eval()
    here, drawn_anew = outputs(module, inputs), outputs(module, inputs, seed=1)
    is_random = any(not torch.equal(a, b) for a, b in zip(here, drawn_anew, strict=True))
    module.to("cuda")
    there = outputs(module, [tensor.to("cuda") for tensor in inputs])
    for a, b in zip(here, there, strict=True):
        assert b.device.type == "cuda" and b.shape == a.shape and torch.isfinite(b).all()
        if not is_random:
            # Convolutions on a GPU may round their inputs to 10 bits (TF32).
            torch.testing.assert_close(b.cpu(), a, rtol=1e-2, atol=1e-2)
