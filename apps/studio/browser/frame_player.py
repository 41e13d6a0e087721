"""The frame player: moments computed in Python, drawn in the browser at the environment's own pace.

Python sends what to draw (`DisplayList` operations) and what the player thought, about a second at a time;
the browser keeps a queue and a clock and asks for more when the queue runs low. So frames stay even while the
server redraws a chart, and a paused or hidden player costs nothing.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from apps.studio.browser import component

_HTML = """
<div class="player">
  <div class="view">
    <div class="stages"><canvas class="stage" tabindex="0" role="img"></canvas></div>
    <div class="board" role="status" hidden></div>
    <div class="notice" role="status" hidden></div>
    <dl class="help" hidden></dl>
    <div class="row keys" hidden></div>
    <div class="row">
      <button class="pause" type="button">Pause</button>
      <button class="back" type="button" title="One frame back (left arrow)">‹</button>
      <button class="on" type="button" title="One frame on (right arrow)">›</button>
      <input class="ring" type="range" min="0" max="1" value="0" step="1" aria-label="Look back"
             title="Look back over the last 240 frames">
      <button class="live" type="button" title="Jump to the newest frame (L)">Live</button>
      <select class="speed" aria-label="Speed" title="Speed, as a multiple of the environment's own pace">
        <option value="0.25">¼×</option><option value="0.5">½×</option><option value="1" selected>1×</option>
        <option value="2">2×</option><option value="4">4×</option>
      </select>
      <button class="keyshelp" type="button" aria-expanded="false" title="What the keys do (H)">Keys</button>
    </div>
  </div>
  <div class="readout"></div>
</div>
"""
_COMPONENT = component.make(
    "frame_player", html=_HTML, js=["pixels.js", "drawing.js", "readout.js", "frame_player.js"]
)

MOST = 240
"""Frames in one batch, at most: a browser cannot make the server compute without end."""

Frame = dict[str, Any]
"""`d` display operations, `a` action taken (its index), `p` probabilities, `v` value, `r` reward, `g` return
so far, `t` step, `o` observation as a flat list. All but `d` and `t` may be None. Of a scene with several
pictures also `others`, the operations of those after the first; `said`, a line about each picture with how it
stands, `on`, `won`, `lost` or `tie`; `board`, a line about all."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What stays the same while a stream of frames plays."""

    size: tuple[float, float]
    """Of the picture, in the units of the display operations."""
    fps: float
    """Frames per second at speed 1."""
    label: str
    """What a screen reader calls the picture."""
    actions: Sequence[str] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Key names (`left`, `space`, `a`) to actions; used in mode `play`."""
    mode: Literal["watch", "play"] = "watch"
    pace: Literal["time", "step"] = "time"
    """Mode `play`: the world goes on by itself, or once per key."""
    has_probabilities: bool = False
    has_value: bool = False
    titles: Sequence[str] = ()
    """Of several pictures side by side; they take the place of what the player thought."""
    sees: Mapping[str, Any] | None = None
    """How to show the observation: `{kind: "numbers", names}` or `{kind: "pixels", shape, names}`."""


@dataclass
class Feed:
    """A stream of frames on its way to the browser, in numbered batches, each computed once."""

    scene: Scene
    produce: Callable[[int, list[Any]], list[Frame]]
    """Called with how many frames, and in mode `play` the actions (None: idle); may give fewer at the end."""
    frames: list[Frame]
    """The batch under way; at first the opening frames."""
    finished: bool = False
    notice: str = ""
    """A sentence over the picture; empty for none."""
    restart: Callable[[], list[Frame]] | None = None
    """Begins a new episode and gives its opening frames; None where that is not the browser's to ask."""
    batch: int = 0
    stream: str = field(default_factory=lambda: uuid.uuid4().hex)

    def answer(self, want: Mapping[str, Any] | None) -> None:
        """Compute the batch that the browser asked for, unless it was computed already."""
        if not want or want.get("stream") != self.stream or want.get("batch") != self.batch + 1:
            return
        if want.get("restart"):
            if self.restart is not None:
                self.begin(self.restart())
            return
        actions = list(want.get("actions") or [])[:MOST]
        count = len(actions) if actions else min(MOST, max(1, int(want.get("count") or 1)))
        self.frames = self.produce(count, actions)
        self.batch += 1

    def begin(self, frames: list[Frame]) -> None:
        """Start a new stream with these opening frames; the browser forgets the old one."""
        self.stream, self.batch, self.frames, self.finished = uuid.uuid4().hex, 0, frames, False

    def payload(self) -> dict[str, Any]:
        """What the browser gets, as JSON."""
        scene = self.scene
        return {
            "stream": self.stream,
            "batch": self.batch,
            "frames": self.frames,
            "finished": self.finished,
            "notice": self.notice,
            "size": list(scene.size),
            "fps": scene.fps,
            "label": scene.label,
            "actions": list(scene.actions),
            "keys": dict(scene.keys),
            "mode": scene.mode,
            "pace": scene.pace,
            "has_probabilities": scene.has_probabilities,
            "has_value": scene.has_value,
            "titles": list(scene.titles),
            "sees": dict(scene.sees) if scene.sees else None,
        }


def frame_player(feed: Feed, *, key: str) -> None:
    """Show a feed; call it in a fragment of its own, which the browser reruns when it wants more frames."""
    state = st.session_state.get(key)
    feed.answer(state.get("want") if state else None)
    _COMPONENT(key=key, data=feed.payload(), on_want_change=lambda: None)
