"""Imitate me: what a person has just played in the browser becomes the demonstrations of a training."""

import re
from pathlib import Path

import streamlit as st

from agents.environments import find_target
from agents.imitation.recordings import LEAST_STEPS
from agents.viewing.recording import Recording
from agents.viewing.viewed_environment import World
from apps.arena import controls
from apps.arena.controls import PAGE, Choice
from apps.studio.page import training_buttons
from apps.studio.plain_text import escape
from sandbox.errors import UserError, because
from sandbox.runs import runs_dir

FOLDER = ".played"
"""In the folder of all runs, which takes no hidden folder for a run."""
FIRST_CLONES = 1000
"""Updates of cloning with which GAIL begins here: of a person there is little to see."""


def recording_of(choice: Choice, world: World) -> Recording | None:
    """What was played in this session in these physics; None where it cannot be recorded."""
    key, physics = _key(choice.target), tuple(sorted(choice.params.items()))
    kept = st.session_state.get(key)
    if kept is None or kept[0] != physics:
        try:
            kept = physics, Recording(None, world)
        except UserError:  # what is seen is no array
            kept = physics, None
        st.session_state[key] = kept
    return kept[1]


def row(choice: Choice) -> None:
    """What was recorded, and what can be done with it."""
    recording: Recording | None = st.session_state.get(_key(choice.target), (None, None))[1]
    files = recordings(choice.target)
    if (recording is None or not recording.steps) and not files:
        st.caption("After a minute of play an agent can learn to play like you: *Imitate me*.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if recording is not None and recording.steps:
            _about_this_session(choice, recording)
        if files:
            with st.popover(f"Recordings ({len(files)})", icon=":material/folder:"):
                st.caption(f"They lie in {escape(str(runs_dir() / FOLDER))}.")
                for file in files:
                    st.button(
                        f"Delete {escape(file.name)}",
                        icon=":material/delete:",
                        key=f"arena:delete:{file.name}",
                        on_click=_delete,
                        args=(file,),
                    )


def _about_this_session(choice: Choice, recording: Recording) -> None:
    gail = st.session_state.get("arena:imitate:gail", False)
    st.button(
        "Imitate me",
        icon=":material/content_copy:",
        key="arena:imitate",
        on_click=_start,
        args=(choice, recording, gail),
        help="An agent learns what you did in each situation. *Watch* shows how it plays, and *Compare* puts "
        "its return beside yours.",
    )
    st.toggle(
        "Go on with GAIL",
        key="arena:imitate:gail",
        help="It then also plays by itself, and a second network rewards what looks like your play. It takes "
        "longer, and helps where cloning meets situations that you never showed it.",
    )
    st.button(
        "Forget the last game",
        icon=":material/undo:",
        key="arena:imitate:undo",
        on_click=recording.undo,
        help="It is left out of what is imitated.",
    )
    games = f"{recording.episodes} game{'s' * (recording.episodes != 1)}"
    st.caption(f"Recorded: {games}, {recording.steps:,} steps.")


def recordings(target: str) -> list[Path]:
    """The files of earlier recordings of an environment."""
    return sorted((runs_dir() / FOLDER).glob(f"{_stem(target)}-[0-9]*.npz"))


def keep(target: str, recording: Recording) -> Path:
    """Write a recording into the folder of runs, under a name of its own.

    Raises:
        UserError: too little was played, or it cannot be written.
    """
    if recording.steps < LEAST_STEPS:
        raise UserError(
            f"You have played {recording.steps:,} steps here; at least {LEAST_STEPS} are needed to imitate "
            "you: play a little longer."
        )
    folder = runs_dir() / FOLDER
    number = 1
    while True:
        path = folder / f"{_stem(target)}-{number:03d}.npz"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)  # nobody else takes this name
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            raise UserError(f"Nothing can be recorded in {folder}, because {because(error)}.") from error
        recording.save_as(path)
        return path


def words(choice: Choice, file: Path, gail: bool) -> list[str]:
    """The command of a training that imitates a recording."""
    chosen = controls.More(seed=int(st.session_state.get("arena:seed", 0)), steps=None, policy=None)
    found = controls.argv(choice.target, "gail" if gail else "clone", choice.params, chosen)
    found += ["--demonstrations", str(file)]
    return found + (["--clone-steps", str(FIRST_CLONES)] if gail else [])


def _start(choice: Choice, recording: Recording, gail: bool) -> None:
    training_buttons.start(PAGE, lambda: words(choice, keep(choice.target, recording), gail))


def _delete(file: Path) -> None:
    file.unlink(missing_ok=True)


def _key(target: str) -> str:
    return f"arena:played:{target}"


def _stem(target: str) -> str:
    """The environment's name as part of a file's."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", Path(find_target(target).name).stem)[:60]
