"""What agents reach in one environment over several seeds, for the leaderboard's environments' half.

Each seed is an ordinary training of the environment's preset; its agent then plays episodes that no training
has seen. The hand-written player plays the same episodes, or random actions where there is none.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from agents.environments import find_target
from agents.evaluate import baseline_policy, evaluate, evaluate_policy, random_policy
from agents.settings import AgentSettings, presets_of, references_of, settings_for, title_of
from agents.train import train
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.terminal import console

EPISODES = 200
"""Played by each agent and by what it is compared with."""


def measured(name: str, preset: str | None, seeds: int) -> dict[str, Any]:
    """Train the agents of one row.

    Args:
        name: an environment's file name.
        preset: an agent with a preset behind a colon, `ppo:default`, or an agent alone; None for the first
            agent of the environment's preset file.
        seeds: how many, from 0.

    Returns:
        What `sandbox.bench.leaderboard.Row` takes, but for when and where it was measured.

    Raises:
        UserError: there is no such agent or preset.
        RuntimeError: a training failed; says why.
    """
    target = find_target(name)
    agent, _, chosen = (preset or next(iter(presets_of(target)), "ppo")).partition(":")
    settings = settings_for(name, agent, chosen or "default")
    found = []
    for seed in range(seeds):
        found.append(trained(name, settings, seed))
        said = f"{found[-1]['return']:.3f} in {found[-1]['seconds']:.1f} s"
        console(stderr=True).print(f"{name}, seed {seed}: {said}", style="dim")
    policy = None if target.environment is None else baseline_policy(target.environment)
    simple = "random actions" if policy is None else "hand-written player"
    policy = policy or random_policy(target.spaces(settings.params)[1])
    theirs = evaluate_policy(name, policy, EPISODES, params=settings.params)["interval"].mean
    steps = statistics.median_low([figures["steps"] for figures in found])
    return {
        "kind": "environment",
        "task": name,
        "preset": f"{agent}:{chosen or 'default'}",
        "data": None,
        "about": f"{title_of(agent)}, {steps:,} steps",
        "synthetic": False,
        "question": name if target.environment is None else target.environment.goal,
        "metric": {
            "name": "return",
            "title": "return",
            "unit": "",
            "higher_is_better": True,
            "digits": 1 if abs(theirs) >= 10 else 3,
        },
        "reached": [figures["return"] for figures in found],
        "seconds": statistics.median(figures["seconds"] for figures in found),
        "parameters": found[0]["parameters"],
        "baseline": simple,
        "baseline_reached": theirs,
        "public": [str(one) for one in references_of(target)],
    }


def trained(name: str, settings: AgentSettings, seed: int) -> dict[str, Any]:
    """One training: its return on unseen episodes, its seconds, steps and parameters."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(name, {"kind": "agent", "agent": settings.agent, "seed": seed}, root=Path(folder))
        state = drive(run, train(name, settings, run), lambda progress: None)
        status = run.status()
        if state != "done":
            raise RuntimeError(f"training {name} with seed {seed} ended as {state}: {status['message']}")
        tensors, _ = run.load_model()
        return {
            "return": evaluate(run, EPISODES)["interval"].mean,
            "seconds": run.metrics()[-1]["seconds"],
            "steps": status["step"],
            "parameters": sum(tensor.numel() for tensor in tensors.values()),
        }
