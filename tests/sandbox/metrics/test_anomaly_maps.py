"""Figures of maps of strangeness, by hand; what a map says."""

import json

import numpy as np
import pytest

from sandbox.data.good_parts import Part
from sandbox.metrics.anomaly_maps import strangeness_scores
from sandbox.metrics.roc import Auc
from sandbox.tasks.outputs.anomaly_map import AnomalyMap


def one(value, kind, place, where=None):
    picture = np.full((4, 5), 0.1, np.float32)
    picture[1, 2] = value
    return picture, Part(kind, where, place)


def test_figures_by_hand():
    pairs = [
        one(0.5, "good", 0),
        one(1.2, "good", 1),
        one(0.9, "hole", 0),
        one(2.0, "hole", 1),
        one(1.1, "wrong texture", 1),
    ]
    found = strangeness_scores([a for a, _ in pairs], [b for _, b in pairs])
    assert found["auroc"].mean == pytest.approx(4 / 6)  # pairs in the right order
    assert found["false_alarms"].mean == 0.5 and found["found"].mean == pytest.approx(2 / 3)
    assert found["found_hole"].mean == 0.5 and found["found_wrong_texture"].mean == 1.0
    assert "pixel_auroc" not in found
    low, high = found["auroc"].interval().low, found["auroc"].interval().high
    assert low < 4 / 6 < high


def test_pixels_are_ranked_as_all_of_them_are():
    generator = np.random.default_rng(0)
    where = generator.random((6, 20, 30)) < 0.2
    maps = (generator.random((6, 20, 30)) + 0.5 * where).astype(np.float32)
    truth = [
        Part("hole" if i else "good", marked if i else marked & False, i) for i, marked in enumerate(where)
    ]
    labels = np.stack([marked & (i > 0) for i, marked in enumerate(where)])
    found = strangeness_scores(list(maps), truth)["pixel_auroc"].mean
    assert found == pytest.approx(Auc(maps.ravel(), labels.ravel()).mean, abs=0.002)


def test_without_bad_parts_there_are_only_false_alarms():
    picture, part = one(1.5, "good", 0)
    assert set(strangeness_scores([picture], [part])) == {"false_alarms"}


def test_a_map_says_alarm_and_where():
    output, (answer, _) = AnomalyMap(), one(1.5, "hole", 0)
    said = output.to_json(answer)
    assert said["alarm"] and said["boxes"] == [[2, 1, 3, 2]] and said["share"] == 0.05
    json.dumps(said)
    assert output.text(answer).startswith("defect: score 1.50")
    assert output.text(answer / 2).startswith("good: score 0.75")
    grey = np.full((1, 4, 5), 0.5, np.float32)
    drawn = output.drawn(grey, answer)
    assert (drawn[0, 0] == 0.5).all() and drawn[1, 2, 0] > drawn[1, 2, 2] + 0.3
