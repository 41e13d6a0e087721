"""The options of `sandbox train`, besides the settings of what is trained."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from sandbox.options import Flag, Flat, Optional
from sandbox.settings import LARGEST_SEED, MOST_THREADS, setting

Settings = TypeVar("Settings")
MOST_SEEDS = 1000


@dataclass(frozen=True, kw_only=True)
class Common:
    """What both kinds of training have."""

    seed: int = setting(
        0, "decides every random draw: the same seed gives the same run", low=0, high=LARGEST_SEED
    )
    seeds: int = setting(
        1,
        "how many seeds to train, from `seed` on: a run for each, at once where that is possible",
        low=1,
        high=MOST_SEEDS,
    )
    processes: Optional[int] = setting(
        None,
        "how many processes share several seeds; by default one for each core, on Linux and without a GPU",
        low=1,
        high=MOST_THREADS,
    )
    device: str = setting("auto", "auto, cpu, cuda, cuda:1, mps or xpu")
    threads: Optional[int] = setting(
        None,
        "processor threads that torch uses; by default as many as there are cores",
        low=1,
        high=MOST_THREADS,
    )
    log: tuple[str, ...] = setting(
        (), "also tell figures to tensorboard, wandb or mlflow, which are packages of their own"
    )
    json: Flag = setting(False, "print one JSON object as the last line")


@dataclass(frozen=True, kw_only=True)
class AgentOptions(Common, Generic[Settings]):
    """What follows `sandbox train ENVIRONMENT`."""

    agent: str = setting("ppo", "algorithm; `sandbox list agents` shows them")
    preset: str = setting("default", "settings to start from")
    watch: Flag = setting(False, "open a window afterwards and watch the agent play")
    settings: Annotated[Settings, Flat]


@dataclass(frozen=True, kw_only=True)
class TaskOptions(Common, Generic[Settings]):
    """What follows `sandbox train TASK`."""

    preset: Optional[str] = setting(None, "settings to start from; by default the task's first")
    data: Optional[str] = setting(
        None, "what to learn from: the name of a data set, or a path; by default the task's own"
    )
    find_lr: Flag = setting(
        False, "try learning rates from tiny to huge for a hundred steps, and suggest one instead of training"
    )
    settings: Annotated[Settings, Flat]


@dataclass(frozen=True, kw_only=True)
class ResumeOptions:
    """What follows `sandbox train --resume RUN`; everything else is as the run began."""

    resume: str
    """the run to continue"""
    data: Optional[str] = setting(None, "for a task: where its data are now, if they were moved")
    accept_data: Flag = setting(False, "for a task: continue although its data have changed")
    watch: Flag = setting(False, "open a window afterwards and watch the agent play")
    json: Flag = setting(False, "print one JSON object as the last line")
