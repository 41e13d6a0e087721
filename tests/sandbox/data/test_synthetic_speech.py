"""The front end, the synthetic voices, and what training does to spectrograms."""

import numpy as np
import pytest
import torch

from sandbox.baselines.dynamic_time_warping import warped_distances
from sandbox.data import formant_synthesis
from sandbox.data.augment_sound import OtherVoices
from sandbox.data.log_mel import LogMel, mfcc, normalised
from sandbox.data.sound_mask import masked
from sandbox.data.time_stretch import stretched

pytestmark = pytest.mark.thorough


def tone(frequency: float, rate: int = 8_000) -> torch.Tensor:
    return torch.sin(2 * torch.pi * frequency * torch.arange(rate) / rate)[None]


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_a_tone_is_strongest_in_its_own_region(rate):
    front = LogMel(rate)
    for frequency in (300.0, 1_000.0, 3_000.0):
        found = front(tone(frequency, rate))[0].mean(1)
        best = int(found.argmax())
        assert front.edges[best] < frequency < front.edges[best + 2]


def test_the_power_is_that_of_the_fourier_transform():
    front, sound = LogMel(8_000), torch.randn(1, 800)
    column = torch.nn.functional.pad(sound, (100, 100))[0, 400:600] * torch.hann_window(200)
    power = torch.fft.rfft(torch.nn.functional.pad(column, (0, 56))).abs().square()
    expected = 10 * (front.filters @ power + 1e-10).log10()
    assert torch.allclose(front(sound)[0, :, 5], expected, atol=1e-3)


def test_loudness_does_not_matter_and_silence_is_no_number_out_of_range():
    front, sound = LogMel(8_000), torch.randn(2, 8_000)
    assert torch.allclose(normalised(front(sound)), normalised(front(0.1 * sound)), atol=1e-3)
    assert torch.isfinite(normalised(front(torch.zeros(1, 8_000)))).all()


def test_augmentation_only_while_training_and_in_the_same_shape():
    voices, sounds = OtherVoices(LogMel(8_000).edges), torch.randn(5, 1, 40, 101)
    changed = voices(sounds)
    assert changed.shape == sounds.shape and torch.isfinite(changed).all()
    assert not torch.allclose(changed, sounds)
    assert torch.equal(voices.eval()(sounds), sounds)
    assert torch.equal(voices.in_noise(sounds[:, 0]), sounds[:, 0])


def test_a_shorter_vocal_tract_moves_a_tone_up_or_down():
    """The frequencies that training moves a tone to lie on both sides, by at most a third."""
    front = LogMel(8_000)
    voices = OtherVoices(front.edges)
    torch.manual_seed(0)
    sound = normalised(front(tone(1_000)))[:, None].expand(200, -1, -1, -1)
    places = voices.moved(sound)[:, 0].mean(2).argmax(1)
    moved = front.edges[1:-1][places]
    assert moved.min() < 900 < 1_100 < moved.max() and moved.min() > 600 and moved.max() < 1_600


def test_synthetic_words_are_the_same_again_and_have_the_formants_they_should():
    plan = [(0, 3), (0, 4)]
    first, again = (formant_synthesis.spoken(plan, 16_000, seed=1) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(np.isfinite(wave).all() and 0.2 < len(wave) / 16_000 < 1.6 for wave in first)
    # The vowel of "three" has energy around 2,500 Hz, that of "four" has none to speak of.
    high = [_share(wave, 1_800, 3_400) for wave in first]
    assert high[0] > 3 * high[1]


def _share(wave: np.ndarray, low: float, high: float) -> float:
    middle = wave[len(wave) // 2 : len(wave) * 9 // 10]
    power = np.abs(np.fft.rfft(middle)) ** 2
    frequencies = np.fft.rfftfreq(len(middle), 1 / 16_000)
    return power[(frequencies > low) & (frequencies < high)].sum() / power.sum()


def test_the_set_of_synthetic_digits():
    found = formant_synthesis.load()
    assert found.waves.shape == (2_400, 8_000) and np.bincount(found.labels).tolist() == [240] * 10
    train, test, _ = found.split("0.2", 0)
    assert len(test) == 480 and not {found.speakers[int(i)] for i in test} & {
        found.speakers[int(i)] for i in train
    }
    assert np.abs(found.waves).max(1) == pytest.approx(1)


def test_a_stretched_tone_keeps_its_pitch():
    found = stretched(tone(500).numpy(), 1.5)
    assert found.shape[1] == pytest.approx(12_000, rel=0.05)
    assert np.abs(np.fft.rfft(found[0])).argmax() * 8_000 / found.shape[1] == pytest.approx(500, abs=5)


def test_a_mask_keeps_what_it_lets_through():
    front = LogMel(8_000)
    wave = (0.4 * tone(400) + 0.4 * tone(2_500))[0].numpy()
    gains = np.ones((40, 101), np.float32)
    assert np.allclose(masked(wave, gains, front)[300:-300], wave[300:-300], atol=1e-3)
    gains[20:] = 0  # the regions above about 1,200 Hz
    heard = masked(wave, gains, front)
    power = np.abs(np.fft.rfft(heard))
    assert power.argmax() == 400 and power[2_500] < 0.02 * power[400]


def test_warping_time_forgives_tempo_and_not_another_word():
    t = torch.linspace(0, 1, 32)
    word, slower, other = (torch.stack([(6 * s).sin(), (9 * s).cos()], 1) for s in (t, t**1.3, 1 - t))
    found = warped_distances(word[None], torch.stack([word, slower, other]))[0]
    assert found[0] == pytest.approx(0, abs=1e-4) and found[1] < 0.2 * found[2]


def test_warped_distances_are_those_of_the_plain_recursion():
    draw = torch.Generator().manual_seed(0)
    a, b = (torch.randn(1, 8, 3, generator=draw) for _ in range(2))
    cost = torch.cdist(a[0], b[0]).square()
    total = torch.full((9, 9), torch.inf)
    total[0, 0] = 0
    for i in range(8):
        for j in range(max(0, i - 6), min(8, i + 7)):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j + 1], total[i + 1, j], total[i, j])
    assert warped_distances(a, b).item() == pytest.approx(total[8, 8].item(), rel=1e-4)


def test_cepstra_do_not_hear_a_louder_sound():
    sounds = torch.randn(2, 40, 20)
    assert torch.allclose(mfcc(sounds)[:, 1:], mfcc(sounds + 3)[:, 1:], atol=1e-4)
