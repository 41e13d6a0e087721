"""Repair without a browser: photos of one's own, damaged first or as they are, and what the views compute."""

import io

import numpy as np
import pytest
from PIL import Image

from apps.studio.inputs.damaged_photo import as_large, detail, given_photo, thumbnail
from apps.studio.inside import blocks
from apps.studio.page.chosen_input import sample
from apps.studio.page.run_view import RunView
from sandbox.data.damages import Blur, Holes, Noise, Small
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task

pytestmark = pytest.mark.thorough

TINY = {"steps": 4, "channels": 8, "depth": 2, "batch_size": 2, "side": 128}


def photo(mode="RGB", size=(900, 700)):
    """A photo's file, larger than a page looks at."""
    drawn = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(drawn).resize(size).convert(mode)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def trained(target, **changes):
    """A run of a few steps."""
    task = import_task(target)
    run = Run.create(target, {"argv": ["train", target], "seed": 0, "threads": 1, "kind": "task"})
    settings = settings_from(task, {**TINY, **changes})
    assert drive(run, train_task(task, settings, run)) == "done", run.status()["message"]
    return run


@pytest.mark.parametrize("damage", [Noise(), Holes(), Blur(), Small(3)], ids=lambda one: one.kind)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_photo_of_ones_own_is_damaged_first(damage, mode):
    kind = DamagedPhoto(damage)
    given = given_photo(kind, photo(mode), True)
    channels, height, width = np.shape(given.target)
    assert channels == (1 if mode == "L" else 3) and max(height, width) <= 640
    assert np.shape(given.value) == (channels, height // damage.factor, width // damage.factor)
    assert np.isnan(given.value).any() == damage.missing
    again = given_photo(kind, photo(mode), True)
    assert np.array_equal(again.value, given.value, equal_nan=True)


def test_or_repaired_as_it_is():
    given = given_photo(DamagedPhoto(Noise()), photo(), False)
    assert given.target is None and np.shape(given.value) == (3, 498, 640)
    with pytest.raises(UserError, match="transparent"):
        given_photo(DamagedPhoto(Holes()), photo(), False)
    clear = Image.open(io.BytesIO(photo("RGBA")))
    clear.paste((0, 0, 0, 0), (100, 100, 200, 150))
    file = io.BytesIO()
    clear.save(file, "PNG")
    given = given_photo(DamagedPhoto(Holes()), file.getvalue(), False)
    assert 0.005 < np.isnan(given.value).mean() < 0.012
    with pytest.raises(UserError, match="not a PNG"):
        given_photo(DamagedPhoto(Noise()), b"none", False)


def test_pictures_that_are_shown():
    values = np.random.default_rng(0).random((1, 40, 100)).astype(np.float32)
    assert thumbnail(values).shape == (26, 64, 3) and detail(values, 30).shape == (30, 30, 3)
    assert as_large(values, (1, 80, 200)).shape == (1, 80, 200)
    assert as_large(values, (3, 40, 100)) is values


@pytest.mark.parametrize(
    ("target", "changes"),
    [
        ("vision/restore", {"damage": "holes", "colour": True}),
        ("vision/restore", {"damage": "blur"}),
        ("vision/restore", {"damage": "scratches", "block": "unet"}),
        ("vision/upscale", {"times": 3, "crop": 48}),
    ],
    ids=lambda value: str(value),
)
def test_every_tab_with_every_kind_of_damage(open_page, read, target, changes):
    run = trained(target, **changes)
    for tab in ("Try", "Inside", "Compare", "Limits"):
        at = open_page("repair", run=run.name, **{"repair-tab": tab})
        assert not at.error, (tab, [error.value for error in at.error])
        assert not at.exception and run.name in read(at)
    view = RunView.at(run, None)
    assert view is not None
    assert blocks.fits(view) == (changes.get("block") != "unet")


@pytest.mark.parametrize("changes", [{}, {"damage": "holes", "colour": True}], ids=["noise", "holes"])
def test_the_last_block_gives_the_answer(changes):
    view = RunView.at(trained("vision/restore", **changes), None)
    assert view is not None
    given = sample(view, 0)
    steps = blocks.stages(view, given)
    answer = view.predictor.predict(given.value[None])[0]
    middle = [slice((side - blocks.SIDE) // 2, (side + blocks.SIDE) // 2) for side in answer.shape[1:]]
    inner = slice(30, -30)  # what lies around the detail counts at its edges
    found = steps[list(steps)[-1]][:, inner, inner]
    assert np.abs(found - answer[:, middle[0], middle[1]][:, inner, inner]).max() < 1e-3
    assert list(steps) == ["damaged", "no block", "block 1", "block 2"]
    assert blocks.first_maps(view, given).shape == (8, 48, 48)
