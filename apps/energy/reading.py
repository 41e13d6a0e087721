"""The machine of a run at one age, and the pictures it has not seen.

Imports torch: only for what is drawn once torch is there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.energy import dbn, pictures, rbm
from apps.energy.completion import given
from apps.energy.dbn import Stack
from apps.energy.pictures import Pictures
from apps.energy.rbm import Machine
from apps.studio import background_work
from apps.studio.page import checkpoint_at
from sandbox.blocks.rbm import RBM
from sandbox.data.fingerprint import Key, Source, source_of
from sandbox.data.sketch import prepare
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.task import Baseline, load_predictor, settings_from

TASKS: dict[str, Any] = {"energy/rbm": rbm.TASK, "energy/dbn": dbn.TASK}


@dataclass(frozen=True)
class Look:
    """A run at one age."""

    run: Run
    step: int
    written: float
    """When the checkpoint was written."""
    machine: Machine | Stack
    settings: Any
    pictures: Pictures

    @property
    def key(self) -> tuple[str, int, float]:
        """What tells this look from others: the run, the age, and when that was written."""
        return str(self.run.path), self.step, self.written

    @property
    def rbm(self) -> RBM:
        """The machine, or the stack's lowest one."""
        return (
            self.machine.rbm if isinstance(self.machine, Machine) else self.stack.nets["pretrained"].rbms[0]
        )

    @property
    def stack(self) -> Stack:
        """Both nets of a `dbn` run."""
        assert isinstance(self.machine, Stack)
        return self.machine


@st.cache_resource(max_entries=64, show_spinner=False)
def _machine(path: str, step: int, written: float) -> Machine | Stack:
    return load_predictor(Run.open(path), step)


@st.cache_resource(max_entries=4, show_spinner=False)
def _pictures(key: Key, split_seed: int, _source: Source) -> Pictures:
    return pictures.load(_source.checked(), split_seed)


def settings_of(run: Run) -> Any:
    """Settings that the run was trained with."""
    return settings_from(TASKS[run.config["target"]], run.config.get("settings") or {})


def look(run: Run, age: int | None) -> Look | None:
    """The run at an age, or the newest if None; None before its first checkpoint."""
    found = checkpoint_at.at_age(run, age, _machine)
    if found is None:
        return None
    settings = settings_of(run)
    source = source_of(run.name, run.config)
    data = _pictures(source.key, settings.split_seed, source)
    return Look(run, found.step, found.written, found.model, settings, data)


def untaught(look: Look) -> Stack:
    """The stack of a `dbn` run as it was before anybody named anything, or younger if the age is."""
    before = look.settings.pretraining * len(look.settings.hidden)
    steps = [step for step in look.run.checkpoints() if step <= min(before, look.step)]
    found = checkpoint_at.at_age(look.run, steps[-1], _machine) if steps else None
    return found.model if found is not None and isinstance(found.model, Stack) else look.stack


def baseline(run: Run) -> Baseline | None:
    """Figures of the nearest neighbours on the same split; None while they are computed."""
    settings, source, target = settings_of(run), source_of(run.name, run.config), run.config["target"]
    key = ("energy baseline", target, settings, source.key)
    return background_work.ask(key, lambda: TASKS[target].baseline(settings, source.checked()))


def figures(look: Look) -> dict[str, float] | None:
    """The figures of this age on all held-out pictures, with intervals; None while they are computed."""
    test, labels = look.pictures.test, look.pictures.test_labels
    if isinstance(look.machine, Machine):
        machine, mean = look.machine.rbm, look.pictures.train.mean(0)
        some, shape = test[: rbm.MOST], look.pictures.shape
        return background_work.ask(
            ("energy figures", *look.key), lambda: rbm.final_figures(machine, some, mean, shape)
        )
    nets = look.machine.nets
    return background_work.ask(("energy figures", *look.key), lambda: dbn.final_figures(nets, test, labels))


def rebuilding(look: Look) -> dict[str, float]:
    """What is left of held-out pictures through each number of layers of a `dbn` run, from one layer on."""
    some, mean = look.pictures.test[: rbm.MOST], look.pictures.train.mean(0)
    return dbn.rebuilding(look.stack.nets["pretrained"], some, mean)


def grid(look: Look, row: Tensor | np.ndarray) -> np.ndarray:
    """A row of numbers as a picture (rows, columns)."""
    return np.asarray(row).reshape(look.pictures.shape)


def seen(look: Look, sketch: np.ndarray) -> Tensor:
    """A drawing as the machine sees it, (1, V)."""
    if look.pictures.style is None:
        raise UserError("This machine learned from photos, which cannot be drawn; pick one of them.")
    return torch.from_numpy(prepare(sketch, look.pictures.style)).flatten()[None]


def kept(look: Look, missing: Any, share: float = 0.5) -> Tensor:
    """Which pixels are given, (V,)."""
    return given(look.pictures.shape, missing, share)


def drives(weights: Tensor, look: Look, count: int = 8) -> np.ndarray:
    """Positions of the held-out pictures that drive a unit most.

    Args:
        weights: (M,), how strongly it answers to each.
        look: whose pictures they are.
        count: how many.
    """
    return weights.argsort(descending=True)[: min(count, len(look.pictures.test))].numpy()


def layer_view(look: Look, layer: int) -> np.ndarray:
    """What each unit of a layer of the pretrained stack likes to see, (units, rows, columns) in [-1, 1].

    The weights multiplied down to the picture, Lee, Ekanadham & Ng 2008.
    """
    layers = look.stack.nets["pretrained"].rbms
    with torch.no_grad():
        view = layers[layer].weight
        for below in reversed(layers[:layer]):
            view = view @ below.weight
        view = view / view.abs().amax(1, keepdim=True).clamp_min(1e-9)
    return view.reshape(-1, *look.pictures.shape).numpy()
