"""`sandbox bench gan`: the judge tells real digits from noise, and a GAN that learned from a fresh one."""

import dataclasses

import pytest
import torch

from sandbox import cli
from sandbox.data import digits
from sandbox.training import gan_bench
from sandbox.training.gan_bench import WAYS, Judge, measured


@pytest.fixture(scope="module")
def judge():
    return Judge(digits.load(), torch.device("cpu"), 100)


def test_real_pictures_are_near_and_noise_is_far(judge):
    assert judge.accuracy > 0.9 and judge.real.shape == (judge.count, 64) and judge.count == 599
    score, distance = judge.judge(torch.rand(599, 1, 8, 8))
    assert judge.real_score > 7 > 4 > score
    assert distance > 10 * judge.real_distance
    features, scores = judge.see(digits.load().test_images[:7])
    torch.testing.assert_close(judge.model(digits.load().test_images[:7]), scores)
    assert features.shape == (7, 64)


def test_a_gan_comes_nearer_with_every_step(judge):
    images, way = digits.load(), dataclasses.replace(WAYS[0])
    first, later = (measured(way, images, judge, 0, steps) for steps in (5, 150))
    assert later[1] < 0.7 * first[1] and later[0] > first[0]


def test_a_folder_without_pictures_is_told(capsys, tmp_path):
    assert cli.main(["bench", "gan", "--data", str(tmp_path)]) == 2
    assert f"{tmp_path} is no folder with MNIST's four files" in capsys.readouterr().err
    assert gan_bench.SEEDS >= 3
