"""Lines of digits: what is learned from and what is tested share none; what a frame says becomes a text."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from apps.vision.handwriting import TASK
from sandbox.baselines.cut_by_gaps import CutByGaps
from sandbox.corruptions.line import CORRUPTIONS
from sandbox.data import digit_lines, digits
from sandbox.data.digit_lines import Digits, Layout
from sandbox.data.line_picture import fit
from sandbox.errors import UserError
from sandbox.tasks.families.line_network import BLANK, ctc, greedy
from sandbox.tasks.families.line_reading import MadeLines, numbered
from sandbox.tasks.inputs.line import Line

LAYOUT = Layout(32, 192)
SETTINGS = replace(TASK.settings(), lines=20)


def bars(*labels):
    """Digits that are nothing but bars: of `1` one, of `2` two."""
    pictures = np.zeros((len(labels), 32, 32), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        for bar in range(int(label)):
            picture[:, 4 + 10 * bar : 8 + 10 * bar] = 255
    return Digits(pictures, list(labels))


def test_no_digit_of_an_unseen_line_is_in_a_line_to_learn_from():
    found = digits.load()
    learned, unseen = digit_lines.parts(found)
    assert (len(learned.labels), len(unseen.labels)) == (1198, 599)
    seen = {picture.tobytes() for picture in learned.pictures}
    assert sum(picture.tobytes() in seen for picture in unseen.pictures) < 3  # two people may write alike
    split = TASK.load(SETTINGS, None)
    assert split.digits is not None and (split.digits.pictures == learned.pictures).all()
    marked = Digits(np.zeros_like(unseen.pictures), unseen.labels)
    assert digit_lines.lines(marked, 2, (0, 1), LAYOUT)[0].max() < 0.7  # nothing but the noise of the paper


def test_lines_hold_as_many_digits_as_was_said_and_touch():
    pictures, texts = digit_lines.lines(digit_lines.parts(digits.load())[0], 60, (0,), LAYOUT)
    assert {len(text) for text in texts} == set(range(5, 10))
    assert pictures.shape == (60, 1, 32, 192) and pictures.min() >= 0 and pictures.max() <= 1
    assert np.allclose(np.rint(pictures * 255) / 255, pictures, atol=1e-7)
    cutter = CutByGaps(bars("1", "2"), Line((1, 32, 192)), divide=False)
    fewer = [len(cutter.pieces(one[0])) < len(text) for one, text in zip(pictures, texts, strict=True)]
    assert 0.2 < np.mean(fewer) < 0.9


def test_a_batch_is_a_function_of_seed_and_step():
    learned, _ = digit_lines.parts(digits.load())
    batches = MadeLines(learned, "0123456789", replace(SETTINGS, batch_size=3), 0, torch.device("cpu"))
    one, again, other = batches(4), batches(4), batches(5)
    assert (one[0] == again[0]).all() and (one[1] == again[1]).all() and not (one[0] == other[0]).all()


def test_greedy_joins_what_is_repeated_and_keeps_what_a_blank_divides():
    symbols = [0, 8, 8, 0, 8, 3, 3, 0]
    said = greedy(np.eye(11, dtype=np.float32)[symbols] * 0.9, "0123456789")
    assert "".join(one.character for one in said) == "772"
    assert [(one.first, one.last) for one in said] == [(1, 2), (4, 4), (5, 6)]
    assert said[0].probability == pytest.approx(0.9)
    assert greedy(np.eye(11, dtype=np.float32)[[0, 0]], "0123456789") == []


def test_the_loss_adds_up_all_alignments():
    """Two frames and the text `a`: a a, a blank, blank a."""
    scores = torch.tensor([[[0.1, 0.7], [0.4, -0.2]]])
    one, other = F.softmax(scores[0], -1)
    wanted = -(one[1] * other[1] + one[1] * other[0] + one[0] * other[1]).log()
    assert ctc(scores, torch.tensor([[1, BLANK]])).item() == pytest.approx(wanted.item(), rel=1e-5)
    assert numbered(["a", "ba"], "ab").tolist() == [[1, BLANK], [2, 1]]


def test_cutting_by_gaps_reads_what_does_not_touch_and_divides_what_is_wide():
    known = bars("1", "2")
    line = np.zeros((1, 1, 32, 192), np.float32)
    for left in (10, 60, 64 + 6):  # a bar; a pair of bars
        line[0, 0, 4:28, left : left + 4] = 1
    reader = CutByGaps(known, Line((1, 32, 192)), divide=False)
    assert len(reader.pieces(line[0, 0])) == 3
    assert reader.predict(line) == ["111"] and reader.predict(np.zeros_like(line)) == [""]
    block = np.zeros((32, 192), np.float32)
    block[8:24, 20:56] = 1
    assert len(reader.pieces(block)) == 1
    cutter = CutByGaps(known, Line((1, 32, 192)), divide=True)
    assert len(cutter.pieces(block)) == 3
    noise = np.random.default_rng(0).random((1, 1, 32, 192), np.float32)
    stroke = np.zeros_like(noise)
    stroke[..., 15, :] = 1
    assert len(cutter.predict(noise)) == len(cutter.predict(stroke)) == 1  # whatever it says


def test_a_photo_is_cut_out_and_turned_into_ink():
    sheet = np.full((300, 900), 230, np.uint8)
    cv2.putText(sheet, "1234", (120, 180), cv2.FONT_HERSHEY_SIMPLEX, 4, 25, 12)
    paper = sheet / np.float32(255)
    shaded = paper * np.linspace(0.7, 1, 900, dtype=np.float32)
    line = Line((1, 32, 192))
    flat, uneven = line.encode(paper), line.encode(shaded)
    assert flat.shape == (1, 32, 192) and flat.max() > 0.95
    rows = np.flatnonzero((flat[0] > 0.5).any(1))
    assert rows[0] <= 3 and rows[-1] >= 28  # it fills the height
    assert np.abs(flat - uneven).mean() < 0.05
    np.testing.assert_array_equal(line.encode(flat[0]), flat)
    assert not fit(np.zeros((50, 50), np.float32), 32, 192).any()


@pytest.mark.thorough
def test_own_lines_are_read_from_a_table(tmp_path):
    generator = np.random.default_rng(0)
    rows = ["picture,text"]
    for i in range(12):
        picture = np.full((60, 200), 255, np.uint8)
        cv2.putText(picture, f"{i:02}", (int(generator.integers(10, 90)), 45), 0, 1.5, 0, 3)
        cv2.imwrite(str(tmp_path / f"{i}.png"), picture)
        rows.append(f"{i}.png,{i:02}")
    (tmp_path / "lines.csv").write_text("\n".join([*rows, "missing.png,77"]))
    split = TASK.load(SETTINGS, str(tmp_path))
    assert (len(split.train), len(split.test)) == (9, 3) and not split.about.synthetic
    assert sorted([*split.train.targets, *split.test.targets]) == [f"{i:02}" for i in range(12)]
    assert any("missing" in note or "line 14" in note for note in split.about.notes)
    baseline = TASK.baselines(SETTINGS, split)["nearest line"]
    assert baseline.predict(split.train.inputs) == split.train.targets
    tiny = replace(SETTINGS, steps=3, channels=(4, 4), hidden=4, batch_size=4)
    training = TASK.prepare(tiny, split, seed=0, device=torch.device("cpu"))
    assert np.isfinite(float(training.learner.step(training.batches(0))["loss"]))
    (tmp_path / "lines.csv").unlink()
    with pytest.raises(UserError, match="CSV file"):
        TASK.load(SETTINGS, str(tmp_path))


def test_lines_that_are_longer_at_least_than_at_most_are_refused():
    with pytest.raises(UserError, match="more than longest"):
        replace(SETTINGS, shortest=8, longest=5).check_together()


@pytest.mark.parametrize("name", ["slant", "rise", "crossed"])
def test_no_amount_changes_nothing_and_the_most_changes_much(name):
    lines = torch.from_numpy(digit_lines.lines(bars("1", "2"), 4, (0,), LAYOUT)[0])
    one = CORRUPTIONS[name]
    torch.testing.assert_close(one.apply(lines, 0.0, 0), lines, atol=1e-4, rtol=0)
    assert (one.apply(lines, one.most, 0) - lines).abs().mean() > 0.03


@pytest.mark.thorough
def test_mnist_lines_are_of_its_own_halves(real_data):
    split = TASK.load(replace(SETTINGS, lines=20), str(real_data("mnist")))
    assert split.digits is not None
    assert len(split.digits.labels) == 60_000 and len(split.test) == 20
