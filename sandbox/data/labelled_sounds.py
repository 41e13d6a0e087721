"""Recordings with classes and speakers, and their split into what is learned from and what is held out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from sandbox.data.labelled_images import split_by_class
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, did_you_mean


@dataclass(frozen=True, kw_only=True)
class LabelledSounds:
    """Recordings of one length, each with a class and perhaps a speaker.

    Attributes:
        name: what the set is called on a page.
        classes: names of the classes, in the order of their numbers.
        rate: samples a second.
        waves: as loud as possible, in [-1, 1].
        labels: numbers of the classes.
        speakers: who speaks, one for each; empty names where nobody says.
        source: where it comes from, with its licence.
        reading: how many files were read, and why others were not; None where there are no files.
    """

    name: str
    classes: tuple[str, ...]
    rate: int
    waves: Float[np.ndarray, "N T"]
    labels: Int64[np.ndarray, " N"]
    speakers: Sequence[str]
    source: str = ""
    reading: ReadReport | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)

    def split(self, held_out: str, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64], str]:
        """Places to learn from, places that are unseen, and one sentence on who is unseen.

        Speakers are kept together where at least two are known and every class is left on both sides;
        otherwise recordings are drawn, the same share of each class.

        Args:
            held_out: a speaker's name, or a share of the speakers such as `0.2`.
            seed: draws the speakers or the recordings of a share.

        Raises:
            UserError: nobody is called that, or the classes cannot be split; says why.
        """
        names = sorted({name for name in self.speakers if name})
        share = _share(held_out)
        who = np.asarray(self.speakers, object)
        if share is None:
            if held_out not in names:
                known = f"say {_listed(names)}" if names else "do not say who speaks"
                hint = did_you_mean(held_out, names) or f" The file names {known}."
                raise UserError(f"There is no speaker {held_out!r}.{hint}")
            unseen = [held_out]
        else:
            count = max(1, round(share * len(names)))
            drawn = np.random.default_rng(seed).permutation(names)
            unseen = sorted(map(str, drawn[:count])) if 0 < count < len(names) else []
        test = np.isin(who, unseen)
        whole = all(set(self.labels[part]) == set(range(len(self.classes))) for part in (test, ~test))
        if unseen and not whole and share is None:
            raise UserError(f"With {held_out} unseen, not every class is left on both sides of the split.")
        if unseen and whole:
            what = "speaker" if len(unseen) == 1 else "speakers"
            return np.flatnonzero(~test), np.flatnonzero(test), f"Unseen {what}: {_listed(unseen)}."
        train, kept = split_by_class(self.labels.tolist(), share or 0.2, seed)
        return train.numpy(), kept.numpy(), self._told(names, bool(unseen))

    def _told(self, names: Sequence[str], drawn: bool) -> str:
        """Why the same people may be on both sides of a split."""
        if drawn:
            return "Not every speaker says every word, so the same speakers are on both sides of the split."
        if len(names) == 1 and all(self.speakers):
            return f"All recordings are by {names[0]}, also the unseen ones."
        return "The same speakers may be on both sides of the split: the file names do not tell them apart."


def _share(text: str) -> float | None:
    """A share of the speakers; None for a name.

    Raises:
        UserError: it is a number out of range.
    """
    try:
        share = float(text)
    except ValueError:
        return None
    if not 0 < share < 1:
        raise UserError(f"held_out must be a speaker's name or a share between 0 and 1, not {text}.")
    return share


def _listed(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
