"""The tasks of the Latent lab: figures, baselines, what a checkpoint gives back, one's own data."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from apps.latent import duel, gan, som
from sandbox.data import mixtures
from sandbox.errors import UserError
from sandbox.metrics.generation import mixed_up, modes
from sandbox.metrics.scores import with_intervals
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.families import pictures
from sandbox.tasks.families.generation import SETS
from sandbox.tasks.loading import load_predictor, settings_from
from sandbox.tasks.predictor import read
from sandbox.tasks.training import train_task
from sandbox.training.fit import fit

CPU = torch.device("cpu")
TASKS = ("autoencoder", "vae", "gan", "duel", "som")


def learned(task, settings, seed=0):
    """Figures after a training, with the split."""
    torch.manual_seed(seed)
    split = task.load(settings, None)
    training = task.prepare(settings, split, seed=seed, device=CPU)
    for _ in fit(training.learner, training.batches, training.total):
        pass
    return with_intervals(task.measure(training.predictor, split.test)), split


def first_baseline(task, settings, split):
    """Figures of the strongest baseline."""
    baseline = next(iter(task.baselines(settings, split).values()))
    return with_intervals(task.measure(baseline, split.test))


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
def test_two_numbers_beat_two_principal_components(name):
    task = import_task(f"latent/{name}")
    settings = replace(task.settings(), steps=600)
    reached, split = learned(task, settings)
    linear = first_baseline(task, settings, split)
    assert reached["test_explained_low"] > linear["test_explained_high"]


@pytest.mark.parametrize("name", TASKS)
def test_a_checkpoint_gives_back_what_was_trained(name):
    """The predictor of a run has the figures that the run has logged, without any training."""
    task = import_task(f"latent/{name}")
    run = Run.create(f"latent/{name}", {"seed": 3, "threads": 1, "kind": "task"})
    settings = replace(task.settings(), steps=6, batch_size=16)
    assert drive(run, train_task(task, settings, run)) == "done"
    logged = run.metrics()[-1]
    split = task.load(settings_from(task, run.config["settings"]), None)
    found = with_intervals(task.measure(load_predictor(run), split.test))
    assert len(found) >= 6
    for figure, value in found.items():
        assert value == pytest.approx(logged[figure], rel=1e-4), figure
    assert load_predictor(run, 0) is not None


def test_a_checkpoint_of_an_earlier_version_still_opens():
    task = import_task("latent/autoencoder")
    settings = replace(task.settings(), hidden=(8,))
    split = task.load(settings, None)
    training = task.prepare(settings, split, seed=0, device=CPU)
    meta = {name: value for name, value in training.meta.items() if name not in ("mean", "style")}
    predictor: Any = task.predictor(training.learner.model_state(), meta)
    assert predictor.input.style is not None
    own_mean = task.measure(predictor, split.test)["explained"].mean
    assert own_mean == pytest.approx(task.measure(training.predictor, split.test)["explained"].mean, abs=0.02)


def test_noise_on_the_input_is_measured_against_the_whole_picture():
    task = import_task("latent/autoencoder")
    split = task.load(task.settings(), None)
    spoilt = split.test.with_inputs(torch.rand_like(split.test.inputs))
    principal = next(iter(task.baselines(replace(task.settings(), code=16), split).values()))
    clean = task.measure(principal, split.test)["explained"].mean
    assert clean > 0.8
    assert task.measure(principal, spoilt)["explained"].mean < 0


def test_a_duel_goes_on_from_any_checkpoint_as_it_would_have():
    settings = replace(duel.TASK.settings(), hidden=(8, 8), batch_size=16)
    real = torch.randn(16, 2)
    torch.manual_seed(0)
    one = duel.contest(settings, CPU)
    for _ in range(5):
        one.step(real)
    saved = {name: value.clone() for name, value in one.model_state().items()}
    other = duel.contest(settings, CPU)
    other.go_on_from(saved)
    for contest in (one, other):
        torch.manual_seed(7)
        contest.step(real)
    for name, value in one.model_state().items():
        assert torch.equal(value, other.model_state()[name]), name


def test_points_that_are_alike_are_mixed_up_and_others_are_not():
    generator = torch.Generator().manual_seed(0)
    one, other = (mixtures.draw("ring", 400, generator) for _ in range(2))
    assert mixed_up(one, other).mean() == pytest.approx(0.5, abs=0.08)
    assert mixed_up(one, other + 5).mean() == 0
    places = mixtures.centres("ring")
    assert places is not None
    assert modes(one, places, mixtures.NEAR)[0] == 8
    assert modes(one[one[:, 0] > 0.5], places, mixtures.NEAR)[0] == 3


def test_only_synthetic_points_have_modes(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("\n".join(f"{x},{y}" for x, y in np.random.default_rng(0).normal(size=(60, 2))))
    settings = duel.TASK.settings()
    for source, synthetic, known in ((None, True, True), ("line", True, False), (str(path), False, False)):
        split = duel.TASK.load(settings, source)
        assert split.about.synthetic is synthetic
        mixture = next(iter(duel.TASK.baselines(settings, split).values()))
        assert ("modes" in duel.TASK.measure(mixture, split.test)) is known


def test_sets_are_whole_and_as_large_as_the_unseen_part():
    settings = gan.TASK.settings()
    split: Any = gan.TASK.load(settings, None)
    assert len(split.test) == len(split.images.test_images)
    assert len(split.test.inputs) == SETS * len(split.test)
    assert len(split.test.some(1).inputs) == len(split.test.some(600).inputs) == len(split.test)
    assert len(split.test.some(2000).inputs) == 3 * len(split.test)
    mixture = next(iter(gan.TASK.baselines(settings, split).values()))
    frechet: Any = gan.TASK.measure(mixture, split.test)["frechet"]
    assert len(frechet.values) == SETS


def test_the_discriminators_slope_makes_pictures_more_real_to_it():
    generator = gan.PictureGenerator(gan.build((1, 4, 4), 3, (8,)), (1, 4, 4), None)
    image = torch.rand(1, 1, 4, 4)
    slope = generator.slopes(image)
    step = 1e-3 * slope / slope.norm()
    assert generator.score(image + step) > generator.score(image)


def test_a_generator_reads_no_file(tmp_path):
    generator = gan.PictureGenerator(gan.build((1, 4, 4), 3, (8,)), (1, 4, 4), None)
    assert generator.input.files == ""
    with pytest.raises(UserError, match="reads no file"):
        read(generator, tmp_path / "seven.png")


def test_a_sheet_unfolds_and_keeps_neighbours():
    settings = replace(som.TASK.settings(), rows=6, columns=8, steps=150)
    begun, _ = learned(som.TASK, replace(settings, steps=1))
    done, split = learned(som.TASK, settings)
    assert done["test_explained"] > 0.85 > begun["test_explained"]
    assert done["test_topographic"] < 0.2
    assert first_baseline(som.TASK, settings, split)["test_explained"] > done["test_explained"]


def test_a_map_answers_with_the_place_of_the_nearest_unit():
    settings = replace(som.TASK.settings(), rows=3, columns=4)
    split = som.TASK.load(settings, "digits")
    predictor: Any = som.TASK.prepare(settings, split, seed=0, device=CPU).predictor
    places = predictor.predict(split.test.inputs[:20])
    units = predictor.winners(split.test.inputs[:20]).numpy()
    assert (places == np.stack([units // 4 + 1, units % 4 + 1], 1)).all()
    assert torch.equal(predictor.decode(places).flatten(1), predictor.centres[torch.from_numpy(units)])


def test_ones_own_picture_and_folder(tmp_path):
    import cv2

    generator = np.random.default_rng(0)
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), generator.integers(0, 255, (20, 20, 3), np.uint8))
    split = som.TASK.load(som.TASK.settings(), str(photo))
    assert split.shape == (3, 1, 1)
    assert not split.about.synthetic
    assert len(split.train) > len(split.test) > 50
    for name in ("cats", "dogs"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(6):
            cv2.imwrite(str(tmp_path / "pictures" / name / f"{i}.png"), generator.integers(0, 255, (9, 9, 3)))
    for name in ("autoencoder", "gan", "som"):
        task = import_task(f"latent/{name}")
        found = task.load(replace(task.settings(), size=8), str(tmp_path / "pictures"))
        assert isinstance(found, pictures.PictureSplit)
        assert found.shape == (3, 8, 8)
        assert found.class_names == ("cats", "dogs")
        assert found.style is None


def test_ones_own_points(tmp_path):
    points = tmp_path / "points.csv"
    rows = np.random.default_rng(0).normal(size=(60, 2))
    points.write_text("x,y,kind\n" + "\n".join(f"{x:.3f},{y:.3f},a" for x, y in rows))
    target = mixtures.load(str(points))
    assert target.centres is None
    assert len(target.train) + len(target.test) == 60
    assert float(torch.cat([target.train, target.test]).abs().max()) == pytest.approx(1.2, abs=1e-3)
    points.write_text("x,y\n1,2\n")
    with pytest.raises(UserError, match="1 different rows"):
        mixtures.load(str(points))


@pytest.mark.parametrize(
    ("name", "changes", "data", "said"),
    [
        ("vae", {"code": 0}, None, "code must be from 1 to 16"),
        ("vae", {"examples": 3}, None, "at least one of each class"),
        ("autoencoder", {}, "/no/such", "/no/such"),
        ("duel", {"penalty": -1.0}, None, "penalty must be from 0 to 1000, not -1.0."),
        ("duel", {}, "rnig", "ring"),
        ("gan", {"latent": 40}, None, "latent must be from 1 to 16, not 40."),
        ("gan", {"average": 1.0}, None, "average must be at least 0 and below 1, not 1.0."),
        ("som", {"rows": 0}, None, "rows must be from 1 to 2500, not 0."),
        ("som", {"rows": 60, "columns": 60}, None, "at most 2,500 units"),
    ],
)
def test_mistakes_are_one_sentence(name, changes, data, said):
    task = import_task(f"latent/{name}")
    run = Run.create(f"latent/{name}", {"kind": "task", "data": data})
    with pytest.raises(UserError, match=said):
        next(train_task(task, replace(task.settings(), **changes), run))
