"""Minibatches with several examples of each of a few people (or other groups), as contrast needs them."""

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor


class PeopleBatches:
    """Some people, each with some examples; a function of seed and step alone, so a training resumes exactly.

    Args:
        examples: of people.
        people: whose each is; everybody has at least two.
        count: people in a batch, at most as many as there are.
        each: examples of a person; drawn with replacement from whoever has fewer.
        seed: of the draws.
    """

    def __init__(
        self,
        examples: Float[Tensor, "N ..."],
        people: Int64[np.ndarray, " N"],
        *,
        count: int,
        each: int,
        seed: int,
    ) -> None:
        order = np.argsort(people, kind="stable")
        self.examples, self.each, self.seed = examples, each, seed
        self.rows = np.split(order, np.flatnonzero(np.diff(people[order])) + 1)
        self.count = min(count, len(self.rows))

    def __call__(self, step: int) -> tuple[Tensor, Int64[Tensor, " B"]]:
        """Examples (B, ...) and whose each is, as numbers from 0 within the batch."""
        generator = np.random.default_rng((self.seed, step))
        chosen = generator.choice(len(self.rows), self.count, replace=False)
        rows = np.concatenate(
            [
                generator.choice(self.rows[one], self.each, replace=len(self.rows[one]) < self.each)
                for one in chosen
            ]
        )
        whose = torch.arange(self.count).repeat_interleave(self.each)
        return self.examples[torch.from_numpy(rows)], whose.to(self.examples.device)
