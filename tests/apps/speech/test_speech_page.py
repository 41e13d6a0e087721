"""Speech without a browser: hostile uploads leave the page alive, and one's own words become a training."""

import io

import numpy as np
import pytest
import soundfile

from sandbox.data import formant_synthesis
from sandbox.data.formats import sounds
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import settings_from
from sandbox.tasks.training import train_task

pytestmark = pytest.mark.thorough


@pytest.fixture
def run() -> Run:
    """A training of a few steps."""
    task = import_task("speech/teach")
    config = {"argv": ["train", "speech/teach"], "seed": 0, "threads": 1, "kind": "task"}
    made = Run.create("speech/teach", config)
    settings = settings_from(task, {**task.tiny, "steps": 8})
    assert drive(made, train_task(task, settings, made)) == "done", made.status()["message"]
    return made


def as_file(values: np.ndarray, rate: int) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, values, rate, format="WAV")
    return buffer.getvalue()


def test_a_recording_of_ones_own_is_answered_and_bad_ones_are_one_sentence(open_page, run, read):
    at = open_page("speech", run=run.name)
    at.segmented_control(key="speech:sound").set_value("upload").run()
    six = np.random.default_rng(0).standard_normal((96_000, 6)) * 0.1
    whole = as_file(six, 96_000)
    cases = {
        "six.wav": (whole, ""),
        "none.wav": (as_file(np.zeros((0, 6)), 96_000), "0 seconds"),
        "quiet.wav": (as_file(np.zeros(8_000), 8_000), "silent"),
        "head.wav": (whole[:30], "damaged"),
        "../../up.wav": (b"nothing of the kind" * 20, "not a WAV"),
    }
    for name, (content, said) in cases.items():
        at.file_uploader(key="speech:recording").upload(name, content, "audio/wav").run()
        assert not at.exception
        assert [said in error.value for error in at.error] == ([True] if said else []), name
        assert run.name in read(at)


def test_own_words_by_class_become_what_is_trained(open_page, started, run, read):
    """One recording says a word four times, the others are a file each."""
    at = open_page("speech", run=run.name)
    voice = [formant_synthesis.spoken([(0, word)] * 4, 8_000, take=word) for word in (3, 6)]
    pause = np.zeros(4_000, np.float32)
    together = np.concatenate([part for one in voice[0] for part in (one, pause)])
    at.selectbox(key="speech:data").set_value("my own recordings").run()
    at.number_input(key="speech:classes").set_value(2).run()
    for number, (name, files) in enumerate(
        {
            "three": [("recording.wav", sounds.wav(together, 8_000), "audio/wav")],
            "six": [(f"{i}.wav", sounds.wav(one, 8_000), "audio/wav") for i, one in enumerate(voice[1])],
        }.items()
    ):
        at.text_input(key=f"speech:class:{number}").set_value(name)
        at.file_uploader(key=f"speech:class:{number}:files").set_value(files)
    at.run()
    assert not at.error and not at.exception
    assert "8 words" in read(at) and "three" in read(at)
