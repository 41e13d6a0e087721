"""The tasks of the page Forecast: own files, real series, and what may not be looked at."""

import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from apps.series import forecast, heartbeat, popularity
from sandbox.corruptions.series import gaps, level, noise
from sandbox.data import sets
from sandbox.data.heartbeats import KINDS
from sandbox.errors import UserError
from sandbox.metrics.scores import means

CPU = torch.device("cpu")


def table(path, columns):
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]))
    return str(path)


def test_a_column_of_a_file_is_forecast_in_its_units(tmp_path):
    season = 100 + 20 * np.sin(2 * np.pi * np.arange(300) / 12)
    data = table(tmp_path / "own.csv", {"month": range(300), "sold": season.tolist()})
    settings = replace(forecast.TASK.settings("months"), columns="sold")
    split = forecast.TASK.load(settings, data)
    assert split.input.names == ("sold",) and split.period == 12 and not split.about.synthetic
    baselines = forecast.TASK.baselines(settings, split)
    again: Any = baselines["the same season again"]
    said = again.output.values(again.predict(split.test.inputs)[0])[:, 0, 1]
    np.testing.assert_allclose(said, split.input.values(split.test.targets[0])[:, 0], atol=0.01)
    with pytest.raises(UserError, match="too few to read 500"):
        forecast.TASK.load(replace(settings, length=500), data)


def test_a_series_that_never_changes_is_refused(tmp_path):
    data = table(tmp_path / "flat.csv", {"a": [1.0] * 200})
    with pytest.raises(UserError, match="same number everywhere"):
        forecast.TASK.load(forecast.TASK.settings("months"), data)


def test_etth1_is_split_as_in_the_literature(real_data, monkeypatch, tmp_path):
    folder = tmp_path / "etth1"
    folder.mkdir()
    shutil.copy(real_data("timeseries") / "ETTh1.csv", folder)
    monkeypatch.setattr(sets, "here", lambda name: folder)
    settings = forecast.TASK.settings("etth1")
    split = forecast.TASK.load(settings, "etth1")
    assert len(split.train) == 8640 - 336 - 96 + 1
    assert len(split.kept) == len(split.test) == 2880 - 96 + 1
    learned = torch.cat([split.train.inputs[:, 0], split.train.inputs[-1, 1:], split.train.targets[-1]])
    torch.testing.assert_close(learned.mean(0), torch.zeros(7), atol=1e-4, rtol=0)
    torch.testing.assert_close(learned.std(0), torch.ones(7), atol=1e-3, rtol=0)
    straight = forecast.TASK.baselines(settings, split)["linear regression"]
    # Zeng et al. 2023 have 0.375 for such a map.
    assert 0.36 < means(forecast.TASK.measure(straight, split.test.some(300)))["test_mse"] < 0.42


def test_what_is_hidden_of_a_curve_is_not_looked_at():
    torch.manual_seed(0)
    model = popularity.Completion(5, 20, 4, (8,))
    curves, known = torch.randn(6, 20), torch.tensor([1, 5, 9, 12, 19, 3])
    other = curves.clone()
    for row, days in zip(other, known, strict=True):
        row[days:] = 99.0
    torch.testing.assert_close(model.complete(curves, known), model.complete(other, known))
    changed = curves.clone()
    changed[:, 0] += 1
    assert not torch.allclose(model.complete(changed, known), model.complete(curves, known))


def test_own_curves_are_whole_in_one_part(tmp_path):
    random = np.random.default_rng(0)
    curves = {f"c{i}": np.cumsum(random.integers(1, 50, 30)).tolist() for i in range(60)}
    settings = replace(popularity.TASK.settings(), seen=5)
    split = popularity.TASK.load(settings, table(tmp_path / "curves.csv", curves))
    assert (len(split.train), len(split.kept), len(split.test)) == (36, 9, 15)
    assert split.test.targets.shape == (15, 25, 1)
    curves["c7"][9] = 0
    with pytest.raises(UserError, match="falls in line 11, column 8"):
        popularity.TASK.load(settings, table(tmp_path / "falls.csv", curves))


def test_no_heart_is_in_two_parts_and_only_the_test_is_ill():
    split = heartbeat.TASK.load(heartbeat.Settings(hearts=4), None)
    assert not split.train.targets[:, 0].any() and not split.kept.targets[:, 0].any()
    assert set(split.test.targets[:, 0]) == set(range(len(KINDS)))
    rows = [{one.numpy().tobytes() for one in part.inputs} for part in (split.train, split.kept, split.test)]
    assert not rows[0] & rows[1] and not rows[1] & rows[2] and not rows[0] & rows[2]


@pytest.mark.thorough
def test_unusual_beats_of_other_hearts_are_found():
    settings = heartbeat.Settings(hearts=24, steps=400)
    split = heartbeat.TASK.load(settings, None)
    training = heartbeat.TASK.prepare(settings, split, seed=0, device=CPU)
    for step in range(settings.steps):
        training.learner.step(training.batches(step))
    training.learner.model_state()  # chooses the threshold
    found = means(heartbeat.TASK.measure(training.predictor, split.test))
    assert found["test_auroc"] > 0.78 and found["test_found"] > 2 * found["test_false_alarms"]


def test_a_real_recording_is_split_by_time(real_data, monkeypatch):
    monkeypatch.setattr(sets, "here", lambda name: real_data("ecg"))
    split = heartbeat.TASK.load(heartbeat.TASK.settings("recording"), "ecg")
    assert not split.about.synthetic and "Nobody has labelled it" in " ".join(split.about.notes)
    assert len(split.train) > 100 and 0.4 < (split.test.targets[:, 0] > 0).mean() < 0.6


def test_nothing_spoils_nothing_and_gaps_keep_what_was_before():
    x = torch.arange(12.0).reshape(2, 6, 1)
    for spoil in (noise, gaps, level):
        assert torch.equal(spoil(x, 0.0, 0), x)
    lost = gaps(x, 0.6, 0)
    assert (lost <= x).all() and (lost < x).any() and torch.equal(lost[:, 0], x[:, 0])
