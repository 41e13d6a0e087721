"""Who plays what in the Arena: an episode turned into frames for the player in the browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from agents.viewing.episode import Control, Episode
from agents.viewing.moment import Moment
from agents.viewing.recording import Recording
from agents.viewing.versus import RunOpponent, open_versus
from apps.studio.browser.frame_player import Feed, Frame, Scene
from sandbox.runs import Run

SMALL = 4096
"""Observations with more numbers than this are not shown beside the picture."""
FEW = 12
"""Observations of at most this many numbers are shown as bars."""
MOST_STEPS = 20_000
"""Steps of play that are noted in a session: half an hour or more."""
PAUSE = 0.8
"""Seconds that the last moment of an episode stays on screen."""


@dataclass
class Stage:
    """One episode after another, watched or played.

    Attributes:
        run: whose agent plays; None for random, baseline and human players.
        age: step of the checkpoint that plays; None for the newest.
        against: in a game of two players who the other is; None for the environment's own.
        returns: of the episodes that ended, the newest last.
    """

    target: str
    mode: Literal["watch", "play"]
    control: Control
    params: Mapping[str, Any]
    run: Run | None = None
    age: int | None = None
    pace: Literal["time", "step"] = "time"
    slowdown: float = 1.0
    against: str | None = None
    returns: list[float] = field(default_factory=list)
    loaded: int | None = None
    """Step of the checkpoint that plays."""
    spoil: Mapping[str, float] = field(default_factory=dict)
    """How the pictures of a network that sees are spoilt, by name."""
    recording: Recording | None = None
    """Notes what a person plays, to be imitated."""

    def __post_init__(self) -> None:
        player = self._load() if self.control == "agent" else None
        game = self.target if self.against is None else open_versus(self.target, self.against, self.params)
        params = self.params if self.against is None else None
        self.episode = Episode(game, player, seed=None, params=params, control=self.control)
        self.scene = self._scene()
        self.feed = Feed(
            scene=self.scene,
            produce=self._produce,
            frames=[self.frame(self.episode.moment)],
            restart=self._restart if self.mode == "play" else None,
        )

    @property
    def draws(self) -> bool:
        """Whether an agent plays that draws its actions instead of taking the most probable ones."""
        return self.control == "agent" and not self.episode.player.deterministic

    def turn(self, params: Mapping[str, Any]) -> None:
        """Change the physics in the middle of the episode; shown at once."""
        if dict(params) != dict(self.params):
            self.params = dict(params)
            self.episode.set_params(**self.episode.world.whole_params(params))
            self._show_now()

    def turn_view(self, spoil: Mapping[str, float]) -> None:
        """Spoil what a network that sees is shown in the middle of the episode; shown at once."""
        if dict(spoil) != dict(self.spoil):
            self.spoil = dict(spoil)
            self.episode.player.spoil = dict(spoil)
            self.episode.set_params()
            self._show_now()

    def scrub(self, age: int | None) -> None:
        """Let the agent of another checkpoint go on from here; shown at once."""
        if self.control == "agent" and age != self.age:
            self.age = age
            before = self.loaded
            player = self._load()
            if self.loaded != before:
                self.episode.player = player
                self._show_now()

    def record(self, recording: Recording | None) -> None:
        """Note from the present moment on what a person plays."""
        if recording is not self.recording:
            self.recording = recording
            if recording is not None and not self.episode.moment.over:
                recording.begin(self.episode.moment, None)

    def close(self) -> None:
        """Let go of what the world holds."""
        self.episode.close()

    def oppose(self, age: int | None) -> None:
        """Let the opponent, the agent of a run, go on at another age."""
        opponent = getattr(self.episode.world, "opponent", None)
        if isinstance(opponent, RunOpponent) and age is not None:
            opponent.turn(age)

    def frame(self, moment: Moment) -> Frame:
        """What the browser needs of a moment."""
        decision = moment.decision
        probabilities = None if decision is None or decision.probabilities is None else decision.probabilities
        return {
            "d": moment.ops,
            "a": self._index(None if decision is None else decision.action),
            "p": None if probabilities is None else [round(float(p), 3) for p in probabilities],
            "v": None if decision is None or decision.value is None else round(float(decision.value), 3),
            "r": round(float(moment.reward), 4),
            "g": round(float(moment.episode_return), 3),
            "t": moment.step,
            "o": self._seen(moment.obs),
        }

    def _produce(self, count: int, actions: list[Any]) -> list[Frame]:
        if self.mode == "play":
            return self._play(actions)
        frames: list[Frame] = []
        while len(frames) < count:
            if self.episode.moment.over:
                # The end stays on screen for a moment; then the next episode begins, with the newest agent.
                frames += [frames[-1] if frames else self.frame(self.episode.moment)] * self._pause()
                self._begin()
                frames.append(self.frame(self.episode.moment))
            else:
                frames.append(self.frame(self.episode.step()))
                self._note_end()
        return frames

    def _play(self, actions: list[Any]) -> list[Frame]:
        frames: list[Frame] = []
        space = self.episode.world.action_space
        for action in actions:
            if self.episode.moment.over:
                break
            usable = action is not None and _fits(action, space)
            frames.append(self.frame(self.episode.step(action if usable else None)))
            if self.recording is not None and self.recording.steps < MOST_STEPS:
                self.recording.add(self.episode.moment)
            self._note_end()
        return frames

    def _note_end(self) -> None:
        moment = self.episode.moment
        if moment.over:
            self.returns.append(moment.episode_return)
            if self.mode == "play":
                self.feed.finished = True
                self.feed.notice = (
                    f"Over after {moment.step:,} steps: your return is {moment.episode_return:g}. "
                    "Press a key to play again."
                )

    def _begin(self) -> None:
        """The next episode; an agent that is followed while it trains is replaced by its newest self."""
        if self.control == "agent" and self.run is not None and self.age is None:
            steps = self.run.checkpoints()
            from agents.player import has_ended

            if steps and steps[-1] != self.loaded:
                self.episode.player = self._load()
            elif self.draws and has_ended(self.run, self.loaded):
                self.episode.player.deterministic = True
        self.episode.restart()

    def _restart(self) -> list[Frame]:
        self.episode.restart()
        if self.recording is not None:
            self.recording.begin(self.episode.moment, None)
        self.feed.notice = ""
        return [self.frame(self.episode.moment)]

    def _show_now(self) -> None:
        self.feed.begin([self.frame(self.episode.moment)])

    def _load(self) -> Any:
        from agents.loops.seeing_player import load_player

        assert self.run is not None
        steps = self.run.checkpoints()
        self.loaded = self.age if self.age in steps else (steps[-1] if steps else None)
        player = load_player(self.run, self.loaded)
        if hasattr(player, "spoil"):
            player.spoil = dict(self.spoil)
        return player

    def _pause(self) -> int:
        return max(1, round(PAUSE * self.scene.fps))

    def _scene(self) -> Scene:
        world = self.episode.world
        decision = self.episode.moment.decision
        environment = world.environment
        names: tuple[str, ...] = world.action_names
        keys = {} if environment is None else {key: _plain(value) for key, value in environment.keys.items()}
        return Scene(
            size=world.size,
            fps=world.fps / self.slowdown,
            label=f"{world.name}, played by {'you' if self.mode == 'play' else self.control}",
            actions=names,
            keys=keys,
            mode=self.mode,
            pace=self.pace,
            has_probabilities=bool(names) and decision is not None and decision.probabilities is not None,
            has_value=decision is not None and decision.value is not None,
            sees=_sees(world.observation_space, world.obs_names),
        )

    def _seen(self, obs: np.ndarray) -> list[float] | None:
        sees = self.scene.sees
        if sees is None:
            return None
        obs = np.asarray(obs)
        environment = self.episode.world.environment
        if environment is not None and environment.lowest_row_first:
            obs = obs[::-1]  # the browser draws the first row at the top
        values = np.asarray(obs, np.float64).ravel()
        if sees["kind"] == "pixels" and obs.dtype == np.uint8:
            values = values / 255
        return [float(v) for v in np.round(np.nan_to_num(values), 3)]

    def _index(self, action: Any) -> int | None:
        space = self.episode.world.action_space
        if action is None or not isinstance(space, spaces.Discrete):
            return None
        return int(action) - int(space.start)


def _sees(space: spaces.Space, names: tuple[str, ...]) -> dict[str, Any] | None:
    """How the browser shows an observation; None for one that is too large to follow."""
    shape = space.shape or ()
    if isinstance(space, spaces.Discrete):
        return {"kind": "numbers", "names": ["state"]}
    if len(shape) == 1 and shape[0] <= FEW:
        return {"kind": "numbers", "names": list(names) or [f"obs[{i}]" for i in range(shape[0])]}
    if len(shape) == 3 and shape[2] <= 8 and int(np.prod(shape)) <= SMALL:
        channels = list(names) or [f"channel {i}" for i in range(shape[2])]
        return {"kind": "pixels", "shape": list(shape), "names": channels}
    return None


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def _fits(action: Any, space: spaces.Space) -> bool:
    """Whether what the browser sent is an action: it may send anything."""
    try:
        return bool(space.contains(np.asarray(action, space.dtype) if space.shape else int(action)))
    except (TypeError, ValueError, OverflowError):
        return False
