"""Reading digits: learned in seconds, resumed exactly, told apart from sketches, and clear about bad data."""

import json
import math
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from apps.vision.classify import TASK
from apps.vision.settings import Settings
from sandbox import cli
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run, list_runs
from sandbox.tasks.loading import load_predictor, settings_from
from sandbox.tasks.training import train_task


def arc(x, y, w, h, begin, end):
    """Points on an ellipse, degrees clockwise from the right."""
    angles = np.radians(np.linspace(begin, end, 24))
    return [(x + w * math.cos(a), y + h * math.sin(a)) for a in angles]


# Strokes of each digit as a person would draw it, in a box of 1 by 1.6.
STROKES = {
    0: [arc(0.5, 0.8, 0.5, 0.8, 0, 360)],
    1: [[(0.2, 0.4), (0.6, 0.0), (0.6, 1.6)]],
    2: [[*arc(0.5, 0.45, 0.48, 0.45, 190, 380), (0.0, 1.6), (1.0, 1.6)]],
    3: [arc(0.45, 0.4, 0.45, 0.4, 210, 450), arc(0.45, 1.15, 0.5, 0.45, 270, 510)],
    4: [[(0.55, 0.0), (0.0, 1.0), (1.0, 1.0)], [(0.75, 0.5), (0.75, 1.6)]],
    5: [[(0.9, 0.0), (0.15, 0.0), (0.1, 0.7), *arc(0.45, 1.1, 0.5, 0.5, 240, 500)]],
    6: [[*arc(1.0, 0.9, 0.95, 0.9, 265, 190), *arc(0.5, 1.15, 0.45, 0.45, 180, 540)]],
    7: [[(0.0, 0.0), (1.0, 0.0), (0.4, 1.6)]],
    8: [arc(0.5, 0.4, 0.38, 0.4, 90, 450), arc(0.5, 1.2, 0.48, 0.4, 270, 630)],
    9: [[*arc(0.5, 0.45, 0.42, 0.45, 0, 360), (0.9, 0.6), (0.75, 1.6)]],
}


def sketch(digit, generator, side=280):
    """A digit drawn with a mouse: anywhere on the pad, of any size, with any pen, by a hand that trembles."""
    size = generator.uniform(0.25, 0.5) * side
    pen = int(generator.uniform(0.03, 0.09) * side)
    slant, turn = generator.uniform(-0.15, 0.2), math.radians(generator.uniform(-8, 8))
    wide = generator.uniform(0.8, 1.1)
    left, top = generator.uniform(0.1, 0.35, 2) * side
    pad = np.zeros((side, side), np.uint8)
    for stroke in STROKES[digit]:
        points = np.array(stroke) + generator.normal(0, 0.012, (len(stroke), 2))
        points = (points - (0.5, 0.8)) * (wide, 1)
        points[:, 0] -= slant * points[:, 1]
        x = points[:, 0] * math.cos(turn) - points[:, 1] * math.sin(turn) + 0.55
        y = points[:, 0] * math.sin(turn) + points[:, 1] * math.cos(turn) + 0.85
        corners = np.stack([left + x * size, top + y * size], 1).round().astype(np.int32)
        cv2.polylines(pad, [corners], False, 255, pen, cv2.LINE_AA)
    return pad.astype(np.float32) / 255


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One training with the default settings, that most tests look at."""
    run = Run.create("vision/classify", {"seed": 0, "threads": 1}, tmp_path_factory.mktemp("runs"))
    seen = []
    state = drive(run, train_task(TASK, TASK.settings(), run), lambda p: seen.append((time.monotonic(), p)))
    assert state == "done", run.status()["message"]
    return run, seen


@pytest.mark.thorough
def test_it_reads_the_held_out_third(trained):
    run, seen = trained
    final = run.metrics()[-1]
    assert final["test_accuracy"] >= 0.985
    assert final["test_accuracy_low"] <= final["test_accuracy"] <= final["test_accuracy_high"] <= 1
    assert seen[-1][1].metrics["seconds"] == pytest.approx(final["seconds"], abs=0.01)
    first = run.metrics()[0]
    assert first["step"] == 0 and first["test_accuracy"] < 0.4


@pytest.mark.thorough
def test_learning_is_seen_early_and_often(trained):
    run, seen = trained
    steps = [p.step for _, p in seen]
    assert steps[0] == 1 and len(steps) >= 15
    assert len(run.checkpoints()) > 20  # for the age slider
    assert run.config["threads"] == 1 and run.config["settings"]["steps"] == 1000


def test_the_split_is_seeded_and_does_not_leak():
    data, again, other = (TASK.load(Settings(split_seed=seed), None) for seed in (0, 0, 1))
    train, test = data.train, data.test
    assert torch.equal(test.inputs, again.test.inputs)
    assert not torch.equal(test.inputs, other.test.inputs)
    assert len(train) + len(test) == 1797 and abs(len(test) - 599) <= 2
    learned = {image.numpy().tobytes() for image in train.inputs}
    assert not learned & {image.numpy().tobytes() for image in test.inputs}
    import sklearn.datasets

    images, labels = sklearn.datasets.load_digits(return_X_y=True)
    ours = torch.cat([train.inputs, test.inputs]).flatten(1).numpy() * 16
    numbers = torch.cat([train.targets, test.targets]).numpy()
    mine = np.column_stack([numbers, ours])
    theirs = np.column_stack([labels, images])
    assert np.array_equal(mine[np.lexsort(mine.T)], theirs[np.lexsort(theirs.T)])


def test_the_baseline_is_on_the_same_split():
    from sklearn.neighbors import KNeighborsClassifier

    data = TASK.load(Settings(), None)
    neighbour = KNeighborsClassifier(1).fit(data.train.inputs.flatten(1).numpy(), data.train.targets.numpy())
    score = neighbour.score(data.test.inputs.flatten(1).numpy(), data.test.targets.numpy())
    name, baseline = next(iter(TASK.baselines(Settings(), data).items()))
    assert name == "nearest neighbour"
    assert TASK.measure(baseline, data.test)["accuracy"].mean == pytest.approx(score, abs=1e-9)


@pytest.mark.thorough
def test_it_reads_sketches(trained):
    model = load_predictor(trained[0])
    generator = np.random.default_rng(0)
    right = [
        predict(model, sketch(digit, generator)).argmax() == digit for digit in range(10) for _ in range(30)
    ]
    assert np.mean(right) >= 0.9


def predict(model, drawing):
    """The probability of each class for a drawing."""
    return model.predict(model.input.encode(drawing)[None])[0]


def test_probabilities_and_what_the_network_sees(trained):
    model = load_predictor(trained[0])
    drawing = sketch(3, np.random.default_rng(1))
    probabilities = predict(model, drawing)
    assert probabilities.shape == (10,) and probabilities.sum() == pytest.approx(1, abs=1e-5)
    seen = model.input.encode(drawing)
    assert seen.shape == (1, 8, 8) and seen.min() >= 0 and seen.max() <= 1
    # Where on the pad, how large, with how much ink: all the same to it.
    smaller = cv2.resize(drawing, (140, 140), interpolation=cv2.INTER_AREA)
    moved = np.roll(drawing, 20, axis=1)
    assert np.abs(model.input.encode(moved) - seen).max() < 0.05
    assert np.abs(model.input.encode(smaller) - seen).mean() < 0.06
    assert np.isfinite(predict(model, np.zeros((280, 280)))).all()
    digit = TASK.load(Settings(), None).test.inputs[0, 0].numpy()
    assert np.array_equal(model.input.encode(digit)[0], digit)  # prepared already
    with pytest.raises(ValueError, match="a picture is"):
        predict(model, np.zeros(7))


def test_younger_selves_know_less(trained):
    run, _ = trained
    digits = TASK.load(Settings(), None).test
    young, old = load_predictor(run, 1).model, load_predictor(run).model
    with torch.inference_mode():
        answers = [model(digits.inputs).argmax(1) for model in (young, old)]
    scores = [(answer == digits.targets).float().mean() for answer in answers]
    assert scores[0] < 0.6 < 0.98 < scores[1]


def test_settings_make_the_round_through_json():
    best = TASK.settings("best")
    assert settings_from(TASK, json.loads(json.dumps(vars(best)))) == best
    with pytest.raises(UserError, match="no longer knows"):
        settings_from(TASK, {"sharpness": 1})
    with pytest.raises(UserError, match="Did you mean best"):
        TASK.settings("bset")


@pytest.mark.parametrize(
    "settings",
    [
        *TASK.presets.values(),
        Settings(block="residual", schedule="one_cycle", accumulate=2, clip=5.0, steps=120),
        Settings(block="inception", schedule="step", precision="bfloat16", steps=120),
    ],
    ids=lambda settings: f"{settings.block} {settings.channels} {settings.schedule}",
)
def test_each_preset_and_block_learns(settings):
    run = Run.create("vision/classify", {"seed": 1, "threads": 1})
    events = train_task(TASK, settings, run)
    for progress in events:
        if progress.step >= 40:
            events.close()
    assert run.metrics()[-1]["loss"] < 0.9 * run.metrics()[1]["loss"]
    assert run.resumable_step() == run.checkpoints()[-1]
    model = load_predictor(run)
    assert type(model.model).__name__.lower() == settings.block
    assert predict(model, sketch(1, np.random.default_rng(0))).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 0}, "steps must be at least 1, not 0."),
        ({"learning_rate": -1.0}, "learning_rate must be from 0 to 10, not -1.0."),
        ({"dropout": 1.0}, "below 1"),
        ({"channels": ()}, "channels takes 1 to 16 values, not none."),
        ({"block": "inception", "channels": (4, 4)}, "at least 8 maps"),
        ({"block": "residual", "channels": (4,) * 5}, "too small"),
        ({"accumulate": 0}, "accumulate must be from 1 to "),
        ({"patience": -1}, "patience must be from 0 to 1,000,000, not -1."),
    ],
)
def test_settings_that_make_no_sense_are_a_sentence(change, words):
    run = Run.create("vision/classify", {})
    assert drive(run, train_task(TASK, Settings(**change), run)) == "failed"
    assert words in run.status()["message"] and not (run.path / "error.txt").exists()


def test_it_stops_early_by_pictures_of_the_training_part(monkeypatch):
    asked = []
    split, cpu = TASK.load(Settings(), None), torch.device("cpu")
    whole = TASK.prepare(Settings(), split, seed=0, device=cpu)
    training = TASK.prepare(Settings(patience=2), split, seed=0, device=cpu)
    assert whole.stopping is None and training.stopping is not None
    each: list[Any] = [whole.batches, training.batches]
    images = [batches.tensors[0] for batches in each]
    assert len(images[1]) == pytest.approx(0.9 * len(images[0]), abs=5)
    unseen, predict = split.test.inputs, training.predictor.predict
    monkeypatch.setattr(training.predictor, "predict", lambda x: asked.append(x) or predict(x))
    training.stopping.look(1, {})
    (looked_at,) = asked
    seen, learned, out = ({image.numpy().tobytes() for image in x} for x in (looked_at, images[1], unseen))
    assert len(seen) + len(learned) == len({image.numpy().tobytes() for image in images[0]})
    assert not seen & learned and not seen & out and not learned & out

    run = Run.create("vision/classify", {"threads": 1})
    # So high a rate that it gets no better for long.
    settings = Settings(
        patience=1, learning_rate=0.1, schedule="constant", steps=500, channels=(4,), hidden=()
    )
    assert drive(run, train_task(TASK, settings, run)) == "done", run.status()["message"]
    assert run.checkpoints()[-1] == run.metrics()[-1]["step"] == run.status()["step"] < 500
    assert "validation_loss" in run.metrics()[-2]


def test_a_learning_rate_that_is_too_high_is_told(monkeypatch):
    run = Run.create("vision/classify", {})
    monkeypatch.setattr(
        "sandbox.tasks.training.check", lambda settings: None
    )  # no rate in the range does it for sure
    assert drive(run, train_task(TASK, Settings(learning_rate=1e30), run)) == "failed"
    assert "most likely the learning rate is too high" in run.status()["message"]


@pytest.mark.thorough
def test_the_command_killed_and_resumed_ends_with_the_same_bits():
    """The real command in a process of its own, killed with `kill -9`."""
    features = [
        "--steps",
        "300",
        "--patience",
        "30",
        "--clip",
        "1",
        "--accumulate",
        "2",
        "--schedule",
        "one_cycle",
    ]
    run = Run.create("vision/classify", {"argv": ["train", "vision/classify"]}, state="queued")
    argv = [
        sys.executable,
        "-m",
        "sandbox.cli",
        "train",
        "vision/classify",
        "--threads",
        "1",
        *features,
        "--run",
        run.name,
    ]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 300  # on a busy machine importing torch alone takes a minute
    while run.resumable_step() is None and time.monotonic() < end and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    process.wait()
    while run.is_alive():  # the process that trains ends with the one that was started, a moment later
        time.sleep(0.005)
    assert run.status()["state"] == "interrupted"
    settings = settings_from(TASK, Run.open(run.name).config["settings"])
    assert drive(run, train_task(TASK, settings, run, resume=True)) == "done"
    uninterrupted = Run.create("vision/classify", {"threads": 1})
    assert drive(uninterrupted, train_task(TASK, settings, uninterrupted)) == "done"
    assert settings.patience == 30 and run.config["settings"] == uninterrupted.config["settings"]
    whole, _ = uninterrupted.load_model()
    resumed, _ = run.load_model()
    assert whole.keys() == resumed.keys() and all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_learning_rate_is_suggested_and_no_run_left(capsys):
    assert cli.main(["train", "vision/classify", "--find-lr", "--seed", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.endswith("← suggested") for line in lines) == 1
    again = lines[-1].removeprefix("next: sandbox ").split()
    assert again[:4] == ["train", "vision/classify", "--seed", "1"] and again[4] == "--learning-rate"
    assert 1e-3 < float(again[5]) < 0.1
    assert list_runs() == []


@pytest.mark.thorough
def test_pictures_kept_aside_are_read_better_after_learning():
    settings = replace(TASK.settings(), steps=60, patience=3)
    split = TASK.load(settings, None)
    training = TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    assert training.stopping is not None
    before = training.stopping.validate()
    for step in range(60):
        training.learner.step(training.batches(step))
    assert training.stopping.validate() < before / 2, "smaller is better, or the worst weights are kept"


@pytest.mark.thorough
def test_what_is_kept_aside_is_not_learned_from():
    settings = replace(TASK.settings(), aside=0.2)
    split = TASK.load(settings, None)
    aside = TASK.aside(settings, split)
    assert aside is not None and len(aside) == pytest.approx(0.2 * len(split.train), rel=0.05)
    training = TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    batches = training.batches
    assert isinstance(batches, ShuffledBatches) and batches.size == len(split.train) - len(aside)
    assert TASK.aside(TASK.settings(), split) is None


def test_faces_are_told_from_other_pieces_of_photos():
    split = TASK.load(TASK.settings(), "faces")
    assert split.classes == ("no face", "face") and split.shape == (1, 25, 25)
    assert len(split.train) == 134 and torch.bincount(split.test.targets).tolist() == [33, 33]
    # The mean face has eyes, a nose and a mouth; the mean of anything else is a blur.
    blur, detail = (
        split.train.inputs[split.train.targets == label].mean(0).diff(dim=1).std() for label in (0, 1)
    )
    assert detail > 2 * blur
