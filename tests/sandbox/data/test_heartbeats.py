"""Made hearts and the beats in a recording."""

import numpy as np
import pytest

from sandbox.data import heartbeats
from sandbox.data.heartbeats import AFTER, BEFORE, KINDS, RATE


def bells(beats):
    time = np.arange(int((beats[-1] + 2) * RATE)) / RATE
    return sum(np.exp(-0.5 * ((time - at) / 0.015) ** 2) for at in beats) + 0.3 * np.sin(time)


def test_every_r_peak_is_found_where_it_is():
    beats = 1 + np.cumsum(np.random.default_rng(0).uniform(0.5, 1.2, 40))
    found = heartbeats.r_peaks(bells(beats)) / RATE
    assert len(found) == 40 and np.abs(found - beats).max() < 0.02


def test_only_ill_hearts_have_unusual_beats_of_every_kind():
    well, ill = (heartbeats.made(6, 60, 1, ill=one) for one in (False, True))
    assert not well.kinds.any() and set(ill.kinds) == set(range(len(KINDS)))
    assert well.windows.shape[1] == BEFORE + AFTER and set(well.hearts) == set(range(6))
    assert (np.abs(well.windows.argmax(1) - BEFORE) < 100).all()


def test_behind_a_missing_beat_there_is_none():
    ill = heartbeats.made(12, 60, 2, ill=True)
    behind = ill.windows[:, BEFORE + 40 : BEFORE + 75].max(1)
    missing = ill.kinds == KINDS.index("missing")
    assert np.median(behind[missing]) < 0.5 * np.median(ill.windows[missing].max(1))


@pytest.mark.parametrize("kind", range(1, len(KINDS)))
def test_what_is_done_to_a_beat_changes_it_and_not_its_size(kind):
    beat = heartbeats.made(1, 30, 0, ill=False).windows[3]
    spoilt = heartbeats.spoilt(beat, kind, np.random.default_rng(0))
    assert spoilt.shape == beat.shape and np.isfinite(spoilt).all()
    assert np.square(spoilt - beat).mean() > 1e-4


def test_a_recording_at_another_rate_has_as_many_beats():
    beats = 1 + np.cumsum(np.full(20, 0.8))
    slow = bells(beats)
    fast = np.interp(np.arange(0, len(slow) / RATE, 1 / 250), np.arange(len(slow)) / RATE, slow)
    assert len(heartbeats.r_peaks(heartbeats.resampled(fast, 250.0))) == 20


def test_the_public_recording(real_data):
    signal = heartbeats.recording(real_data("ecg") / "ecg.dat")
    assert 480 < len(heartbeats.r_peaks(signal)) < 560  # 5 minutes at about 105 beats a minute
