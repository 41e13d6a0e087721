"""The network of a run at one age, what it is shown, and its figures.

Imports torch: only for what is drawn once torch is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.latent import autoencoder, duel, figures, gan, judge, mixtures, pictures, som, vae
from apps.studio import background_work
from apps.studio.page import checkpoint_at
from sandbox.data.fingerprint import Key, Source, source_of
from sandbox.data.labelled_images import LabelledImages
from sandbox.runs import Run
from sandbox.task import Baseline, Task, load_predictor, settings_from

TASKS: dict[str, Task[Any]] = {
    "latent/vae": vae.TASK,
    "latent/autoencoder": autoencoder.TASK,
    "latent/duel": duel.TASK,
    "latent/gan": gan.TASK,
    "latent/som": som.TASK,
}


@dataclass(frozen=True)
class Look:
    """A run at one age."""

    run: Run
    step: int
    written: float
    """When the checkpoint was written."""
    predictor: Any
    settings: Any

    @property
    def target(self) -> str:
        """The task's name."""
        return self.run.config["target"]

    @property
    def data(self) -> str | None:
        """What it learns from, as `--data` takes it."""
        return self.run.config.get("data")

    @property
    def source(self) -> Source:
        """The same, with what the data were like when they were learned from."""
        return source_of(self.run.name, self.run.config)

    @property
    def key(self) -> tuple[str, int, float]:
        """What tells this look from others: the run, the age, and when that was written."""
        return str(self.run.path), self.step, self.written


@st.cache_resource(max_entries=128, show_spinner=False)
def _predictor(path: str, step: int, written: float) -> Any:
    return load_predictor(Run.open(path), step)


def settings_of(run: Run) -> Any:
    """Settings that the run was trained with."""
    return settings_from(TASKS[run.config["target"]], run.config.get("settings") or {})


def through(run: Run, steps: Sequence[int]) -> list[tuple[int, Any]]:
    """Step and predictor of checkpoints, without those that have been thinned out since they were listed."""
    found = (checkpoint_at.at_age(run, step, _predictor) for step in steps)
    return [
        (each.step, each.model) for each, step in zip(found, steps, strict=True) if each and each.step == step
    ]


def look(run: Run, age: int | None) -> Look | None:
    """The run at an age, or the newest if None; None before its first checkpoint."""
    found = checkpoint_at.at_age(run, age, _predictor)
    if found is None:
        return None
    return Look(run, found.step, found.written, found.model, settings_of(run))


@st.cache_resource(max_entries=4, show_spinner=False)
def _images(key: Key, size: int, split_seed: int, _source: Source) -> LabelledImages:
    return pictures.load(_source.checked(), size=size, split_seed=split_seed)


def images_of(look: Look) -> LabelledImages:
    """The pictures of a run, split as it has split them."""
    return _images(look.source.key, look.settings.size, look.settings.split_seed, look.source)


def known_of(look: Look) -> Tensor:
    """The pictures that it learned from, (N, C, H, W)."""
    count = getattr(look.settings, "examples", 0)
    return pictures.few(images_of(look), count, look.settings.split_seed)


@st.cache_resource(max_entries=4, show_spinner=False)
def _examples(settings: som.Settings, key: Key, _source: Source) -> som.Examples:
    return som.load(settings, _source.checked())


def examples_of(look: Look) -> som.Examples:
    """What a map unfolds over."""
    return _examples(look.settings, look.source.key, look.source)


@st.cache_resource(max_entries=4, show_spinner=False)
def _target(key: Key, _source: Source) -> mixtures.Target:
    return mixtures.load(_source.checked())


def target_of(look: Look) -> mixtures.Target:
    """The points that a generator imitates."""
    return _target(look.source.key, look.source)


@st.cache_data(max_entries=256, show_spinner=False)
def _figures(key: tuple[str, int, float], _look: Look) -> dict[str, float]:
    predictor = _look.predictor
    match _look.target:
        case "latent/duel":
            target = target_of(_look)
            made = made_points(_look, duel.COMPARED)
            return duel.judged(target, target.held[: duel.COMPARED], made)
        case "latent/gan":
            images = images_of(_look)
            sets = [predictor.made(gan.set_size(images), seed=i).flatten(1) for i in range(judge.SETS)]
            return judge.judge_of(images).judged(sets)
        case "latent/som":
            examples = examples_of(_look)
            answers = som.nearest(predictor.som.codebook, examples.held)
            found = figures.rebuilt(examples.held, answers, examples.known.mean(0))
            return found | som.with_errors(predictor.som, examples.held)
        case _:
            held = images_of(_look).test_images
            middle = known_of(_look).flatten(1).mean(0)
            return figures.rebuilt(held.flatten(1), predictor.rebuild(held).flatten(1), middle)


def figures_of(look: Look) -> dict[str, float]:
    """The figures of `Training.test` at this age, with intervals."""
    return _figures(look.key, look)


def baseline(run: Run) -> Baseline | None:
    """Figures of the baseline on the same split; None while they are computed."""
    settings, source, target = settings_of(run), source_of(run.name, run.config), run.config["target"]
    key = ("latent baseline", target, settings, source.key)
    return background_work.ask(key, lambda: TASKS[target].baseline(settings, source.checked()))


def made_points(look: Look, count: int, seed: int = 1) -> Tensor:
    """Points that the generator makes of the same noise at every age, (count, 2)."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, look.settings.latent, generator=generator)
    with torch.no_grad():
        return look.predictor.generator(noise)


@st.cache_data(max_entries=64, show_spinner=False)
def _codes(key: tuple[str, int, float], _look: Look) -> np.ndarray:
    return _look.predictor.encode(images_of(_look).test_images).numpy()


def codes_of(look: Look) -> np.ndarray:
    """Codes of all held-out pictures, (N, K)."""
    return _codes(look.key, look)


def ranges_of(look: Look) -> list[tuple[float, float]]:
    """Where the codes of a number mostly lie, a little wider, for each number; of noise -2.5 to 2.5."""
    if look.target == "latent/gan":
        return [(-2.5, 2.5)] * look.predictor.code_dim
    low, high = np.quantile(codes_of(look), [0.005, 0.995], axis=0)
    pad = 0.06 * (high - low) + 1e-3
    return [(float(a), float(b)) for a, b in zip(low - pad, high + pad, strict=True)]


def shown(image: np.ndarray | Tensor) -> np.ndarray:
    """A picture (C, H, W) as a gallery shows it: ink (H, W), or a photo (H, W, 3)."""
    values = np.asarray(image)
    return values[0] if values.shape[0] == 1 else values.transpose(1, 2, 0)
