"""Examples from noise by denoising diffusion: what pictures and points share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.blocks.diffusion import Diffusion
from sandbox.data.batches import ShuffledBatches
from sandbox.settings import MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.kind import Output
from sandbox.tasks.predictor import evaluating
from sandbox.tasks.task import Training
from sandbox.training.schedules import schedule
from sandbox.training.supervised import Supervised

PORTION = 2_000
"""Examples that go through the network at a time."""


@dataclass(frozen=True, kw_only=True)
class DiffusionSettings:
    """What can be chosen about the noise and the training."""

    noise_levels: int = setting(200, "noise levels that the network learns to undo", low=2, high=10_000)
    calls: int = setting(
        20, "calls of the network from noise to an example; more are slower and better", low=1, high=10_000
    )
    steps: int = setting(2500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(64, "examples in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.008, "largest step size of AdamW, which falls to 0", above=0, high=10)
    width: int = setting(16, "filters or units of the first layer", low=4, high=WIDEST)

    @property
    def meta(self) -> dict[str, int]:
        """What a checkpoint must say so that the network can be made again."""
        return {"noise_levels": self.noise_levels, "calls": self.calls, "width": self.width}


class Denoiser:
    """A trained diffusion model; its answer to noise is an example, the same for the same noise.

    Attributes:
        model: names the noise in examples.
        calls: of the network for an example.
        input: how much noise it takes.
        output: what it makes.
        clip: the largest size of the data as the model has them, if there is one.
        restore: makes examples of what the model gives.
    """

    def __init__(
        self,
        model: Diffusion,
        calls: int,
        output: Output,
        *,
        restore: Callable[[Tensor], Tensor],
        clip: float | None = None,
    ) -> None:
        self.model, self.calls, self.output, self.restore, self.clip = model, calls, output, restore, clip
        self.input = Noise(torch.Size(model.shape).numel())

    def with_weights(self, tensors: Mapping[str, Tensor]) -> Denoiser:
        """Itself, with the weights of a checkpoint."""
        self.model.load_state_dict(dict(tensors))
        return self

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """An example for each row of noise (N, Z)."""
        found = []
        for part in torch.as_tensor(inputs).split(PORTION):
            found.append(list(self.way(part))[-1][2])
        return torch.cat(found).numpy()

    def way(self, noise: Any) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Step by step: noise level, noisy examples, and the clean ones that the model sees in them."""
        x = torch.as_tensor(noise).unflatten(1, self.model.shape).to(self.model.level.device)
        with evaluating(self.model):
            for level, noisy, clean in self.model.denoise(x, steps=self.calls, eta=0.0, clip=self.clip):
                yield level, self.restore(noisy).float().cpu(), self.restore(clean).float().cpu()

    def made(self, count: int, seed: int = 0) -> Tensor:
        """Generated examples; the same seed gives the same noise at every age."""
        return torch.from_numpy(self.predict(self.input.draw(count, seed)))


def train(
    settings: DiffusionSettings,
    predictor: Denoiser,
    examples: Tensor,
    *,
    seed: int,
    device: torch.device,
    meta: Mapping[str, Any],
) -> Training:
    """What learns to name the noise in examples.

    Args:
        settings: of the training.
        predictor: with the model, which learns.
        examples: (N, *shape) as the model has them: about mean 0 and variance 1, or in [-clip, clip].
        seed: of the batches.
        device: to learn on.
        meta: what the predictor is made from again.
    """
    model = predictor.model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=1e-4)
    return Training(
        learner=Supervised(
            model,
            optimizer,
            lambda losses, _: losses.mean(),
            schedule=schedule("cosine", settings.steps),
            clip=1.0,
        ),
        predictor=predictor,
        batches=ShuffledBatches(
            examples.to(device),
            torch.zeros(len(examples), device=device),
            batch_size=settings.batch_size,
            seed=seed,
        ),
        total=settings.steps,
        meta=meta,
    )
