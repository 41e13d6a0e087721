"""A baseline that looks at features of its inputs instead of the inputs themselves."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from sandbox.tasks.predictor import Predictor


class OnFeatures:
    """Answers with another predictor, which is given features.

    Args:
        features: inputs (N, ...) to rows of numbers (N, D).
        fit: makes the predictor from the rows of the training inputs.
        inputs: to learn from.
    """

    def __init__(
        self,
        features: Callable[[Any], NDArray[Any]],
        fit: Callable[[NDArray[Any]], Predictor[Any, Any]],
        inputs: Any,
    ) -> None:
        self.features, self.behind = features, fit(features(inputs))
        self.input, self.output = self.behind.input, self.behind.output

    def predict(self, inputs: Any) -> Any:
        """What the predictor says of the features."""
        return self.behind.predict(self.features(inputs))
