"""Looking into a convolutional network: what each filter sees, what speaks for an answer, what it would miss.

All functions take a `CNN` in evaluation mode and leave it as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN


@dataclass(frozen=True)
class Field:
    """Which pixels of the picture a pixel of a feature map can see, along one axis.

    Pixel i of the map sees the pixels from `start + i * jump` on, `size` of them; those outside the picture
    are padding. Araujo, Norris & Sim 2019.
    """

    start: int
    jump: int
    size: int

    def behind(self, kernel: int, stride: int, padding: int) -> "Field":
        """The field of a layer behind this one."""
        return Field(
            self.start - padding * self.jump, self.jump * stride, self.size + (kernel - 1) * self.jump
        )

    def span(self, index: int) -> tuple[int, int]:
        """First pixel that map pixel `index` sees, and the one behind the last; they may lie outside."""
        first = self.start + index * self.jump
        return first, first + self.size


def fields(model: CNN) -> list[Field]:
    """The field of each convolution's feature map, behind its pooling; the same along both axes.

    What a normalisation over groups of channels makes of the whole map is left out of account.
    """
    found, field = [], Field(0, 1, 1)
    for stage in model.body:
        for layer in _layers(stage):
            if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
                field = field.behind(_side(layer.kernel_size), _side(layer.stride), _side(layer.padding))
        found.append(field)
    return found


def feature_maps(model: CNN, images: Tensor) -> list[Tensor]:
    """(B, filters, H, W) behind each convolution, activation and pooling, for pictures (B, C, H, W)."""
    found = []
    with torch.inference_mode():
        for stage in model.body:
            images = stage(images)
            found.append(images)
    return found


def saliency(model: CNN, image: Tensor, label: int) -> Tensor:
    """How the score of a class changes with each number of a picture: its gradient, (C, H, W).

    Simonyan, Vedaldi & Zisserman 2013.

    Args:
        model: the network.
        image: (C, H, W).
        label: of the class whose score is differentiated.
    """
    x = image.detach().clone()[None].requires_grad_()
    (gradient,) = torch.autograd.grad(model(x)[0, label], x)
    return gradient[0]


def grad_cam(model: CNN, image: Tensor, label: int, stage: int = -1) -> Tensor:
    """Where in the picture a convolution found what speaks for a class: (h, w) of its map, at least 0.

    With A_k the map of filter k and y the score of the class,

        a_k = mean over places of dy/dA_k,      map = relu(sum_k a_k A_k)          Selvaraju et al. 2017

    Args:
        model: the network.
        image: (C, H, W).
        label: of the class.
        stage: which convolution, counted from 0; the last by default.
    """
    index = range(len(model.body))[stage]
    with torch.no_grad():
        before = model.body[: index + 1](image[None])
    maps = before.detach().requires_grad_()
    x = maps
    for each in list(model.body)[index + 1 :]:
        x = each(x)
    score = model.head(x.flatten(1))[0, label]
    (gradient,) = torch.autograd.grad(score, maps)
    weights = gradient[0].mean((1, 2), keepdim=True)
    return (weights * maps[0].detach()).sum(0).clamp_min(0)


def over_picture(values: Tensor, field: Field, size: tuple[int, int]) -> Tensor:
    """A map (h, w) laid over the picture (H, W), each pixel in the middle of what it sees, blended."""
    rows, columns = (
        ((torch.arange(side) + 0.5) - (field.start + field.size / 2)) / field.jump for side in size
    )
    height, width = values.shape
    # grid_sample wants -1 at the left edge of the first pixel and 1 at the right edge of the last.
    y, x = ((rows + 0.5) * 2 / height - 1), ((columns + 0.5) * 2 / width - 1)
    grid = torch.stack(torch.meshgrid(y, x, indexing="ij"), 2).flip(2)
    return F.grid_sample(values[None, None], grid[None], align_corners=False, padding_mode="border")[0, 0]


@contextmanager
def switched_off(model: CNN, filters: Mapping[int, Sequence[int]]) -> Iterator[CNN]:
    """The network while some filters find nothing: their maps are zero.

    Args:
        model: the network; as before once the block is left.
        filters: numbers of the filters by convolution, both counted from 0.
    """

    def hook_of(numbers: Sequence[int]):
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            kept = torch.ones(output.shape[1], dtype=output.dtype, device=output.device)
            kept[list(numbers)] = 0
            return output * kept[:, None, None]

        return hook

    hooks = [
        model.body[stage].register_forward_hook(hook_of(numbers))
        for stage, numbers in filters.items()
        if numbers
    ]
    try:
        yield model
    finally:
        for hook in hooks:
            hook.remove()


def importance(model: CNN, images: Tensor, labels: Tensor, stage: int) -> Tensor:
    """For each filter of a convolution the share of pictures told right while it alone is off, (filters,).

    The convolutions before are computed once.
    """
    with torch.inference_mode():
        maps = model.body[: stage + 1](images)
        rest = list(model.body)[stage + 1 :]
        found = []
        for number in range(maps.shape[1]):
            x = maps.clone()
            x[:, number] = 0
            for each in rest:
                x = each(x)
            found.append((model.head(x.flatten(1)).argmax(1) == labels).double().mean())
    return torch.stack(found)


@dataclass(frozen=True)
class Pixel:
    """How one pixel of a feature map came about."""

    patch: Tensor
    """(C, k, k): what the filter lay over, zeros for padding."""
    weights: Tensor
    """(C, k, k): the filter."""
    bias: float
    sum: float
    """Of all products, and the bias."""
    normalised: float
    """Behind the normalisation; the sum if there is none."""
    value: float
    """Behind the activation."""
    window: Tensor
    """(p, p): the values among which the pooling took the largest; (1, 1) without pooling."""
    place: tuple[int, int]
    """Row and column of the filter's place in its own, not yet pooled map."""


def pixel(model: CNN, image: Tensor, stage: int, number: int, row: int, column: int) -> Pixel:
    """Take one pixel of a feature map apart into the multiplications that made it.

    Args:
        model: the network.
        image: (C, H, W).
        stage: which convolution, from 0.
        number: of the filter.
        row: of the pixel in the map behind the pooling.
        column: of the pixel.
    """
    with torch.inference_mode():
        before = model.body[:stage](image[None])
        layers = _layers(model.body[stage])
        conv = layers[0]
        assert isinstance(conv, nn.Conv2d)
        pooled = isinstance(layers[-1], nn.MaxPool2d)
        pool = _side(layers[-1].kernel_size) if isinstance(layers[-1], nn.MaxPool2d) else 1
        summed = conv(before)
        normal = summed
        for layer in layers[1:]:
            if isinstance(layer, nn.BatchNorm2d | nn.GroupNorm):
                normal = layer(normal)
        active = nn.Sequential(*layers[: -1 if pooled else None])(before)
        top, left = row * pool, column * pool
        window = active[0, number, top : top + pool, left : left + pool]
        best = int(window.argmax())
        r, c = top + best // window.shape[1], left + best % window.shape[1]
        k, stride, pad = _side(conv.kernel_size), _side(conv.stride), _side(conv.padding)
        padded = F.pad(before[0], (pad, pad, pad, pad))
        patch = padded[:, r * stride : r * stride + k, c * stride : c * stride + k]
        return Pixel(
            patch=patch,
            weights=conv.weight[number],
            bias=0.0 if conv.bias is None else conv.bias[number].item(),
            sum=summed[0, number, r, c].item(),
            normalised=normal[0, number, r, c].item(),
            value=active[0, number, r, c].item(),
            window=window,
            place=(r, c),
        )


def _layers(stage: nn.Module) -> list[nn.Module]:
    assert isinstance(stage, nn.Sequential)
    return list(stage)


def _side(value: Any) -> int:
    """Torch keeps a size as one number or as a pair; here both sides are the same."""
    return int(value[0] if isinstance(value, tuple) else value)
