"""Captions: which pairs are held out, what a fact is, where a network looks, and captions of one's own."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from apps.vision.caption import TASK
from sandbox.data import subwords
from sandbox.data.described_scenes import COLOURS, PLACES, SHAPES, held_out, scenes
from sandbox.metrics.facts import fact_scores, share_of
from sandbox.tasks.families.attending_writer import BEGIN, END
from sandbox.tasks.families.caption_network import CaptionNetwork, Describer, begun

SETTINGS = replace(TASK.settings(), size=32, scenes=20)


def pairs_in(captions):
    """Pairs of shape and colour that captions name."""
    words = [part.split() for caption in captions for part in caption.split(", ")]
    return {(shape, colour) for _, _, colour, shape, *_ in words}


def test_no_pair_of_an_unseen_scene_is_in_a_scene_to_learn_from():
    learned, unseen = (pairs_in(scenes(300, (0, 1), 16, unseen=which)[1]) for which in (False, True))
    assert unseen == held_out(0) and not learned & unseen
    assert {shape for shape, _ in learned} == set(SHAPES) and {colour for _, colour in learned} == set(
        COLOURS
    )
    assert len(learned) == 36 and held_out(0) != held_out(1)
    assert len({colour for _, colour in unseen}) == len({shape for shape, _ in unseen}) == 6


def test_a_scene_shows_what_its_caption_says():
    pictures, captions = scenes(100, (3,), 63, unseen=False)
    shown, told, holes = [], [], []
    for picture, caption in zip(pictures.astype(float), captions, strict=True):
        for _, _, colour, shape, place in (part.split(" ", 4) for part in caption.split(", ")):
            row, column = divmod(PLACES.index(place), 3)
            pixel = picture[:, 21 * row + 10, 21 * column + 10]  # the middle of the place
            away = {name: np.abs(pixel - value).sum() for name, value in COLOURS.items()}
            if shape in ("circle", "square"):
                shown.append(min(away, key=lambda name: away[name]))
                told.append(colour)
            elif shape == "ring":
                holes.append(away[colour] > 60)
    assert shown == told and len(told) > 40 and np.mean(holes) > 0.8


def network(**more):
    torch.manual_seed(0)
    return CaptionNetwork(20, side=32, channels=(4, 4, 4), hidden=8, embedding=4, **more).eval()


def test_one_path_knows_no_colour_and_the_other_no_form():
    pictures = torch.from_numpy(scenes(4, (0,), 32, unseen=False)[0].astype(np.float32) / 255)
    model = network()
    form, colour = model.read(pictures)[0].chunk(2, -1)
    other_form, other_colour = model.read(pictures[:, [2, 0, 1]])[0].chunk(2, -1)
    assert torch.allclose(form, other_form, atol=1e-5) and not torch.allclose(colour, other_colour)
    cells = pictures.unflatten(3, (8, 4)).unflatten(2, (8, 4)).flip(3, 5).flatten(4).flatten(2, 3)
    turned_form, turned_colour = model.read(cells)[0].chunk(2, -1)
    assert torch.allclose(colour, turned_colour, atol=1e-5) and not torch.allclose(form, turned_form)


def test_votes_of_both_paths_are_added():
    model, target = network(), torch.tensor([[BEGIN, 4, 5]] * 3)
    pictures = torch.rand(3, 3, 32, 32)
    both = model((pictures, target))
    torch.nn.init.zeros_(model.colour_head.weight)
    torch.nn.init.zeros_(model.colour_head.bias)
    form = model((pictures, target))
    # Without the colours' votes any permutation of the channels is the same picture.
    assert torch.allclose(form, model((pictures[:, [2, 0, 1]], target)), atol=1e-5)
    assert not torch.allclose(form, both, atol=1e-3)
    assert network(paths=1)((pictures, target)).shape == both.shape == (3, 3, 23)


def test_facts_are_told_at_their_place():
    known = "a small red star at the top left, a large blue ring in the middle"
    assert share_of(known, [known]) == 1
    assert share_of("a small green star at the top left, a large blue ring in the middle", [known]) == 5 / 6
    assert share_of("a small red star at the top left", [known]) == 0.5
    assert share_of("a small red star on the left, a large blue ring in the middle", [known]) == 0.5
    assert share_of("", [known]) == share_of("star star star", [known]) == 0
    more = f"{known}, a small white cross at the bottom"
    assert share_of(more, [known]) == pytest.approx(6 / 9)


def test_words_are_facts_where_no_scene_is_described():
    assert share_of("a dog runs", ["a cat sleeps", "the dog runs fast"]) == 0.5
    scores = fact_scores(["a dog", "a cat"], [["a dog"], ["a dog"]])
    assert (scores["facts"].mean, scores["exact"].mean) == (0.75, 0.5)


def test_captions_come_back_from_their_tokens_and_shares_add_up():
    captions = scenes(60, (0,), 16, unseen=False)[1]
    vocabulary = subwords.learn("\n".join(f" {one}" for one in captions), 200)
    torch.manual_seed(0)
    model = CaptionNetwork(len(vocabulary), side=32, channels=(4, 4, 4), hidden=8, embedding=4)
    describer = Describer(model, vocabulary, (3, 32, 32), 2)
    written, wanted = begun(vocabulary, captions[:1])
    assert written[0, 0] == BEGIN and wanted[0, -1] == END and (written[0, 1:] == wanted[0, :-1]).all()
    assert describer.decode(wanted[0, :-1].tolist()) == captions[0]
    looks = describer.looks(np.random.default_rng(0).random((3, 32, 32), np.float32), captions[0])
    assert len(looks) == wanted.shape[1] - 1 and looks[0].shares.shape == (8, 8)
    assert all(look.shares.sum() == pytest.approx(1, abs=1e-5) for look in looks)
    assert "".join(look.token for look in looks).strip() == captions[0]


@pytest.mark.thorough
def test_own_pictures_with_captions_are_learned_from(tmp_path):
    rows = ["file,caption"]
    for i in range(12):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((20, 40, 3), 20 * i, np.uint8))
        rows += [f"{i}.png,a grey thing", f'{i}.png,"shade {i}, no more"']
    (tmp_path / "captions.csv").write_text("\n".join(rows))
    split = TASK.load(SETTINGS, str(tmp_path))
    assert (len(split.train), len(split.test)) == (9, 3) and not split.about.synthetic
    assert split.train.inputs.shape == (9, 3, 32, 32) and all(len(one) == 2 for one in split.test.targets)
    tiny = replace(SETTINGS, steps=2, channels=(4, 4), hidden=4, embedding=4, batch_size=4, flips="all")
    training = TASK.prepare(tiny, split, seed=0, device=torch.device("cpu"))
    assert np.isfinite(float(training.learner.step(training.batches(0))["loss"]))
