"""Splits by likeness: relatives stay together."""

import pytest
import torch

from sandbox.data.alike import GROUP, split_by_likeness

PEOPLE = 12


def relatives(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ten pictures of each of twelve people in two classes, with who is in them."""
    generator = torch.Generator().manual_seed(seed)
    faces = (
        torch.rand(2 * PEOPLE, 1, 4, 4, generator=generator).repeat_interleave(4, 2).repeat_interleave(4, 3)
    )
    who = torch.arange(2 * PEOPLE).repeat_interleave(GROUP)
    noise = 0.02 * torch.randn(len(who), 1, 16, 16, generator=generator)
    shade = 0.5 + torch.rand(len(who), 1, 1, 1, generator=generator)
    return faces[who] * shade / 1.5 + noise, who // PEOPLE, who


@pytest.mark.thorough
def test_relatives_stay_on_one_side_of_the_split() -> None:
    images, labels, who = relatives()
    learned, aside = split_by_likeness(images, labels, 0.25, 0)
    assert torch.equal(torch.cat([learned, aside]).sort().values, torch.arange(len(who)))
    both = set(who[learned].tolist()) & set(who[aside].tolist())
    # k-means joins a few people or parts one; of examples drawn one by one, all are on both sides.
    assert len(both) <= 3
    for label in (0, 1):
        share = (labels[aside] == label).float().sum() / (labels == label).float().sum()
        assert 0.2 <= share <= 0.5


@pytest.mark.thorough
def test_the_seed_decides_who_is_held_out() -> None:
    images, labels, _ = relatives()
    first, again, other = (split_by_likeness(images, labels, 0.25, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_few_pictures_are_split_one_by_one() -> None:
    images, labels, _ = relatives()
    rows = torch.tensor([0, 1, 2, 3, 120, 121, 122, 123])
    learned, aside = split_by_likeness(images[rows], labels[rows], 0.25, 0)
    assert labels[rows][aside].tolist() == [0, 1]
    assert len(learned) == 6
