"""A run of an agent as one Python script that trains it again and says what the run had reached. No torch."""

from __future__ import annotations

import pprint
import re

from agents.settings import from_config
from sandbox.runs import Run

# What a run folder says is only written as the value of a constant, and never as a part of the code.
SCRIPT = '''"""Trains an agent again as in a run of Deep Sandbox, and compares what it reaches.

Needs this project. With the same versions on the same processor, the result is the same to the last digit.
"""

from agents.settings import {settings_class}
from agents.train import train
from sandbox.runs import Run

RUN = {name!r}
VERSIONS = {versions!r}
TARGET = {target!r}
CONFIG = {config}
SETTINGS = {settings}
EXPECTED = {expected!r}
"""Mean return of the last evaluation in the run, if there was one."""


def main() -> None:
    metrics = {{}}
    for progress in train(TARGET, SETTINGS, Run.create(TARGET, CONFIG)):
        metrics = progress.metrics
        print(f"{{progress.step:>12,}} steps  return {{metrics.get('return', float('nan')):.2f}}")
    mean, episodes = metrics["eval_return"], metrics["eval_episodes"]
    print(f"mean return {{mean:.2f}} over {{episodes:.0f}} episodes, expected {{EXPECTED}}")


if __name__ == "__main__":
    main()
'''


def script_of(run: Run) -> str:
    """The script; settings are written out, so it needs no run folder.

    Raises:
        UserError: the run's settings are no agent's.
    """
    config = run.config
    agent, seed = config.get("agent") or "ppo", config.get("seed") or 0
    settings = from_config(agent, config.get("settings") or {})
    evaluated = [row["eval_return"] for row in run.metrics() if "eval_return" in row]
    versions = config.get("versions") or {}
    again = {
        "agent": agent,
        "seed": seed,
        "device": config.get("device") or "cpu",
        "threads": config.get("threads"),
    }
    return SCRIPT.format(
        name=run.name,
        target=config["target"],
        config=repr(again),
        settings=re.sub(r"\(", "(\n    ", pprint.pformat(settings, width=100), count=1),
        settings_class=type(settings).__name__,
        expected=f"{evaluated[-1]:.2f}" if evaluated else None,
        versions=", ".join(f"{k} {v}" for k, v in versions.items() if k in ("python", "torch", "numpy")),
    )
