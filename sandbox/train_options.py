"""The options of `sandbox train`, besides the settings of what is trained."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from sandbox.options import Flag, Flat, Optional

Settings = TypeVar("Settings")


@dataclass(frozen=True, kw_only=True)
class Common:
    """What both kinds of training have."""

    seed: int = 0
    """decides every random draw: the same seed gives the same run"""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps or xpu"""
    threads: Optional[int] = None
    """processor threads that torch uses; by default as many as there are cores"""
    json: Flag = False
    """print one JSON object as the last line"""


@dataclass(frozen=True, kw_only=True)
class AgentOptions(Common, Generic[Settings]):
    """What follows `sandbox train ENVIRONMENT`."""

    agent: str = "ppo"
    """algorithm; `sandbox list agents` shows them"""
    preset: str = "default"
    """settings to start from"""
    watch: Flag = False
    """open a window afterwards and watch the agent play"""
    settings: Annotated[Settings, Flat]


@dataclass(frozen=True, kw_only=True)
class TaskOptions(Common, Generic[Settings]):
    """What follows `sandbox train TASK`."""

    preset: Optional[str] = None
    """settings to start from; by default the task's first"""
    data: Optional[str] = None
    """what to learn from: the name of a data set, or a path; by default the task's own"""
    find_lr: Flag = False
    """try learning rates from tiny to huge for a hundred steps, and suggest one instead of training"""
    settings: Annotated[Settings, Flat]


@dataclass(frozen=True, kw_only=True)
class ResumeOptions:
    """What follows `sandbox train --resume RUN`; everything else is as the run began."""

    resume: str
    """the run to go on with"""
    data: Optional[str] = None
    """of a task: where its data lie now, if they were moved"""
    accept_data: Flag = False
    """of a task: go on although its data have changed"""
    watch: Flag = False
    """open a window afterwards and watch the agent play"""
    json: Flag = False
    """print one JSON object as the last line"""
