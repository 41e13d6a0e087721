"""Train an agent as a generator of progress, into a run folder.

    run = Run.create("cartpole", {"agent": "ppo", "seed": 0})
    for progress in train("cartpole", settings_for("cartpole"), run):
        print(progress.step, progress.metrics)

Metrics of a run, by name: `return` and `length` (means of the last 100 training episodes), losses,
`steps_per_second`, and from separate episodes with the most probable actions `eval_return`, `eval_low`,
`eval_high` (95 % bootstrap interval), `eval_length`. With GAIL also `discriminator_loss`, `right_on_expert`
and `right_on_agent` (how often the discriminator is right on pairs of either), and `expert_return`; with
cloning `cloning_loss` (nats). Their `seconds` are seconds of training, evaluations not counted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
from collections.abc import Generator

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm

from agents.batch_vec_env import BatchVecEnv
from agents.environments import Target, find_target
from agents.evaluate import FIRST_SEED, Evaluation, evaluate_policy
from agents.player import Player
from agents.policies import parameters_of
from agents.settings import AgentSettings, settings_for
from agents.training.environment_faults import find_fault
from agents.training.figures import figures_of
from agents.training.memory_needs import ADVICE
from agents.training.prepare import prepare
from agents.training.pretraining import show_expert, teach_features
from agents.training.resume_state import capture, left_out, restore
from agents.training.sb3_loops import iterations
from sandbox.devices import describe
from sandbox.errors import is_user_error
from sandbox.progress import Progress
from sandbox.runs import Run
from sandbox.runs.checkpoints import Saved, slot
from sandbox.runs.resuming import resume as go_on
from sandbox.settings import check
from sandbox.training import save_schedule
from sandbox.training.out_of_memory import tell_shortage
from sandbox.training.save_schedule import SaveSchedule

__all__ = ["settings_for", "train"]

YIELD_EVERY = 0.1
"""Seconds between two progresses, at least."""
LOG_EVERY = 0.25
"""Seconds of training between two rows of metrics, at least, unless something was evaluated."""
SAVE_FIRST, SAVE_EVERY = save_schedule.FIRST, save_schedule.EVERY
EVAL_SEEDS = 1_000
"""Seeds between those of one evaluation and the next."""


def train(
    target: str, settings: AgentSettings, run: Run, resume: bool = False
) -> Generator[Progress, None, None]:
    """Train an agent; closing the generator stops and saves.

    Reads `seed`, `device` and `threads` from the run's config and adds what they came to.

    Args:
        target: an environment's file name or any Gymnasium id.
        settings: of the agent; `settings_for` gives those of a preset.
        run: where everything is written.
        resume: go on from the run's newest resumable checkpoint, or from the beginning if it has none. With
            PPO, PQN, GAIL or clone in an environment of ours, on a CPU, the result is bit-identical to a run
            that was never interrupted. Elsewhere a warning says what begins anew: running episodes, or the
            replay buffer.

    Where torchrun has started several processes, this is for process 0; the others call
    `agents.training.following.follow`. Steps are those of all of them; see `agents.training.team`.

    Yields:
        Progress in environment steps, several times a second where one update is not longer than that.

    Raises:
        UserError: unknown target, settings that do not fit it, damaged checkpoints, or a full disk.
        BrokenEnvironment: the environment's rules go wrong; names file, function and line.
    """
    try:
        trainer = Trainer(find_target(target), settings, run, resume)
    except (RuntimeError, MemoryError) as error:
        tell_shortage(error, "while environments and network were made", ADVICE)
        raise
    try:
        yield from trainer.progress()
    except GeneratorExit:
        trainer.save()
        raise
    except (RuntimeError, MemoryError, ValueError, ArithmeticError) as error:
        tell_shortage(error, f"after step {trainer.step:,}", ADVICE)
        # Numbers that are not finite end in some exception of torch or Stable-Baselines3.
        if isinstance(trainer.env, BatchVecEnv) and not is_user_error(error):
            find_fault(trainer.env, f"after {trainer.step:,} steps of training")
        raise
    finally:
        trainer.close()


class Trainer:
    """One training: the model, what was measured so far, and when to measure and save again."""

    def __init__(self, target: Target, settings: AgentSettings, run: Run, resume: bool) -> None:
        check(settings)
        self.target, self.settings, self.run = target, settings, run
        prepared = prepare(target, settings, run.config)
        self.observation_space = prepared.observation_space
        self.threshold = target.reward_threshold
        self.env, self.seed, self.team = prepared.env, prepared.seed, prepared.team
        self.model: BaseAlgorithm = prepared.model
        self.curriculum = prepared.curriculum
        self.total = settings.total_timesteps
        self.eval_every = settings.eval_every or max(1, self.total // 20)
        self.seconds = 0.0
        self.evaluations = 0
        self.next_eval = self.eval_every
        self.metrics: dict[str, float] = {}
        self.best_return: float | None = None
        """The highest mean return of an evaluation so far; its checkpoint is kept."""
        self.solved = False
        self.saved_slot = -2
        self.saved_step = -1
        """Of the newest checkpoint that can be resumed."""
        self.finished = False
        if resume:
            self._resume()
        self.schedule = SaveSchedule(self.seconds, SAVE_FIRST, SAVE_EVERY)
        run.update_config(
            agent=settings.agent,
            settings=dataclasses.asdict(settings),
            seed=self.seed,
            device=str(prepared.device),
            threads=prepared.threads,
            hardware=describe(prepared.device),
            processes=1 if self.team is None else self.team.size,
        )

    @property
    def step(self) -> int:
        """Environment steps done."""
        return self.model.num_timesteps

    def _resume(self) -> None:
        step = go_on(self.run, self._put_back)
        if step is None:
            return
        self.saved_step, self.saved_slot = step, slot(step)
        if step and not self.finished and (anew := left_out(self.model)):
            told = f"{self.run.name} goes on from step {step:,}, but {' and '.join(anew)}."
            logging.getLogger(__name__).warning(told)

    def _put_back(self, saved: Saved) -> None:
        values = saved.values
        restore(self.model, saved.tensors, values["model"])
        self.seconds, self.evaluations = float(values["seconds"]), int(values["evaluations"])
        self.next_eval, self.solved = int(values["next_eval"]), bool(values["solved"])
        self.best_return = values.get("best_return")
        # Earlier versions saved at the last step only when all was done.
        self.finished = bool(values.get("finished", self.solved or self.step >= self.total))
        if self.step != saved.step or not np.isfinite(self.seconds):
            raise ValueError(f"it says that it is of step {self.step}, after {self.seconds} s")

    def progress(self) -> Generator[Progress, None, None]:
        """Train to the end, and end the other processes with it."""
        with contextlib.nullcontext() if self.team is None else self.team.leading():
            yield from self._progress()

    def _progress(self) -> Generator[Progress, None, None]:
        if self.finished:  # it ended between its last checkpoint and the word that it was done
            last = (self.run.metrics() or [{}])[-1]
            self.metrics = {name: value for name, value in last.items() if name not in ("step", "seconds")}
            yield self._now()
            return
        if self.saved_step < 0:
            settings, target, model = self.settings, self.target, self.model
            teach_features(settings, target, model, self.observation_space, self.seed)
            if (expert := show_expert(settings, target, model, self.seed)) is not None:
                self.run.update_config(expert=expert)
            self.save()
        if not self.solved:
            yield from self._iterate()
        if not self.solved:
            self._evaluate(self.settings.final_episodes)
        self.finish()
        yield self._now()

    def finish(self) -> None:
        """Write the last row and the last checkpoint."""
        self.log()
        self.finished, self.saved_step = True, -1
        self.save()

    def _iterate(self) -> Generator[Progress, None, None]:
        first_step, started = self.step, self.seconds
        last_yield, last_log = 0.0, self.seconds
        clock = time.perf_counter()
        self.curriculum.go_to(self.step)
        for _ in iterations(self.model, self.total, None if self.team is None else self._leads_on):
            self.curriculum.go_to(self.step)
            now = time.perf_counter()
            self.seconds += now - clock
            clock = now
            self.metrics["steps_per_second"] = (self.step - first_step) / max(1e-9, self.seconds - started)
            evaluated = self.step >= self.next_eval
            if evaluated:
                self._evaluate_on_the_way()
                clock = time.perf_counter()
            if evaluated or self.seconds - last_log >= LOG_EVERY or slot(self.step) != self.saved_slot:
                last_log = self.seconds
                self.log()
            if self.solved:
                return
            if self.schedule.is_due(self.seconds):
                self.save()
            elif slot(self.step) != self.saved_slot:
                self.save(resumable=self.schedule.is_affordable(self.seconds))
            if clock - last_yield >= YIELD_EVERY:
                last_yield = clock
                yield self._now()
                # What the receiver does with it is not training.
                clock = time.perf_counter()

    def _leads_on(self) -> bool:
        return self.step < self.total and self.team is not None and self.team.go_on()

    def _now(self) -> Progress:
        return Progress(self.step, self.total, "step", dict(self.metrics))

    def log(self) -> None:
        """Write a row of metrics."""
        self.metrics |= figures_of(self.model)
        self.run.log(self.step, self.seconds, self.metrics)
        for name in [name for name in self.metrics if name.startswith("eval_")]:
            # A figure of one moment belongs in one row; the last one also into the last progress.
            if not self.solved and self.step < self.total:
                del self.metrics[name]

    def _evaluate_on_the_way(self) -> None:
        self.set_next_evaluation()
        self._evaluate(self.settings.eval_episodes)
        if self.seems_solved():
            self._evaluate(self.settings.final_episodes)
            self.judge()

    def set_next_evaluation(self) -> None:
        """Say when the next evaluation is due."""
        while self.next_eval <= self.step:
            self.next_eval += self.eval_every

    def seems_solved(self) -> bool:
        """Tell whether the newest evaluation would end the training, if it was not good by chance."""
        wanted = self.settings.stop_when_solved and self.threshold is not None
        return wanted and self.metrics["eval_return"] >= (self.threshold or 0.0)

    def judge(self) -> None:
        """After new episodes that decide: solved if their whole interval is above the threshold."""
        self.solved = self.threshold is not None and self.metrics["eval_low"] >= self.threshold

    def evaluation_seed(self) -> int:
        """Return the seed of the next evaluation's first episode."""
        return FIRST_SEED + EVAL_SEEDS * (self.evaluations + 1) + 10**7 * (self.seed + 1)

    def _evaluate(self, episodes: int) -> None:
        player = Player(self.model.policy, self.observation_space)
        seed = self.evaluation_seed()
        self.take(evaluate_policy(self.target.name, player.playing(), episodes, seed, self.settings.params))

    def take(self, result: Evaluation) -> None:
        """Note what an evaluation found."""
        self.evaluations += 1
        episodes = len(result["returns"])
        interval = result["interval"]
        self.metrics |= {
            "eval_return": interval.mean,
            "eval_low": interval.low,
            "eval_high": interval.high,
            "eval_length": float(np.mean(result["lengths"])),
            "eval_episodes": float(episodes),
        }
        if self.best_return is None or interval.mean > self.best_return:
            self.best_return = interval.mean
            if self.step not in self.run.checkpoints():
                self.save(resumable=False)
            self.run.mark_best(self.step)

    def save(self, resumable: bool = True) -> None:
        """Save a checkpoint; one that can be resumed costs more, because it waits for the disk."""
        step = self.step
        if step == self.saved_step:
            return
        begin = time.perf_counter()
        model = parameters_of(self.model.policy)
        self.saved_slot = slot(step)
        meta = {
            "step": step,
            "agent": self.settings.agent,
            "target": self.target.name,
            "seconds": self.seconds,
        }
        if not resumable:
            self.run.save_checkpoint(step, model, meta, None)
            return
        tensors, state = capture(self.model)
        rest = {
            "model": state,
            "seconds": self.seconds,
            "evaluations": self.evaluations,
            "next_eval": self.next_eval,
            "solved": self.solved,
            "finished": self.finished,
            "best_return": self.best_return,
        }
        self.run.save_checkpoint(step, model, meta, (tensors, rest))
        self.saved_step = step
        self.schedule.saved(self.seconds, time.perf_counter() - begin)

    def close(self) -> None:
        """Close the environments."""
        self.env.close()
