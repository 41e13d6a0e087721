"""Imitating from a few demonstrations: GAIL beside behavioural cloning, the expert and chance.

Behavioural cloning (Pomerleau 1991) fits the same network to the expert's actions by supervised learning. All
imitators of one seed see the same demonstrations, and all players are measured on the same new episodes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from agents.environments import find_target
from agents.evaluate import Policy, evaluate_policy, random_policy
from agents.imitation import GAIL, Demonstrations
from agents.imitation.expert import find_expert, record
from agents.player import Player
from agents.settings import FROM_PICTURES, GAILSettings, settings_for
from agents.training.build import build_model
from agents.training.sb3_loops import iterations
from agents.vec_env import make_vec_env
from sandbox.devices import one_thread, seed_everything
from sandbox.statistics import bootstrap_interval

BENCH = {"name": "imitation", "title": "Imitation", "long": True}
STEPS = {
    "cartpole": 100_000,
    "mountain_car": 300_000,
    "acrobot": 200_000,
    "frozen_lake": 200_000,
    "lander": 400_000,
    "maze": 400_000,
    "snake": 1_000_000,
}
"""Where GAIL is compared, and its steps: in the first an episode should be long, in the others short."""
SHOWN = {"maze": (8, 32), "snake": (8, 32)}
"""Demonstrations where it sees pictures; elsewhere 1 and 4."""

FORMS = {
    "log odds, absorbing": ("logit", True),
    "log odds": ("logit", False),
    "always positive": ("positive", False),
    "always negative": ("negative", False),
}
"""Rewards that are compared, the default first."""

EPISODES = 100
"""New episodes of each measurement."""

CLONING_STEPS = 3000


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about half an hour, or half a minute if quick.

    Args:
        quick: one seed and two environments.

    Returns:
        Tables: title, columns, rows, note.
    """
    with one_thread():
        return [
            _against_cloning(["cartpole", "frozen_lake"] if quick else list(STEPS), 1 if quick else 5),
            _forms(["cartpole"] if quick else ["cartpole", "mountain_car", "frozen_lake"], 1 if quick else 3),
        ]


def imitate(target: str, settings: GAILSettings, demonstrations: Demonstrations, seed: int) -> GAIL:
    """Train GAIL to the end.

    Args:
        target: name of the environment.
        settings: of the agent; whom it imitates is given by `demonstrations`.
        demonstrations: of the expert.
        seed: of the training.
    """
    model = _untrained(target, settings, seed)
    model.imitate(demonstrations)
    for _ in iterations(model, settings.total_timesteps):
        pass
    return model


def clone(target: str, settings: GAILSettings, demonstrations: Demonstrations, seed: int) -> GAIL:
    """Fit the same untrained policy to the expert's actions. Pomerleau 1991, Neural Computation 3(1).

    Args:
        target: name of the environment.
        settings: of the agent whose network is meant.
        demonstrations: of the expert.
        seed: of first weights and minibatches.
    """
    model = _untrained(target, settings, seed)
    model.imitate(demonstrations)
    model.clone(CLONING_STEPS)
    return model


def returns_of(target: str, policy: Policy, seed: int) -> float:
    """Mean return over new episodes, the same ones for every player of one seed."""
    return evaluate_policy(target, policy, EPISODES, 10**8 * (seed + 1))["interval"].mean


def _untrained(target: str, settings: GAILSettings, seed: int) -> GAIL:
    seed_everything(seed)
    env = make_vec_env(target, settings.num_envs, seed)
    model = build_model(settings, env, torch.device("cpu"), seed)
    assert isinstance(model, GAIL)
    return model


def _player(target: str, model: GAIL) -> Policy:
    return Player(model.policy, find_target(target).spaces()[0]).act_batch


def _settings(target: str, **changes: Any) -> GAILSettings:
    settings = dataclasses.replace(settings_for(target, "gail"), total_timesteps=STEPS[target], **changes)
    assert isinstance(settings, GAILSettings)
    return settings


def _against_cloning(targets: list[str], seeds: int) -> dict[str, Any]:
    rows = []
    for target in targets:
        for episodes in SHOWN.get(target, (1, 4)):
            found: dict[str, list[float]] = {name: [] for name in ("gail", "cloning", "expert", "random")}
            settings = _settings(target, demonstrations=str(episodes))
            expert = find_expert(target)
            for seed in range(seeds):
                shown = record(target, expert, episodes, seed)
                players = {
                    "gail": _player(target, imitate(target, settings, shown, seed)),
                    "cloning": _player(target, clone(target, settings, shown, seed)),
                    "expert": expert.act,
                    "random": random_policy(find_target(target).spaces()[1], seed),
                }
                for name, player in players.items():
                    found[name].append(returns_of(target, player, seed))
            rows.append([target, episodes, *(_interval(values) for values in found.values())])
    return {
        "title": "Imitating the hand-written player: mean returns",
        "columns": ["environment", "demonstrations", "GAIL", "behavioural cloning", "expert", "random"],
        "rows": rows,
        "note": (
            f"{seeds} seeds, each with demonstrations of its own; means of {EPISODES} new episodes with 95 % "
            f"intervals over the seeds. GAIL plays {min(STEPS.values()):,} to {max(STEPS.values()):,} steps "
            "without seeing their rewards; cloning, which plays none, takes "
            f"{CLONING_STEPS:,} steps of Adam. In maze and snake both see pictures, and GAIL begins with "
            f"{FROM_PICTURES['clone_steps']:,} steps of cloning."
        ),
    }


def _forms(targets: list[str], seeds: int) -> dict[str, Any]:
    rows = []
    for name, (form, absorbing) in FORMS.items():
        cells = []
        for target in targets:
            settings = _settings(target, reward_form=form, absorbing=absorbing)
            values = []
            for seed in range(seeds):
                shown = record(target, find_expert(target), settings.episodes or 8, seed)
                values.append(
                    returns_of(target, _player(target, imitate(target, settings, shown, seed)), seed)
                )
            cells.append(_interval(values))
        rows.append([name, *cells])
    return {
        "title": "GAIL by the form of its reward: mean returns",
        "columns": ["reward", *targets],
        "rows": rows,
        "note": f"{seeds} seeds, 8 demonstrations, otherwise as above.",
    }


def _interval(values: list[float]) -> str:
    interval = bootstrap_interval(np.array(values))
    return f"{interval.mean:,.2f} [{interval.low:,.2f}, {interval.high:,.2f}]"
