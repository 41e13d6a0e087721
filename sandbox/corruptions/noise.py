"""Ways to spoil a generator's noise: larger or smaller than in training."""

from collections.abc import Mapping

from sandbox.corruptions.corruption import Corruption

CORRUPTIONS: Mapping[str, Corruption] = {
    "larger": Corruption(
        "Larger noise",
        lambda noise, amount, seed: noise * (1 + amount),
        "more than in training",
        2.0,
        "Large noise asks for places where the generator has never been.",
    ),
    "smaller": Corruption(
        "Smaller noise",
        lambda noise, amount, seed: noise * (1 - amount),
        "less than in training",
        1.0,
        "Small noise stays in the middle: clean examples, and all of them alike.",
    ),
}
"""By name; amounts are shares of the noise's size."""
