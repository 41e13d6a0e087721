"""What every block of `sandbox/blocks/` keeps, found by file name: a new block is tested unasked."""

import copy
import importlib
import subprocess
import sys
import typing

import pytest
import torch
from torch import Tensor, nn

from sandbox import registry

# What the upward pass does not use; contrastive divergence moves it. A block whose loss is not the square of
# what comes out may also offer `example_loss(module, *inputs)`.
OTHERWISE_LEARNED = {"dbn": ("visible_bias",)}

NAMES = [entry.name for entry in registry.blocks()]


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


CHOICES = """
from sandbox.blocks.autoencoder import Autoencoder, ConvAutoencoder, corrupt
from sandbox.blocks.cnn import CNN, normalisation
from sandbox.blocks.dbn import DBN
from sandbox.blocks.descent import Surface
from sandbox.blocks.gan import GAN
from sandbox.blocks.inception import Inception, InceptionModule
from sandbox.blocks.mlp import MLP, activation
from sandbox.blocks.rbm import RBM
from sandbox.blocks.residual import Residual, ResidualBlock
from sandbox.blocks.som import SOM
from sandbox.blocks.vae import VAE
from sandbox.training.adversarial import Adversarial
from sandbox.training.competitive import Competitive
import torch
from torch import nn

gan, optimizers = GAN(nn.Identity(), MLP(2, (), 1), 2), [torch.optim.SGD([torch.zeros(1)])] * 2
MADE = {
    "CNN.norm": lambda name: CNN((1, 8, 8), norm=name),
    "MLP.norm": lambda name: MLP(2, (4,), 1, norm=name),
    "CNN.activation": lambda name: CNN((1, 8, 8), activation=name),
    "normalisation.norm": lambda name: normalisation(name, 4),
    "Residual.norm": lambda name: Residual((1, 8, 8), norm=name),
    "ResidualBlock.norm": lambda name: ResidualBlock(1, 1, norm=name),
    "Inception.norm": lambda name: Inception((1, 8, 8), norm=name),
    "InceptionModule.norm": lambda name: InceptionModule(1, 8, norm=name),
    "activation.name": activation,
    "corrupt.kind": lambda name: corrupt(torch.zeros(1, 2), 0.1, name),
    "Autoencoder.corruption": lambda name: Autoencoder(4, 2, corruption=name),
    "ConvAutoencoder.corruption": lambda name: ConvAutoencoder((1, 8, 8), 2, corruption=name),
    "RBM.visible": lambda name: RBM(3, 2, visible=name),
    "DBN.visible": lambda name: DBN(3, (2, 2), visible=name),
    "SOM.lattice": lambda name: SOM(2, 2, 2, lattice=name),
    "VAE.likelihood": lambda name: VAE(nn.Identity(), nn.Identity(), 2, likelihood=name),
    "Surface.name": Surface,
    "Adversarial.objective": lambda name: Adversarial(gan, *optimizers, objective=name),
    "Competitive.rule": lambda name: Competitive(SOM(2, 2, 2), 1, rule=name),
}
for option, make in MADE.items():
    for name in ("rows", "", None):
        try:
            make(name)
        except ValueError as error:
            assert f"{name!r}; there are " in str(error), (option, name, error)
        else:
            raise SystemExit(f"{option} takes {name!r} for something else")
print(*MADE)
"""


def test_a_name_that_is_none_of_a_few_is_refused():
    # In a process of its own: here the types are checked, and the call would not get as far.
    done = subprocess.run([sys.executable, "-c", CHOICES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = set(done.stdout.split())
    for name in NAMES:
        file = importlib.import_module(f"sandbox.blocks.{name}")
        for thing in vars(file).values():
            if callable(thing) and getattr(thing, "__module__", "") == file.__name__:
                for option in _named_choices(thing):
                    assert f"{thing.__name__}.{option}" in found


def _named_choices(thing) -> list[str]:
    """Arguments of a function or class that are one of a few names."""
    hints = typing.get_type_hints(thing.__init__ if isinstance(thing, type) else thing)
    return [name for name, hint in hints.items() if typing.get_origin(hint) is typing.Literal]
