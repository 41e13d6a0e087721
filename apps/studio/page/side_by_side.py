"""A network that sees drives an environment, the true state beside it, as frames for the browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.loops.closed_loop import ClosedLoop
from agents.loops.seeing_player import SeeingPlayer
from agents.viewing.episode import Episode
from apps.studio.browser.frame_player import Feed, Frame, Scene
from envs.engine.canvas import DisplayList

GAP, FOOT = 16, 62
"""Units between the two pictures, and under them for what is counted."""
HOLD = 0.8
"""Seconds that the end of an episode stays."""


def shifted(ops: Sequence[Sequence[Any]], left: float, wide: float) -> Iterator[list[Any]]:
    """Operations of a `DisplayList` moved to the right, without what lies outside of a picture so wide."""
    for name, *rest in ops:
        if name == "background":
            yield ["rect", left, 0, wide, 10_000, rest[0], 0]
        elif name == "polygon":
            flat = [value + left if i % 2 == 0 else value for i, value in enumerate(rest[0])]
            if max(flat[::2]) > left and min(flat[::2]) < left + wide:
                yield [name, flat, *rest[1:]]
        elif name == "line":
            x1, y1, x2, *others = rest
            yield [name, x1 + left, y1, x2 + left, *others]
        elif name == "image":
            yield [name, rest[0], rest[1] + left, *rest[2:]]
        elif 0 <= rest[0] <= wide or name == "rect":
            yield [name, rest[0] + left, *rest[1:]]


class SideBySide:
    """The same episode twice, played by a network that sees and by the player that is told the true state.

    Args:
        player: who sees.
        title: what to call it.
        conditions: parameters of the environment, and amounts by which pictures are spoilt.

    Attributes:
        feed: for the frame player.
    """

    def __init__(self, player: SeeingPlayer, title: str, conditions: Mapping[str, float | int]) -> None:
        self._player, self._loop, self._title = player, player.loop, title
        self._seed, self._held, self._conditions = 0, 0, dict(conditions)
        params, player.spoil = self._loop.conditions(conditions)
        world = self._loop.environment
        self._episodes = [Episode(world, player, seed=0, params=params, ops=False)]
        if self._episodes[0].has_baseline:
            self._episodes.append(Episode(world, seed=0, params=params, control="baseline", ops=False))
        wide, high = self._episodes[0].world.size
        count = len(self._episodes)
        self._size = (count * wide + (count - 1) * GAP, high + FOOT)
        scene = Scene(
            size=self._size,
            fps=self._episodes[0].world.fps,
            label=f"{title} drives, the true state beside it",
        )
        self.feed = Feed(scene=scene, produce=self._produce, frames=[self._frame()])

    @property
    def loop(self) -> ClosedLoop:
        """How answers become actions."""
        return self._loop

    def turn(self, conditions: Mapping[str, float | int]) -> None:
        """Change the conditions in the middle of the episode; shown at once."""
        if dict(conditions) == self._conditions:
            return
        self._conditions = dict(conditions)
        params, self._player.spoil = self._loop.conditions(conditions)
        declared = self._loop.world.params
        whole = {name: params.get(name, param.default) for name, param in declared.items()}
        for episode in self._episodes:
            episode.set_params(**whole)
        self.feed.begin([self._frame()])

    def _produce(self, count: int, actions: list[Any]) -> list[Frame]:
        frames = []
        for _ in range(count):
            if all(episode.moment.over for episode in self._episodes):
                self._held += 1
                if self._held > HOLD * self._episodes[0].world.fps:
                    self._held, self._seed = 0, self._seed + 1
                    for episode in self._episodes:
                        episode.restart(self._seed)
            else:
                for episode in self._episodes:
                    if not episode.moment.over:
                        episode.step()
            frames.append(self._frame())
        return frames

    def _frame(self) -> Frame:
        canvas = DisplayList(self._size)
        canvas.background("night")
        wide, high = self._episodes[0].world.size
        for i, episode in enumerate(self._episodes):
            left = i * (wide + GAP)
            own = DisplayList((wide, high))
            episode.draw(own)
            canvas.ops += shifted(own.ops, left, wide)
            title = self._title if i == 0 else "told the true state"
            canvas.rect(left, high, wide + GAP, FOOT, "night")
            canvas.rect(left + wide, 0, GAP, high, "night")
            canvas.text(left + 8, high + 18, title, 17, "white")
            canvas.text(left + 8, high + 44, self._counted(episode), 16, "silver")
        moment = self._episodes[0].moment
        steps = max(episode.moment.step for episode in self._episodes)
        return {
            "d": canvas.ops,
            "a": None,
            "p": None,
            "v": None,
            "r": round(float(moment.reward), 4),
            "g": round(float(moment.episode_return), 3),
            "t": steps,
            "o": None,
        }

    def _counted(self, episode: Episode) -> str:
        moment = episode.moment
        said = [f"return {moment.episode_return:z.1f}"]
        said += [f"{words} {float(moment.info[name]):.4g}" for name, words in self._loop.counts.items()]
        return "   ".join(said)
