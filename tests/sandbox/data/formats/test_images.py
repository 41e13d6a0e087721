"""Pictures as people have them: transparent, deep, turned, animated, large, broken."""

import io
import re
import subprocess
import sys
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from sandbox.data.formats.images import MOST_SIDE, PictureError, values
from sandbox.data.image_folder import read
from sandbox.errors import UserError

RAMP = np.repeat(np.linspace(0, 65535, 256).astype(np.uint16)[None], 4, axis=0)


@pytest.fixture
def saved(tmp_path):
    """Saves a picture and gives its path."""

    def save(picture, ending="png", **options):
        path = tmp_path / f"picture.{ending}"
        picture.save(path, **options)
        return path

    return save


def ink_on_nothing(mode="RGBA"):
    """A black bar on a transparent ground; the transparent pixels are black, too, as many programs save."""
    pixels = np.zeros((40, 30, 4), np.uint8)
    pixels[10:30, 12:18, 3] = 255
    return Image.fromarray(pixels).convert(mode) if mode != "P" else Image.fromarray(pixels).quantize()


@pytest.mark.parametrize(
    ("mode", "ending"),
    [("RGBA", "png"), ("LA", "png"), ("P", "png"), ("RGBA", "webp"), ("RGBA", "gif"), ("RGBA", "tiff")],
)
def test_ink_on_a_transparent_ground_lies_on_white_paper(saved, mode, ending):
    options = {"lossless": True} if ending == "webp" else {}
    found = read(saved(ink_on_nothing(mode), ending, **options))
    expected = np.full((40, 30, 3), 255)
    expected[10:30, 12:18] = 0
    assert np.array_equal(found, expected)


def test_a_colour_that_is_declared_transparent_is_paper(saved):
    grey = Image.fromarray(np.array([[0, 100], [200, 255]], np.uint8))
    assert read(saved(grey, transparency=100))[..., 0].tolist() == [[0, 255], [200, 255]]
    deep = Image.fromarray(np.array([[0, 25700], [51400, 65535]], np.uint16))
    assert read(saved(deep, transparency=25700))[..., 0].tolist() == [[0, 255], [200, 255]]


def test_half_transparent_ink_is_mixed_with_the_paper(saved):
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[..., 3] = 51
    assert read(saved(Image.fromarray(pixels))).tolist() == [[[204] * 3] * 2] * 2


@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_grey_of_16_bits_keeps_its_shades(saved, ending):
    assert np.array_equal(read(saved(Image.fromarray(RAMP), ending))[0, :, 0], np.arange(256))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (RAMP.astype(np.int32), np.arange(256)),
        (np.arange(256, dtype=np.int32)[None], np.arange(256)),
        (np.linspace(0, 1, 256, dtype=np.float32)[None], np.arange(256)),
        (np.arange(256, dtype=np.float32)[None], np.arange(256)),
        (np.array([[-5, 0, 5]], np.float32), [0, 128, 255]),
        (np.array([[np.nan, 1, 0.2]], np.float32), [0, 255, 51]),
    ],
)
def test_deeper_numbers_are_scaled_to_the_range_that_holds_them(saved, array, expected):
    assert np.array_equal(read(saved(Image.fromarray(array), "tiff"))[0, :, 0], expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tiff"])
def test_photos_are_turned_as_the_camera_was_held(saved, orientation, ending):
    upright = np.zeros((24, 16, 3), np.uint8)
    upright[:8, :8] = 200
    # What the camera stores, for each way it may be held.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = read(saved(Image.fromarray(np.ascontiguousarray(stored)), ending, exif=exif))
    assert found.shape == upright.shape
    assert np.abs(found.astype(int) - upright).max() < 30


def test_a_damaged_note_of_the_camera_turns_nothing(saved):
    path = saved(Image.new("RGB", (5, 7), "red"), exif=b"Exif\0\0 no such thing")
    assert read(path).shape == (7, 5, 3)


def test_print_colours_become_screen_colours(saved):
    assert (
        np.abs(read(saved(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "jpg"))[4, 4] - [255, 0, 0]).max() < 9
    )


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "tiff"])
def test_of_an_animation_the_first_frame_is_read(saved, ending):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if ending == "webp" else {}
    path = saved(frames[0], ending, save_all=True, append_images=frames[1:], **options)
    assert read(path)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("ending", ["bmp", "gif", "jfif", "tif", "TIFF", "WebP", "JPG"])
def test_all_usual_endings_are_read(tmp_path, ending):
    kinds = {"jfif": "JPEG", "jpg": "JPEG", "tif": "TIFF"}
    path = tmp_path / f"picture.{ending}"
    Image.new("RGB", (8, 8), "white").save(path, kinds.get(ending.lower(), ending.upper()))
    assert read(path).min() > 250


PEAK = """
import sys
import numpy as np
from PIL import Image
from sandbox.data.formats.images import read
status = "/proc/self/status"
def kept(name):
    return next(int(line.split()[1]) for line in open(status) if line.startswith(name)) / 1024
read(sys.argv[2])
before = kept("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
picture = read(sys.argv[1])
print(kept("VmHWM") - before, *picture.shape)
"""


@pytest.mark.quick("RGB-jpg*", "RGB-webp*")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of the memory is read from /proc")
@pytest.mark.parametrize(
    ("mode", "ending", "most"),
    [
        ("RGB", "jpg", 70),
        ("RGB", "png", 110),
        ("RGBA", "png", 110),
        ("RGB", "webp", 160),
        ("RGBA", "webp", 160),
    ],
)
def test_a_picture_of_16_megapixels_takes_little_memory(tmp_path, saved, mode, ending, most):
    small = tmp_path / f"small.{ending}"
    Image.new("RGB", (8, 8)).save(small)
    fast = {"method": 0} if ending == "webp" else {}
    large = saved(Image.new(mode, (4000, 4000), (255, 0, 0, 99)[: len(mode)]), ending, **fast)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, large, small], capture_output=True, text=True, check=True
    )
    megabytes, *shape = map(float, done.stdout.split())
    assert shape == [MOST_SIDE, MOST_SIDE, 3]
    assert megabytes < most  # 64 of them are the picture itself, as it is unpacked; a page took 380


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_is_read_as_pillow_reads_it(saved, mode, lossless):
    generator = np.random.default_rng(0)
    bands = [generator.integers(0, 255, (9, 7), dtype=np.uint8) for _ in mode]
    picture = Image.merge(mode, [Image.fromarray(band) for band in bands]).resize((70, 90))
    path = saved(picture, "webp", lossless=lossless)
    with Image.open(path) as file:
        paper = Image.new("RGB", file.size, "white")
        paper.paste(file, mask=file.getchannel("A") if mode == "RGBA" else None)
    assert np.array_equal(read(path), np.asarray(paper))
    assert np.array_equal(read(path.read_bytes()), np.asarray(paper))


def test_a_large_animated_webp_is_refused(saved):
    frames = [Image.new("RGB", (3000, 1400), colour) for colour in ("red", "blue")]
    path = saved(frames[0], "webp", save_all=True, append_images=frames[1:], method=0)
    with pytest.raises(UserError, match="3000 x 1400 pixels; at most 4 million are read of an animated WEBP"):
        read(path)


def test_a_large_picture_is_shrunk_as_a_whole():
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 255, (64, 48, 3), dtype=np.uint8)
    large = coarse.repeat(64, 0).repeat(64, 1)  # 4096 x 3072
    content = io.BytesIO()
    Image.fromarray(large).save(content, "PNG", compress_level=1)
    found = values(content.getvalue())
    assert found.shape == (1024, 768, 3)
    assert np.abs(found[8::16, 8::16] * 255 - coarse).max() < 1


def test_a_small_file_that_unfolds_to_169_megapixels_is_refused(saved):
    path = saved(Image.new("1", (13_000, 13_000)))
    assert path.stat().st_size < 25_000
    with pytest.raises(UserError, match=r"picture\.png has .* pixels; at most 16 million are read\."):
        read(path)


def test_a_photo_of_50_megapixels_is_read_at_a_fraction_of_its_size(saved):
    path = saved(Image.new("L", (8_000, 6_300), 77), "jpg")
    assert read(path).shape == (806, 1024, 3)
    with pytest.raises(UserError, match="8000 x 6300 pixels"):
        read(saved(Image.new("L", (8_000, 6_300), 77), "jpg", progressive=True))


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "tiff", "webp", "bmp"])
def test_a_damaged_file_is_one_sentence(saved, ending):
    whole = saved(Image.fromarray(np.arange(3072, dtype=np.uint8).reshape(32, 32, 3)), ending).read_bytes()
    generator = np.random.default_rng(0)
    for i in range(60):
        content = bytearray(whole[: generator.integers(1, len(whole))] if i % 2 else whole)
        for _ in range(4):
            content[generator.integers(len(content))] = generator.integers(256)
        try:
            read(bytes(content), name="mine")
        except UserError as error:
            assert re.fullmatch(r"mine (is not a|cannot be read:|has) [^\n]{5,200}\.", str(error)), str(error)


def test_arrays_count_as_their_type_says():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.allclose(values(grey), grey / 255)
    assert np.allclose(values(grey.astype(np.uint16) * 257), grey / 255)
    assert np.allclose(values(grey / 255), grey / 255)
    assert np.allclose(values(grey > 99), grey > 99)
    assert values(np.zeros((16, 16, 1))).shape == (16, 16)
    assert values(torch.rand(1, 8, 8)).shape == (8, 8)
    assert values(torch.rand(3, 8, 9)).shape == (8, 9, 3)
    clear = np.zeros((4, 4, 4), np.uint8)
    assert (values(clear) == 1).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.full((8, 8), 255.0), "numbers from 255 to 255; they must lie between 0 and 1, or be bytes"),
        (np.full((8, 8), 200), "numbers from 200 to 200"),
        (np.full((8, 8), -0.1), "numbers from -0.1"),
        (np.full((8, 8), np.nan), "between 0 and 1"),
        (np.zeros(7), "a picture is"),
        (np.zeros((3, 3, 3, 3)), "a picture is"),
        (np.zeros((0, 5)), "no array of numbers"),
        ([["a"]], "no array of numbers"),
        ([[1], [1, 0]], "no array of numbers"),
        (None, "no array of numbers"),
    ],
)
def test_what_is_no_picture_is_one_sentence(given, words):
    with pytest.raises(PictureError, match=words) as caught:
        values(given)
    assert isinstance(caught.value, UserError) and isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_chunks_that_unfold_are_refused(saved):
    path = saved(Image.new("RGB", (8, 8)))
    content = path.read_bytes()
    text = b"zTXt" + b"note\0\0" + zlib.compress(b"x" * 10**8)
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    with pytest.raises(UserError, match="cannot be read"):
        read(content[:33] + chunk + content[33:], name="mine")
