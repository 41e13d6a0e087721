"""The networks of a run at one age, held-out sequences, and what the networks make of them.

Imports torch: only for what is drawn once torch is there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from apps.sequences import adding, copying, echo, forecast
from apps.sequences.answers import Answers
from apps.sequences.learning import Drawn, Networks, SequenceTask, Settings, judged
from apps.sequences.networks import SequenceNetwork
from apps.studio import background_work
from apps.studio.charts.curves import thin
from apps.studio.page import checkpoint_at
from sandbox.data.fingerprint import Key, Source, source_of
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.task import Baseline, load_predictor, settings_from

TASKS: dict[str, SequenceTask[Any]] = {
    "sequences/adding": adding.TASK,
    "sequences/copying": copying.TASK,
    "sequences/echo": echo.TASK,
    "sequences/forecast": forecast.TASK,
}


@dataclass(frozen=True)
class Look:
    """A run at one age."""

    run: Run
    step: int
    written: float
    """When the checkpoint was written."""
    networks: Networks
    task: SequenceTask[Any]
    settings: Any
    held_out: Drawn

    @property
    def name(self) -> str:
        """Of the task, without its folder."""
        return self.run.config["target"].rpartition("/")[2]

    @property
    def blocks(self) -> list[str]:
        """The networks that were trained."""
        return list(self.networks.by_name)

    @property
    def key(self) -> tuple[str, int, float]:
        """What tells this look from others: the run, the age, and when that was written."""
        return str(self.run.path), self.step, self.written


@st.cache_resource(max_entries=64, show_spinner=False)
def _networks(path: str, step: int, written: float) -> Networks:
    return load_predictor(Run.open(path), step)


@st.cache_resource(max_entries=8, show_spinner=False)
def _held_out(target: str, settings: Settings, key: Key, _source: Source) -> Drawn:
    return TASKS[target].held_out(settings, _source.checked())


def settings_of(run: Run) -> Any:
    """Settings that the run was trained with."""
    return settings_from(TASKS[run.config["target"]], run.config.get("settings") or {})


def look(run: Run, age: int | None) -> Look | None:
    """The run at an age, or the newest if None; None before its first checkpoint."""
    found = checkpoint_at.at_age(run, age, _networks)
    if found is None:
        return None
    target, settings = run.config["target"], settings_of(run)
    source = source_of(run.name, run.config)
    drawn = _held_out(target, settings, source.key, source)
    return Look(run, found.step, found.written, found.model, TASKS[target], settings, drawn)


@st.cache_data(max_entries=64, show_spinner=False)
def _figures(key: tuple[str, int, float], _look: Look) -> dict[str, float]:
    figures: dict[str, float] = {}
    held_out = _look.held_out
    for name in _look.blocks:
        outputs = _look.networks.say(name, held_out.inputs)
        figures |= judged(_look.networks.answers, outputs, held_out.targets, f"_{name}")
    return figures


def figures(look: Look) -> dict[str, float]:
    """Accuracy and loss of every network on all held-out sequences, with intervals."""
    return _figures(look.key, look)


def baseline(run: Run) -> Baseline | None:
    """Figures of who always says the same; None while they are computed."""
    settings, source, target = settings_of(run), source_of(run.name, run.config), run.config["target"]
    key = ("sequences baseline", target, settings, source.key)
    return background_work.ask(key, lambda: TASKS[target].baseline(settings, source.checked()))


def trace(look: Look, block: str, inputs: Tensor) -> dict[str, np.ndarray]:
    """What the top layer of a network holds while it reads one sequence (1, T, D).

    Returns:
        `hidden` (H, T); for an LSTM also `cell`, `input`, `forget`, `candidate` and `output`; for attention
        `head 1` and so on, (T, T): a row for each step that looks, a column for each that is looked at.
    """
    body: Any = look.networks.by_name[block].body
    with torch.inference_mode():
        if block == "attention":
            x = _entering(body, inputs)
            shares = body.layers[-1].attention.shares(body.layers[-1].norm1(x))[0]
            heads = {f"head {i + 1}": share.numpy() for i, share in enumerate(shares)}
            return {"hidden": body(inputs)[0].T.numpy(), **heads}
        steps = [step[-1] for step in body.steps(inputs)]
    return {name: torch.cat([getattr(step, name) for step in steps]).T.numpy() for name in steps[0]._fields}


def gradient_norms(network: SequenceNetwork, answers: Answers, drawn: Drawn, count: int = 32) -> np.ndarray:
    """Norm of d loss / d h_t for each time step t, (T,), mean over sequences, as a share of the last one's.

    The loss is that of the last answer alone, and h_t what the top layer holds; for attention, which holds
    nothing, the features that enter its top layer.
    """
    body: Any = network.body
    inputs, targets = drawn.inputs[:count], drawn.targets[:count]
    if network.block == "attention":
        held = [_entering(body, inputs)]
        outputs = body.norm(body.layers[-1](held[0]))[:, -1:]
    else:
        held = [step[-1].hidden for step in body.steps(inputs)]
        outputs = held[-1][:, None]
    # The sum keeps the gradients of the sequences apart, each with a loss of its own.
    loss = answers.losses(network.head(outputs), targets[:, -1:]).sum()
    gradients = torch.autograd.grad(loss, held)
    found = gradients[0] if network.block == "attention" else torch.stack(gradients, 1)
    norms = found.norm(dim=-1).mean(0)
    return (norms / norms[-1].clamp_min(1e-30)).numpy()


def gradients_by_age(run: Run, drawn: Drawn, most: int = 24) -> tuple[list[int], dict[str, np.ndarray]]:
    """At most so many checkpoints, and for each network its `gradient_norms` at each, (ages, T)."""
    steps = run.checkpoints()
    kept, found = [], dict[str, list[np.ndarray]]()
    for step in (steps[i] for i in thin(len(steps), most)):
        try:
            networks: Networks = load_predictor(run, step)
        except UserError:
            if step in run.checkpoints():
                raise
            continue  # thinned out since it was listed
        kept.append(step)
        for name, network in networks.by_name.items():
            found.setdefault(name, []).append(gradient_norms(network, networks.answers, drawn))
    return kept, {name: np.stack(norms) for name, norms in found.items()}


def _entering(body: Any, inputs: Tensor) -> Tensor:
    """What enters the top layer of a transformer, (B, T, H)."""
    x = body.stem(inputs) + body.places[: inputs.shape[1]]
    for layer in body.layers[:-1]:
        x = layer(x)
    return x
