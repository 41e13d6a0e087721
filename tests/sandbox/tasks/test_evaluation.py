"""Testing a checkpoint: on its own data or others, baselines beside it, and no training is built."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from apps.vision.classify import TASK, Classify, Settings
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.evaluation import baseline_figures, evaluate
from sandbox.tasks.training import train_task


def draw(folder, *classes):
    for i, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for j in range(9):
            pixels = np.full((8, 8, 3), 20 + 60 * i + j, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{j}.png")
    return str(folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    data = draw(folder / "pictures", "dark", "light")
    config = {"kind": "task", "data": data, "threads": 1}
    found = Run.create("vision/classify", config, root=folder / "runs")
    settings = Settings(steps=20, channels=(4,), hidden=(8,), size=8)
    assert drive(found, train_task(TASK, settings, found)) == "done"
    return found


def test_no_training_is_built(run, monkeypatch):
    monkeypatch.setattr(Classify, "prepare", None)
    found = evaluate(run)
    last = run.metrics()[-1]
    assert found.figures == pytest.approx({name: last[name] for name in found.figures}, abs=1e-6)
    assert found.tested_on == "6 unseen pictures" and found.step == 20
    assert list(found.baselines) == ["nearest neighbour", "hand-made features"]


def test_other_data_of_the_same_classes(run, tmp_path):
    other = draw(tmp_path / "other", "dark", "light")
    assert evaluate(run, data=other).data == other


@pytest.mark.parametrize("classes", [("dark", "light", "lighter"), ("dark", "bright")])
def test_other_classes_are_refused(run, tmp_path, classes):
    other = draw(tmp_path / "other", *classes)
    with pytest.raises(UserError, match=f"{run.name} knows other classes than .* has: dark, light."):
        evaluate(run, data=other)


def test_pictures_of_another_shape_are_refused(run, monkeypatch):
    load = Classify.load
    monkeypatch.setattr(
        Classify, "load", lambda self, settings, source: load(self, replace(settings, size=9), source)
    )
    with pytest.raises(UserError, match="does not fit this data: it takes 1 x 8 x 8, not 1 x 9 x 9"):
        evaluate(run)


def test_data_that_are_too_large_for_what_the_run_says(run, monkeypatch):
    monkeypatch.setattr("sandbox.tasks.evaluation.ROOM_FOR_DATA", 100)
    monkeypatch.setattr(Classify, "load", lambda self, settings, source: torch.zeros(1_000))
    with pytest.raises(UserError, match="far larger"):
        evaluate(run, data="digits")


def test_baselines_alone():
    figures = baseline_figures(TASK, TASK.settings())["nearest neighbour"]
    assert figures["test_accuracy_low"] < figures["test_accuracy"] < figures["test_accuracy_high"]
