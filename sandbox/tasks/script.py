"""A run of a task as one Python file that comes to the same figures, without command line or run folder."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.runs import Run


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a script has to know of a training."""

    name: str
    """Of the run; the script looks for the weights in `<name>.safetensors` beside it."""
    target: str
    """Of the task."""
    settings: Mapping[str, Any]
    """All of them, as Python values."""
    seed: int
    device: str
    threads: int | None
    data: str | None
    steps: int
    """That have been taken; less than the settings say of a training that was stopped."""
    meta: Mapping[str, Any]
    """That of the checkpoint."""

    @property
    def module(self) -> str:
        """Where the task stands."""
        return f"apps.{self.target.replace('/', '.')}"


def recipe(run: Run, settings: Any) -> Recipe:
    """The recipe of a task's run, as it is at its newest checkpoint.

    Nothing that stands in the run's folder may become code: names are cleaned, values are literals.

    Args:
        run: of a task.
        settings: a dataclass, read by the task from the run's configuration.

    Raises:
        UserError: the checkpoint cannot be read, or there is none.
    """
    config = run.config
    steps = run.checkpoints()
    _, meta = run.load_model(steps[-1] if steps else None)
    threads = config.get("threads")
    return Recipe(
        name=re.sub(r"[^\w.-]", "_", run.name, flags=re.ASCII),
        target=config["target"],
        settings=asdict(settings),
        seed=int(config.get("seed") or 0),
        device="cpu" if config.get("device") in (None, "auto") else str(config["device"]),
        threads=None if threads is None else int(threads),
        data=config.get("data"),
        steps=steps[-1],
        meta=meta,
    )


def over_task(recipe: Recipe, *, data: str | None = None) -> str:
    """The script of any task: its own data, network and learner, and the loop over its steps spelled out.

    Args:
        recipe: of the run.
        data: content of the file of data, which the script writes; None if it is there already.
    """
    early = bool(recipe.settings.get("patience"))
    changed = "".join(f"    {name}={value!r},\n" for name, value in recipe.settings.items())
    written = "" if data is None else f"Path(DATA).write_text({data!r}, encoding='utf-8')\n"
    threads = "" if recipe.threads is None else f"torch.set_num_threads({recipe.threads})\n"
    look = """\
        if training.stopping.is_due(step + 1):
            training.stopping.look(step + 1, learner.model_state())
            if training.stopping.is_over:
                break
    learner.load_state(training.stopping.best_weights() or learner.model_state(), *learner.state())
"""
    return f'''"""Train {recipe.target} as in {recipe.name}, and print its figures on unseen examples.

With the model of the page beside it, {recipe.name}.safetensors, that one is measured instead.
"""

import json
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from {recipe.module} import TASK
from sandbox.devices import seed_everything
from sandbox.metrics.scores import with_intervals

DATA = {recipe.data!r}
SEED = {recipe.seed!r}
SETTINGS = replace(
    TASK.settings(),
{changed})
WEIGHTS = Path(__file__).with_name({recipe.name + ".safetensors"!r})

{written}seed_everything(SEED)
split = TASK.load(SETTINGS, DATA)
training = TASK.prepare(SETTINGS, split, seed=SEED, device=torch.device({recipe.device!r}))
{threads}learner = training.learner
if WEIGHTS.exists():
    learner.load_state(load_file(WEIGHTS), *learner.state())
else:
    for step in range({"training.total" if early else recipe.steps}):
        figures = learner.step(training.batches(step))
        if (step + 1) % 100 == 0:
            print("step", step + 1, "loss", round(figures["loss"].item(), 4))
{look if early else ""}learner.model_state()  # fits what is fitted last, such as a calibration
print(json.dumps(with_intervals(TASK.measure(training.predictor, split.test))))
'''
