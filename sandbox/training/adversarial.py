"""Two networks that train each other: the discriminator, then the generator. Goodfellow et al. 2014."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from sandbox.blocks.gan import GAN, gan_losses, gradient_penalty, r1_penalty, wasserstein_losses
from sandbox.errors import check_choice
from sandbox.training.nested_tensors import load_optimizer, pack, unpack

Objective = Literal["gan", "wasserstein"]


class Adversarial:
    """A GAN and two optimizers; one step for each batch of real examples.

    Args:
        gan: what learns.
        generator_optimizer: over the generator's parameters. Adam with betas (0, 0.9) to (0.5, 0.9) is usual:
            the opponent moves, so old gradients mislead.
        discriminator_optimizer: over the discriminator's.
        objective: `gan`, the non-saturating game, or `wasserstein`.
        penalty: weight of what keeps the discriminator smooth: R1 for `gan` (usual: 0.1 to 10), the gradient
            penalty for `wasserstein` (usual: 10). 0 for none.
        critic_steps: updates of the discriminator for each of the generator (usual: 1 for `gan`, 5 for
            `wasserstein`), all on the same real examples and fresh made-up ones.
        average: share of the old value that a slow copy of the generator keeps at each step, 0 for none. The
            copy's samples are better than those of the generator, which circles (Yazıcı et al. 2019); when
            there is one, it is what `model_state` gives.
    """

    def __init__(
        self,
        gan: GAN,
        generator_optimizer: torch.optim.Optimizer,
        discriminator_optimizer: torch.optim.Optimizer,
        *,
        objective: Objective = "gan",
        penalty: float = 1.0,
        critic_steps: int = 1,
        average: float = 0.0,
    ) -> None:
        self.gan = gan
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        check_choice("objective", objective, get_args(Objective))
        self.objective: Objective = objective
        self.losses = gan_losses if objective == "gan" else wasserstein_losses
        self.penalty = penalty
        self.critic_steps = critic_steps
        self.average = average
        self.averaged = (
            {name: value.detach().clone() for name, value in gan.generator.state_dict().items()}
            if average
            else None
        )

    def step(self, batch: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Learn from one batch of real examples, or from the first tensor of a tuple.

        Returns:
            `loss`: the discriminator's, without penalty; `generator_loss`; `penalty`: its value, unweighted.
        """
        real = batch if isinstance(batch, Tensor) else batch[0]
        gan = self.gan
        penalty = loss = real.new_zeros(())
        for _ in range(self.critic_steps):
            with torch.no_grad():
                fake = gan.generator(gan.noise(len(real)))
            loss, _ = self.losses(gan.score(real), gan.score(fake))
            total = loss
            if self.penalty:
                penalty = self._penalty(real, fake)
                total = loss + self.penalty * penalty
            self.discriminator_optimizer.zero_grad()
            total.backward()
            self.discriminator_optimizer.step()

        gan.discriminator.requires_grad_(False)  # its gradients would be thrown away
        fake = gan.score(gan.generator(gan.noise(len(real))))
        _, generator_loss = self.losses(fake, fake)
        self.generator_optimizer.zero_grad()
        generator_loss.backward()
        self.generator_optimizer.step()
        gan.discriminator.requires_grad_(True)
        if self.averaged is not None:
            for name, value in gan.generator.state_dict().items():
                if value.is_floating_point():
                    self.averaged[name].lerp_(value, 1 - self.average)
                else:
                    self.averaged[name].copy_(value)
        return {
            "loss": loss.detach(),
            "generator_loss": generator_loss.detach(),
            "penalty": penalty.detach(),
        }

    def _penalty(self, real: Tensor, fake: Tensor) -> Tensor:
        if self.objective == "gan":
            return r1_penalty(self.gan, real)
        return gradient_penalty(self.gan, real, fake)

    def model_state(self) -> dict[str, Tensor]:
        """What using the GAN needs: the averaged generator if there is one, and the discriminator."""
        state = self.gan.state_dict()
        if self.averaged is not None:
            state |= {f"generator.{name}": value for name, value in self.averaged.items()}
        return state

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: the optimizers, and the generator behind its average."""
        tensors, values = pack(
            {
                "generator": self.generator_optimizer.state_dict(),
                "discriminator": self.discriminator_optimizer.state_dict(),
                "weights": None if self.averaged is None else self.gan.generator.state_dict(),
            },
            "adversarial",
        )
        return tensors, {"adversarial": values}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.gan.load_state_dict(dict(model))
        saved = unpack(values["adversarial"], tensors)
        load_optimizer(self.generator_optimizer, saved["generator"])
        load_optimizer(self.discriminator_optimizer, saved["discriminator"])
        if self.averaged is not None:
            self.averaged = {
                name: value.detach().clone() for name, value in self.gan.generator.state_dict().items()
            }
            self.gan.generator.load_state_dict(saved["weights"])
