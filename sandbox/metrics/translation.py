"""How good translations are: exact match, BLEU (Papineni et al. 2002), and chrF (Popović 2015).

BLEU and chrF come to the figures of sacrebleu (Post 2018) with its defaults: BLEU with tokens of `13a` and
exponential smoothing, chrF with up to six characters and beta 2, both with one or several references.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

CHRF = Metric(
    "chrf",
    "chrF",
    digits=1,
    help="How many groups of one to six letters translations share with known ones, from 0 to 100: 100 is "
    "the same text. It also counts what is nearly right.",
)
WORDS, CHARACTERS, BETA = 4, 6, 2
"""Tokens and characters of the longest groups, and how much more chrF's recall counts than its precision."""


def translation_scores(answers: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, Scores]:
    """What translations are judged by.

    Args:
        answers: a translation of each sentence.
        references: the known translations of each, at least one.

    Returns:
        `exact`, the share that equals a reference; `bleu` and `chrf`, both from 0 to 100.
    """
    words = np.array([_bleu_counts(*pair) for pair in zip(answers, references, strict=True)])
    characters = np.array([_chrf_counts(*pair) for pair in zip(answers, references, strict=True)])
    exact = [
        answer.strip() in {one.strip() for one in known}
        for answer, known in zip(answers, references, strict=True)
    ]
    return {
        "exact": PerExample(np.array(exact, np.float64)),
        CHRF.name: Statistic(len(answers), lambda rows: chrf_of(characters[rows].sum(0))),
        "bleu": Statistic(len(answers), lambda rows: bleu_of(words[rows].sum(0))),
    }


def bleu_of(counts: Float[np.ndarray, " N"]) -> float:
    """BLEU of added counts: matches and groups of one to four tokens, lengths of answers and references."""
    matches, groups, (length, wanted) = counts[:WORDS], counts[WORDS : 2 * WORDS], counts[2 * WORDS :]
    logs, smooth = [], 1.0
    for match, count in zip(matches, groups, strict=True):
        if not count:
            break
        if not match:
            smooth *= 2
        logs.append(np.log(match / count if match else 1 / (smooth * count)))
    if len(logs) < WORDS or not matches.any():
        return 0.0
    brevity = min(0.0, 1 - wanted / length)
    return float(100 * np.exp(brevity + np.mean(logs)))


def chrf_of(counts: Float[np.ndarray, " N"]) -> float:
    """ChrF of added counts: groups in answers, in references, and matches, of one to six characters."""
    said, wanted, matches = counts.reshape(3, CHARACTERS).astype(np.float64)
    there = (said > 0) & (wanted > 0)
    if not there.any():
        return 0.0
    precision, recall = (matches[there] / said[there]).mean(), (matches[there] / wanted[there]).mean()
    if not precision + recall:
        return 0.0
    return float(100 * (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall))


def tokens_of(text: str) -> list[str]:
    """Words and signs, as the tokenizer `13a` of mteval takes them apart."""
    for sign, character in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(sign, character)
    text = f" {text} "
    for pattern, by in (
        (r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 "),
        (r"([^0-9])([\.,])", r"\1 \2 "),
        (r"([\.,])([^0-9])", r" \1 \2"),
        (r"([0-9])(-)", r"\1 \2 "),
    ):
        text = re.sub(pattern, by, text)
    return text.split()


def _bleu_counts(answer: str, references: Sequence[str]) -> NDArray[np.float64]:
    said, known = tokens_of(answer), [tokens_of(one) for one in references]
    matches, groups = [], []
    for size in range(1, WORDS + 1):
        most: Counter[tuple[str, ...]] = Counter()
        for one in known:
            most |= _groups(one, size)
        found = _groups(said, size)
        matches.append((found & most).total())
        groups.append(found.total())
    wanted = min((len(one) for one in known), key=lambda length: (abs(length - len(said)), length))
    return np.array([*matches, *groups, len(said), wanted], np.float64)


def _chrf_counts(answer: str, references: Sequence[str]) -> NDArray[np.float64]:
    """Those of the reference that is nearest."""
    said = [_groups("".join(answer.split()), size) for size in range(1, CHARACTERS + 1)]
    rows = []
    for one in references:
        wanted = [_groups("".join(one.split()), size) for size in range(1, CHARACTERS + 1)]
        pairs = list(zip(said, wanted, strict=True))
        rows.append(
            [
                *(mine.total() if theirs else 0 for mine, theirs in pairs),
                *(theirs.total() for theirs in wanted),
                *((mine & theirs).total() for mine, theirs in pairs),
            ]
        )
    return max((np.array(row, np.float64) for row in rows), key=chrf_of)


def _groups(parts: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(parts[i : i + size]) for i in range(len(parts) - size + 1))
