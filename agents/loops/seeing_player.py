"""A task's network at the wheel: it is given a camera's picture, and its answer becomes an action.

player = SeeingPlayer.load("safety-distance-001")
episode = Episode(player.target, player, seed=0)
player.spoil["fog"] = 0.5       # at any time
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agents.loops.closed_loop import ClosedLoop, the_loop_of
from agents.viewing.decision import Decision
from envs.engine.camera import Camera
from envs.engine.canvas import Canvas
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.evaluation import own_data
from sandbox.tasks.loading import predictor_of, settings_from


@dataclass(frozen=True)
class Sight:
    """What a player that looks is given of a moment.

    Attributes:
        picture: (3, H, W) f4 in [0, 1], spoilt as the conditions say.
        own: what the machine knows of itself.
    """

    picture: NDArray[np.float32]
    own: Any


class SeeingPlayer:
    """Plays an environment by what a predictor sees in a camera's pictures.

    Args:
        loop: how answers become actions.
        predictor: of the task: a trained network, or a baseline.
        run: name of the run it comes from.
        step: of the checkpoint.
        called: what plays, for a heading, if it is not the run's own network.

    Attributes:
        loop: as given.
        predictor: likewise.
        run: likewise; another name for another predictor of the same run.
        step: likewise.
        called: likewise.
        target: name of the environment.
        spoil: amounts by which pictures are spoilt, by name; may be changed at any time.
        remembers: its decisions may depend on what it saw before.
        deterministic: it draws nothing.
    """

    remembers = True
    deterministic = True

    def __init__(
        self,
        loop: ClosedLoop,
        predictor: Any,
        *,
        run: str | None = None,
        step: int | None = None,
        called: str = "",
    ) -> None:
        self.loop, self.predictor, self.run, self.step, self.called = loop, predictor, run, step, called
        self.target = loop.environment
        self.params: dict[str, Any] = {}
        self.spoil: dict[str, float] = {}
        self.action_space = loop.world.action_space
        self._camera = Camera(loop.world, loop.size(predictor))

    @classmethod
    def load(cls, run: Run | str, step: int | None = None) -> SeeingPlayer:
        """The network of a task's run.

        Args:
            run: the run, its name or its path.
            step: which checkpoint; None for the newest.

        Raises:
            UserError: the run's task drives nothing, or its checkpoint cannot be read.
        """
        run = run if isinstance(run, Run) else Run.open(run)
        loop = the_loop_of(run.config["target"])
        tensors, meta = run.load_model(step)
        return cls(loop, predictor_of(run, tensors, meta), run=run.name, step=meta.get("step"))

    @classmethod
    def of_baseline(cls, run: Run) -> SeeingPlayer | None:
        """The strongest baseline of a run's task, which sees the same pictures; None if there is none.

        Raises:
            UserError: as `load`, or the data of the run have changed.
        """
        loop, task = the_loop_of(run.config["target"]), import_task(run.config["target"])
        settings = settings_from(task, run.config.get("settings") or {})
        found = task.baselines(settings, task.load(settings, own_data(run)))
        for name, predictor in found.items():
            return cls(loop, predictor, run=f"{run.name}: {name}", called=name)
        return None

    def look(self, obs: Any, state: Any, params: Any) -> Sight:
        """Take a picture of a state.

        Args:
            obs: the environment's observation, of which only the machine's own part is passed on.
            state: a record of the environment's.
            params: its parameters.
        """
        picture = self._camera.picture(state, params).transpose(2, 0, 1) / np.float32(255)
        # The same moment always has the same noise, however often and beside whatever it is looked at.
        seed = (int(state["rng"]) + int(state["steps"])) % 2**63
        grain = np.random.default_rng(seed).standard_normal(picture.shape, np.float32)
        picture = (picture + np.float32(self.loop.grain) * grain).clip(0, 1)
        spoilt = torch.from_numpy(picture)[None]
        for name, amount in self.spoil.items():
            if amount > 0:
                spoilt = self.loop.ways[name].apply(spoilt, amount, seed)
        return Sight(spoilt[0].numpy(), self.loop.own(obs))

    def act(self, sight: Sight, deterministic: bool | None = None, memory: Any = None) -> Decision:
        """Decide on what was seen.

        Args:
            sight: from `look`.
            deterministic: it always is.
            memory: that of the decision before, in the same episode; None at its start.
        """
        return self.act_all([sight], [memory])[0]

    def act_all(self, sights: Sequence[Sight], memories: Sequence[Any]) -> list[Decision]:
        """Decide in many episodes at once; the predictor is asked once."""
        pictures = np.stack([sight.picture for sight in sights])
        answers = self.predictor.predict(self.loop.inputs(pictures))
        found = []
        for answer, sight, memory in zip(answers, sights, memories, strict=True):
            remembered = None if memory is None else memory[0]
            action, remembered = self.loop.act(answer, sight.own, remembered)
            shown = self._shown(sight, answer)
            found.append(Decision(action, memory=(remembered,), overlay=shown))
        return found

    def _shown(self, sight: Sight, answer: Any) -> Callable[[Canvas], None]:
        """Draws what was seen over the environment's own picture, and the spoilt picture if it is spoilt."""
        spoilt = any(amount > 0 for amount in self.spoil.values())

        def draw(canvas: Canvas) -> None:
            if spoilt:
                (left, top), (right, bottom) = self._camera.units(np.array([(0, 0), self._camera.size[::-1]]))
                pixels = (255 * sight.picture.transpose(1, 2, 0)).round().astype(np.uint8)
                canvas.image(np.ascontiguousarray(pixels), left, top, right - left, bottom - top)
            self.loop.draw(answer, self._camera, canvas)

        return draw


def load_player(run: Run, step: int | None = None) -> Any:
    """Whoever a run has taught to act, as it was at an age: an agent, or a task's network that sees.

    Raises:
        UserError: what was learned does not act, or a file of the run is corrupt.
    """
    if run.config.get("kind") == "task":
        return SeeingPlayer.load(run, step)
    from agents.player import Player

    return Player.at_age(run, step)
