"""Sets that are being fetched, beside the page and for all its visitors."""

import threading
from dataclasses import dataclass, field

from sandbox.data import sets
from sandbox.data.remote_file import Arrived
from sandbox.errors import is_user_error

_lock = threading.Lock()
_fetches: dict[str, "Fetch"] = {}


@dataclass
class Fetch:
    """One set on its way.

    Attributes:
        name: of the set.
        arrived: how much of it; None before the first byte.
        problem: why it did not come, one sentence; empty if it may come yet, or has.
        done: whether it is over, whichever way.
        stopped: whether somebody wants it to stop; what has arrived is kept.
    """

    name: str
    arrived: Arrived | None = None
    problem: str = ""
    done: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, trust_first: bool) -> None:
        """Fetch it to the end, or until it is stopped."""
        try:
            for arrived in sets.fetching_set(self.name, trust_first=trust_first):
                self.arrived = arrived
                if self.stopped.is_set():
                    break
        except Exception as error:
            text = str(error) if is_user_error(error) else f"{type(error).__name__}: {error}"
            self.problem = text
        finally:
            self.done = True


def begin(name: str, *, trust_first: bool = False) -> Fetch:
    """Fetch a set, unless it is being fetched already."""
    with _lock:
        found = _fetches.get(name)
        if found is None or found.done:
            found = _fetches[name] = Fetch(name)
            # A daemon: the studio may end at any time, and what has arrived is kept.
            threading.Thread(target=found.run, args=(trust_first,), daemon=True, name=f"fetch {name}").start()
        return found


def of(name: str) -> Fetch | None:
    """The last fetch of a set since the studio began; None if there was none."""
    with _lock:
        return _fetches.get(name)


def running() -> bool:
    """Whether anything is on its way."""
    with _lock:
        return any(not fetch.done for fetch in _fetches.values())
