"""What every way to spoil an input offers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.tasks.split import Examples

POINTS = 13
"""Amounts at which a whole set is measured."""


@dataclass(frozen=True)
class Corruption:
    """One way to spoil inputs, from not at all to beyond recognition.

    Attributes:
        title: what it is called: `Noise`.
        apply: inputs (N, ...), an amount and a seed to spoilt inputs; amount 0 changes nothing.
        unit: of the amount.
        most: the largest amount.
        why: one sentence on why the score falls.
        examples: where the right answers change with the inputs: the task, its settings, examples, an amount
            and a seed to spoilt examples. None where the answers stay what they were.
    """

    title: str
    apply: Callable[[Any, float, int], Any]
    unit: str
    most: float
    why: str
    examples: Callable[[Any, Any, Examples[Any, Any], float, int], Examples[Any, Any]] | None = None

    def spoil(
        self, task: Any, settings: Any, examples: Examples[Any, Any], amount: float, seed: int = 0
    ) -> Examples[Any, Any]:
        """Spoilt examples of a task with their right answers."""
        if self.examples is not None:
            return self.examples(task, settings, examples, amount, seed)
        return examples.with_inputs(self.apply(examples.inputs, amount, seed))
