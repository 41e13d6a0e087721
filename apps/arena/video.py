"""A video of an agent as a download; every browser plays it."""

import tempfile
from pathlib import Path

from apps.studio.page.layout import Download
from sandbox.runs import Run


def downloads(run: Run, age: int | None) -> list[Download]:
    """One episode of the agent at an age, or its newest; nothing while there is none."""
    if not run.checkpoints():
        return []
    return [
        Download(
            label="Video",
            make=lambda: video(run, age),
            file_name=f"{run.name}.webm",
            mime="video/webm",
            icon=":material/movie:",
            help="One unseen episode of the agent at this age as WebM, at most a minute; takes some seconds.",
        )
    ]


def video(run: Run, age: int | None) -> bytes:
    """The video.

    Raises:
        UserError: the agent cannot be read.
    """
    from agents.export import export  # with torch and Stable-Baselines3

    with tempfile.TemporaryDirectory() as folder:
        return export(run, "video", Path(folder) / "agent.webm", age).read_bytes()
