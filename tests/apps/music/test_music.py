"""Music: MIDI and typed notes, counterpoint by rules, exact probabilities of chords, given melodies."""

import io
import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import mido
import numpy as np
import pytest
import torch

from apps.music.compose import TASK
from sandbox.baselines.chord_n_gram import ChordNGram
from sandbox.corruptions.notes import CORRUPTIONS
from sandbox.data import counterpoint
from sandbox.data.formats import midi
from sandbox.data.piano_roll import KEYS, VOICES, melody_of, parse, roll_of, text_of, thinned, transposed
from sandbox.data.plucked_tone import RATE, sound
from sandbox.errors import UserError
from sandbox.metrics.counterpoint import breaks
from sandbox.tasks.composer import Composing
from sandbox.tasks.families.music_composer import NetworkComposer
from sandbox.tasks.families.music_network import ChordNetwork

TUNE = "C5+E4+C4 D5+F4 . E5+G4*2"


def composer(block: Any = "lstm", chord: Any = "notes") -> NetworkComposer:
    torch.manual_seed(0)
    model = ChordNetwork(block, chord, 32, embedding=16).eval()
    for one in model.moves.parameters():
        torch.nn.init.normal_(one, std=0.3)
    return NetworkComposer(model, Composing(temperature=1.0))


def test_typed_notes_and_midi_files_come_back_as_they_were():
    roll = parse(TUNE)
    assert text_of(roll) == "C5+E4+C4 D5+F4 . E5+G4 E5+G4"
    assert (midi.read(midi.to_bytes(roll)) == roll).all()
    assert (midi.read(midi.to_bytes(roll, per_beat=4), 4) == roll).all()
    file = mido.MidiFile(file=io.BytesIO(midi.to_bytes(roll, 4)))
    struck = [one for one in file.tracks[0] if one.type == "note_on"]
    assert len(struck) == 7  # the last chord is held, not struck again
    for wrong in ("H5", "C9", "C5*0", "", "C5*9999"):
        with pytest.raises(UserError):
            parse(wrong)


def test_damaged_and_foreign_files_are_refused(tmp_path):
    whole = midi.to_bytes(parse(TUNE))
    for content in (b"", b"no midi", whole[:30], b"MThd" + b"\xff" * 40):
        (tmp_path / "a.mid").write_bytes(content)
        with pytest.raises(UserError, match=r"a\.mid"):
            midi.read(tmp_path / "a.mid")
    (tmp_path / "a.json").write_text('{"train": [[[600]]], "valid": [], "test": []}')
    with pytest.raises(UserError, match="no lists of chords"):
        midi.chorales(tmp_path / "a.json")
    assert thinned(np.ones((2, KEYS), bool)).sum() == 2 * VOICES


def test_rules_are_counted_where_they_are_broken():
    fifths = breaks(roll_of([(67, 60), (69, 62)]))
    octaves = breaks(roll_of([(72, 60), (74, 62)]))
    assert fifths["parallel fifths"] == octaves["parallel octaves"] == 1
    assert sum(fifths.values()) == sum(octaves.values()) == 1
    assert sum(breaks(roll_of([(67, 60), (67, 60)])).values()) == 0  # nobody moves
    assert breaks(roll_of([(66,), (60,)]))["leaps"] == 1
    chords = breaks(roll_of([(65, 60), (67, 64, 60), (70, 67, 64, 60), (62, 61, 60)]))
    assert chords["dissonances"] == 2  # the fourth and the cluster


def test_counterpoint_keeps_every_rule_and_ends_on_an_octave():
    for piece in counterpoint.pieces(12, 3):
        assert sum(breaks(piece).values()) == 0 and (piece.sum(1) == 2).all() and len(piece) == 32
        upper, lower = np.flatnonzero(piece[-1])[::-1]
        assert (upper - lower) % 12 == 0


@pytest.mark.parametrize("chord", ["notes", "keys"])
def test_the_probabilities_of_all_chords_add_up_to_one(chord):
    """On a piano of which five keys can sound, which have 32 chords."""
    network, keys = composer(chord=chord), (30, 34, 37, 42, 47)
    silent = torch.tensor([key > 0 and key - 1 not in keys for key in range(KEYS + 1)])
    with torch.no_grad():
        network.model.score.bias[silent] = -1e6
    begin = parse("C5+E4 D5+F4")
    chords = [some for size in range(6) for some in combinations(keys, size)]
    rows = [np.vstack([begin, np.isin(np.arange(KEYS), some)[None]]) for some in chords]
    assert len(rows) == 32
    shares = [math.exp(-costs[-1]) for costs in network.costs(rows)]
    assert sum(shares) == pytest.approx(1.0, abs=1e-4) and min(shares) > 0


def test_the_chain_of_notes_gives_every_chord_its_share():
    """Exactly: the probabilities of all sets of at most eight keys add up to 1."""
    chain = ChordNGram([parse("C5+E4 D5+F4 G4"), parse("C4 . E4+C4")], 2, Composing()).chain
    mass, ended = {KEYS + 1: 1.0}, 0.0
    for place in range(VOICES + 1):
        following: dict[int, float] = {}
        for last, share in mass.items():
            shares = chain[place, last]
            ended += share * shares[0]
            assert shares[last:].sum() == 0 or last == KEYS + 1  # never a key that is not below
            for note in np.flatnonzero(shares[1:]) + 1:
                following[int(note)] = following.get(int(note), 0.0) + share * shares[note]
        mass = following
    assert ended == pytest.approx(1.0)


@pytest.mark.parametrize("block", ["lstm", "attention"])
@pytest.mark.parametrize("chord", ["notes", "keys"])
def test_what_follows_is_foreseen_without_it_and_written_step_by_step(block, chord):
    network, piece = composer(block, chord), parse("C5+E4 D5+F4 E5+G4 F5+A4 G5+E4 A5+F4")
    changed = piece.copy()
    changed[4] = transposed(piece, 2)[4]
    one, other = network.costs([piece, changed])
    np.testing.assert_allclose(one[:4], other[:4], atol=1e-5)
    assert one[4] != pytest.approx(other[4])
    melody = melody_of(piece)
    for composed in (network.harmonise(melody), ChordNGram([piece], 3, Composing()).harmonise(melody)):
        assert (melody_of(composed) == melody).all()
    again = network.go_on([piece, piece[:3]], replace(network.composing, length=5))
    assert [len(found) for found in again] == [5, 5]
    np.testing.assert_array_equal(again[0], network.go_on([piece], replace(network.composing, length=5))[0])


@pytest.mark.thorough
def test_drawn_chords_are_as_frequent_as_they_are_probable():
    network, begin, count = composer(), parse("C5+E4"), 2_000
    how = Composing(temperature=1.0, length=1)
    drawn = network.drawn([begin] * count, range(count), how, np.zeros((count, 1), np.int64))
    tops = np.bincount(np.concatenate([melody_of(one) for one in drawn]), minlength=KEYS + 1)[1:]
    expected = network.next_notes(np.vstack([begin, drawn[0]]))[1]
    assert abs(tops / count - expected).max() < 4 * math.sqrt(expected.max() / count)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_spoilt_music(name):
    one, pieces = CORRUPTIONS[name], [parse("C5+E4 D5+F4 E5+G4 F5+A4"), parse("G5+E4 A5+F4 C5")]
    before = [piece.copy() for piece in pieces]
    for same, piece in zip(one.apply(pieces, 0.0, 0), pieces, strict=True):
        assert (same == piece).all()
    spoilt = one.apply(pieces, one.most, 1)
    assert any((now != piece).any() for now, piece in zip(spoilt, before, strict=True))
    for now, again, piece, old in zip(spoilt, one.apply(pieces, one.most, 1), pieces, before, strict=True):
        assert (now == again).all() and (piece == old).all() and now.sum() <= old.sum()


def test_a_tone_has_its_pitch():
    wave = sound(parse("A4*2"), per_beat=2)
    spectrum = np.abs(np.fft.rfft(wave))
    assert np.argmax(spectrum) * RATE / len(wave) == pytest.approx(440, abs=3)
    assert np.isfinite(wave).all() and np.abs(wave).max() <= 1


def test_own_music_is_cut_and_the_end_is_unseen(tmp_path):
    pieces = counterpoint.pieces(14, 1)
    (tmp_path / "one.mid").write_bytes(midi.to_bytes(np.concatenate(pieces)))
    split = TASK.load(TASK.settings(), str(tmp_path / "one.mid"))
    assert len(split.train) and len(split.test) and split.about.notes
    assert (split.test.inputs[-1] == pieces[-1]).all()
    (tmp_path / "short.mid").write_bytes(midi.to_bytes(pieces[0]))
    with pytest.raises(UserError, match="too short"):
        TASK.load(TASK.settings(), str(tmp_path / "short.mid"))


def test_the_chorales_are_split_as_published(real_data):
    split = TASK.load(TASK.settings(), str(real_data("jsb_chorales")))
    assert (len(split.train), len(split.kept), len(split.test)) == (229, 76, 77)
    assert sum(map(len, split.test.inputs)) == 4_725
    assert text_of(split.test.inputs[0][:2]) == "C6+G5+E5+C5 C6+G5+E5+C5"
