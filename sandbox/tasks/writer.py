"""What goes on with a text: says how probable each next token is, and draws one after the other."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from sandbox.data.subwords import Vocabulary
from sandbox.metrics.language import UNKNOWN_BITS
from sandbox.settings import setting
from sandbox.tasks.inputs.text import Text as Input
from sandbox.tasks.outputs.text import Text

PROMPT_TOKENS = 1_000
"""Of a prompt, the last ones that are read before writing."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How the next token is drawn."""

    temperature: float = setting(
        0.7, "how daring: 0 always takes the most probable, 1 draws as it predicts", low=0, high=5
    )
    top_k: int = setting(0, "draw among so many most probable only; 0 for all", low=0, high=100_000)
    seed: int = setting(0, "of the draws", low=0, high=2**32 - 1)


class Writer(ABC):
    """Writes on.

    Args:
        vocabulary: of tokens.
        length: characters that `predict` writes.
        drawing: how it draws.

    Attributes:
        start: tokens that stand before every text: the end of a line, if there is such a token.
    """

    def __init__(self, vocabulary: Vocabulary, *, length: int = 400, drawing: Drawing | None = None) -> None:
        self.vocabulary, self.length, self.drawing = vocabulary, length, drawing or Drawing()
        self.start: Int64[np.ndarray, " S"] = vocabulary.encode("\n")[:1]
        self.input = Input(prompt="The beginning of a text.", example="The ", goes_on=True)
        self.output = Text()

    @abstractmethod
    def bits_of(self, tokens: Int64[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
        """What each token of a text costs, in bits, given those before it."""

    @abstractmethod
    def begin(self, tokens: Int64[np.ndarray, " N"]) -> Any:
        """What is held after reading these tokens."""

    @abstractmethod
    def advance(self, state: Any, token: int) -> Any:
        """What is held after one more token; the old state stays as it is."""

    @abstractmethod
    def probabilities(self, state: Any) -> Float[np.ndarray, " V"]:
        """Of each next token; they add up to 1."""

    def total_bits(self, texts: Sequence[str]) -> Float[np.ndarray, " N"]:
        """What each text costs in all; a character outside the vocabulary has to be named besides."""
        return np.array([self.bits_of(self.encode(text)).sum() + self.unknown_bits(text) for text in texts])

    def unknown_bits(self, text: str) -> float:
        """What naming the characters costs that are not in the vocabulary."""
        return UNKNOWN_BITS * self.vocabulary.unknown(str(text))

    def encode(self, text: str) -> Int64[np.ndarray, " N"]:
        """The tokens of a text."""
        return self.vocabulary.encode(str(text))

    def pieces(self, text: str) -> list[tuple[str, float]]:
        """A text in tokens, each with what it costs in bits."""
        tokens = self.encode(text)
        return [
            (self.vocabulary.pieces[token], float(bits))
            for token, bits in zip(tokens, self.bits_of(tokens), strict=True)
        ]

    def stream(self, prompt: str, drawing: Drawing | None = None) -> Iterator[str]:
        """Write on without end, token by token; the same seed writes the same."""
        how = drawing or self.drawing
        generator = np.random.default_rng(how.seed)
        state = self.begin(self.encode(prompt[-8 * PROMPT_TOKENS :])[-PROMPT_TOKENS:])
        while True:
            token = draw(self.probabilities(state), how, generator)
            yield self.vocabulary.pieces[token]
            state = self.advance(state, token)

    def write(self, prompt: str, length: int | None = None, drawing: Drawing | None = None) -> str:
        """So many characters that follow a prompt, by default `length`."""
        most, found, count = self.length if length is None else length, list[str](), 0
        for piece in self.stream(prompt, drawing):
            found.append(piece)
            count += len(piece)
            if count >= most:
                break
        return "".join(found)[:most]

    def predict(self, inputs: Any) -> list[str]:
        """What follows each prompt."""
        return [self.write(str(prompt)) for prompt in inputs]


def draw(probabilities: Float[np.ndarray, " V"], how: Drawing, generator: np.random.Generator) -> int:
    """A token; number 0, the unknown character, is never drawn."""
    return int(generator.choice(len(probabilities), p=tempered(probabilities, how)))


def tempered(probabilities: Float[np.ndarray, " V"], how: Drawing) -> Float[np.ndarray, " V"]:
    """The probabilities that a token is drawn with: p^(1 / temperature), of the `top_k` best."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.asarray(probabilities, np.float64))
    if len(logs) > 1:
        logs[0] = -np.inf
    if 0 < how.top_k < len(logs):
        logs[logs < np.partition(logs, -how.top_k)[-how.top_k]] = -np.inf
    if how.temperature == 0:
        logs = np.where(np.arange(len(logs)) == logs.argmax(), 0.0, -np.inf)
    else:
        logs = (logs - logs.max()) / how.temperature
    found = np.exp(logs)
    return found / found.sum()
