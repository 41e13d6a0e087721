"""Sound files as people have them: each is read, or refused in one sentence."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sandbox.data.formats import sounds

pytestmark = pytest.mark.thorough
RATE = 8_000


def tone(rate: int, channels: int = 1, seconds: float = 1.0, frequency: float = 440.0) -> np.ndarray:
    t = np.arange(round(rate * seconds)) / rate
    return np.repeat(0.5 * np.sin(2 * np.pi * frequency * t)[:, None], channels, 1)


def written(path: Path, values: np.ndarray, rate: int, subtype: str | None = None) -> Path:
    soundfile.write(path, values, rate, subtype=subtype)
    return path


@pytest.mark.parametrize(
    ("name", "rate", "channels", "subtype"),
    [
        ("a.wav", 96_000, 6, "PCM_24"),
        ("a.wav", 44_100, 1, "PCM_U8"),
        ("a.wav", 11_025, 2, "PCM_16"),
        ("a.wav", 8_000, 1, "PCM_32"),
        ("a.wav", 44_099, 1, "FLOAT"),
        ("a.flac", 48_000, 2, "PCM_16"),
        ("a.ogg", 48_000, 1, "VORBIS"),
        ("a.mp3", 48_000, 1, "MPEG_LAYER_III"),
    ],
)
def test_every_rate_depth_and_number_of_channels_becomes_the_same_tone(
    tmp_path, name, rate, channels, subtype
):
    path = written(tmp_path / name, tone(rate, channels), rate, subtype=subtype)
    for source in (path, path.read_bytes()):
        wave = sounds.read(source, RATE)
        assert wave.dtype == np.float32 and abs(len(wave) - RATE) < 20
        strongest = np.abs(np.fft.rfft(wave)).argmax() * RATE / len(wave)
        assert strongest == pytest.approx(440, abs=2)
        assert np.abs(wave[1_000:-1_000]).max() == pytest.approx(0.5, abs=0.03)


def test_what_lies_above_half_the_rate_is_filtered_out(tmp_path):
    """Without a filter, 5,000 Hz would come out as a tone of 3,000."""
    wave = sounds.read(written(tmp_path / "a.wav", tone(48_000, frequency=5_000), 48_000), RATE)
    assert np.abs(wave[500:-500]).max() < 0.01


def test_channels_that_cancel_each_other_do_not_become_silence(tmp_path):
    left = tone(RATE)
    wave = sounds.read(written(tmp_path / "a.wav", np.concatenate([left, -left], 1), RATE), RATE)
    assert np.abs(wave).max() == pytest.approx(0.5, abs=0.01)


def test_floats_beyond_full_scale_are_scaled_and_an_offset_is_gone(tmp_path):
    loud = written(tmp_path / "a.wav", 20 * tone(RATE) + 3, RATE, subtype="FLOAT")
    wave = sounds.read(loud, RATE)
    assert np.abs(wave).max() <= 1 and abs(wave.mean()) < 1e-3


def damaged(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that cannot be read, each with what is said of it."""
    whole = written(folder / "whole.wav", tone(RATE), RATE).read_bytes()
    flac = written(folder / "whole.flac", tone(RATE), RATE).read_bytes()
    gap = tone(RATE)
    gap[7] = np.nan
    wrong = bytearray(whole)
    wrong[24:28] = (2**31 - 1).to_bytes(4, "little")
    contents = {
        "empty.wav": (b"", "empty"),
        "head.wav": (whole[:30], "damaged"),
        "cut.flac": (flac[: len(flac) // 2], "damaged"),
        "text.wav": (b"some words " * 50, "not a WAV"),
        "picture.wav": (b"\x89PNG\r\n\x1a\n" + bytes(500), "not a WAV"),
        "rate.wav": (bytes(wrong), "samples a second"),
    }
    found = {}
    for name, (content, said) in contents.items():
        (folder / name).write_bytes(content)
        found[name] = (folder / name, said)
    found["nan"] = (written(folder / "nan.wav", gap, RATE, subtype="FLOAT"), "no numbers")
    found["nothing"] = (written(folder / "nothing.wav", np.zeros((0, 6)), 96_000), "0 seconds")
    found["long"] = (written(folder / "long.wav", np.zeros(RATE * 61), RATE), "longer than 60 seconds")
    found["aiff"] = (written(folder / "a.aiff", tone(RATE), RATE), "not a WAV")
    found["missing"] = (folder / "missing.wav", "No such file")
    found["folder"] = (folder, "not a WAV")
    return found


def test_what_cannot_be_read_is_one_sentence_that_names_the_file(tmp_path):
    for name, (path, said) in damaged(tmp_path).items():
        with pytest.raises(sounds.SoundError) as refusal:
            sounds.read(path, RATE)
        text = str(refusal.value)
        assert said in text and path.name in text and "\n" not in text, (name, text)


def test_a_truncated_wav_is_read_as_far_as_it_goes(tmp_path):
    whole = written(tmp_path / "whole.wav", tone(RATE), RATE).read_bytes()
    assert 3_500 < len(sounds.read(whole[: len(whole) // 2], RATE)) < 4_500


def test_written_and_read_again(tmp_path):
    wave = tone(RATE)[:, 0].astype(np.float32)
    sounds.write(tmp_path / "a.wav", wave, RATE)
    assert np.allclose(sounds.read(tmp_path / "a.wav", RATE), wave, atol=1e-3)
