"""One person playing, and the keys that do it; no clock and no screen (those are in `agents.play`)."""

from collections import deque
from typing import Any, Literal

from gymnasium import spaces

from agents.viewing.episode import Episode
from agents.viewing.panel import AGES, Column, banner, card, short
from agents.viewing.recording import Recording
from agents.viewing.reference_scores import score_of
from agents.viewing.versus import RunOpponent
from agents.viewing.viewed_environment import World
from envs.engine.canvas.window import Frame, Press, Window
from sandbox.errors import UserError

State = Literal["ready", "running", "paused", "over"]

SLOWEST, FASTEST = 1 / 4, 4.0
MOST_PUSHES = 15
"""Steps a second that a person can follow where pressing nothing repeats the last action."""
AHEAD = 2
"""Key presses kept for the next steps: a quick turn and a turn is not lost between two steps."""
REST = 0.5
"""Seconds after the end during which the playing keys do not yet begin a new episode."""

SHOWN_KEYS = 9
"""In the line above a game that has not begun; H shows all of them."""

COMMANDS = (
    ("space", "pause or resume"),
    ("R", "new episode"),
    ("+  -", "faster or slower"),
    (AGES, "younger or older opponent"),
    ("O", "show or hide the panel"),
    ("S", "save a picture"),
    ("Esc", "close"),
)


def keys_of(world: World) -> dict[str, Any]:
    """Key name to action: the environment's own, else arrows and digits for a `Discrete` space.

    Raises:
        UserError: there is no way to play it with keys.
    """
    if world.environment is not None and world.environment.keys:
        return dict(world.environment.keys)
    space = world.action_space
    if not isinstance(space, spaces.Discrete) or space.n > 10:
        raise UserError(f"{world.id} has no keys to play it with.")
    n, first = int(space.n), int(space.start)
    keys: dict[str, Any] = {str(i): first + i for i in range(n)}
    # In Gymnasium's own environments the actions run from left to right.
    arrows = {2: ("left", "right"), 3: ("left", "down", "right")}.get(n, ())
    return {name: first + i for i, name in enumerate(arrows)} | keys


def first_speed(world: World) -> float:
    """Slower than normal where every step needs a push and nobody could push so often."""
    speed = 1.0
    environment = world.environment
    if environment is not None and environment.idle_action is None and not environment.turn_based:
        while world.fps * speed > MOST_PUSHES and speed > SLOWEST:
            speed /= 2
    return speed


class Game:
    """A person plays.

    Args:
        episode: what is played, under human control.
        best: highest score so far, or None.
        others: see the attribute.
        recording: notes everything, or None.

    Attributes:
        others: name, mean score or None, hue, of who the person is compared with.
        state: `ready` waits for a key.
        speed: times the environment's own steps per second.
        turn_based: each key press is one step, and nothing happens in between.
        scores: of the finished episodes.
        steps: played in all episodes.
        best: highest score so far, or None.
        closed: the window should close.
    """

    def __init__(
        self,
        episode: Episode,
        *,
        best: float | None = None,
        others: list[tuple[str, float | None, str]] | None = None,
        recording: Recording | None = None,
    ):
        self.episode, self.best, self.recording = episode, best, recording
        self.keys = keys_of(episode.world)
        environment = episode.world.environment
        self.turn_based = environment is not None and environment.turn_based
        self.state: State = "ready"
        self.speed = first_speed(episode.world)
        self.scores: list[float] = []
        self.steps = 0
        self.closed = self.helping = False
        self.others = others or []
        self._waiting: deque[Any] = deque(maxlen=AHEAD)
        self._held: list[str] = []
        self._due = self._rested = self._notice_left = 0.0
        self._notice = ""
        self._record_first()

    @property
    def score(self) -> float:
        """Of the present episode: the environment's own `score`, else the return."""
        return score_of(self.episode.moment)

    def handle(self, press: Press, window: Window) -> None:
        """Does what a key asks for."""
        key = press.key
        if key in self.keys:
            self._press(key, press.repeat)
        elif press.repeat:
            return
        elif key in ("escape", "q", "ctrl+c", "ctrl+w"):
            self.closed = True
        elif key in ("space", "p"):
            if self.state in ("running", "paused"):
                self.state = "paused" if self.state == "running" else "running"
            elif self.state == "over":
                self.restart()
        elif key in ("r", "return"):
            self.restart()
        elif key in ("+", "="):
            self.speed = min(FASTEST, self.speed * 2)
        elif key == "-":
            self.speed = max(SLOWEST, self.speed / 2)
        elif key in ("[", "]", "page down", "page up"):
            self._turn_opponent(-1 if key in ("[", "page down") else 1)
        elif key == "o":
            window.panel = not window.panel
        elif key in ("h", "?", "f1"):
            self.helping = not self.helping
            if self.helping and self.state == "running":
                self.state = "paused"
        elif key == "s":
            self._notice, self._notice_left = window.save_here(f"{self.episode.world.name} played"), 4.0

    def advance(self, seconds: float, held: set[str]) -> None:
        """Plays the steps that are due after so many seconds more.

        Args:
            seconds: since the last call.
            held: names of the keys that are down.
        """
        self._notice_left -= seconds
        self._held = [key for key in self._held if key in held]
        if self.state == "over":
            self._rested += seconds
        if self.state != "running":
            return
        if self.turn_based:
            while self._waiting and self.state == "running":
                self._step()
            return
        # Nobody can play steps that were missed: after a pause of the computer the game goes on slowly.
        self._due = min(self._due + seconds * self.episode.world.fps * self.speed, 4.0)
        while self._due >= 1.0 and self.state == "running":
            self._due -= 1.0
            self._step()

    def restart(self) -> None:
        """Begins a new episode, which waits for a key."""
        assert self.episode.seed is not None
        self.episode.restart(self.episode.seed + 1)
        self._record_first()
        self._waiting.clear()
        self._due = self._rested = 0.0
        self.state = "ready"

    def draw(self, frame: Frame) -> None:
        """Draws everything."""
        frame.whole.background("night")
        self.episode.draw(frame.picture)
        if self.state == "ready":
            keys = "   ".join(list(self.keys)[:SHOWN_KEYS])
            banner(frame.picture, "Press a key to start", keys)
        elif self.state == "paused":
            banner(frame.picture, "Paused", "space resumes")
        elif self.state == "over":
            best = " · your best" if self.best == self.score and len(self.scores) > 1 else ""
            banner(frame.picture, f"Score {short(self.score)}{best}", "press a key to play again")
        if frame.panel is not None:
            self._draw_panel(Column(frame.panel))
        if self.helping:
            idle = () if isinstance(getattr(self.episode.world, "opponent", None), RunOpponent) else (AGES,)
            card(frame.whole, "Keys", self._own_keys() + [row for row in COMMANDS if row[0] not in idle])

    def _own_keys(self) -> list[tuple[str, str]]:
        """The keys of the game, those that do the same in one row, and what they do."""
        world, own = self.episode.world, {}
        for key, action in self.keys.items():
            if world.environment is not None and key in world.environment.keys:
                does = world.environment.key_does(key)
            else:
                does = world.action_names[int(action)] if world.action_names else f"action {action}"
            own.setdefault(does, []).append(key)
        return [("  ".join(keys), name) for name, keys in own.items()]

    def _turn_opponent(self, direction: int) -> None:
        """A younger or older opponent goes on from here, where it is the agent of a run."""
        opponent = getattr(self.episode.world, "opponent", None)
        if not isinstance(opponent, RunOpponent):
            return
        steps = opponent.steps
        at = steps.index(opponent.step) if opponent.step in steps else len(steps) - 1
        try:
            opponent.turn(steps[min(len(steps) - 1, max(0, at + direction))])
        except UserError as error:
            self._notice, self._notice_left = str(error), 4.0

    def _press(self, key: str, repeat: bool) -> None:
        if self.state == "paused" or (repeat and not (self.turn_based and self.state == "running")):
            return
        if self.state == "over":
            if self._rested < REST:
                return
            self.restart()
        self.state = "running" if self.state == "ready" else self.state
        action = self.keys[key]
        self._held = [*(k for k in self._held if k != key), key]
        # In real time, pressing the key of the turn that is coming anyway would only delay the next one.
        if self.turn_based or not self._waiting or self._waiting[-1] is not action:
            self._waiting.append(action)

    def _step(self) -> None:
        environment = self.episode.world.environment
        action = None
        if self._waiting:
            action = self._waiting.popleft()
        elif self._held and environment is not None and environment.idle_action is not None:
            action = self.keys[self._held[-1]]
        if action is not None and self._is_forbidden(action):
            self._notice, self._notice_left = "That is not allowed now.", 2.0
            if self.turn_based:
                return
            action = None
        moment = self.episode.step(action)
        self.steps += 1
        if self.recording is not None:
            self.recording.add(moment)
        if moment.over:
            self.state = "over"
            self._rested = 0.0
            self.scores.append(self.score)
            self.best = self.score if self.best is None else max(self.best, self.score)

    def _is_forbidden(self, action: Any) -> bool:
        space, mask = self.episode.world.action_space, self.episode.world.mask()
        if mask is None or not isinstance(space, spaces.Discrete):
            return False
        return not mask[int(action) - int(space.start)]

    def _record_first(self) -> None:
        if self.recording is not None:
            self.recording.begin(self.episode.moment, self.episode.seed)

    def _draw_panel(self, column: Column) -> None:
        world, moment = self.episode.world, self.episode.moment
        column.title(world.name, "you play")
        best = "–" if self.best is None else short(self.best)
        column.numbers([("Score", short(self.score)), ("Best", best), ("Step", f"{moment.step:,}")])
        column.rule()
        column.heading("Score", "others: mean score")
        column.scale([("you, now", self.score, "human"), ("you, best", self.best, "human"), *self.others])
        column.rule()
        opponent = getattr(world, "opponent", None)
        if isinstance(opponent, RunOpponent):
            column.heading("Opponent  [ ]", f"step {opponent.step:,}")
            steps = opponent.steps
            if opponent.step in steps and len(steps) > 1:
                marks = [i / (len(steps) - 1) for i in range(len(steps))]
                column.slider(marks, steps.index(opponent.step), "model")
        names = world.action_names
        if moment.action is not None and names:
            column.heading("Last action", names[int(moment.action)])
        if world.environment is not None:
            column.paragraph("Goal", world.environment.goal)
        for keys, does in self._own_keys() if self.state == "ready" else ():
            column.heading(keys, does)
        hint = self._notice if self._notice_left > 0 else "H  all keys"
        if self.recording is not None and self._notice_left <= 0:
            hint += f"   ·   recording, {self.recording.steps:,} steps"
        state = {"ready": "Waiting for a key", "paused": "Paused", "over": "Episode over"}.get(self.state)
        rate = short(world.fps * self.speed)
        hue = {"over": "danger", "running": "truth"}.get(self.state, "human")
        pace = "Your turn" if self.turn_based else f"{self.speed:g}×  ·  {rate} steps/s"
        column.bottom(state or pace, hue, hint)
