"""The tasks of the Latent lab: figures, baselines, what a checkpoint gives back, one's own data."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from apps.latent import coding, duel, figures, gan, judge, mixtures, pictures, som
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.task import load_predictor, train_task
from sandbox.training.fit import fit

CPU = torch.device("cpu")


def learned(task, settings, data=None, seed=0):
    """Figures after a training, with what was trained."""
    torch.manual_seed(seed)
    training = task.prepare(settings, data=data, seed=seed, device=CPU)
    for _ in fit(training.learner, training.batches, training.total):
        pass
    return dict(training.test()), training


def test_explained_is_one_for_the_whole_and_none_for_the_mean():
    rows = torch.rand(50, 6)
    middle = rows.mean(0)
    assert figures.rebuilt(rows, rows, middle)["test_explained"] == pytest.approx(1)
    found = figures.rebuilt(rows, middle.expand_as(rows), middle)
    assert found["test_explained"] == pytest.approx(0, abs=1e-6)
    assert found["test_explained_low"] < 0 < found["test_explained_high"]
    assert figures.quickly(rows, rows / 2, middle)["test_error"] == pytest.approx(
        figures.rebuilt(rows, rows / 2, middle)["test_error"]
    )


def test_principal_components_are_scikit_learns():
    from sklearn.decomposition import PCA

    images = pictures.load(None)
    known, held = images.train_images.flatten(1), images.test_images.flatten(1)
    reference = PCA(5).fit(known.numpy())
    expected = reference.inverse_transform(reference.transform(held.numpy())).clip(0, 1)
    np.testing.assert_allclose(coding.principal(known, 5)(held).numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
def test_two_numbers_beat_two_principal_components(name):
    task = import_task(f"latent/{name}")
    settings = replace(task.settings(), steps=600)
    reached, _ = learned(task, settings)
    linear = task.baseline(settings).metrics
    assert reached["test_explained_low"] > linear["test_explained_high"]


@pytest.mark.parametrize("name", ["autoencoder", "vae", "gan", "duel", "som"])
def test_a_checkpoint_gives_back_what_was_trained(name):
    """The predictor of a run has the figures that the run has logged."""
    from apps.latent import reading

    task = import_task(f"latent/{name}")
    run = Run.create(f"latent/{name}", {"seed": 3, "threads": 1, "kind": "task"})
    settings = replace(task.settings(), steps=6, batch_size=16)
    assert drive(run, train_task(task, settings, run)) == "done"
    logged = run.metrics()[-1]
    seen = reading.look(run, None)
    assert seen is not None
    found = reading.figures_of(seen)
    if name == "duel":  # the final figures are of other noise
        found = {}
    for figure, value in found.items():
        assert value == pytest.approx(logged[figure], rel=1e-4), figure
    assert load_predictor(run, 0) is not None


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
    assert mixtures.mixed_up(one, other).mean() == pytest.approx(0.5, abs=0.08)
    assert mixtures.mixed_up(one, other + 5).mean() == 0
    places = mixtures.centres("ring")
    assert places is not None
    assert mixtures.modes(one, places)[0] == 8
    assert mixtures.modes(one[one[:, 0] > 0.5], places)[0] == 3


def test_a_fitted_mixture_is_like_what_it_was_fitted_to():
    target = mixtures.load("grid")
    drawn = duel.fitted(target.known, 9, 1000)
    assert mixtures.mixed_up(target.held, drawn).mean() == pytest.approx(0.5, abs=0.06)


def test_the_judge_knows_real_digits_from_noise():
    images = pictures.load(None)
    critic = judge.judge_of(images)
    assert critic.accuracy > 0.9
    half = len(images.train_images) // 2
    real = critic.figures(images.train_images[:half].flatten(1))
    noise = critic.figures(torch.rand(half, 64, generator=torch.Generator().manual_seed(0)))
    assert real["test_frechet"] < noise["test_frechet"] / 10
    assert real["test_score"] > 8
    assert judge.judge_of(images) is critic


def test_a_sheet_unfolds_and_keeps_neighbours():
    settings = replace(som.TASK.settings(), rows=6, columns=8, steps=150)
    begun, _ = learned(som.TASK, replace(settings, steps=1))
    done, _ = learned(som.TASK, settings)
    assert done["test_explained"] > 0.85 > begun["test_explained"]
    assert done["test_topographic"] < 0.2
    assert som.TASK.baseline(settings).metrics["test_explained"] > done["test_explained"]


def test_ones_own_picture_points_and_folder(tmp_path):
    import cv2

    generator = np.random.default_rng(0)
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), generator.integers(0, 255, (20, 20, 3), np.uint8))
    examples = som.load(som.TASK.settings(), str(photo))
    assert examples.shape == (3, 1, 1)
    assert not examples.synthetic
    assert len(examples.known) > len(examples.held) > 50
    points = tmp_path / "points.csv"
    rows = generator.normal(size=(60, 2))
    points.write_text("x,y,kind\n" + "\n".join(f"{x:.3f},{y:.3f},a" for x, y in rows))
    target = mixtures.load(str(points))
    assert target.centres is None
    assert len(target.known) + len(target.held) == 60
    assert float(torch.cat([target.known, target.held]).abs().max()) == pytest.approx(1.2, abs=1e-3)
    points.write_text("x,y\n1,2\n")
    with pytest.raises(UserError, match="1 different rows"):
        mixtures.load(str(points))
    for name in ("cats", "dogs"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(6):
            cv2.imwrite(str(tmp_path / "pictures" / name / f"{i}.png"), generator.integers(0, 255, (9, 9, 3)))
    images = pictures.load(str(tmp_path / "pictures"), size=8)
    assert pictures.shape_of(images) == (3, 8, 8)


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


def test_critics_wish_is_the_slope_of_its_score():
    forger = gan.Forger(gan.build((1, 4, 4), 3, (8,)), (1, 4, 4))
    image = torch.rand(1, 1, 4, 4)
    wish = forger.wishes(image)
    step = 1e-3 * wish / wish.norm()
    assert forger.score(image + step) > forger.score(image)
