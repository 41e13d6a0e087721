"""What composes: says how probable each chord is, goes on with a piece, and finds voices below a melody."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from sandbox.data.piano_roll import KEYS, Rolls
from sandbox.settings import LARGEST_SEED, setting
from sandbox.tasks.inputs.notes import Notes
from sandbox.tasks.outputs.music import Music
from sandbox.tasks.writer import told


@dataclass(frozen=True, kw_only=True)
class Composing:
    """How music is written."""

    temperature: float = setting(
        0.8, "how daring: near 0 takes the most probable note, 1 draws as it predicts", low=0.01, high=5
    )
    draw_seed: int = setting(0, "of the draws", low=0, high=LARGEST_SEED)
    length: int = setting(32, "time steps that are written", low=1, high=1_000)


class Composer(ABC):
    """Composes.

    Args:
        composing: how it writes.
        per_beat: time steps of a beat.

    Attributes:
        input: a piece.
        output: a piece.
    """

    def __init__(self, composing: Composing, per_beat: int = 1) -> None:
        self.composing = composing
        self.input, self.output = Notes(per_beat=per_beat), Music(per_beat=per_beat)

    @abstractmethod
    def costs(self, pieces: Rolls) -> list[Float[np.ndarray, " _"]]:
        """Nats of each step of each piece, given the steps before it.

        That is minus the logarithm of the probability that exactly these of the 88 keys sound.
        """

    @abstractmethod
    def drawn(
        self, begins: Rolls, seeds: Sequence[int], how: Composing, melody: Int64[np.ndarray, "N T"]
    ) -> list[NDArray[np.bool_]]:
        """T steps behind each beginning.

        Args:
            begins: N piano rolls, which may be empty.
            seeds: of the draws, one for each.
            how: the temperature counts.
            melody: the highest key of each new step, counted from 1; 0 where it is free.
        """

    def go_on(self, begins: Rolls, how: Composing | None = None, again: int = 0) -> list[NDArray[np.bool_]]:
        """What follows each beginning; the same draws for the same piece, others for another `again`."""
        how = how or self.composing
        seeds = [_seed(how, again, np.asarray(one, bool)) for one in begins]
        return self.drawn(begins, seeds, how, np.zeros((len(begins), how.length), np.int64))

    def harmonise(
        self, melody: Int64[np.ndarray, " T"], how: Composing | None = None, again: int = 0
    ) -> NDArray[np.bool_]:
        """A piece whose highest notes are these keys, counted from 1; 0 where any will do."""
        how = how or self.composing
        line = np.asarray(melody, np.int64)
        return self.drawn([np.zeros((0, KEYS), bool)], [_seed(how, again, line)], how, line[None])[0]

    def told(self, values: Mapping[str, str]) -> None:
        """Write otherwise from now on, as `sandbox predict --set temperature=0.5` says.

        Raises:
            UserError: there is no such setting, or a value is outside its range.
        """
        self.composing = told(self.composing, values)

    def predict(self, inputs: Any) -> list[NDArray[np.bool_]]:
        """What follows each piece."""
        return self.go_on([np.asarray(one, bool) for one in inputs])


def _seed(how: Composing, again: int, content: NDArray[Any]) -> int:
    return zlib.crc32(f"{how.draw_seed} {again}".encode() + content.tobytes())
