"""`sandbox bench mnist`: the example is the known one, and the tables say what was measured."""

import gzip

import numpy as np
import pytest
import torch

from sandbox import cli
from sandbox.bench import mnist
from sandbox.bench.mnist import BasicExample, example, race_table


@pytest.fixture
def bars(tmp_path):
    """Ten classes in MNIST's format, easy to tell apart: a bar at another height for each."""
    for half, count in (("train", 640), ("t10k", 100)):
        labels = np.arange(count) % 10
        images = np.zeros((count, 28, 28), np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[4 + 2 * label : 6 + 2 * label, 6:22] = 250
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            data = gzip.compress(head + array.astype(np.uint8).tobytes(), 1)
            (tmp_path / f"{half}-{kind}-ubyte.gz").write_bytes(data)
    return tmp_path


def test_the_example_has_the_known_number_of_weights():
    assert sum(p.numel() for p in BasicExample().parameters()) == 1_199_882
    assert BasicExample()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_example_is_timed_until_it_is_there(bars, monkeypatch):
    accuracy, seconds, steps = example(str(bars), 60)
    assert accuracy >= 0.99 and 0 < seconds < 100 and steps < 60 and steps % 2 == 0
    monkeypatch.setattr(mnist, "GOAL", 1.1)
    assert example(str(bars), 3)[2] == 3


def test_the_race_compares_mean_seconds():
    table = race_table([(0.991, 4.0), (0.992, 6.0)], (0.9903, 60.0, 2820))
    assert table["rows"][0][1:] == ["99.10 % or more", 5.0, 1.0]
    assert table["rows"][1] == ["PyTorch's basic example, 2,820 steps", "99.03 %", 60.0, 12.0]


def test_it_needs_data(capsys):
    assert cli.main(["bench", "mnist"]) == 2
    assert "needs --data FOLDER" in capsys.readouterr().err
    assert cli.main(["bench", "envs", "--data", "x"]) == 2
    assert "--data goes with gan or leaderboard or mnist" in capsys.readouterr().err
