"""A generator learns to imitate points of the plane from a discriminator that learns to tell them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.blocks.gan import GAN
from sandbox.data.batches import ShuffledBatches
from sandbox.settings import WIDEST, setting
from sandbox.tasks.families.adversarial import PRESET_TITLES, GameSettings, Generator, learner
from sandbox.tasks.families.generation import POINT_SOURCES, PointGeneration, point_mixtures, point_split
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.points import Points
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Split
from sandbox.tasks.task import Training
from sandbox.training.adversarial import Adversarial

MOMENTS = "moments."


@dataclass(frozen=True, kw_only=True)
class Settings(GameSettings):
    """What can be chosen about a training."""

    latent: int = setting(2, "numbers of noise per point", low=1, high=WIDEST)
    hidden: tuple[int, ...] = (64, 64)
    penalty: float = 0.3
    steps: int = 1500
    batch_size: int = 128


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
    """Both networks and what trains them."""
    gan = GAN.of_points(2, latent_dim=settings.latent, hidden=settings.hidden).to(device)
    return learner(Duel, settings, gan)


class ImitatePoints(PointGeneration[Settings]):
    """A generator against a discriminator, in the plane."""

    title = "Can a generator learn from a discriminator alone?"
    method = "GAN, points"
    says = "**{value}** of its points lie mixed with {count} unseen {things} (50 % is perfect)"
    says_other = "{name} reaches **{value}**"
    sources: ClassVar[Sequence[Source | OwnData]] = POINT_SOURCES
    presets: ClassVar[Mapping[str, Settings]] = {
        "smooth": Settings(),
        "wasserstein": Settings(objective="wasserstein", penalty=1.0, critic_steps=2),
        "unbridled": Settings(penalty=0.0),
    }
    preset_titles = PRESET_TITLES

    def load(self, settings: Settings, source: str | None) -> Split[Tensor, Tensor]:
        """Points of a mixture, or of a file; to test, noise and as many unseen points."""
        return point_split(source, Noise(settings.latent))

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build both networks."""
        duel = contest(settings, device)
        return Training(
            learner=duel,
            predictor=Generator(duel.gan, Points()),
            batches=ShuffledBatches(split.train.inputs.to(device), batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta={"latent": settings.latent, "hidden": settings.hidden, "target": split.about.name},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Generator:
        """Both networks of a checkpoint."""
        gan = GAN.of_points(2, latent_dim=meta["latent"], hidden=tuple(meta["hidden"]))
        gan.load_state_dict(networks(tensors))
        return Generator(gan.eval(), Points())

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """A mixture of eight Gaussians, which is what the points of most sources are; and a single one."""
        return point_mixtures(split, Noise(settings.latent))


TASK = ImitatePoints()
