"""Ways to spoil texts."""

import pytest

from sandbox.corruptions.found import corruptions_of
from sandbox.corruptions.text import CORRUPTIONS
from sandbox.data.reference_text import topics
from sandbox.tasks.inputs.text import Text

pytestmark = pytest.mark.thorough

TEXTS = [topics()["truth"], topics()["power"]]


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_nothing_at_nothing_and_the_same_for_the_same_seed(name):
    one = CORRUPTIONS[name]
    assert one.apply(TEXTS, 0.0, 0) == TEXTS
    spoilt = one.apply(TEXTS, one.most, 0)
    assert spoilt == one.apply(TEXTS, one.most, 0) and spoilt != TEXTS
    assert one.apply(TEXTS, one.most / 2, 1) != one.apply(TEXTS, one.most / 2, 2)
    assert all(text.strip() for text in spoilt)


def test_what_each_does():
    (upper,) = CORRUPTIONS["upper_case"].apply(TEXTS[:1], 1.0, 0)
    assert upper == TEXTS[0].upper()
    (shuffled,) = CORRUPTIONS["shuffled"].apply(TEXTS[:1], 1.0, 0)
    assert sorted(shuffled.split()) == sorted(TEXTS[0].split())
    (typos,) = CORRUPTIONS["typos"].apply(TEXTS[:1], 0.1, 0)
    assert abs(len(typos) - len(TEXTS[0])) < 30


def test_only_text_that_goes_on_changes_its_topic():
    assert "other_topic" in corruptions_of(Text(goes_on=True))
    assert "other_topic" not in corruptions_of(Text())
