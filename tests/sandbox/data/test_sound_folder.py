"""Folders of recordings: classes, speakers, what is skipped, and splits that do not leak."""

import numpy as np
import pytest
import soundfile

from sandbox.data import sound_folder
from sandbox.data.labelled_sounds import LabelledSounds
from sandbox.data.word_clip import clip
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough
RATE = 8_000


def speak(path, seed):
    """A noise of its own, half a second long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * np.random.default_rng(seed).standard_normal(RATE // 2), RATE)


def load(folder):
    return sound_folder.load(folder, rate=RATE, samples=RATE)


@pytest.fixture
def flat(tmp_path):
    """As Free Spoken Digits: three speakers say two words three times."""
    seed = 0
    for word in "07":
        for speaker in ("anna", "ben_z", "cleo"):
            for take in range(3):
                speak(tmp_path / "set" / "recordings" / f"{word}_{speaker}_{take}.wav", seed := seed + 1)
    return tmp_path / "set"


def test_class_and_speaker_come_from_the_name(flat):
    (flat / "README.md").write_text("not a sound")
    found = load(flat)
    assert found.classes == ("0", "7") and found.waves.shape == (18, RATE)
    assert set(found.speakers) == {"anna", "ben_z", "cleo"}
    assert load(flat / "recordings").classes == found.classes


def test_class_folders_with_speakers_as_in_speech_commands(tmp_path):
    for i, word in enumerate(("yes", "no")):
        for speaker in ("0a7c2a8d", "ffd2ba2f"):
            speak(tmp_path / word / f"{speaker}_nohash_0.wav", 10 * i + len(speaker) + ord(speaker[0]))
    speak(tmp_path / "_background_noise_" / "noise.wav", 99)
    found = load(tmp_path)
    assert found.classes == ("no", "yes") and set(found.speakers) == {"0a7c2a8d", "ffd2ba2f"}
    assert any("_background_noise_" in note for note in found.notes)


def test_what_cannot_be_read_is_counted_and_named(flat):
    (flat / "recordings" / "0_anna_9.wav").write_bytes(b"nothing of the kind" * 9)
    (flat / "recordings" / "7_anna_9.wav").write_bytes(b"")
    soundfile.write(flat / "recordings" / "7_anna_8.wav", np.zeros(RATE), RATE)
    (flat / "recordings" / "._0_anna_1.wav").write_bytes(b"a helper's")
    (flat / "recordings" / "notes.txt").write_text("hello")
    first = flat / "recordings" / "0_anna_0.wav"
    (flat / "recordings" / "0_anna_7.wav").write_bytes(first.read_bytes())
    found = load(flat)
    assert len(found.waves) == 18
    told = " ".join(found.notes)
    for part in ("0_anna_9.wav", "empty file", "silent", "notes.txt", "1 recordings are exact copies"):
        assert part in told, (part, told)
    assert "._0" not in told


def test_speakers_are_on_one_side_of_the_split(flat):
    found = load(flat)
    for held_out in ("0.3", "ben_z"):
        train, test, told = found.split(held_out, 1)
        heard, unseen = ({found.speakers[int(i)] for i in part} for part in (train, test))
        assert heard and unseen and not heard & unseen and len(train) + len(test) == 18
        assert next(iter(unseen)) in told
    assert {found.speakers[int(i)] for i in found.split("ben_z", 0)[1]} == {"ben_z"}


def test_without_speakers_recordings_are_split_and_a_note_says_so(tmp_path):
    for word in ("yes", "no"):
        for take in range(5):
            speak(tmp_path / f"{word}_{take}.wav", len(word) * 10 + take)
    found = load(tmp_path)
    train, test, told = found.split("0.2", 0)
    assert len(train) == 8 and set(found.labels[test]) == {0, 1} and "do not tell them apart" in told


def test_mistakes_are_one_sentence(flat, tmp_path):
    found = load(flat)
    for held_out, said in (("annna", "anna"), ("1.5", "between 0 and 1"), ("0", "between 0 and 1")):
        with pytest.raises(UserError, match=said):
            found.split(held_out, 0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no recordings"):
        load(tmp_path / "empty")
    speak(tmp_path / "one" / "yes_1.wav", 1)
    speak(tmp_path / "one" / "yes_2.wav", 2)
    with pytest.raises(UserError, match="single class yes"):
        load(tmp_path / "one")
    speak(tmp_path / "one" / "no_1.wav", 3)
    with pytest.raises(UserError, match="has 1 recording"):
        load(tmp_path / "one")


def test_a_speaker_without_every_class_cannot_be_the_unseen_one():
    found = LabelledSounds(
        name="x",
        classes=("a", "b"),
        rate=RATE,
        waves=np.zeros((6, 4), np.float32),
        labels=np.array([0, 1, 0, 1, 0, 0]),
        speakers=["p", "p", "q", "q", "r", "r"],
    )
    with pytest.raises(UserError, match="not every class"):
        found.split("r", 0)


def test_a_word_is_found_in_a_recording_and_stays_where_it_is():
    word = np.random.default_rng(0).standard_normal(3_000).astype(np.float32)
    quiet = 1e-3 * np.random.default_rng(1).standard_normal(20_000).astype(np.float32)
    quiet[12_000:15_000] += 0.2 * word
    found = clip(quiet, RATE, RATE)
    loud = np.flatnonzero(np.abs(found) > 0.05)
    assert abs((loud[0] + loud[-1]) / 2 - RATE / 2) < 200 and np.abs(found).max() == 1
    assert np.array_equal(clip(found, RATE, RATE), found)
    assert len(clip(np.concatenate([word] * 4), RATE, RATE)) == RATE
    with pytest.raises(UserError, match="silent"):
        clip(np.zeros(500, np.float32), RATE, RATE)


def test_a_long_recording_with_pauses_is_several_words(tmp_path):
    """As somebody records one word after the other for a class."""
    draw = np.random.default_rng(3)
    pause = 1e-4 * draw.standard_normal(RATE)
    for word in ("up", "down"):
        spoken = [part for _ in range(4) for part in (0.3 * draw.standard_normal(3_000), pause)]
        (tmp_path / word).mkdir()
        soundfile.write(tmp_path / word / "recording.wav", np.concatenate(spoken), RATE)
    found = load(tmp_path)
    assert found.waves.shape == (8, RATE) and "hold several words" in " ".join(found.notes)
