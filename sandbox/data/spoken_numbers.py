"""Numbers in words and dates, in two languages: pairs that a rule makes, with compositions kept unseen.

A number below a million is composed of parts: hundreds with what follows them (`three hundred` with
`twenty-one`), and the end of the thousands with the end of the number. Of each kind of composition one in
ten is never in a training number, and every unseen number holds at least one. Of dates one in ten pairs of
day and month is unseen, in every year. All parts themselves are learned. The number words are num2words'.
"""

from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Language = Literal["french", "german", "spanish"]
CODES = {"french": "fr", "german": "de", "spanish": "es"}
HELD_OUT = 0.1
"""Share of the compositions of each kind that is unseen."""
DATES = 0.3
"""Share of dates among the pairs."""
DIGITS = 6
FIRST, LAST = date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
MONTHS = {
    "english": "January February March April May June July August September October November December",
    "french": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "german": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
WEEKDAYS = {
    "english": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "french": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "german": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "spanish": "lunes martes miércoles jueves viernes sábado domingo",
}
FORMS = {
    "english": "{weekday}, {day} {month} {year}",
    "french": "{weekday} {day} {month} {year}",
    "german": "{weekday}, {day}. {month} {year}",
    "spanish": "{weekday}, {day} de {month} de {year}",
}
Pair = tuple[str, str]


@lru_cache(maxsize=8)
def pairs(language: Language, train: int, test: int, seed: int) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Different pairs of English and another language: to learn from, and unseen ones.

    Args:
        language: the other one.
        train: pairs to learn from.
        test: unseen pairs.
        seed: decides which compositions are unseen, and draws the pairs.
    """
    generator = np.random.default_rng(seed)
    hidden = Hidden(generator)
    found: dict[bool, dict[str, str]] = {False: {}, True: {}}
    most = {False: train, True: test}
    while any(len(found[part]) < most[part] for part in found):
        if generator.random() < DATES:
            day = date.fromordinal(int(generator.integers(FIRST, LAST + 1)))
            unseen, pair = hidden.has_date(day), (date_in("english", day), date_in(language, day))
        else:
            number = int(generator.integers(10 ** int(generator.integers(1, DIGITS + 1))))
            unseen, pair = hidden.has_number(number), None
            if len(found[unseen]) < most[unseen]:
                pair = (number_in("english", number), number_in(language, number))
        if pair and len(found[unseen]) < most[unseen]:
            found[unseen].setdefault(*pair)
    return tuple(found[False].items()), tuple(found[True].items())


class Hidden:
    """Compositions that no training pair has."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.hundreds: NDArray[np.bool_] = generator.random((10, 100)) < HELD_OUT
        self.thousands: NDArray[np.bool_] = generator.random((100, 100)) < HELD_OUT
        self.days: NDArray[np.bool_] = generator.random((32, 13)) < HELD_OUT

    def has_number(self, number: int) -> bool:
        """Whether a number holds one of them."""
        above, below = divmod(number, 1000)
        parts = [(part // 100, part % 100) for part in (above, below) if part >= 100]
        ends = above > 0 and self.thousands[above % 100, below % 100]
        return bool(ends or any(self.hundreds[part] for part in parts))

    def has_date(self, day: date) -> bool:
        """Whether a date is one of them."""
        return bool(self.days[day.day, day.month])


def number_in(language: str, number: int) -> str:
    """A number in words."""
    from num2words import num2words

    return str(num2words(number, lang=CODES.get(language, "en")))


def date_in(language: str, day: date) -> str:
    """A date as it is written: `lundi 1er mars 1999`."""
    first = language == "french" and day.day == 1
    return FORMS[language].format(
        weekday=WEEKDAYS[language].split()[day.weekday()],
        day="1er" if first else day.day,
        month=MONTHS[language].split()[day.month - 1],
        year=day.year,
    )
