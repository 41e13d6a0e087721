"""One agent that is being watched and the keys that say how; clock and screen are in `agents.watch`."""

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.viewing.decision import PLAYERS, Decision
from agents.viewing.decision_panel import draw_thought
from agents.viewing.episode import Control, Episode
from agents.viewing.panel import AGES, CURVE, Column, card, outline, short
from agents.viewing.parallel_episodes import Crowd
from envs.engine.canvas.window import Frame, Press, Window
from sandbox.errors import UserError
from sandbox.runs import Run

SLOWEST, FASTEST = 1 / 16, 64.0
HOLD = 0.9
"""Seconds that the last picture of an episode stays at normal speed."""
WORK = 0.05
"""Seconds of stepping between two pictures, at most."""

HUES: dict[Control, str] = {
    "agent": "model",
    "search": "truth",
    "baseline": "baseline",
    "random": "grey",
    "human": "human",
}

KEYS = (
    ("space", "pause or resume"),
    ("right  left", "one step forward or back"),
    ("up  down", "faster or slower"),
    ("R", "restart this episode"),
    ("N", "next episode"),
    (AGES, "younger or older agent"),
    ("C", "change who plays"),
    ("V", "fog, night, blur ... or a clear view"),
    ("L", "another layout"),
    ("O", "show or hide the panel"),
    ("S", "save a picture"),
    ("Esc", "close"),
)


class Watcher:
    """One agent (or baseline, or random player) being watched.

    Args:
        episode: what is shown; plays the first episode already.
        run: whose checkpoints can be looked through, or None.
        speed: times the environment's own steps per second.
        episodes: close after so many, or None.
        seed: of the first episode; the others' follow.
        crowd: more episodes that are shown beside it, or None.
        spoil: how the pictures of a network that sees are spoilt, by name.

    Attributes:
        paused: no steps but single ones.
        speed: times the environment's own steps per second.
        ages: training steps that have a checkpoint.
        age: index of the one that plays.
        returns: of the episodes that the present player has played from beginning to end.
        loading: the agent is not there yet.
        closed: the window should close.
    """

    def __init__(
        self,
        episode: Episode,
        run: Run | None,
        *,
        speed: float = 1.0,
        episodes: int | None = None,
        seed: int = 0,
        crowd: Crowd | None = None,
        spoil: Mapping[str, float] | None = None,
    ):
        self.episode, self.run, self.crowd = episode, run, crowd
        self.paused = self.closed = self.helping = self.loading = False
        self.speed = min(FASTEST, max(SLOWEST, speed))
        self.ages: list[int] = run.checkpoints() if run else []
        self.age = len(self.ages) - 1
        self.returns: list[float] = []
        self._thought: Decision | None = episode.moment.decision
        self._alone = True
        self._values: deque[float] = deque(maxlen=CURVE)
        self._eyes: Any = None  # the players of the run
        self._spoil = dict(spoil or {})
        self._episodes, self._seed, self._finished = episodes, seed, 0
        self._due = self._held = 0.0
        self._notice = ""
        self._notice_left = self._since_look = 0.0

    def choose_age(self, index: int) -> None:
        """Lets the agent of one checkpoint play from the present moment on."""
        assert self.run is not None
        from agents.loops.watched_eyes import Eyes

        self._eyes = self._eyes or Eyes(self.run, self._spoil)
        player = self._eyes.at_age(self.ages[index])
        self.age, self.episode.player = index, player
        self.episode.control = "agent"
        self._changed()

    def handle(self, press: Press, window: Window) -> None:
        """Does what a key asks for."""
        key = press.key
        if key in ("right", "."):
            self.paused = True
            self.play_one()
        elif key in ("left", ","):
            self.paused = True
            self._back()
        elif key in ("up", "+", "="):
            self.speed = min(FASTEST, self.speed * 2)
        elif key in ("down", "-"):
            self.speed = max(SLOWEST, self.speed / 2)
        elif press.repeat:
            return
        elif key in ("escape", "q", "ctrl+c", "ctrl+w"):
            self.closed = True
        elif key == "space":
            self.paused = not self.paused
        elif key == "r":
            self._restart(0)
        elif key == "n":
            self._restart(1)
        elif key in ("[", "]", "page down", "page up"):
            self._turn_age(-1 if key in ("[", "page down") else 1)
        elif key == "c":
            self._change_player()
        elif key in ("v", "l") and self._eyes is not None:
            self._notify(self._eyes.turn(key, self._shown()))
        elif key == "o":
            window.panel = not window.panel
        elif key in ("h", "?", "f1"):
            self.helping = not self.helping
        elif key == "s":
            self._notify(window.save_here(self.run.name if self.run else self.title))

    def advance(self, seconds: float) -> None:
        """Plays the steps that are due after so many seconds more."""
        self._notice_left -= seconds
        self._since_look += seconds
        if self._since_look > 1.0:
            self._since_look = 0.0
            self._look_for_older()
        if self.paused:
            return
        # A slow computer plays slower instead of falling behind further and further.
        self._due = min(self._due + seconds * self.episode.world.fps * self.speed, 64.0)
        until = time.perf_counter() + WORK
        if self._over:
            while self._due >= 1.0 and time.perf_counter() < until:
                self._due -= 1.0
                self._play_crowd()
            self._held += seconds * max(1.0, self.speed)
            if self._held >= HOLD:
                self._restart(1)
            return
        while self._due >= 1.0 and not self._over and time.perf_counter() < until:
            self._due -= 1.0
            self.play_one()

    def draw(self, frame: Frame) -> None:
        """Draws everything."""
        frame.whole.background("night")
        for episode, picture in zip(self._shown(), frame.pictures, strict=True):
            episode.draw(picture)
        self._draw_over(frame)
        if frame.panel is not None:
            self._draw_panel(Column(frame.panel))
        if self.helping:
            card(frame.whole, "Keys", self._keys())

    @property
    def title(self) -> str:
        """Of the window: what plays where."""
        return f"{self.episode.world.name} · {self.run.name if self.run else PLAYERS[self.episode.control]}"

    def play_one(self) -> None:
        """Plays one step; at the end of an episode begins the next."""
        self._play_crowd()
        if self.episode.moment.over:
            self._restart(1)
            return
        moment = self.episode.step()
        if moment.over:
            if self._alone:
                self.returns.append(moment.episode_return)
            self._finished += 1
            self._held = 0.0
        if moment.decision is not None and moment.decision.value is not None:
            self._values.append(moment.decision.value)

    @property
    def _over(self) -> bool:
        """Whether what is watched has come to its end, and the next may begin."""
        return self.episode.moment.over

    def _back(self) -> None:
        """One step back, where it can be taken."""
        if self.episode.back() and self._values:
            self._values.pop()
        if self.crowd is not None:
            self.crowd.back()

    def _draw_over(self, frame: Frame) -> None:
        """What is drawn over the pictures: which of several the panel speaks of."""
        if self.crowd is not None:
            outline(frame.picture, HUES[self.episode.control])

    def _shown(self) -> list[Episode]:
        return [self.episode, *(self.crowd.episodes if self.crowd is not None else ())]

    def _keys(self) -> list[tuple[str, str]]:
        """The keys that do something for who plays here."""
        idle = {"V", "L"} - (self._eyes.keys(self.episode) if self._eyes is not None else set())
        return [(key, does) for key, does in KEYS if key not in idle and (self.ages or key != AGES)]

    def _play_crowd(self) -> None:
        if self.crowd is not None:
            self.crowd.play()

    def _restart(self, further: int) -> None:
        if further and self._episodes is not None and self._finished >= self._episodes:
            self.closed = True
            return
        self._seed += further
        self._begin(self._seed)
        self._fresh()

    def _begin(self, seed: int) -> None:
        """Begins the episode of a seed."""
        self.episode.restart(seed)

    def _fresh(self) -> None:
        self._alone = True
        self._values.clear()
        self._due = self._held = 0.0

    def _turn_age(self, direction: int) -> None:
        if not self.ages:
            self._notify("There are no checkpoints to choose from.")
            return
        self._try_age(min(len(self.ages) - 1, max(0, self.age + direction)))

    def _try_age(self, index: int) -> None:
        """Chooses an age; says so if its checkpoint has vanished or is corrupt."""
        try:
            self.choose_age(index)
        except UserError as error:
            self._notify(str(error))

    def _change_player(self) -> None:
        order: list[Control] = ["random"]
        if self.episode.has_baseline:
            order.insert(0, "baseline")
        if self.episode.player is not None:
            order.insert(0, "agent")
        if self.episode.control == "search":  # only for who asked for it: it may take a while
            order.append("search")
        if self._eyes is None or not self._eyes.change(self.episode):
            self.episode.control = order[(order.index(self.episode.control) + 1) % len(order)]
        self._changed()

    def _changed(self) -> None:
        self._alone = self.episode.moment.step == 0
        self.returns.clear()
        self._values.clear()
        if self.crowd is not None:
            self.crowd.follow()

    def _look_for_older(self) -> None:
        """Takes up checkpoints saved meanwhile; goes on to the newest one if the newest plays."""
        if self.run is None or (fresh := self.run.checkpoints()) == self.ages or not fresh:
            return
        newest = self.age == len(self.ages) - 1
        present = self.ages[self.age] if self.ages else fresh[-1]
        self.ages = fresh
        # Training thins checkpoints out: if the present one is gone, its neighbour stands for it.
        self.age = min(range(len(fresh)), key=lambda i: abs(fresh[i] - present))
        if newest and self.episode.control == "agent":
            self._try_age(len(fresh) - 1)

    def _notify(self, text: str) -> None:
        self._notice, self._notice_left = text, 4.0

    def _draw_panel(self, column: Column) -> None:
        episode, moment = self.episode, self.episode.moment
        hue = HUES[episode.control]
        column.title(episode.world.name, self.run.name if self.run else "no trained agent yet")
        if self.run and self.ages:
            age = getattr(episode.player, "called", "") or f"step {self.ages[self.age]:,}"
            column.heading("Age", age if episode.control == "agent" else PLAYERS[episode.control])
            last = max(1, len(self.ages) - 1)
            column.slider([i / last for i in range(len(self.ages))], self.age, hue)
        else:
            column.heading("Plays", PLAYERS[episode.control])
            column.rule()
        numbers = (short(moment.episode_return), f"{moment.step:,}", f"{self._seed:,}")
        column.numbers(list(zip(("Return", "Step", "Seed"), numbers, strict=True)))
        for name, words in getattr(getattr(episode.player, "loop", None), "counts", {}).items():
            column.heading(words.capitalize(), short(float(moment.info[name])))
        returns = self.returns + (self.crowd.returns if self.crowd is not None else [])
        count = len(returns)
        if count:
            mean = short(float(np.mean(returns)))
            column.heading(f"Mean return of {count} episode{'' if count == 1 else 's'}", mean)
        else:
            column.heading("Mean return", "no episode finished yet")
        column.rule()
        # At the end of an episode there is no decision; the last one stays, so that nothing jumps.
        self._thought = moment.decision or self._thought
        draw_thought(column, episode.world, self._thought, self._values, hue)
        if episode.world.environment is not None:
            column.paragraph("Goal", episode.world.environment.goal)
        hint = self._notice if self._notice_left > 0 else "H  all keys"
        if self.loading:
            column.bottom("Loading the agent", "human", hint)
        elif moment.over:
            end = "Episode over" if moment.terminated else "Time is up"
            column.bottom(end + ("  ·  paused" if self.paused else ""), "danger", hint)
        elif self.paused:
            column.bottom("Paused", "human", hint)
        else:
            rate = short(episode.world.fps * self.speed)
            column.bottom(f"{self.speed:g}×  ·  {rate} steps/s", "truth", hint)
