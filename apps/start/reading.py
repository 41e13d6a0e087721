"""The network of a run at one age, the digits it has not seen, and what it makes of them.

Imports torch: only for what is drawn once torch is there.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.components import background, checkpoints
from apps.vision.classify import TASK, Classifier, Settings, load_data
from sandbox import explain
from sandbox.blocks.cnn import CNN
from sandbox.data.fingerprint import Key, Source, source_of
from sandbox.data.labelled_images import LabelledImages
from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.runs import Run
from sandbox.statistics import Interval, bootstrap_interval
from sandbox.task import Baseline, load_predictor, settings_from


@dataclass(frozen=True)
class Look:
    """A run at one age."""

    run: Run
    step: int
    written: float
    """When the checkpoint was written."""
    classifier: Classifier
    data: LabelledImages

    @property
    def key(self) -> tuple[str, int, float]:
        """What tells this look from others."""
        return str(self.run.path), self.step, self.written


@st.cache_resource(max_entries=32, show_spinner=False)
def _classifier(path: str, step: int, written: float) -> Classifier:
    return load_predictor(Run.open(path), step)


@st.cache_resource(max_entries=4, show_spinner=False)
def _data(settings: Settings, key: Key, _source: Source) -> LabelledImages:
    return load_data(settings, _source.checked())


def settings_of(run: Run) -> Settings:
    """Settings that the run was trained with."""
    return settings_from(TASK, run.config.get("settings") or {})


def split_of(run: Run) -> tuple[Key, int, int]:
    """What decides the pictures of a run and which of them are held out."""
    settings = settings_of(run)
    return source_of(run.name, run.config).key, settings.size, settings.split_seed


def data_of(run: Run) -> LabelledImages:
    """The pictures, split as the run has split them."""
    key, size, split_seed = split_of(run)
    return _data(Settings(size=size, split_seed=split_seed), key, source_of(run.name, run.config))


def look(run: Run, age: int | None) -> Look | None:
    """The run at an age, or the newest if None; None before its first checkpoint."""
    found = checkpoints.at_age(run, age, _classifier)
    return None if found is None else Look(run, found.step, found.written, found.model, data_of(run))


def probabilities(model: torch.nn.Module, images: Tensor) -> np.ndarray:
    """(N, classes) for pictures (N, C, H, W)."""
    with torch.inference_mode():
        parts = [model(part).softmax(1) for part in images.split(1000)]
    return torch.cat(parts).numpy()


@st.cache_data(max_entries=64, show_spinner=False)
def _held_out(key: tuple[str, int, float], _look: Look) -> np.ndarray:
    return probabilities(_look.classifier.model, _look.data.test_images)


def held_out(look: Look) -> np.ndarray:
    """(M, classes) probabilities for every picture that was held out."""
    return _held_out(look.key, look)


def accuracy(look: Look) -> Interval:
    """Share of held-out pictures read right, with its interval."""
    right = held_out(look).argmax(1) == look.data.test_labels.numpy()
    return bootstrap_interval(right.astype(float))


def baseline(run: Run) -> Baseline | None:
    """Figures of the nearest neighbour on the same split; None while they are computed."""
    settings, source = settings_of(run), source_of(run.name, run.config)
    return background.ask(
        ("digits baseline", *split_of(run)), lambda: TASK.baseline(settings, data=source.checked())
    )


def neighbour_labels(data: LabelledImages) -> np.ndarray:
    """What the nearest neighbour says to every held-out picture."""
    found = nearest_labels(data.train_images.flatten(1), data.train_labels, data.test_images.flatten(1))
    return found.numpy()


def shown(look: Look, image: np.ndarray | Tensor) -> np.ndarray:
    """A picture (C, H, W) as a gallery shows it: ink (H, W) for handwriting, else a photo (H, W, 3)."""
    values = np.asarray(image)
    if look.classifier.style is not None:
        return values.mean(0)
    return np.broadcast_to(values.transpose(1, 2, 0), (*values.shape[1:], 3))


def things(look: Look) -> str:
    """What the pictures are called."""
    return "digits" if look.run.config.get("data") in (None, "digits") else "pictures"


def drives(look: Look, stage: int, unit: int, count: int = 10) -> np.ndarray:
    """Indices of the held-out pictures that a filter answers to most."""
    maps = explain.feature_maps(look.classifier.model, look.data.test_images)[stage]
    return maps[:, unit].amax((1, 2)).argsort(descending=True)[:count].numpy()


def saliency(model: CNN, image: np.ndarray, label: int) -> np.ndarray:
    """How each pixel of a picture (C, H, W) pulls the score of a class up or down, (H, W) in [-1, 1]."""
    pull = explain.saliency(model, torch.from_numpy(image), label).sum(0).numpy()
    return pull / max(1e-12, float(np.abs(pull).max()))
