"""One way in: what is no encoded picture is refused in a sentence, and never answered wrongly."""

import numpy as np
import pytest
from PIL import Image
from torch import nn

from sandbox.data.formats.images import PictureError
from sandbox.tasks.families.image_classification import ImageClassifier

PHOTO = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)


@pytest.fixture
def classifier() -> ImageClassifier:
    return ImageClassifier(nn.Sequential(nn.Flatten(), nn.Linear(64, 3)), (1, 8, 8), ("a", "b", "c"), None)


@pytest.mark.parametrize(
    "photo", [Image.fromarray(PHOTO), PHOTO, PHOTO / 255], ids=["opened", "bytes", "array"]
)
def test_a_photo_is_encoded_first(classifier, photo):
    with pytest.raises(PictureError, match=r"pictures \(N, 1, 8, 8\).*input.encode"):
        classifier.predict(photo)
    answer = classifier.predict(classifier.input.encode(photo)[None])
    assert answer.shape == (1, 3) and answer.sum() == pytest.approx(1)


@pytest.mark.parametrize("number", [-0.1, 1.1, 255.0, np.nan])
def test_numbers_out_of_range_are_refused(classifier, number):
    with pytest.raises(PictureError, match="from 0 to 1"):
        classifier.predict(np.full((2, 1, 8, 8), number, np.float32))
