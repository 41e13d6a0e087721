"""A generator learns to imitate points of the plane from a discriminator that learns to tell them apart."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from apps.latent import mixtures
from sandbox.blocks.gan import GAN
from sandbox.data.batches import ShuffledBatches
from sandbox.settings import DEEPEST, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.statistics import bootstrap_interval
from sandbox.task import Baseline, Task, Training
from sandbox.training.adversarial import Adversarial

COMPARED, LIVE = 1_000, 300
"""Made-up points that are compared with as many held-out ones: for the final figures, and for the curve."""
MOMENTS = "moments."


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    objective: Literal["gan", "wasserstein"] = setting(
        "gan", "the original game, or the distance between the distributions (WGAN-GP)"
    )
    penalty: float = setting(
        0.3,
        "weight of what keeps the discriminator smooth; 0 is none, under which modes are lost",
        low=0,
        high=1000,
    )
    critic_steps: int = setting(1, "updates of the discriminator for each of the generator", low=1, high=1000)
    latent: int = setting(2, "numbers of noise per point", low=1, high=WIDEST)
    hidden: tuple[int, ...] = setting(
        (64, 64), "widths of the layers of both networks", low=1, high=WIDEST, count=(0, DEEPEST)
    )
    steps: int = setting(1500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(128, "points in a minibatch", low=1, high=MOST_EXAMPLES)
    learning_rate: float = setting(0.002, "step size of Adam, of both networks", above=0, high=10)


class Duel(Adversarial):
    """A GAN whose checkpoints also hold Adam's moments, so that any age can go on as it would have."""

    def model_state(self) -> dict[str, Tensor]:
        """Both networks, and the moments of their optimizers."""
        found = super().model_state()
        for name, optimizer in self._optimizers().items():
            for i, state in optimizer.state_dict()["state"].items():
                found |= {f"{MOMENTS}{name}.{i}.{key}": value for key, value in state.items()}
        return found

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        super().load_state(networks(model), tensors, values)

    def go_on_from(self, model: Mapping[str, Tensor]) -> None:
        """Put back what `model_state` gave, moments too."""
        self.gan.load_state_dict(networks(model))
        for name, optimizer in self._optimizers().items():
            groups = optimizer.state_dict()["param_groups"]
            state: dict[int, dict[str, Tensor]] = {}
            for key, value in model.items():
                if key.startswith(f"{MOMENTS}{name}."):
                    _, _, i, moment = key.split(".")
                    state.setdefault(int(i), {})[moment] = value.clone()
            optimizer.load_state_dict({"state": state, "param_groups": groups})

    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"generator": self.generator_optimizer, "discriminator": self.discriminator_optimizer}


def networks(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint's tensors without the optimizers' moments."""
    return {name: value for name, value in tensors.items() if not name.startswith(MOMENTS)}


def contest(settings: Settings, device: torch.device) -> Duel:
    """Both networks and what teaches them."""
    gan = GAN.of_points(2, latent_dim=settings.latent, hidden=settings.hidden).to(device)
    rate, betas = settings.learning_rate, (0.5, 0.9)
    return Duel(
        gan,
        torch.optim.Adam(gan.generator.parameters(), lr=rate, betas=betas),
        torch.optim.Adam(gan.discriminator.parameters(), lr=rate, betas=betas),
        objective=settings.objective,
        penalty=settings.penalty,
        critic_steps=settings.critic_steps,
    )


class ImitatePoints(Task[Settings]):
    """A generator against a discriminator, in the plane."""

    title = "Can a forger learn from a critic?"
    metric = "test_mixed"
    data_sets: ClassVar[Collection[str]] = mixtures.NAMES
    presets: ClassVar[Mapping[str, Settings]] = {
        "smooth": Settings(),
        "wasserstein": Settings(objective="wasserstein", penalty=1.0, critic_steps=2),
        "unbridled": Settings(penalty=0.0),
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Draw the points and build both networks; see `Task.prepare`."""
        target = mixtures.load(data)
        duel = contest(settings, device)
        held = target.held
        noise = torch.Generator().manual_seed(seed + 1)
        asked = torch.randn(COMPARED, settings.latent, generator=noise).to(device)

        def made(count: int) -> Tensor:
            with torch.no_grad():
                return duel.gan.generator(asked[:count]).cpu()

        return Training(
            learner=duel,
            batches=ShuffledBatches(target.known.to(device), batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            evaluate=lambda: quickly(target, made(LIVE)),
            test=lambda: judged(target, held[:COMPARED], made(COMPARED)),
            threads=1 if device.type == "cpu" else None,
            meta={"latent": settings.latent, "hidden": settings.hidden, "target": target.name},
        )

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """A mixture of eight Gaussians, fitted by expectation maximisation."""
        target = mixtures.load(data)
        return Baseline(
            name="mixture of 8 Gaussians",
            metrics=judged(target, target.held[:COMPARED], fitted(target.known, 8, COMPARED)),
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> GAN:
        """The GAN of a checkpoint."""
        gan = GAN.of_points(2, latent_dim=meta["latent"], hidden=tuple(meta["hidden"]))
        gan.load_state_dict(networks(tensors))
        return gan.eval()


def quickly(target: mixtures.Target, made: Tensor) -> dict[str, float]:
    """`test_mixed`, and `test_modes` where modes are known, without intervals."""
    figures = {"test_mixed": mixtures.mixed_up(target.held[: len(made)], made).mean().item()}
    if target.centres is not None:
        count, near = mixtures.modes(made, target.centres)
        figures |= {"test_modes": float(count), "test_near": near.mean().item()}
    return figures


def judged(target: mixtures.Target, held: Tensor, made: Tensor) -> dict[str, float]:
    """The same with 95 % intervals over points."""
    rows = {"test_mixed": mixtures.mixed_up(held, made)}
    figures: dict[str, float] = {}
    if target.centres is not None:
        count, rows["test_near"] = mixtures.modes(made, target.centres)
        figures["test_modes"] = float(count)
    for name, values in rows.items():
        interval = bootstrap_interval(values.numpy())
        figures |= interval.metrics(name)
    return figures


def fitted(known: Tensor, components: int, count: int, seed: int = 0) -> Tensor:
    """Points drawn from a mixture of Gaussians that was fitted to rows (N, D), (count, D)."""
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(min(components, len(known)), reg_covar=1e-3, random_state=seed)
    model.fit(known.flatten(1).double().numpy())
    generator = torch.Generator().manual_seed(seed)
    shares, means, spreads = (
        torch.from_numpy(values) for values in (model.weights_, model.means_, model.covariances_)
    )
    # A pixel that is always paper leaves a covariance that only rounding keeps from being positive.
    factors = torch.linalg.cholesky(spreads + 1e-6 * torch.eye(means.shape[1]))
    chosen = torch.multinomial(shares, count, replacement=True, generator=generator)
    noise = torch.randn(count, means.shape[1], generator=generator, dtype=torch.float64)
    return (means[chosen] + (factors[chosen] @ noise[..., None])[..., 0]).float()


TASK = ImitatePoints()
