"""Photos in and masks out: any size, what is said and saved, and folders of one's own."""

import numpy as np
import pytest
from PIL import Image as PillowImage

from apps.medical.nuclei import TASK as NUCLEI
from apps.vision.segment import TASK as TEXTURES
from sandbox.baselines.watershed import Watershed, is_dark
from sandbox.data import synthetic_nuclei
from sandbox.data.formats import masked_images
from sandbox.data.formats.images import PictureError
from sandbox.errors import UserError
from sandbox.metrics.segmentation import object_scores
from sandbox.tasks.families.mask_network import MaskNetwork, Objects
from sandbox.tasks.families.segmentation import Segmenter, photo_of
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.outputs.mask import Mask

MASK = np.zeros((10, 30), np.int32)
MASK[1:4, 2:7], MASK[5:9, 20:24] = 1, 300


def test_a_photo_keeps_its_size_and_is_read_again_as_it_was(tmp_path):
    rng = np.random.default_rng(0)
    for channels in (1, 3):
        kind = Photo(channels)
        value = rng.integers(0, 256, (channels, 7, 19)).astype(np.float32) / np.float32(255)
        again = kind.encode(kind.read(kind.write(value, tmp_path, f"p{channels}")))
        assert np.array_equal(again, value) and again.dtype == np.float32


@pytest.mark.parametrize("wrong", [np.zeros((3, 4)), np.zeros((1, 4, 4)), np.full((3, 2, 2), np.nan)])
def test_what_is_no_photo_is_refused_in_a_sentence(wrong):
    with pytest.raises(PictureError, match="takes photos"):
        Photo(3).encoded([wrong])


def test_a_mask_says_how_many_and_where():
    output = Mask(things="nuclei")
    assert output.text(MASK) == "2 nuclei, 10 % of the picture"
    said = output.to_json(MASK)
    assert (
        said["size"] == [30, 10] and said["count"] == 2 and said["share"] == pytest.approx(31 / 300, abs=1e-4)
    )
    assert said["objects"][0] == {"x": 4.0, "y": 2.0, "area": 15, "box": [2, 1, 7, 4]}


def test_a_mask_is_saved_as_numbers_and_over_its_picture(tmp_path):
    output = Mask()
    path = output.save(MASK, tmp_path, "m")
    assert np.array_equal(np.asarray(PillowImage.open(path)), MASK)  # above 255: 16 bits
    over = np.asarray(PillowImage.open(output.save_over(np.full((1, 10, 30), 0.5), MASK, tmp_path, "m")))
    assert over.shape == (10, 30, 3)
    assert (over[MASK == 0] == 128).all() and not (over[1, 2:7] == 128).all(1).any()


def test_a_mask_of_classes_says_what_covers_how_much():
    output = Mask(classes=("brick", "grass"))
    assert output.text((MASK > 0).astype(int)) == "brick 90 %, grass 10 %"
    assert output.to_json(np.zeros((4, 4), int))["shares"] == {"brick": 1.0, "grass": 0.0}


def test_an_untrained_network_answers_nothing_for_photos_of_any_size():
    goal = Objects("nuclei")
    network = MaskNetwork(3, 2, (4, 8), 2)
    network.begin(goal.prior)
    predictor = Segmenter(network, goal, 3)
    for shape in ((3, 40, 64), (3, 37, 51), (3, 1, 5)):
        (answer,) = predictor.predict([np.random.default_rng(0).random(shape, np.float32)])
        assert answer.shape == shape[1:] and answer.max() == 0
    network.begin((3.0, 0.0))  # now everything is one object
    assert predictor.predict(np.ones((1, 3, 20, 20), np.float32))[0].min() == 1


@pytest.mark.thorough
def test_watershed_takes_either_ground_and_chooses_by_training_pictures():
    pairs = [synthetic_nuclei.draw(number, 3) for number in range(12)]
    photos, masks = [photo_of(picture) for picture, _ in pairs], [mask for _, mask in pairs]
    assert [is_dark(photo) for photo in photos] == [True, False] * 6
    goal = Objects("nuclei")
    method = Watershed(photos[:8], masks[:8], Photo(), goal.output, goal.least_area)
    found = object_scores(masks[8:], method.predict(photos[8:]))
    assert found["dice"].mean > 0.65 and set(method.smoothing) == {True, False}
    assert method.predict([np.full((3, 9, 9), 0.7, np.float32)])[0].max() == 0


def own_folder(folder, count=8):
    """Synthetic pictures as somebody's own."""
    for number in range(count):
        picture, mask = synthetic_nuclei.draw(number, 1, 64)
        for name, values in (("images", picture), ("masks", mask.astype(np.uint8))):
            (folder / name).mkdir(parents=True, exist_ok=True)
            PillowImage.fromarray(values).save(folder / name / f"{number}.png")


@pytest.mark.thorough
def test_both_kinds_of_ground_are_on_both_sides_of_the_split(tmp_path):
    own_folder(tmp_path / "mine")
    split = NUCLEI.load(NUCLEI.settings(), str(tmp_path / "mine"))
    assert split.about.name == "mine" and not split.about.synthetic
    for part in (split.train, split.test):
        assert {is_dark(photo) for photo in part.inputs} == {True, False}
    assert len(split.train) + len(split.test) == 8


@pytest.mark.thorough
def test_numbered_objects_are_no_classes_and_one_picture_is_too_few(tmp_path):
    own_folder(tmp_path / "one", 1)
    with pytest.raises(UserError, match="at least two"):
        NUCLEI.load(NUCLEI.settings(), str(tmp_path / "one"))
    (tmp_path / "many").mkdir()
    for number in range(3):
        values = np.arange(64, dtype=np.uint8).reshape(8, 8)
        PillowImage.fromarray(values + number).save(tmp_path / "many" / f"{number}.png")
        PillowImage.fromarray(values).save(tmp_path / "many" / f"{number}_mask.png")
    with pytest.raises(UserError, match="medical/nuclei"):
        TEXTURES.load(TEXTURES.settings(), str(tmp_path / "many"))


@pytest.mark.thorough
def test_real_nuclei_of_the_data_science_bowl(real_data):
    folder = real_data("dsb2018")
    split = NUCLEI.load(NUCLEI.settings(), str(folder))
    assert len(split.train) == 70 and len(split.test) == 30
    assert sum(is_dark(photo) for photo in split.test.inputs) == 12
    seen = {photo.tobytes() for photo in split.train.inputs}
    assert not any(photo.tobytes() in seen for photo in split.test.inputs)
    assert sum(int(mask.max()) for mask in masked_images.load(folder).masks) > 3_000
