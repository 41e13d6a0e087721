"""What goes on with a text: says how probable each next token is, and draws one after the other."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float, Int64

from sandbox.data.subwords import Vocabulary
from sandbox.errors import UserError, did_you_mean
from sandbox.metrics.language import UNKNOWN_BITS
from sandbox.settings import LARGEST_SEED, as_written, from_json, setting, specs
from sandbox.tasks.inputs.text import Text as Input
from sandbox.tasks.outputs.text import Text

D = TypeVar("D")
PROMPT_TOKENS = 1_000
"""Of a prompt, the last ones that are read before writing."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How a text is written."""

    temperature: float = setting(
        0.7, "how daring: 0 always takes the most probable, 1 draws as it predicts", low=0, high=5
    )
    top_k: int = setting(0, "draw among so many most probable only; 0 for all", low=0, high=100_000)
    draw_seed: int = setting(0, "of the draws", low=0, high=LARGEST_SEED)
    length: int = setting(400, "characters that are written", low=1, high=100_000)


class Writer(ABC):
    """Writes on.

    Args:
        vocabulary: of tokens.
        drawing: how it writes.

    Attributes:
        start: tokens that stand before every text: the end of a line, if there is such a token.
    """

    def __init__(self, vocabulary: Vocabulary, drawing: Drawing | None = None) -> None:
        self.vocabulary, self.drawing = vocabulary, drawing or Drawing()
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
        generator = np.random.default_rng(how.draw_seed)
        state = self.begin(self.encode(prompt[-8 * PROMPT_TOKENS :])[-PROMPT_TOKENS:])
        while True:
            token = draw(self.probabilities(state), how, generator)
            yield self.vocabulary.pieces[token]
            state = self.advance(state, token)

    def write(self, prompt: str, drawing: Drawing | None = None) -> str:
        """What follows a prompt: as many characters as `drawing` says, by default the writer's own."""
        how, found, count = drawing or self.drawing, list[str](), 0
        for piece in self.stream(prompt, how):
            found.append(piece)
            count += len(piece)
            if count >= how.length:
                break
        return "".join(found)[: how.length]

    def told(self, values: Mapping[str, str]) -> None:
        """Write otherwise from now on, as `sandbox predict --set temperature=0.5` says.

        Raises:
            UserError: there is no such setting, or a value is outside its range.
        """
        self.drawing = told(self.drawing, values)

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


def told(drawing: D, values: Mapping[str, str]) -> D:
    """Settings of how something is drawn, changed as `--set temperature=0.5` says.

    Raises:
        UserError: there is no such setting, or a value is outside its range.
    """
    known = specs(type(drawing))
    for name in values:
        if name not in known:
            hint = did_you_mean(name, known) or f" There are {', '.join(known)}."
            raise UserError(f"There is no setting {name!r}.{hint}")
    given: dict[str, Any] = {}
    for name, value in values.items():
        try:
            given[name] = known[name].kind(value)
        except ValueError:
            raise UserError(f"{name} must be a number, not {value!r}.") from None
    return from_json(drawing, given, as_written)
