"""A race in the Arena: two players in the same episodes, as frames for the player in the browser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.viewing.race import Race
from agents.viewing.racer import Racer
from apps.studio import wording
from apps.studio.browser.frame_player import Feed, Frame, Scene

HOLD = 1.6
"""Seconds that the end of an episode stays: long enough to read who won."""
SEED = 2_000_000
"""Of the first episode: nobody was trained or tested on it."""


@dataclass
class RaceStage:
    """One episode after another, raced by two; on the screen in place of an `apps.arena.stage.Stage`.

    Attributes:
        target: the environment.
        racers: both.
        params: physics that differ from the defaults.
        race: who won what so far.
    """

    target: str
    racers: tuple[Racer, Racer]
    params: Mapping[str, Any]
    mode: Literal["watch"] = "watch"
    returns: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.race = Race(self.target, self.racers, self.params, seed=SEED, ops=True)
        world = self.race.episodes[0].world
        first, second = (racer.name if racer.run else racer.name.capitalize() for racer in self.racers)
        scene = Scene(
            size=world.size,
            fps=world.fps,
            label=f"{first} and {second} play the same episode of {world.name}",
            titles=(first, second),
        )
        self.feed = Feed(scene=scene, produce=self._produce, frames=[self._frame()])

    def turn(self, params: Mapping[str, Any]) -> None:
        """Change the physics in the middle of the episode; shown at once."""
        if dict(params) != dict(self.params):
            self.params = dict(params)
            self.race.turn(params)
            self.feed.begin([self._frame()])

    def close(self) -> None:
        """Let go of what the worlds hold."""
        self.race.close()

    def _produce(self, count: int, actions: list[Any]) -> list[Frame]:
        frames: list[Frame] = []
        while len(frames) < count:
            frames.extend(self._next())
        return frames

    def _next(self) -> Iterator[Frame]:
        if self.race.over:
            self.race.restart(self.race.seed + 1)
            yield self._frame()
            return
        self.race.play()
        frame = self._frame()
        # The end stays on screen, so that it can be read.
        pause = round(HOLD * self.feed.scene.fps) if self.race.over else 0
        yield from [frame] * (1 + pause)

    def _frame(self) -> Frame:
        race = self.race
        first, second = race.episodes
        return {
            "d": first.moment.ops,
            "others": [second.moment.ops],
            "said": [self._said(side) for side in (0, 1)],
            "board": self._board(),
            "a": None,
            "p": None,
            "v": None,
            "r": None,
            "g": None,
            "t": race.step,
            "o": None,
        }

    def _said(self, side: int) -> list[str]:
        race, moment = self.race, self.race.episodes[side].moment
        text = f"return so far {wording.figure(moment.episode_return)}"
        if not race.over:
            return [f"{text}, over at step {moment.step:,}" if moment.over else text, "on"]
        how = "tie" if race.winner is None else "won" if race.winner == side else "lost"
        word = {"tie": "A tie", "won": "Won", "lost": "Lost"}[how]
        return [f"{word}: return {wording.figure(moment.episode_return)} in {moment.step:,} steps", how]

    def _board(self) -> str:
        first, second, tied = self.race.standing.won
        number = self.race.seed - SEED + 1
        ties = f", {tied} tie{'s' * (tied != 1)}" if tied else ""
        return f"Episode {number}, step {self.race.step:,}. Won so far: {first} to {second}{ties}."
