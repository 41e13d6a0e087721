"""Sequences: typed text, cells and columns are three forms of the same."""

import numpy as np
import pytest

from sandbox.errors import UserError
from sandbox.tasks.inputs.sequence import Channel, SequenceInput


def made(*channels, length=4):
    return SequenceInput(length=length, channels=channels, prompt="", example="")


NUMBERS = made(
    Channel(name="number", what="number", bounded=True), Channel(name="marked", what="mark"), length=3
)
SERIES = made(Channel(name="series", what="number", scale=(10.0, 2.0)), length=3)
BITS = made(Channel(name="reads", what="bit"))
SYMBOLS = made(Channel(name="reads", what="symbol", symbols="AB", others="?", tail=(2, 2)))


@pytest.mark.parametrize(
    ("input", "typed", "columns"),
    [
        (NUMBERS, "0.25 0.5* 1*", [[0.25, 0], [0.5, 1], [1, 1]]),
        (SERIES, "10;12, 6", [[0], [1], [-2]]),
        (BITS, "01 10", [[0], [1], [1], [0]]),
        (SYMBOLS, "b a", [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]]),
    ],
)
def test_what_is_typed_is_encoded_and_written_again(tmp_path, input, typed, columns):
    value = input.encode(typed)
    assert value.dtype == np.float32 and value.tolist() == columns
    assert input.encode(input.cells(value)).tolist() == columns
    assert input.encode(input.read(input.write(value, tmp_path, "one"))).tolist() == columns


@pytest.mark.parametrize(
    ("input", "typed", "words"),
    [
        (NUMBERS, "0.1 0.2", "Type 3 numbers, not 2."),
        (NUMBERS, "0.1 0.2 two", "with spaces between"),
        (NUMBERS, "0.1 nan 0.3", "Type 3 numbers"),
        (NUMBERS, "0.1 0.2 1.5", "from 0 to 1"),
        (SERIES, "1 2* 3", "with spaces between"),
        (BITS, "0120", "Type 4 bits, each 0 or 1."),
        (SYMBOLS, "A?", "Type 2 letters from A to B, such as AB."),
        (SYMBOLS, "", "Type 2 letters"),
    ],
)
def test_what_does_not_fit_is_a_sentence(input, typed, words):
    with pytest.raises(UserError, match=words.replace("?", r"\?")):
        input.encode(typed)


def test_symbols_that_cannot_be_chosen_are_not_let_in():
    value = SYMBOLS.encode({"reads": [2, 0, 0, 0]})
    assert SYMBOLS.cells(value)["reads"] == [1, 0, 2, 2]
