"""Sounds: an unseen one, recorded, or uploaded; seen as a waveform and a spectrogram, and heard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.browser.heatmap import heat
from apps.studio.inputs.image import name_of
from apps.studio.page.chosen_input import ChosenInput, pick, picked, remember, sample
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.data.formats import sounds
from sandbox.data.log_mel import LogMel, normalised
from sandbox.errors import UserError
from sandbox.tasks.inputs.sound import Sound
from sandbox.tasks.predictor import Predictor

SAMPLE, RECORD, UPLOAD = "unseen", "record", "upload"
MOST_UPLOADED = 100
"""Megabytes of one recording."""
RANGE = 5.0
"""Standard deviations from the faintest to the strongest that a spectrogram shows."""
SMALL = (20, 50)
"""Rows and columns of a spectrogram as a thumbnail."""


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the ways to give a sound; None where there is none yet, or the one given cannot be used."""
    way = st.segmented_control(
        "Sound",
        [SAMPLE, RECORD, UPLOAD],
        default=SAMPLE,
        required=True,
        key=f"{page}:sound",
        label_visibility="collapsed",
        width="stretch",
    )
    input: Sound = view.predictor.input
    given: ChosenInput | None = None
    if way == SAMPLE:
        given = sample(view, picked(page, view))
        _unseen(page, view, given)
    elif way == RECORD:
        shot = st.audio_input(
            f"Say one of: {escape(', '.join(map(str, view.predictor.output.classes[:10])))}",
            sample_rate=16_000,
            key=f"{page}:microphone",
            help="It stays on this machine.",
        )
        st.caption("No microphone? Choose *upload*: every phone records sounds, too.")
        given = None if shot is None else _own(view, shot.getvalue(), "The recording")
    else:
        file = st.file_uploader(
            "A recording",
            type=[ending.removeprefix(".") for ending in sounds.ENDINGS],
            key=f"{page}:recording",
            max_upload_size=MOST_UPLOADED,
            help=f"{sounds.KINDS}, at most {sounds.MAX_SECONDS:z.0f} seconds; one word is cut out of it.",
        )
        given = None if file is None else _own(view, file.getvalue(), file.name)
    if given is not None:
        listen(given.value, input.rate)
        large(page, given.value, input, key="chosen")
    remember(page, view, given)
    return given


def listen(wave: Any, rate: int) -> None:
    """Draw a player."""
    st.audio(sounds.wav(np.asarray(wave), rate), format="audio/wav")


def large(page: str, wave: Any, input: Sound, *, key: str) -> None:
    """Draw a waveform and its spectrogram, time below time."""
    values = np.asarray(wave, np.float32)
    heat(
        outline(values),
        key=f"{page}:{key}:wave",
        alt="The waveform: how the pressure of the air moves over time",
        x_title="time, hundredths of a second",
        y_title="pressure",
        scale=1.0,
        height=64,
    )
    heat(
        spectrogram(values, input.rate),
        key=f"{page}:{key}:spectrogram",
        alt="The spectrogram: how strong each pitch is over time",
        x_title="time, hundredths of a second",
        y_title="pitch",
        names=pitches(input.rate),
        note="The darker, the stronger. Low pitches below, high ones above.",
        scale=1.0,
        height=170,
    )


def shown(view: RunView, value: Any) -> NDArray[Any]:
    """A spectrogram small enough for many side by side, (rows, columns) in [0, 1]."""
    return _small(value, view.predictor.input)


def preview(
    page: str, predictor: Predictor[Any, Any], values: Sequence[Any], captions: Sequence[str]
) -> None:
    """Draw a few sounds with their classes, each with a player."""
    input: Any = predictor.input
    for column, value, caption in zip(st.columns(len(values)), values, captions, strict=True):
        with column:
            gallery(
                [Picture(_small(value, input), caption, alt=f"Spectrogram of {caption}")],
                key=f"{page}:preview:{caption}",
                size=90,
            )
            listen(value, input.rate)


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw one sound that cannot be changed, with a player."""
    gallery([Picture(shown(view, value), caption)], key=f"{page}:{key}", size=size)
    listen(value, view.predictor.input.rate)


@lru_cache(maxsize=8)
def front(rate: int) -> LogMel:
    """What makes the spectrograms that are shown."""
    return LogMel(rate)


def spectrogram(wave: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """A waveform (T,) as rows of pitches, the highest first, over hundredths of a second, in [0, 1]."""
    with torch.inference_mode():
        found = normalised(front(rate)(torch.from_numpy(wave.copy())[None]))[0].numpy()
    return strengths(found)


def strengths(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """A normalised spectrogram (M, L) as shown: silence is 0, the strongest 1, high pitches above."""
    return ((values - values.min()) / RANGE).clip(0, 1)[::-1]


def pitches(rate: int) -> list[str]:
    """What each row of a spectrogram stands for, the highest first."""
    return [f"{float(frequency):z,.0f} Hz" for frequency in reversed(front(rate).edges[1:-1])]


def outline(wave: NDArray[np.float32], rows: int = 21, columns: int = 100) -> NDArray[np.float32]:
    """A waveform as a picture: each column is filled between its lowest and its highest sample."""
    parts = np.array_split(wave, columns)
    levels = np.linspace(1, -1, rows)[:, None]
    low = np.array([part.min() for part in parts])
    high = np.array([part.max() for part in parts])
    reach = 1 / (rows - 1)
    return ((levels >= low - reach) & (levels <= high + reach)).astype(np.float32)


def _small(value: Any, input: Sound) -> NDArray[np.float32]:
    large = torch.from_numpy(spectrogram(np.asarray(value, np.float32), input.rate).copy())
    return torch.nn.functional.adaptive_avg_pool2d(large[None], SMALL)[0].numpy()


def _unseen(page: str, view: RunView, given: ChosenInput) -> None:
    """Whose word it is, and a button for another."""
    speakers = getattr(view.split, "speakers", ())
    step = max(1, -(-len(view.split.test) // len(view.test)))  # as `Examples.some` thins them
    place = None if given.index is None else given.index * step
    who = f", {speakers[place]}" if place is not None and place < len(speakers) and speakers[place] else ""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{escape(name_of(view, given.target))}**{escape(who)}", width="content")
        st.button(
            "Another",
            icon=":material/shuffle:",
            type="tertiary",
            key=f"{page}:another-sound",
            on_click=lambda: pick(page, int(np.random.default_rng(given.index).integers(len(view.test)))),
            help="Another unseen recording.",
        )


def _own(view: RunView, content: bytes, name: str) -> ChosenInput | None:
    input: Sound = view.predictor.input
    try:
        return ChosenInput(input.encode(sounds.read(content, input.rate, name=name[:60])))
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return None
