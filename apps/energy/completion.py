"""Fill in the missing part of pictures: by a machine that dreams on, by similar pictures, by components."""

from typing import Literal

import torch
from torch import Tensor

from sandbox.blocks.rbm import RBM

Half = Literal["lower", "upper", "left", "right"]
"""Which half is missing."""
STEPS, BURN = 60, 20
"""Gibbs steps of a completion, and those of them that are left out of the mean."""
NEIGHBOURS = 5
COMPONENTS = 20


def given(shape: tuple[int, int], missing: Half, share: float = 0.5) -> Tensor:
    """Which pixels are given, (H * W,): all but a `share` of the rows or columns on the missing side."""
    rows, columns = shape
    keep = torch.ones(rows, columns, dtype=torch.bool)
    if missing in ("lower", "upper"):
        count = round(share * rows)
        keep[rows - count :] = False
        keep = keep.flipud() if missing == "upper" else keep
    else:
        count = round(share * columns)
        keep[:, columns - count :] = False
        keep = keep.fliplr() if missing == "left" else keep
    return keep.flatten()


def film(machine: RBM, pictures: Tensor, keep: Tensor, *, steps: int = STEPS, seed: int = 0) -> Tensor:
    """The machine's chain while the given pixels stay, clamped Gibbs sampling: (steps, N, V) means.

    Args:
        machine: with V visible units.
        pictures: (N, V) in [0, 1]; what is missing is not looked at.
        keep: True where a pixel is given, (V,); nowhere for a free dream.
        steps: draws of each layer.
        seed: of the draws; the global generators are left alone.
    """
    # Not `RBM.gibbs`, which draws from the global generator: several threads may complete at a time.
    generator = torch.Generator(pictures.device).manual_seed(seed)
    with torch.no_grad():
        start = torch.bernoulli(torch.full_like(pictures, 0.5), generator=generator)
        v = torch.where(keep, pictures, start)
        means = []
        for _ in range(steps):
            hidden = torch.bernoulli(machine.hidden_mean(v), generator=generator)
            mean = machine.visible_mean(hidden)
            means.append(torch.where(keep, pictures, mean))
            v = torch.where(keep, pictures, torch.bernoulli(mean, generator=generator))
        return torch.stack(means)


def by_machine(machine: RBM, pictures: Tensor, keep: Tensor, *, seed: int = 0) -> Tensor:
    """Pictures (N, V) with the mean of what the chain shows once it has settled."""
    return film(machine, pictures, keep, seed=seed)[BURN:].mean(0)


def by_neighbours(examples: Tensor, pictures: Tensor, keep: Tensor, count: int = NEIGHBOURS) -> Tensor:
    """Pictures (N, V) with the mean of the most similar examples, as far as they are given."""
    distances = torch.cdist(pictures[:, keep], examples[:, keep])
    nearest = distances.topk(min(count, len(examples)), largest=False).indices
    return torch.where(keep, pictures, examples[nearest].mean(1))


def by_components(examples: Tensor, pictures: Tensor, keep: Tensor, count: int = COMPONENTS) -> Tensor:
    """Pictures (N, V) from the likeliest principal components. Tipping & Bishop 1999 (probabilistic PCA)."""
    mean = examples.mean(0)
    _, scales, axes = torch.linalg.svd(examples - mean, full_matrices=False)
    variances = (scales / len(examples) ** 0.5).square()
    # What the components leave out is noise, which keeps their coefficients modest.
    noise = max(1e-6, float(variances[count:].mean())) if count < len(variances) else 1e-6
    axes, variances = axes[:count], variances[:count].clamp_min(1e-6)
    seen = axes[:, keep]
    matrix = seen @ seen.T + torch.diag(noise / variances)
    coefficients = torch.linalg.solve(matrix, seen @ (pictures - mean)[:, keep].T).T
    return torch.where(keep, pictures, (mean + coefficients @ axes).clamp(0, 1))


def explained(truth: Tensor, guess: Tensor, mean: Tensor, keep: Tensor) -> Tensor:
    """How well what is missing was guessed, (N,): 1 is right, 0 as good as the mean picture is."""
    errors = (truth - guess)[:, ~keep].square().sum(1)
    plain = (truth - mean)[:, ~keep].square().sum(1).mean()
    return 1 - errors / plain
