"""Sharpen faint fields: undo a known blur where noise hides what is faint.

The picture is the Hubble deep field that ships with scikit-image. Its left part is learned from, its right
part is unseen, with a gap between them, so that no galaxy is in both. Both are blurred as by a telescope
whose blur is known, and have noise. Richardson and Lucy's method is told the same blur, and how many of its
steps are best is found on the left part. What the deep field itself does not show, nobody can check: the
truth here is the picture before it was blurred.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from sandbox.baselines.deconvolution import Deconvolution
from sandbox.blocks.subpixel import SubPixel
from sandbox.data import photos
from sandbox.data.damages import Blur, Damage
from sandbox.data.photo_crops import PhotoCrops
from sandbox.metrics.fidelity import psnr
from sandbox.settings import MOST_STEPS, setting
from sandbox.tasks.families.image_to_image import (
    OWN_PHOTOS,
    TEST_SEED,
    ImageToImage,
    PhotoSettings,
    PhotoSplit,
    as_tensor,
)
from sandbox.tasks.families.photo_network import Block
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.repairer import Untouched
from sandbox.tasks.source import OwnData, Source, named
from sandbox.tasks.split import About, Examples, Split

FIELD = "hubble_deep_field.jpg"
LEARNED, GAP, TILE = 0.62, 24, 128
"""Share of the width that is learned from; pixels between the parts; side of an unseen tile."""
ITERATIONS = (4, 7, 12, 20, 33, 55)
"""Steps of Richardson and Lucy that are tried on the learned part."""
TRIED = 3
"""Tiles of it that they are tried on."""


@dataclass(frozen=True, kw_only=True)
class Settings(PhotoSettings):
    """What can be chosen about a training."""

    radius: float = setting(2.0, "standard deviation of the blur, in pixels", above=0, high=8)
    sigma: float = setting(8.0, "standard deviation of the noise, in levels of 255", above=0, high=100)
    steps: int = setting(1500, "minibatches to learn from", low=1, high=MOST_STEPS)
    block: Block = setting(
        "subpixel", "the network: residual blocks at half the resolution, or a U-Net, which sees farther"
    )


class Restore(ImageToImage[Settings]):
    """Faint fields into sharper ones."""

    title = "Can a network sharpen what a telescope blurs?"
    method = "sharpen a field"
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "little noise": Settings(radius=1.6, sigma=2.0),
        "best": Settings(steps=6_000, channels=48, depth=5, crop=48),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "short", "best": "longest"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "hubble", "the Hubble deep field", "872 x 1000 pixels; galaxies of the right part are unseen."
        ),
        replace(OWN_PHOTOS, title="my own pictures", things="pictures"),
    )
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "channels": 8, "depth": 1}
    split_settings: ClassVar[Collection[str] | None] = ("side", "split_seed", "radius", "sigma")
    says: ClassVar[str] = "it restores {count} unseen {things} to **{value}**"
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    code: ClassVar[Sequence[Any]] = (SubPixel, Blur, PhotoCrops, Deconvolution)

    def damage(self, settings: Settings) -> Damage:
        """A known blur, then noise."""
        return Blur(settings.radius, settings.sigma)

    def block(self, settings: Settings) -> Block:
        """See `ImageToImage.block`."""
        return settings.block

    def load(self, settings: Settings, source: str | None) -> PhotoSplit:
        """The deep field, split by region; or pictures of a folder, split by picture."""
        if named(self.sources, source) is None:
            return super().load(settings, source)
        whole = as_tensor(photos.shipped(FIELD), 1)
        edge = round(LEARNED * whole.shape[2])
        clean = tiles(whole[:, :, edge + GAP :]).float() / 255
        damage = self.damage(settings)
        return PhotoSplit(
            train=Examples([whole[:, :, :edge]]),
            test=Examples(damage.apply(clean, torch.Generator().manual_seed(TEST_SEED)), clean),
            about=About("the Hubble deep field", "tiles", "NASA and STScI, public domain; with scikit-image"),
            names=tuple(f"tile {number + 1}" for number in range(len(clean))),
            damage=damage,
        )

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """Richardson and Lucy's method with the best number of steps, Wiener's filter, and nothing."""
        damage = self.damage(settings)
        assert isinstance(damage, Blur)
        input = DamagedPhoto(damage)
        steps = best_iterations(input, damage, split.train.inputs)
        return {
            f"Richardson-Lucy deconvolution ({steps} steps)": Deconvolution(
                input, damage, "Richardson-Lucy", steps
            ),
            "Wiener filter": Deconvolution(input, damage, "Wiener"),
            "as it is": Untouched(input),
        }


def tiles(field: torch.Tensor) -> torch.Tensor:
    """Squares (N, C, 128, 128) of a picture (C, H, W), side by side; what is left over is left out."""
    rows = field.unfold(1, TILE, TILE).unfold(2, TILE, TILE)
    return rows.permute(1, 2, 0, 3, 4).reshape(-1, field.shape[0], TILE, TILE)


def best_iterations(input: DamagedPhoto, blur: Blur, learned: Sequence[torch.Tensor]) -> int:
    """Steps of Richardson and Lucy that are best on pictures (C, H, W), bytes, of the learned part."""
    known = [one for one in learned if min(one.shape[1:]) >= TILE]
    if not known:
        return ITERATIONS[len(ITERATIONS) // 2]
    whole = torch.cat([tiles(one[:1]) for one in known]).float() / 255
    clean = whole[:: max(1, len(whole) // TRIED)][:TRIED]
    spoilt = blur.apply(clean, torch.Generator().manual_seed(TEST_SEED + 1))
    found = [
        np.mean([psnr(truth, one) for truth, one in zip(clean, repaired.predict(spoilt), strict=True)])
        for repaired in (Deconvolution(input, blur, "Richardson-Lucy", steps) for steps in ITERATIONS)
    ]
    return ITERATIONS[int(np.argmax(found))]


TASK = Restore()
