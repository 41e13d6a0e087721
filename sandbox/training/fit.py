"""The training loop: a generator of progress that evaluates, logs, saves, and can be closed at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from sandbox.allocator import keep_freed_memory
from sandbox.devices import random_states, restore_random_states
from sandbox.errors import TrainingDivergedError
from sandbox.progress import Progress
from sandbox.runs import Run
from sandbox.runs.checkpoints import Saved, next_kept
from sandbox.runs.resuming import resume as go_on
from sandbox.training import save_schedule
from sandbox.training.clock import Clock
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.out_of_memory import tell_shortage
from sandbox.training.save_schedule import SaveSchedule

LOOK_EVERY = 0.1
"""Seconds of training between progress reports."""
LOG_GROWTH = 0.01
"""A row of metrics is logged each time the training has grown by this share, so that long runs stay small."""
EVALUATION_SHARE = 0.1
"""Evaluating takes at most about this share of the time."""
LIKELY_CAUSE = "most likely the learning rate is too high; a tenth of it is a good next try."
SAVE_FIRST, SAVE_EVERY = save_schedule.FIRST, save_schedule.EVERY

Batch = TypeVar("Batch", contravariant=True)


@runtime_checkable
class Learner(Protocol[Batch]):
    """What learns: owns its models and optimizers, and knows what one step is."""

    def step(self, batch: Batch, /) -> Mapping[str, Tensor]:
        """Learn from one batch; returns figures, `loss` among them."""
        ...

    def model_state(self) -> dict[str, Tensor]:
        """What using the models needs."""
        ...

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: tensors, and values for JSON."""
        ...

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        ...


def fit(
    learner: Learner[Batch],
    batches: Callable[[int], Batch],
    total: int,
    *,
    run: Run | None = None,
    evaluate: Callable[[], Mapping[str, float]] | None = None,
    meta: Mapping[str, Any] | None = None,
    resume: bool = False,
    unit: str = "step",
    stopping: EarlyStopping | None = None,
) -> Generator[Progress, None, float]:
    """Train for `total` steps, yielding progress several times a second.

    Closing the generator is stopping: it saves a checkpoint from which `resume=True` goes on exactly. On the
    CPU, with the same number of threads, the resumed training ends with the same bits as one that was never
    stopped, however it was stopped.

    Args:
        learner: what learns.
        batches: the batch of each step, counted from 0; a function of the step alone, or of it and the global
            random generators.
        total: steps in all.
        run: gets metrics and checkpoints; None to train without a trace.
        evaluate: figures on held-out examples; called before the first step, now and then, and after the
            last. Its random draws do not change the training.
        meta: JSON values for every checkpoint.
        resume: go on from the run's newest checkpoint; from the beginning if it has none.
        unit: what a step is called.
        stopping: may end the training before `total`; in the end the learner has the weights that it found
            best. Its looks count as training.

    Returns:
        Seconds of training: evaluating, and whoever consumes the progress, excluded.

    Raises:
        TrainingDivergedError: the loss or a weight is no longer finite.
        NotEnoughMemoryError: the device has no room for a step; says what to lower.
        UserError: a checkpoint cannot be written or read.
    """
    keep_freed_memory()
    keeper = _Keeper(learner, run, meta or {}, stopping)
    clock = Clock()
    step = 0
    if resume:
        if run is None:
            raise ValueError("resume needs a run")
        step, clock.before = keeper.restore()
        if stopping is not None and stopping.is_over:
            total = step
    begins = step == 0 and keeper.exact_step < 0
    window: list[Mapping[str, Tensor]] = []
    figures: dict[str, float] = {}
    evaluation = _Evaluation(evaluate)
    if begins or step >= total:  # or it ended between its last checkpoint and the row of figures
        figures |= evaluation.run(clock)
        if run is not None:
            run.log(step, clock.before, figures)
    schedule = SaveSchedule(clock.seconds(), SAVE_FIRST, SAVE_EVERY)
    if begins:
        keeper.save(0, clock, schedule)
    elif step >= total:
        with clock.paused():
            yield Progress(step, total, unit, dict(figures))
    next_kept_step = next_kept(step)
    next_look = next_log = clock.seconds()
    try:
        while step < total:
            try:
                window.append(learner.step(batches(step)))
            except (RuntimeError, MemoryError) as error:
                tell_shortage(error, f"at step {step + 1:,}")
                raise
            step += 1
            if stopping is not None and stopping.is_due(step):
                figures["validation_loss"] = stopping.look(step, learner.model_state())
                if stopping.is_over:
                    total = step
            now = clock.seconds()
            if now < next_look and step < next_kept_step and step < total:
                continue
            means = _means(window)
            _check(means, window, step, batches, run)
            figures |= means
            window.clear()
            if step == total and stopping is not None and (best := stopping.best_weights()) is not None:
                learner.load_state(best, *learner.state())
            if step == total or schedule.is_due(now):
                keeper.save(step, clock, schedule)
                next_kept_step = next_kept(step)
            elif step >= next_kept_step:
                keeper.save(step, clock, schedule, exact=schedule.is_affordable(now))
                next_kept_step = next_kept(step)
            if now < next_look and step < total:
                continue
            evaluated = step == total or evaluation.is_due(now)
            if evaluated:
                figures |= evaluation.run(clock)
            if run is not None and (evaluated or now >= next_log):
                run.log(step, now, figures if evaluated else means)
                next_log = now + max(LOOK_EVERY, LOG_GROWTH * now)
            next_look = clock.seconds() + LOOK_EVERY
            with clock.paused():
                yield Progress(step, total, unit, dict(figures))
    except GeneratorExit:
        keeper.save(step, clock, schedule)
        raise
    return clock.seconds()


class _Keeper:
    """Saves and restores checkpoints of a learner."""

    def __init__(
        self,
        learner: Learner[Any],
        run: Run | None,
        meta: Mapping[str, Any],
        stopping: EarlyStopping | None,
    ) -> None:
        self.learner = learner
        self.run = run
        self.meta = meta
        self.stopping = stopping
        self.exact_step = -1

    def save(self, step: int, clock: Clock, schedule: SaveSchedule, exact: bool = True) -> None:
        """Save a checkpoint; an `exact` one can be resumed."""
        if self.run is None or step == self.exact_step:
            return
        seconds = clock.seconds()
        model = self.learner.model_state()
        for name, tensor in model.items():
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                raise TrainingDivergedError(
                    f"{name} is no longer finite at step {step:,}: {LIKELY_CAUSE}{_last_good(self.run)}"
                )
        resume = None
        if exact:
            tensors, values = self.learner.state()
            states = {f"random.{name}": state for name, state in random_states().items()}
            resume = {**tensors, **states}, {"seconds": seconds, "learner": values}
            if self.stopping is not None:
                best, standing = self.stopping.state()
                resume = {**resume[0], **best}, {**resume[1], "stopping": standing}
        self.run.save_checkpoint(step, model, {"step": step, **self.meta}, resume)
        if exact:
            self.exact_step = step
            schedule.saved(seconds, clock.seconds() - seconds)

    def restore(self) -> tuple[int, float]:
        """Put the learner and the random generators back; returns step and seconds, 0 to begin."""
        assert self.run is not None
        seconds = 0.0

        def put_back(saved: Saved) -> None:
            nonlocal seconds
            seconds = self._put_back(saved)

        step = go_on(self.run, put_back)
        if step is None:
            return 0, 0.0
        self.exact_step = step
        return step, seconds

    def _put_back(self, saved: Saved) -> float:
        tensors, values = saved.tensors, saved.values
        seconds = float(values["seconds"])
        if not math.isfinite(seconds):
            raise ValueError(f"the seconds are {seconds}")
        states = {
            name.removeprefix("random."): t for name, t in tensors.items() if name.startswith("random.")
        }
        rest = {name: tensor for name, tensor in tensors.items() if not name.startswith("random.")}
        self.learner.load_state(saved.model, rest, values["learner"])
        if self.stopping is not None and "stopping" in values:
            self.stopping.load_state(tensors, values["stopping"])
        restore_random_states(states)
        return seconds


class _Evaluation:
    """Evaluates so often that it takes about a tenth of the time; leaves the random generators alone."""

    def __init__(self, evaluate: Callable[[], Mapping[str, float]] | None) -> None:
        self._evaluate = evaluate
        self._next = 0.0

    def is_due(self, seconds: float) -> bool:
        """Whether enough time has been spent on training since the last one."""
        return self._evaluate is not None and seconds >= self._next

    def run(self, clock: Clock) -> dict[str, float]:
        """The figures; none if there is nothing to evaluate with."""
        if self._evaluate is None:
            return {}
        states = random_states()
        begin = time.perf_counter()
        with clock.paused():
            figures = dict(self._evaluate())
        cost = time.perf_counter() - begin
        restore_random_states(states)
        self._next = clock.seconds() + max(LOOK_EVERY, cost / EVALUATION_SHARE)
        return figures


def _means(window: list[Mapping[str, Tensor]]) -> dict[str, float]:
    """The mean of each figure over the steps since the last look; waits for the device once."""
    names = list(window[0])
    means = torch.stack([torch.stack([figures[name] for figures in window]).float().mean() for name in names])
    return dict(zip(names, means.tolist(), strict=True))


def _check(
    means: Mapping[str, float],
    window: list[Mapping[str, Tensor]],
    step: int,
    batches: Callable[[int], Any],
    run: Run | None,
) -> None:
    if math.isfinite(means.get("loss", 0.0)):
        return
    # The first loss of the window that is not finite names the step.
    losses = torch.stack([figures["loss"] for figures in window]).float().tolist()
    first = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses) - 1)
    broken = step - len(window) + first + 1
    batch = batches(broken - 1)
    tensors = batch if isinstance(batch, tuple | list) else (batch,)
    if all(torch.isfinite(t).all() for t in tensors if isinstance(t, Tensor) and t.is_floating_point()):
        cause = LIKELY_CAUSE
    else:
        cause = "the data hold values that are not finite."
    raise TrainingDivergedError(
        f"The loss became {losses[first]} at step {broken:,}: {cause}{_last_good(run)}"
    )


def _last_good(run: Run | None) -> str:
    steps = run.checkpoints() if run is not None else []
    return f" The checkpoint of step {steps[-1]:,} is unharmed." if steps else ""
