"""Figures of alarms in films: how many are missed when so many false ones a minute are put up with.

An alarm is due while somebody is really closer than a distance. It is missed if the estimate never falls
below the threshold while it is due. It is false while nobody is closer than that distance and a margin; each
second of it, begun or whole, counts once. The threshold is the highest at which no more false ones come than
are put up with in so many minutes, and at least one: a point of the free-response curve (Bunch et al. 1977).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

MISSED = Metric(
    "alarms_missed",
    "alarms missed",
    "%",
    higher_is_better=False,
    digits=1,
    help="Of the times that somebody came too close, the share without an alarm, at the threshold with as "
    "many false alarms as are put up with: one a minute.",
)
MARGIN = 0.2
"""Metres beyond the distance at which an alarm is due where one is neither due nor false."""
THRESHOLDS = np.concatenate([[-1.0], np.arange(0.02, 3.0, 0.02)])
"""Estimated metres below which it is an alarm; the first gives none."""
FARTHEST = 4.0
"""Metres from which on an error of the distance is of no account."""


@dataclass(frozen=True)
class Film:
    """What comes of a film at each threshold.

    Attributes:
        minutes: that it takes.
        due: alarms that are due.
        told: (T,), how many of them come.
        false: (T,), false alarms.
    """

    minutes: float
    due: int
    told: NDArray[np.int64]
    false: NDArray[np.int64]


def film(estimates: Any, truths: Any, *, limit: float, seconds: float) -> Film:
    """What comes of one film.

    Args:
        estimates: (N,), metres to the nearest person as seen in each frame.
        truths: (N,), as it is.
        limit: metres below which an alarm is due.
        seconds: between two frames.
    """
    estimates, truths = np.asarray(estimates, np.float64), np.asarray(truths, np.float64)
    closest = np.array([estimates[begin:end].min() for begin, end in _runs(truths < limit)])
    told = (closest[:, None] < THRESHOLDS).sum(0)
    nobody = truths >= limit + MARGIN
    false = [
        sum(int(np.ceil((end - begin) * seconds - 1e-9)) for begin, end in _runs(nobody & (estimates < each)))
        for each in THRESHOLDS
    ]
    return Film(len(truths) * seconds / 60, len(closest), told, np.array(false, np.int64))


def alarm_scores(
    estimates: Any, truths: Any, clips: Any, *, limit: float, seconds: float, allowed: float = 1.0
) -> dict[str, Scores]:
    """What alarms are judged by; the interval of the missed ones is over films.

    Args:
        estimates: see `film`; of all films one after the other.
        truths: likewise.
        clips: (N,), which film each frame is of.
        limit: see `film`.
        seconds: likewise.
        allowed: false alarms a minute that are put up with.

    Returns:
        `alarms_missed`, and `distance_error`: how far the distance is off, in metres, where somebody is near.
    """
    estimates, truths, clips = np.asarray(estimates), np.asarray(truths), np.asarray(clips)
    ends = [0, *(np.flatnonzero(np.diff(clips)) + 1), len(clips)]
    films = [
        film(estimates[begin:end], truths[begin:end], limit=limit, seconds=seconds)
        for begin, end in pairwise(ends)
    ]
    near = np.minimum(truths, estimates) < FARTHEST
    error = np.abs(np.minimum(estimates, FARTHEST) - np.minimum(truths, FARTHEST))[near]
    return {
        "alarms_missed": Statistic(len(films), lambda rows: missed([films[i] for i in rows], allowed)),
        "distance_error": PerExample(error if len(error) else np.zeros(1)),
    }


def missed(films: Sequence[Film], allowed: float = 1.0) -> float:
    """The share of due alarms that do not come at the best threshold that is allowed; 0 if none is due."""
    due = sum(each.due for each in films)
    place = threshold_at(films, allowed)
    told = sum(int(each.told[place]) for each in films)
    return 1 - told / due if due else 0.0


def threshold_at(films: Sequence[Film], allowed: float = 1.0) -> int:
    """The place in `THRESHOLDS` of the highest one up to which false alarms stay within what is allowed."""
    most = max(1, int(allowed * sum(each.minutes for each in films)))  # less than one would be none
    over = np.flatnonzero(np.sum([each.false for each in films], 0) > most)
    return int(over[0]) - 1 if len(over) else len(THRESHOLDS) - 1


def _runs(flags: Any) -> list[tuple[int, int]]:
    """First and last-but-one places of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
