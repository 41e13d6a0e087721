"""Follow people from picture to picture: who was surely seen once is believed with less afterwards.

A person begins with a high score and goes on with a lower one near where he was last, and nobody goes on as
two. So a marking on the floor that looks a little like somebody is nobody, and somebody whom the arm half
hides is not lost: the two thresholds of ByteTrack (Zhang et al. 2022, arXiv:2110.06864), without numbers for
people, as nobody asks who is who. Who is not seen at all is remembered for `LOST` seconds.
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
SURE, UNSURE = 0.1, 0.2
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
    apart = np.hypot(*(places[:, None] - known[None, :, :2]).transpose(2, 0, 1))
    seen, left = [], np.ones(len(known), bool)
    for i in np.argsort(-scores, kind="stable"):  # the surest choose first; nobody goes on as two
        near = np.where(left, apart[i], NOBODY)
        again = len(near) > 0 and near.min() < SAME
        if scores[i] >= threshold + SURE or (again and scores[i] >= threshold - UNSURE):
            seen.append(places[i])
            if again:
                left[near.argmin()] = False
    lost = known[left] + np.array([0.0, 0.0, 1.0])
    now = np.array(seen, np.float64).reshape(-1, 2)
    return np.concatenate([np.column_stack([now, np.zeros(len(now))]), lost[lost[:, 2] <= steps]])


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
