"""How the studio says durations, counts and states, the same on every page."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.data import sets
from sandbox.runs import Run
from sandbox.tasks.source import OwnData, Source

STATES = {
    "queued": ("waiting", "gray", ":material/schedule:"),
    "running": ("training", "blue", ":material/play_arrow:"),
    "stopping": ("stopping …", "orange", ":material/hourglass_bottom:"),
    "done": ("done", "green", ":material/check:"),
    "stopped": ("stopped", "orange", ":material/pause:"),
    "failed": ("failed", "red", ":material/error:"),
    "interrupted": ("interrupted", "orange", ":material/bolt:"),
}
"""State of a run: its word, its colour and its icon."""

ALIVE = ("queued", "running", "stopping")


def state_of(run: Run, status: Mapping[str, Any] | None = None) -> str:
    """The state a person sees: `stopping` from the moment somebody asked a running job to stop."""
    state = str((status or run.status()).get("state", "failed"))
    return "stopping" if state == "running" and run.stop_requested() else state


def begins(status: Mapping[str, Any]) -> bool:
    """Whether a run has been ordered and has not learned its first step yet."""
    waits = not status.get("step") or bool(fetches(status))
    return status.get("state") in ("queued", "running") and waits


def awaited(run: Run, state: str | None) -> str:
    """What happens before a page has something to show of a run, one sentence.

    Args:
        run: that is shown.
        state: of this run.
    """
    status = run.status()
    if said := fetches(status):
        return said
    if status.get("step") or state not in ALIVE:
        return "The page is still loading what it shows this with."
    if state == "queued":
        return "Another training has its turn first."
    if status.get("launching"):
        return "The process that trains is starting."
    return "The data are being read." if not run.checkpoints() else "The first step is being taken."


def source(source: Source | OwnData) -> str:
    """How a menu calls data; a public set that is not here yet with the bytes that training fetches first."""
    if isinstance(source, OwnData) or not source.public or sets.is_here(source.name):
        return source.title
    return f"{source.title} ↓ {sets.megabytes(sets.find(source.name).size)}"


def fetches(status: Mapping[str, Any]) -> str:
    """How much of its data a run has fetched, one sentence; empty if it does something else."""
    if status.get("unit") != sets.UNIT or status.get("state") not in ALIVE:
        return ""
    of = f" of {count(status['total'])}" if status.get("total") else ""
    return f"The data are being fetched: {count(status.get('step') or 0)}{of} MB."


def badge(state: str) -> str:
    """Markdown of a state's badge."""
    word, color, icon = STATES[state]
    return f":{color}-badge[{icon} {word}]"


def duration(seconds: float) -> str:
    """Such as `6.2 s`, `3 min 20 s` or `1 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:z.1f} s"
    if seconds < 99.5:
        return f"{seconds:z.0f} s"
    minutes = round(seconds / 60)
    if seconds < 600:
        whole, rest = divmod(round(seconds), 60)
        return f"{whole} min {rest} s" if rest else f"{whole} min"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def count(number: float, unit: str = "") -> str:
    """A whole number with thousands separated, and its unit in the plural it needs."""
    text = f"{int(number):,}"
    if not unit:
        return text
    return f"{text} {unit}" if number == 1 else f"{text} {unit}s"


def figure(value: float) -> str:
    """A mean, of whatever size: one decimal, or two digits that count where it is below one."""
    size = abs(value)
    if size < 0.0005:
        return "0"
    return f"{value:.2g}" if size < 1 else f"{value:z,.1f}" if size < 1000 else f"{value:z,.0f}"


def share(status: Mapping[str, Any]) -> float:
    """How much of a training is done, 0 to 1; 0 where the end is not known."""
    total = float(status.get("total") or 0)
    return min(1.0, float(status.get("step") or 0) / total) if total else 0.0


def time_left(status: Mapping[str, Any]) -> str:
    """Such as `about 12 s left`; empty where nothing can be said."""
    done, seconds = share(status), float(status.get("seconds") or 0.0)
    if done <= 0.02 or seconds < 0.5:
        return ""
    return f"about {duration(seconds * (1 - done) / done)} left"


def waits(name: str, ahead: Sequence[str]) -> str:
    """What a waiting job waits for, and what to do about it.

    Args:
        name: of the job.
        ahead: names of those before it, the next one first; at least one.
    """
    first, *rest = ahead
    if not rest:
        return f"{name} waits for {first}; stop that in the sidebar, and it begins at once."
    others = "one more" if len(rest) == 1 else f"{len(rest)} more"
    return f"{name} waits for {first} and {others}; stop them in the sidebar, and it begins at once."
