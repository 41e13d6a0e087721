"""How well texts were read: wrong, missing and additional characters. Levenshtein 1966."""

from collections.abc import Sequence

import numpy as np

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

CHARACTER_ERRORS = Metric(
    "character_errors",
    "character error rate",
    unit="%",
    higher_is_better=False,
    help="How many characters must be changed, added or taken away to make the text of what was read, per "
    "character of the text.",
)


def edit_distance(one: str, other: str) -> int:
    """The fewest characters to change, add or take away that make one text of the other."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def transcription_scores(answers: Sequence[str], texts: Sequence[str]) -> dict[str, Scores]:
    """What readings are judged by.

    Args:
        answers: what was read of each picture.
        texts: what it says; they hold at least one character.

    Returns:
        `character_errors`, the edit distances of all lines per character of all texts, whose interval is over
        lines; `exact`, the share of lines without a mistake.
    """
    distances = np.array([edit_distance(*pair) for pair in zip(answers, texts, strict=True)], np.float64)
    lengths = np.array([len(text) for text in texts], np.float64)

    def rate(rows: np.ndarray) -> float:
        return float(distances[rows].sum() / lengths[rows].sum())

    return {
        CHARACTER_ERRORS.name: Statistic(len(lengths), rate),
        "exact": PerExample((distances == 0).astype(np.float64)),
    }
