"""Train the same agent with several seeds at once, as one batched product, into ordinary run folders.

Each run is what `agents.train.train` makes of it with its seed, to rounding, which every update makes larger:
after a few of them weights agree to 1e-5, after many the two are two runs of one distribution. Metrics and
evaluations are the same, and a checkpoint goes on alone. Its `seconds` are its share of the time of all.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Sequence

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor

from agents.environments import find_target
from agents.evaluate import evaluate_together
from agents.policies.action_heads import masked
from agents.ppo import PPO
from agents.ppo.stacked import StackedPPO, obstacle
from agents.settings import AgentSettings
from agents.train import LOG_EVERY, YIELD_EVERY, Trainer
from agents.training.build import build_model, device_of
from agents.training.environment_faults import find_fault
from agents.training.memory_needs import ADVICE
from agents.training.sb3_loops import begin
from agents.vec_env import make_vec_env
from sandbox.devices import random_states, restore_random_states
from sandbox.errors import is_user_error
from sandbox.progress import Progress
from sandbox.runs import Run
from sandbox.runs.checkpoints import slot
from sandbox.statistics import bootstrap_interval
from sandbox.training.out_of_memory import tell_shortage


def why_not_together(target: str, settings: AgentSettings, device: str = "auto") -> str | None:
    """Say why several seeds of this training cannot be one batched product, or return None."""
    if settings.agent != "ppo":
        return "only PPO is stacked"
    if settings.curriculum:
        return "a curriculum changes the environment on the way"
    found = find_target(target)
    with contextlib.closing(
        make_vec_env(found.name, settings.num_envs, 0, env_kwargs=settings.params)
    ) as env:
        place = device_of(device, settings, env.observation_space)
        return obstacle(build_model(settings, env, place, 0))


def train_together(
    target: str, settings: AgentSettings, runs: Sequence[Run]
) -> Generator[Progress, None, None]:
    """Train one agent for each run; closing the generator stops and saves all of them.

    Args:
        target: an environment of ours; `why_not_together` says None of it.
        settings: of the agent, without `seed`, which each run's config has.
        runs: where everything is written.

    Yields:
        Progress in steps of each; `eval_return` is the mean over the seeds with its interval.

    Raises:
        UserError: settings that do not fit, or a full disk.
        BrokenEnvironment: the environment's rules go wrong; names file, function and line.
    """
    together = _Together(target, settings, runs)
    try:
        yield from together.progress()
    except GeneratorExit:
        together.save()
        raise
    except (RuntimeError, MemoryError, ValueError, ArithmeticError) as error:
        tell_shortage(error, f"after step {together.step:,}", ADVICE)
        if not is_user_error(error) and together.stack is not None:
            find_fault(together.stack.env, f"after {together.step:,} steps of training")
        raise
    finally:
        for trainer in together.trainers:
            trainer.close()


class _Together:
    """The trainings of all seeds, and which of them still go on."""

    def __init__(self, target: str, settings: AgentSettings, runs: Sequence[Run]) -> None:
        self.settings = settings
        self.trainers: list[Trainer] = []
        self.random: list[dict[str, Tensor]] = []
        for run in runs:
            self.trainers.append(Trainer(find_target(target), settings, run, False))
            self.random.append(random_states())
        self.total = settings.total_timesteps
        self.going = list(range(len(self.trainers)))
        self.stack: StackedPPO | None = None

    @property
    def step(self) -> int:
        """Environment steps done, by each that still goes on."""
        return max(trainer.step for trainer in self.trainers)

    def progress(self) -> Generator[Progress, None, None]:
        """Train all of them to the end."""
        for i in self.going:
            self._save(i)
            begin(self.trainers[i].model, self.total)
        last_yield = 0.0
        while self.going:
            members = [self.trainers[i] for i in self.going]
            self.stack = StackedPPO(_models(members), [self.random[i] for i in self.going])
            for _ in self._until_some_are_done(members):
                if time.perf_counter() - last_yield >= YIELD_EVERY:
                    yield self._now()
                    last_yield = time.perf_counter()
            self.stack.hand_back()
            ended = self.step >= self.total
            if ended:
                self._evaluate([t for t in members if not t.solved], self.settings.final_episodes)
            for i in [i for i in self.going if ended or self.trainers[i].solved]:
                self.going.remove(i)
                trainer = self.trainers[i]
                with self._random_of(i):
                    trainer.finish()
                trainer.run.update_status(
                    state="done", step=trainer.step, total=self.total, seconds=trainer.seconds, message=""
                )
            self.stack = None
        yield self._now()

    def _until_some_are_done(self, members: list[Trainer]) -> Generator[None, None, None]:
        """Update after update, until a seed has solved the environment or all are at the end."""
        stack, first = self.stack, members[0]
        assert stack is not None
        last_log = first.seconds
        while first.step < self.total:
            clock = time.perf_counter()
            stack.collect()
            self._look_for_faults(stack)
            stack.train(self.total)
            share = (time.perf_counter() - clock) / len(members)
            for trainer in members:
                trainer.seconds += share
                trainer.metrics["steps_per_second"] = trainer.step / max(1e-9, trainer.seconds)
            evaluated = first.step >= first.next_eval
            if evaluated:
                self._evaluate_on_the_way(members)
            if evaluated or first.seconds - last_log >= LOG_EVERY or slot(first.step) != first.saved_slot:
                last_log = first.seconds
                stack.record()
                for trainer in members:
                    if not trainer.solved:  # whose last row `finish` writes
                        trainer.log()
            if any(trainer.solved for trainer in members):
                return
            self._save_what_is_due(stack, members)
            yield

    def _look_for_faults(self, stack: StackedPPO) -> None:
        rollout = stack.rollout
        assert rollout is not None
        # A sum that is not finite has a part that is not; finite parts add up to a finite sum.
        sums = [
            part.sum(dtype=torch.float64)
            for part in (rollout.rewards, rollout.obs)
            if part.is_floating_point()
        ]
        if not all(bool(torch.isfinite(total)) for total in sums):
            find_fault(stack.env, f"after {self.step:,} steps of training")

    def _save_what_is_due(self, stack: StackedPPO, members: list[Trainer]) -> None:
        handed = False
        for i, trainer in zip(self.going, members, strict=True):
            due = trainer.schedule.is_due(trainer.seconds)
            at_slot = slot(trainer.step) != trainer.saved_slot
            resumable = due or (at_slot and trainer.schedule.is_affordable(trainer.seconds))
            if resumable and not handed:
                stack.hand_back()
                handed = True
            if due or at_slot:
                self._save(i, resumable)

    def _save(self, i: int, resumable: bool = True) -> None:
        with self._random_of(i) if resumable else contextlib.nullcontext():
            self.trainers[i].save(resumable)

    def save(self) -> None:
        """Save all that still go on, so that they can be resumed."""
        if self.stack is not None:
            self.stack.hand_back()
        for i in self.going:
            self._save(i)

    @contextlib.contextmanager
    def _random_of(self, i: int) -> Generator[None, None, None]:
        """Let the global generators stand where those of one seed do: a checkpoint holds them."""
        before = random_states()
        restore_random_states(self.random[i])
        try:
            yield
        finally:
            restore_random_states(before)

    def _evaluate_on_the_way(self, members: list[Trainer]) -> None:
        for trainer in members:
            trainer.set_next_evaluation()
        self._evaluate(members, self.settings.eval_episodes)
        hopeful = [trainer for trainer in members if trainer.seems_solved()]
        self._evaluate(hopeful, self.settings.final_episodes)
        for trainer in hopeful:
            trainer.judge()

    def _evaluate(self, trainers: list[Trainer], episodes: int) -> None:
        if not trainers or self.stack is None:
            return
        chosen = [self.stack.models.index(model) for model in _models(trainers)]
        playing = _Playing(self.stack, chosen, episodes)
        seeds = [trainer.evaluation_seed() for trainer in trainers]
        target, params = trainers[0].target.name, self.settings.params
        with torch.inference_mode():  # entered once, and not at each of many small steps
            results = evaluate_together(target, playing, episodes, seeds, params)
        for trainer, result in zip(trainers, results, strict=True):
            trainer.take(result)

    def _now(self) -> Progress:
        metrics: dict[str, float] = {}
        for name in ("return", "length", "value_loss", "entropy"):
            if values := [t.metrics[name] for t in self.trainers if name in t.metrics]:
                metrics[name] = float(np.mean(values))
        rows = [t.metrics["eval_return"] for t in self.trainers if "eval_return" in t.metrics]
        if len(rows) == len(self.trainers):
            interval = bootstrap_interval(rows)
            metrics |= {"eval_return": interval.mean, "eval_low": interval.low, "eval_high": interval.high}
        return Progress(self.step, self.total, "step", metrics)


def _models(trainers: Sequence[Trainer]) -> list[PPO]:
    return [trainer.model for trainer in trainers if isinstance(trainer.model, PPO)]


class _Playing:
    """The agents of a stack in many episodes at once, each taking its most probable actions.

    Args:
        stack: the agents.
        chosen: which of them play.
        episodes: of each.
    """

    def __init__(self, stack: StackedPPO, chosen: list[int], episodes: int) -> None:
        self.stack, self.episodes = stack, episodes
        self.act = stack.networks.actor(chosen)
        self.players = len(chosen)
        self.space = stack.models[0].action_space
        self.rows = np.arange(self.players * episodes)
        self.width = episodes
        self.places: Tensor | None = None
        """Where each episode stands when each player has as many as the one with the most; None if all do."""

    heeds_masks = True

    def __call__(self, obs: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
        """Decide in all episodes that still go on."""
        networks, space, places = self.stack.networks, self.space, self.places
        padded = networks.prepare(torch.from_numpy(obs))
        if places is not None:
            room = padded.new_zeros(self.players * self.width, *padded.shape[1:])
            padded = room.index_copy_(0, places, padded)
        outputs = self.act(padded.unflatten(0, (self.players, self.width))).flatten(0, 1)
        if places is not None:
            outputs = outputs.index_select(0, places)
        best = self.stack.head.best(masked(outputs, None if masks is None else torch.from_numpy(masks)))
        actions = best.numpy().reshape(len(obs), *(space.shape or ()))
        actions = np.clip(actions, space.low, space.high) if isinstance(space, spaces.Box) else actions
        return actions.astype(space.dtype, copy=False)

    def keep(self, going: np.ndarray) -> None:
        """Forget the episodes that are over."""
        if going.all():
            return
        self.rows = self.rows[going]
        player = self.rows // self.episodes
        counts = np.bincount(player, minlength=self.players)
        self.width = int(counts.max())
        before = np.cumsum(counts) - counts
        place = player * self.width + np.arange(len(self.rows)) - before[player]
        self.places = None if (counts == self.width).all() else torch.from_numpy(place)
