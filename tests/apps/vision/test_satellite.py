"""Satellite pictures: five classes of EuroSAT, split as they were given."""

import pytest

from apps.vision.classify import TASK
from sandbox.bench.training import train_once
from sandbox.data.archives import unpack


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_preset_for_satellite_pictures_reads_them(real_data, tmp_path):
    assert unpack(real_data("eurosat5") / "eurosat5.tar", tmp_path) == []
    figures = train_once("vision/classify", 0, TASK.settings("satellite"), data=str(tmp_path), device="cpu")
    assert figures["test_accuracy"] > 0.96, figures  # colour histograms and a random forest: 0.927
