import itertools
import json
import math
import subprocess
import sys
import time

import numpy as np
import pygame
import pytest

from envs.engine import palette
from envs.engine.canvas import Align, DisplayList, PygameCanvas, replay
from envs.engine.canvas.images import data_address, decode_address


def coverage(canvas: PygameCanvas) -> float:
    """Covered area, in pixels, of white shapes on black."""
    return float(canvas.pixels[:, :, 0].sum()) / 255


def black(size=(60, 40), scale=1.0) -> PygameCanvas:
    canvas = PygameCanvas(size, scale)
    canvas.background("black")
    return canvas


def everything(canvas) -> None:
    canvas.background("paper")
    canvas.rect(20, 20, 100, 60, "model", 12)
    canvas.rect(130.3, 20.7, 100, 60, "baseline")
    canvas.circle(100.25, 200, 60, "truth")
    canvas.line(200, 300, 500, 310, "ink", 1.5)
    canvas.line(300, 250, 300, 250, "danger", 20)
    canvas.polygon([(400, 120), (560, 180), (420, 280)], "human")
    canvas.text(300, 380, "center 0.95", 20, "ink", "center")
    canvas.image(np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5, 500, 300, 80, 80)


def test_whole_pixels_are_sharp_and_fractions_blend_by_their_area():
    canvas = black()
    canvas.rect(10, 10, 5, 5, "white")
    assert coverage(canvas) == 25 and set(np.unique(canvas.pixels)) == {0, 255}
    canvas = black()
    canvas.rect(10.25, 10.5, 1, 1, "white")
    assert canvas.pixels[10, 10, 0] == round(255 * 0.75 * 0.5)
    assert canvas.pixels[11, 11, 0] == round(255 * 0.25 * 0.5)


@pytest.mark.parametrize("seed", range(20))
def test_triangles_cover_their_area_either_way_round(seed):
    points = np.random.default_rng(seed).uniform(2, 38, (3, 2))
    (ax, ay), (bx, by), (cx, cy) = points
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    for order in (points, points[::-1]):
        canvas = black()
        canvas.polygon(order.tolist(), "white")
        assert coverage(canvas) == pytest.approx(area, abs=0.2)


@pytest.mark.parametrize("scale", [1.0, 1.7, 3.0])
def test_round_shapes_cover_their_area_at_any_scale(scale):
    canvas = black(scale=scale)
    canvas.circle(30.3, 20.1, 12, "white")
    assert coverage(canvas) == pytest.approx(math.pi * 144 * scale**2, rel=0.01)
    canvas = black(scale=scale)
    canvas.rect(5.2, 5.1, 30, 20, "white", radius=6)
    assert coverage(canvas) == pytest.approx((600 - (4 - math.pi) * 36) * scale**2, rel=0.01)
    canvas = black(scale=scale)
    canvas.line(10, 10, 40, 25, "white", 6)
    assert coverage(canvas) == pytest.approx((math.hypot(30, 15) * 6 + math.pi * 9) * scale**2, rel=0.01)


def test_what_lies_outside_is_cut_off():
    canvas = black()
    canvas.rect(-10, -10, 20, 20, "white")
    canvas.rect(55, 35, 100, 100, "white")
    assert coverage(canvas) == 10 * 10 + 5 * 5
    canvas.circle(-500, 20, 100, "white")
    canvas.polygon([(70, 0), (90, 50), (80, 500)], "white")
    assert coverage(canvas) == 10 * 10 + 5 * 5
    canvas.polygon([(-1000, -1000), (2000, -1000), (2000, 2000), (-1000, 2000)], "white")
    assert coverage(canvas) == 60 * 40


def test_numbers_that_are_not_finite_draw_nothing():
    canvas, display_list = black(), DisplayList((60, 40))
    for target in (canvas, display_list):
        target.circle(math.nan, 20, 10, "white")
        target.line(0, 0, math.inf, 20, "white", 3)
        target.polygon([(0, 0), (math.nan, 5), (5, 5)], "white")
    assert coverage(canvas) == 0
    assert display_list.ops == []


def test_a_view_draws_in_its_own_units_on_its_part_of_the_pixels():
    canvas = black((100, 50))
    view = canvas.view((40, 10, 40, 20), (2, 1))
    view.background("danger")
    view.rect(1, 0, 1, 1, "white")
    assert tuple(canvas.pixels[10, 40]) == palette.rgb("danger")
    assert tuple(canvas.pixels[29, 79]) == (255, 255, 255)
    assert canvas.pixels[:10].sum() == canvas.pixels[:, :40].sum() == canvas.pixels[:, 80:].sum() == 0
    view.text(1, 0.5, "X", 0.8, "black", "center")
    assert (canvas.pixels[10:30, 60:70] < 128).any()


def test_text_is_anchored_left_center_right_and_by_its_middle():
    places: list[tuple[Align, tuple[int, int]]]
    places = [("left", (300, 400)), ("center", (250, 350)), ("right", (200, 300))]
    for align, expected in places:
        canvas = black((600, 60))
        canvas.text(300, 30, "MMMM", 30, "white", align)
        columns = np.flatnonzero(canvas.pixels[:, :, 0].any(axis=0))
        rows = np.flatnonzero(canvas.pixels[:, :, 0].any(axis=1))
        assert columns[0] == pytest.approx(expected[0], abs=6)
        assert columns[-1] == pytest.approx(expected[1], abs=6)
        assert (rows[0] + rows[-1]) / 2 == pytest.approx(30, abs=1.5)
        assert rows[-1] - rows[0] == pytest.approx(0.73 * 30, abs=2)


@pytest.mark.parametrize("quit_pygame", [pygame.quit, pygame.font.quit])
def test_text_is_written_after_pygame_was_shut_down_and_started_again(quit_pygame):
    for start_again in (False, True):
        black().text(30, 20, "A", 41, "white")
        quit_pygame()
        if start_again:
            pygame.font.init()
        canvas = black()
        canvas.text(30, 20, f"B{start_again}", 41, "white")
        assert coverage(canvas) > 50


def test_empty_text_draws_nothing():
    canvas = black()
    canvas.text(30, 20, "", 13, "white", "right")
    assert coverage(canvas) == 0


def test_a_display_list_replays_to_the_same_picture():
    display_list, direct, replayed = (
        DisplayList((600, 400)),
        PygameCanvas((600, 400)),
        PygameCanvas((600, 400)),
    )
    everything(display_list)
    everything(direct)
    replay(json.loads(json.dumps(display_list.ops)), replayed)
    assert np.abs(direct.pixels.astype(int) - replayed.pixels).max() <= 4
    assert len(np.unique(direct.pixels)) > 50


def test_display_list_operations_are_short_plain_json():
    display_list = DisplayList((600, 400))
    display_list.circle(1, 1, 1, "white")
    display_list.background("paper")
    display_list.rect(1.23456789, 2.0, float(np.float32(3.5)), 4, "#ABCDEF", radius=99)
    display_list.polygon([(0, 1), (float(np.float64(2)), 3.14159), (4, 5)], "ink")
    assert display_list.ops == [
        ["background", "#f5f6f8"],
        ["rect", 1.23, 2, 3.5, 4, "#abcdef", 1.75],
        ["polygon", [0, 1, 2, 3.14, 4, 5], "#1f2631"],
    ]
    small = DisplayList((10, 10))
    small.circle(1.23456, 2, 1, "white")
    assert small.ops == [["circle", 1.235, 2, 1, "#ffffff"]]


def test_images_travel_exactly_when_they_are_data_and_compactly_when_they_are_pictures():
    data = np.random.default_rng(0).integers(0, 256, (84, 84, 3), dtype=np.uint8)
    address = data_address(data)
    assert address.startswith("data:image/png;base64,")
    assert np.array_equal(decode_address(address), data)
    ramp = np.linspace(0, 255, 600).astype(np.uint8)
    picture = np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (400, 600, 3)))
    address = data_address(picture)
    assert address.startswith("data:image/jpeg;base64,") and len(address) < 20_000
    assert np.abs(decode_address(address).astype(int) - picture).max() < 12


def test_enlarged_data_keeps_hard_edges_and_pictures_do_not():
    halves = np.zeros((2, 2, 3), np.uint8)
    halves[:, 1] = 255
    canvas = black()
    canvas.image(halves, 0, 0, 60, 40)
    assert set(np.unique(canvas.pixels)) == {0, 255} and coverage(canvas) == 30 * 40
    large = np.zeros((100, 100, 3), np.uint8)
    large[:, 50:] = 255
    canvas = black((600, 400))
    canvas.image(large, 0, 0, 600, 400)
    assert len(np.unique(canvas.pixels)) > 2


def test_an_unknown_colour_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"'modell' is neither .* model, baseline, human"):
        palette.rgb("modell")
    with pytest.raises(ValueError, match="#12"):
        palette.hexadecimal("#12")
    assert palette.blend("black", "white", 0.5) == "#808080"


# Machado, Oliveira & Fernandes 2009, severity 1.0; rows of 3 x 3 matrices on linear RGB.
SIGHTS = {
    "normal": [1, 0, 0, 0, 1, 0, 0, 0, 1],
    "protanopia": [
        0.152286,
        1.052583,
        -0.204868,
        0.114503,
        0.786281,
        0.099216,
        -0.003882,
        -0.048116,
        1.051998,
    ],
    "deuteranopia": [
        0.367322,
        0.860646,
        -0.227968,
        0.280085,
        0.672501,
        0.047413,
        -0.01182,
        0.04294,
        0.968881,
    ],
    "tritanopia": [1.25553, -0.07675, -0.17878, -0.07841, 0.93081, 0.1476, 0.00473, 0.69137, 0.3039],
}
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.072175],
    [0.0193339, 0.119192, 0.9503041],
]


def linear(color: str) -> np.ndarray:
    share = np.array(palette.rgb(color)) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    xyz = np.array(TO_XYZ) @ np.clip(light, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
def test_hues_keep_apart_for_every_kind_of_sight(sight):
    matrix = np.array(SIGHTS[sight]).reshape(3, 3)
    for first, second in itertools.combinations(palette.HUES, 2):
        distance = np.linalg.norm(lab(matrix @ linear(first)) - lab(matrix @ linear(second)))
        assert distance > 20, (sight, first, second)


@pytest.mark.parametrize("hue", palette.HUES)
def test_hues_stand_out_on_light_and_on_dark(hue):
    luminance = {name: float(np.array(TO_XYZ[1]) @ linear(name)) for name in (hue, "white", "night")}
    assert (luminance["white"] + 0.05) / (luminance[hue] + 0.05) >= 3
    assert (luminance[hue] + 0.05) / (luminance["night"] + 0.05) >= 3


def test_importing_environments_does_not_import_pygame():
    code = "import envs, sys; import envs.engine.canvas; assert 'pygame' not in sys.modules, 'pygame'"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_picture_is_drawn_in_far_less_than_a_60th_of_a_second():
    canvas = PygameCanvas((600, 400), 2.0)
    everything(canvas)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        everything(canvas)
        times.append(time.perf_counter() - start)
    assert min(times) < 1 / 60
