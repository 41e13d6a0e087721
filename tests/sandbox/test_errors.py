import errno
import os

import pytest

from sandbox.errors import UserError, because, did_you_mean, is_user_error, nearest


def test_nearest_names_come_first():
    assert nearest("cartpol", ["snake", "cartpole", "car-racing"])[0] == "cartpole"
    assert nearest("Classify", ["vision/classify", "vision/detect"])[0] == "vision/classify"
    assert nearest("lander", ["LunarLander-v3", "snake"]) == ["LunarLander-v3"]
    assert nearest("xyzzy", ["snake", "cartpole"]) == []


def test_did_you_mean_is_empty_when_nothing_is_close():
    assert did_you_mean("snak", ["snake"]) == " Did you mean snake?"
    assert did_you_mean("xyzzy", ["snake"]) == ""


def test_user_errors_are_known_by_their_class():
    class TheirError(Exception):
        user_error = True

    assert is_user_error(UserError("a")) and is_user_error(TheirError())
    assert not is_user_error(ValueError())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EACCES, "may not write"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "output"),
    ],
)
def test_refusals_have_words(number, words):
    assert words in because(OSError(number, os.strerror(number)))
