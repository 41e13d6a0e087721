"""Follow people from picture to picture: who was surely seen once is believed with less afterwards.

A person is begun by a score of at least `sure`, and is seen again by a score of at least `unsure` near where
he was last. So a marking on the floor that looks a little like somebody is nobody, and somebody whom the arm
half hides is not lost: ByteTrack's two thresholds (Zhang et al. 2022, arXiv:2110.06864), without numbers for
people, as nobody asks who it is. Who is not seen at all is remembered for `LOST` seconds.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.outputs.separation import NOBODY, Separation

LOST = 0.6
"""Seconds for which somebody who is not seen is remembered."""
SAME = 0.6
"""Metres within which what is seen is the same person as a picture before."""
SURE = 0.1
"""By how much the score that begins a person is above the one from which single pictures tell him; and by how
much the one that goes on with him is below it."""


def follow(
    places: NDArray[Any],
    scores: NDArray[Any],
    before: NDArray[Any] | None,
    *,
    threshold: float,
    steps: int,
) -> NDArray[np.float64]:
    """People who are seen now, and those who were seen some pictures ago and not since.

    Args:
        places: (n, 2) in metres of whatever may be a person.
        scores: (n,).
        before: (m, 3), the last answer of this function; None at the start.
        threshold: score from which a person is told in a single picture.
        steps: pictures for which somebody who is not seen is remembered.

    Returns:
        (k, 3): x, y and the pictures since each was seen, 0 for who is seen now.
    """
    known = np.zeros((0, 3)) if before is None else before
    sure = scores >= threshold + SURE
    again = (scores >= threshold - SURE) & (_apart(places, known) < SAME)
    seen = places[sure | again]
    lost = known + np.array([0.0, 0.0, 1.0])
    lost = lost[(_apart(lost, seen) >= SAME) & (lost[:, 2] <= steps)]
    return np.concatenate([np.column_stack([seen, np.zeros(len(seen))]), lost])


def nearest_in_films(
    output: Separation, answers: Sequence[Any], clips: Any, seconds: float
) -> NDArray[np.float64]:
    """Metres between the machine and the nearest person who is seen, in each frame; `NOBODY` if nobody is.

    Args:
        output: how metres are told.
        answers: (N,), `Detections` of films, one film after the other.
        clips: (N,), which film each is of; nothing is remembered from one to the next.
        seconds: between two frames.
    """
    found, memory, steps = [], None, round(LOST / seconds)
    for i, answer in enumerate(answers):
        memory = memory if i and clips[i] == clips[i - 1] else None
        memory = follow(*output.candidates(answer), memory, threshold=output.threshold, steps=steps)
        people = memory[memory[:, 2] == 0, :2]
        found.append(float(output.apart(people, output.machine_at(answer)).min(initial=NOBODY)))
    return np.array(found)


def _apart(places: NDArray[Any], others: NDArray[Any]) -> NDArray[np.float64]:
    """Metres from each place (n, 2 or more) to the nearest of others, (n,)."""
    gaps = places[:, None, :2] - others[None, :, :2]
    return np.asarray(np.hypot(gaps[..., 0], gaps[..., 1]).min(1, initial=NOBODY))
