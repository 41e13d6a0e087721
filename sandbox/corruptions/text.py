"""Ways to spoil text: typos, upper case, words in another order, another topic."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np

from sandbox.corruptions.corruption import Corruption
from sandbox.tasks.inputs.text import Text

LETTERS = "abcdefghijklmnopqrstuvwxyz"
Spoil = Callable[[str, float, np.random.Generator], str]


def corruptions(input: Text) -> Mapping[str, Corruption]:
    """What such texts can be spoilt by; text that goes on may also be about something else."""
    found = dict(CORRUPTIONS)
    if not input.goes_on:
        del found["other_topic"]
    return found


def each(spoil: Spoil, inputs: Any, amount: float, seed: int) -> list[str]:
    """Spoil each of several texts, with draws of its own."""
    if amount == 0:
        return [str(text) for text in inputs]
    return [
        spoil(str(text), amount, np.random.default_rng([seed, number])) for number, text in enumerate(inputs)
    ]


def typos(text: str, amount: float, generator: np.random.Generator) -> str:
    """Change a share of the letters: another one, none, twice, or in the place of its neighbour."""
    found = list(text)
    for place in np.flatnonzero(generator.random(len(text)) < amount):
        letter = text[place]
        if not letter.isalpha():
            continue
        match generator.integers(4):
            case 0:
                other = LETTERS[generator.integers(len(LETTERS))]
                found[place] = other.upper() if letter.isupper() else other
            case 1:
                found[place] = ""
            case 2:
                found[place] = 2 * letter
            case _:
                if place and text[place - 1].isalpha():
                    found[place - 1], found[place] = found[place], found[place - 1]
    return "".join(found)


def upper_case(text: str, amount: float, generator: np.random.Generator) -> str:
    """Write a share of the words in capitals."""
    return _by_word(text, amount, generator, str.upper)


def missing(text: str, amount: float, generator: np.random.Generator) -> str:
    """Leave out a share of the words; one stays."""
    return _by_word(text, amount, generator, lambda word: "").strip() or text.split(" ")[0]


def shuffled(text: str, amount: float, generator: np.random.Generator) -> str:
    """Put a share of each line's words into another order."""
    lines = []
    for line in text.split("\n"):
        words = np.array(line.split(" "), object)
        places = np.flatnonzero((generator.random(len(words)) < amount) & (words != ""))
        words[places] = words[generator.permutation(places)]
        lines.append(" ".join(words))
    return "\n".join(lines)


def other_topic(text: str, amount: float, generator: np.random.Generator) -> str:
    """Put lines of texts about data sets, which come with scikit-learn, in the place of a share of lines."""
    others = data_set_lines()
    lines = text.split("\n")
    begin = int(generator.integers(len(others)))
    change = generator.random(len(lines)) < amount
    return "\n".join(
        others[(begin + place) % len(others)] if change[place] else line for place, line in enumerate(lines)
    )


@lru_cache(maxsize=1)
def data_set_lines() -> Sequence[str]:
    """Lines of the descriptions of scikit-learn's data sets."""
    from importlib.resources import files

    folder = files("sklearn.datasets.descr")
    pages = sorted(
        (page for page in folder.iterdir() if page.name.endswith(".rst")), key=lambda page: page.name
    )
    return [line for page in pages for line in page.read_text(encoding="utf-8").split("\n")]


def _by_word(text: str, amount: float, generator: np.random.Generator, change: Callable[[str], str]) -> str:
    lines = []
    for line in text.split("\n"):
        words = line.split(" ")
        chosen = generator.random(len(words)) < amount
        lines.append(" ".join(change(word) if chosen[i] else word for i, word in enumerate(words)))
    return "\n".join(lines)


CORRUPTIONS: Mapping[str, Corruption] = {
    "typos": Corruption(
        "Typos",
        partial(each, typos),
        "share of the letters",
        0.3,
        "A wrong letter is a surprise by itself, and makes what follows harder to foresee: the word that was "
        "begun is no word any more.",
    ),
    "upper_case": Corruption(
        "UPPER CASE",
        partial(each, upper_case),
        "share of the words",
        1.0,
        "To people a capital is the same letter. To the network it is another symbol, which it has seldom "
        "seen in the middle of a word.",
    ),
    "shuffled": Corruption(
        "Words in another order",
        partial(each, shuffled),
        "share of the words",
        1.0,
        "The words stay what they are. Whoever only counts words does not notice; whoever knows what usually "
        "follows does.",
    ),
    "missing": Corruption(
        "Missing words",
        partial(each, missing),
        "share of the words",
        0.9,
        "What is gone cannot be used. The words that are left follow each other as they never did before.",
    ),
    "other_topic": Corruption(
        "Another topic",
        partial(each, other_topic),
        "share of the lines",
        1.0,
        "These lines describe data sets. A network knows the words and habits of what it has read, and each "
        "new word costs it more.",
    ),
}
