"""Every corruption of every kind of input: nothing at 0, more and more, the same again; and their measure."""

import pkgutil
from typing import ClassVar

import numpy as np
import pytest
import torch

from sandbox import corruptions
from sandbox.baselines.nearest_neighbour import NearestNeighbour
from sandbox.corruptions.corruption import POINTS
from sandbox.corruptions.found import corruptions_of
from sandbox.corruptions.measure import fall
from sandbox.tasks.families.image_classification import ImageClassification
from sandbox.tasks.inputs.face_pair import FacePair
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.inputs.line import Line
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.inputs.point import Point
from sandbox.tasks.inputs.road import Road
from sandbox.tasks.inputs.scene import Scene
from sandbox.tasks.inputs.series import Series
from sandbox.tasks.inputs.sound import Sound
from sandbox.tasks.split import Examples

READER = Image((1, 8, 8))
PICTURES = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
INPUTS = {
    "image": (READER, PICTURES),
    "point": (Point(), torch.rand(60, 2, generator=torch.Generator().manual_seed(0)) * 2 - 1),
    "photo": (Photo(), list(torch.rand(4, 3, 12, 20, generator=torch.Generator().manual_seed(0)).numpy())),
    "scene": (Scene((3, 8, 8)), torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))),
    "line": (Line((1, 14, 42)), torch.rand(6, 1, 14, 42, generator=torch.Generator().manual_seed(0))),
    "road": (Road((3, 16, 24)), torch.rand(6, 3, 16, 24, generator=torch.Generator().manual_seed(0))),
    "face_pair": (FacePair((1, 8, 16)), torch.rand(6, 1, 8, 16, generator=torch.Generator().manual_seed(0))),
    "noise": (Noise(4), torch.randn(6, 4, generator=torch.Generator().manual_seed(0))),
    "series": (
        Series(length=20, names=("a",), mean=(0.0,), deviation=(1.0,)),
        torch.randn(6, 20, 1, generator=torch.Generator().manual_seed(0)),
    ),
    "sound": (Sound(8_000, 2_000), torch.rand(6, 2_000, generator=torch.Generator().manual_seed(0)) * 2 - 1),
}
"""How inputs of each kind are read, and some of them."""
EVERY = [(kind, name) for kind, (reader, _) in INPUTS.items() for name in corruptions_of(reader)]


def test_every_kind_that_has_corruptions_is_tested():
    files = {info.name for info in pkgutil.iter_modules(corruptions.__path__)}
    # Texts, DNA, molecules and notes are no numbers, and rows may lack some: they have tests of their own.
    own = {"text", "row", "dna", "smiles", "notes"}
    assert {name for name in files if corruptions_offered(name)} == {*INPUTS, *own}


def test_inputs_of_an_unknown_kind_have_none():
    class Unknown(Image):
        kind: ClassVar[str] = "no such kind"

    assert corruptions_of(Unknown((1, 8, 8))) == {}


def corruptions_offered(name):
    from importlib import import_module

    return hasattr(import_module(f"sandbox.corruptions.{name}"), "CORRUPTIONS")


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_amount_nothing_changes_nothing_and_the_most_changes_much(kind, name):
    reader, inputs = INPUTS[kind]
    corruption = corruptions_of(reader)[name]
    before = np.asarray(inputs).copy()
    assert np.allclose(corruption.apply(inputs, 0.0, 0), before, atol=1e-5)
    spoilt = np.asarray(corruption.apply(inputs, corruption.most, 1))
    assert spoilt.shape == before.shape and np.isfinite(spoilt).all()
    assert np.abs(spoilt - before).mean() > 0.05
    assert np.array_equal(spoilt, corruption.apply(inputs, corruption.most, 1))  # by the seed alone
    assert np.array_equal(inputs, before)  # what it was given is left alone
    assert corruption.title and corruption.unit and corruption.why.endswith(".")


@pytest.mark.parametrize("name", corruptions_of(READER))
def test_spoilt_pictures_are_pictures_of_any_size_and_colour(name):
    corruption = corruptions_of(READER)[name]
    photos = torch.rand(2, 3, 11, 7)
    for amount in (0.0, corruption.most / 2, corruption.most):
        spoilt = corruption.apply(photos, amount, 0)
        assert spoilt.shape == photos.shape
        assert spoilt.min() >= -1e-6 and spoilt.max() <= 1 + 1e-6


def test_known_pictures():
    offered = corruptions_of(READER)
    picture = torch.zeros(1, 1, 4, 4)
    picture[0, 0, 0, 0] = 1  # top left
    turned = offered["rotation"].apply(picture, 90.0, 0)[0, 0]
    assert turned[3, 0] == pytest.approx(1, abs=1e-4) and turned.sum() == pytest.approx(1, abs=1e-3)
    moved = offered["shift"].apply(picture, 0.25, 0)[0, 0]
    assert moved[0, 1] == pytest.approx(1, abs=1e-4)
    covered = offered["occlusion"].apply(torch.ones(5, 1, 8, 8), 0.5, 0)
    assert (covered == 0).sum((1, 2, 3)).tolist() == [16] * 5
    assert torch.allclose(offered["negative"].apply(picture, 1.0, 0), 1 - picture)
    assert offered["blur"].apply(torch.full((1, 1, 6, 6), 0.3), 0.2, 0).numpy() == pytest.approx(0.3)


def test_each_face_of_a_pair_is_spoilt_for_itself():
    offered = corruptions_of(FacePair((1, 8, 16)))
    pair = torch.cat([torch.ones(2, 1, 8, 8), torch.zeros(2, 1, 8, 8)], 3)
    for name in ("shift", "blur", "rotation", "occlusion"):
        spoilt = offered[name].apply(pair, offered[name].most / 2, 0)
        assert (spoilt[..., :8] > 0.5).any() and (spoilt[..., 8:] == 0).all()


def test_clouds_hide_as_much_as_they_should():
    clouds = corruptions_of(Photo())["clouds"]
    dark = [np.zeros((3, 64, 96), np.float32)] * 4
    for amount in (0.2, 0.6):
        spoilt = np.stack(clouds.apply(dark, amount, 3))
        assert (spoilt > 0.47).mean() == pytest.approx(amount, abs=0.02)  # more cloud than ground
        assert (spoilt > 0.9).any() and (spoilt == 0).any()
        assert not np.array_equal(spoilt[0], spoilt[1])


def test_boxes_go_along_where_a_scene_shrinks():
    smaller = corruptions_of(Scene((3, 8, 8)))["smaller"]
    pictures = torch.zeros(1, 3, 32, 64)
    pictures[0, :, 8:24, 16:48] = 1
    boxes = torch.tensor([[[16.0, 8.0, 48.0, 24.0, 2.0], [-1.0] * 5]])
    found = smaller.spoil(None, None, Examples(pictures, boxes), 0.5)
    assert found.targets.tolist() == [[[24, 12, 40, 20, 2], [-1] * 5]]
    assert found.inputs[0, 0, 13:19, 25:39].mean() == pytest.approx(1)
    assert boxes[0, 0, 0] == 16  # what it was given is left alone


def test_the_measure_begins_with_the_figure_itself_and_falls():
    class Task(ImageClassification):
        def prepare(self, settings, split, *, seed, device):
            raise NotImplementedError

        def predictor(self, tensors, meta):
            raise NotImplementedError

    labels = torch.arange(6)
    nearest = NearestNeighbour(PICTURES, labels, tuple("abcdef"), Image((1, 8, 8)))
    corruption = corruptions_of(READER)["noise"]
    found = fall(Task(), {"nearest": nearest}, Examples(PICTURES, labels), corruption)
    assert len(found.amounts) == POINTS
    assert (found.amounts[0], found.amounts[-1]) == (0, corruption.most)
    assert found.figures["nearest"][0] == 1.0 > found.figures["nearest"][-1]
