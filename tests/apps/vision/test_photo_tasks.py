"""Photos are repaired and enlarged better than without training, within seconds; one's own, too."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from sandbox import cli
from sandbox.runs import list_runs
from sandbox.targets import import_task

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(400)]


def learned(target, preset=None, **changes):
    """Decibels on unseen photos: of the network, and of each baseline."""
    task = import_task(target)
    settings = replace(task.settings(preset), **changes)
    split = task.load(settings, None)
    torch.manual_seed(0)
    training = task.prepare(settings, split, seed=0, device=torch.device("cpu"))
    for step in range(training.total):
        training.learner.step(training.batches(step))
    figures = {"network": task.measure(training.predictor, split.test)["psnr"].mean}
    for name, one in task.baselines(settings, split).items():
        figures[name] = task.measure(one, split.test)["psnr"].mean
    return figures


def test_noise_is_taken_out_better_than_by_non_local_means():
    figures = learned("vision/restore", steps=1500)
    assert figures["network"] > figures["non-local means filter"] + 0.3
    assert figures["non-local means filter"] > figures["photo left as it is"] + 8


@pytest.mark.parametrize("preset", ["scratches", "holes", "blur"])
def test_other_damage_is_repaired(preset):
    figures = learned("vision/restore", preset, steps=500)
    assert figures["network"] > figures["photo left as it is"] + 0.5


def test_photos_are_enlarged_better_than_by_interpolation():
    figures = learned("vision/upscale", steps=500)
    assert figures["network"] > figures["bicubic interpolation"] + 0.4
    assert figures["Lanczos interpolation"] > figures["bicubic interpolation"] > figures["nearest pixel"]


def test_a_run_on_photos_of_ones_own_repairs_a_photo(tmp_path, capsys):
    mine = tmp_path / "mine"
    mine.mkdir()
    for number in range(4):
        drawn = np.random.default_rng(number).integers(0, 255, (9, 9, 3), dtype=np.uint8)
        Image.fromarray(drawn).resize((150, 120)).save(mine / f"{number}.jpg")
    tiny = ["--steps", "5", "--channels", "8", "--depth", "1", "--side", "100", "--threads", "1"]
    assert cli.main(["train", "vision/restore", "--data", str(mine), *tiny]) == 0
    (run,) = list_runs()
    answers = tmp_path / "answers"
    assert cli.main(["predict", run.name, str(mine / "0.jpg"), "--save", str(answers)]) == 0
    with Image.open(answers / "0.png") as picture:
        assert picture.size == (150, 120) and picture.mode == "RGB"
    assert cli.main(["predict", run.name, str(tmp_path / "none.jpg")]) == 2
    assert "There is no file" in capsys.readouterr().err
