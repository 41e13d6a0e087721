"""The views of every task."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.latent.views import coded, codes, duel, forger, fought, sheet, surveyed
from sandbox.task import Baseline

if TYPE_CHECKING:
    from apps.latent.reading import Look


@dataclass(frozen=True)
class View:
    """What a task shows."""

    answer: Callable[["Look", Baseline | None], str]
    attempt: Callable[["Look"], None]
    inside: Callable[["Look"], None]
    compare: Callable[["Look", Baseline | None], None]
    limits: Callable[["Look", Baseline | None], None]


_CODES = View(codes.answer, codes.attempt, codes.inside, coded.compare, coded.limits)
VIEWS = {
    "latent/vae": _CODES,
    "latent/autoencoder": _CODES,
    "latent/duel": View(duel.answer, duel.attempt, duel.inside, fought.compare, fought.limits),
    "latent/gan": View(forger.answer, forger.attempt, forger.inside, forger.compare, forger.limits),
    "latent/som": View(sheet.answer, sheet.attempt, sheet.inside, surveyed.compare, surveyed.limits),
}
