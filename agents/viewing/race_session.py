"""Two players that race in a window, and the keys that say how; clock and screen are in `agents.watch`."""

from dataclasses import replace

from agents.viewing.panel import Column, banner, nameplate, outline, short, shorten
from agents.viewing.race import Race
from agents.viewing.standing import FEW
from agents.viewing.watch_session import HUES, Watcher
from envs.engine.canvas.window import Frame

RIVAL = "baseline"
"""Hue of the second one where both are agents: what is compared with."""


class RaceWatcher(Watcher):
    """A race that is being watched; the keys are those of one watched agent, the age is that of the first.

    Args:
        race: which.
        speed: times the environment's own steps per second.
        episodes: close after so many, or None.
    """

    def __init__(self, race: Race, *, speed: float = 1.0, episodes: int | None = None):
        first = race.racers[0]
        super().__init__(race.episodes[0], first.run, speed=speed, episodes=episodes, seed=race.seed)
        self.race = race
        if first.step in self.ages:
            self.age = self.ages.index(first.step)

    @property
    def title(self) -> str:
        """Of the window: who races where."""
        first, second = self.race.racers
        return f"{self.episode.world.name} · {first.name} against {second.name}"

    @property
    def hues(self) -> tuple[str, str]:
        """Of both."""
        first, second = (HUES[racer.control] for racer in self.race.racers)
        return first, RIVAL if first == second else second

    def play_one(self) -> None:
        """Plays one step of both; at the end of an episode begins the next."""
        if self._over:
            self._restart(1)
            return
        self.race.play()
        if self._over:
            self._finished += 1
            self._held = 0.0

    @property
    def _over(self) -> bool:
        return self.race.over

    def _back(self) -> None:
        self.race.back()

    def _shown(self) -> list:
        return list(self.race.episodes)

    def _begin(self, seed: int) -> None:
        self.race.restart(seed)

    def choose_age(self, index: int) -> None:
        """Lets the first one's agent of one checkpoint play from the present moment on."""
        super().choose_age(index)
        racer = replace(self.race.racers[0], control="agent", step=self.ages[index])
        self.race.change(0, racer, self.episode.player)

    def _change_player(self) -> None:
        self._notify("Who races is said when the window is opened: --player, --against.")

    def _draw_over(self, frame: Frame) -> None:
        race = self.race
        for i, (episode, picture) in enumerate(zip(race.episodes, frame.pictures, strict=True)):
            outline(picture, self.hues[i])
            nameplate(picture, race.racers[i].name, self.hues[i])
            value = short(episode.moment.episode_return)
            if race.over:
                won = "A tie" if race.winner is None else "Won" if race.winner == i else "Lost"
                banner(picture, won, f"return {value}")
            elif episode.moment.over:
                banner(picture, "Over", f"return {value}")

    def _draw_panel(self, column: Column) -> None:
        race, standing = self.race, self.race.standing
        column.title(self.episode.world.name, "a race: both play the same episode")
        for which, racer in zip(("First", "Second"), race.racers, strict=True):
            column.heading(which, shorten(racer.name, 28))
        column.rule()
        column.heading("Return so far")
        returns = [episode.moment.episode_return for episode in race.episodes]
        column.scale(list(zip(("first", "second"), returns, self.hues, strict=True)))
        column.numbers([("Step", f"{race.step:,}"), ("Seed", f"{self._seed:,}")])
        if self.run and len(self.ages) > 1:
            column.heading("Age of the first", f"step {self.ages[self.age]:,}")
            column.slider([i / (len(self.ages) - 1) for i in range(len(self.ages))], self.age, self.hues[0])
        column.rule()
        first, second, tied = standing.won
        column.numbers([("First won", str(first)), ("Second", str(second)), ("Ties", str(tied))])
        if (found := standing.difference) is not None and standing.improvement is not None:
            column.heading("Mean difference", short(found.mean))
            column.heading("95 % interval", f"{short(found.low)} to {short(found.high)}")
            better = standing.improvement
            column.heading("Chance to do better", f"{100 * better.mean:.0f} %")
            column.heading("95 % interval", f"{100 * better.low:.0f} to {100 * better.high:.0f} %")
        else:
            column.heading("How sure that is", f"after {FEW} episodes")
        column.rule()
        hint = self._notice if self._notice_left > 0 else "H  all keys"
        if race.over:
            winner = race.winner
            said = "A tie" if winner is None else f"The {('first', 'second')[winner]} won"
            column.bottom(said + ("  ·  paused" if self.paused else ""), "danger", hint)
        elif self.paused:
            column.bottom("Paused", "human", hint)
        else:
            rate = short(self.episode.world.fps * self.speed)
            column.bottom(f"{self.speed:g}×  ·  {rate} steps/s", "truth", hint)
