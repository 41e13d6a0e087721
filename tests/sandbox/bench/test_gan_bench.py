"""`sandbox bench gan`: the judge tells real digits from noise, and a GAN that learned from a fresh one."""

import pytest
import torch

from sandbox import cli
from sandbox.bench import gan
from sandbox.bench.gan import WAYS, Judge, measured
from sandbox.data import digits


@pytest.fixture(scope="module")
def judge():
    return Judge(digits.load(), torch.device("cpu"), 100)


@pytest.mark.thorough
def test_real_pictures_are_near_and_noise_is_far(judge):
    assert judge.accuracy > 0.9 and judge.real.shape == (judge.count, 64) and judge.count == 599
    score, distance = judge.judge(torch.rand(599, 1, 8, 8))
    assert judge.real_score > 7 > 4 > score
    assert distance > 10 * judge.real_distance
    features, scores = judge.see(digits.load().test_images[:7])
    torch.testing.assert_close(judge.model(digits.load().test_images[:7]), scores)
    assert features.shape == (7, 64)


@pytest.mark.thorough
def test_a_gan_comes_nearer_with_every_step(judge):
    images = digits.load()
    first, later = (measured(WAYS[0], images, judge, 0, steps) for steps in (5, 250))
    assert later[1] < 0.7 * first[1] and later[0] > first[0]
    assert 0 < later[2] < first[2]
    assert gan.nearest(images.train_images[:9], images.train_images) == pytest.approx(0, abs=1e-3)


def test_gaussians_have_the_mean_and_the_spread_of_their_class():
    pictures = torch.rand(2, 1, 2, 2).repeat_interleave(400, 0) / 2 + 0.25
    pictures += 0.05 * torch.randn(800, 1, 2, 2)
    labels = torch.arange(2).repeat_interleave(400)
    drawn, one = (gan.gaussians(pictures, y, 800, 0) for y in (labels, torch.zeros(800).long()))
    assert drawn.shape == one.shape == pictures.shape
    # Far from both classes there is nobody, but where one Gaussian covers both there is.
    gap = (pictures[0] - pictures[-1]).norm()
    near = [torch.cdist(x.flatten(1), pictures.flatten(1)).min(1).values.mean() for x in (drawn, one)]
    assert near[0] < 0.06 and (gap < 0.2 or near[1] > near[0])
    torch.testing.assert_close(drawn.mean(0), pictures.mean(0), atol=0.03, rtol=0)
    torch.testing.assert_close(one.flatten(1).T.cov(), pictures.flatten(1).T.cov(), atol=0.01, rtol=0)


def test_a_folder_without_pictures_is_told(capsys, tmp_path):
    assert cli.main(["bench", "gan", "--data", str(tmp_path)]) == 2
    assert f"{tmp_path} is no folder with MNIST's four files" in capsys.readouterr().err
    assert gan.SEEDS >= 3
