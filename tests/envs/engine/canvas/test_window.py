import os
import subprocess
import sys

import numpy as np
import pygame
import pytest

from envs.engine.canvas.window import NO_DISPLAY, NoDisplayError, Press, Window
from envs.engine.canvas.window_layout import PANEL, layout, tiles


@pytest.fixture
def window():
    with Window("test", (600, 400)) as opened:
        yield opened


def post(key: int, text: str = "", up: bool = False, mod: int = 0) -> None:
    kind = pygame.KEYUP if up else pygame.KEYDOWN
    pygame.event.post(pygame.event.Event(kind, key=key, unicode=text, mod=mod))


@pytest.mark.parametrize(
    "size", [(1, 1), (80, 30), (300, 500), (640, 360), (1280, 720), (3840, 2160), (900, 2000)]
)
@pytest.mark.parametrize("picture", [(600, 400), (400, 400), (10, 1000)])
@pytest.mark.parametrize("panel", [True, False])
def test_picture_and_panel_share_the_window_without_overlap(size, picture, panel):
    (left, top, width, height), panel_box = layout(size, picture, panel)
    right_edge = size[0] if panel_box is None else panel_box[0]
    assert left >= 0 and top >= 0 and left + width <= right_edge and top + height <= size[1]
    assert width >= 1 and height >= 1
    if min(width, height) > 20:
        assert width / height == pytest.approx(picture[0] / picture[1], rel=0.05)
        assert width >= right_edge - 1 or height >= size[1] - 1
    if panel_box is not None:
        assert panel and panel_box[0] + panel_box[2] == size[0] and panel_box[3] == size[1]
        assert 0.69 * PANEL <= panel_box[2] <= 0.36 * size[0]


def test_panel_gives_way_in_a_small_window_and_grows_with_a_large_one():
    assert layout((300, 500), (600, 400))[1] is None
    small, large = layout((1280, 720), (600, 400))[1], layout((3840, 2160), (600, 400))[1]
    assert small is not None and large is not None and large[2] == pytest.approx(3 * small[2], rel=0.2)


@pytest.mark.parametrize("area", [(1, 1), (80, 30), (300, 500), (1280, 720), (3840, 2160)])
@pytest.mark.parametrize("picture", [(600, 400), (480, 520)])
@pytest.mark.parametrize("count", [1, 2, 7, 9, 64])
def test_tiles_lie_side_by_side_inside_and_apart(area, picture, count):
    boxes = tiles(area, picture, count)
    assert len(boxes) == count
    for left, top, width, height in boxes:
        assert width >= 1 and height >= 1
        assert left >= 0 and top >= 0 and left + width <= area[0] and top + height <= area[1]
    if area[0] < 300:
        return
    covered = np.zeros(area[::-1], int)
    for left, top, width, height in boxes:
        covered[top : top + height, left : left + width] += 1
        assert width / height == pytest.approx(picture[0] / picture[1], rel=0.1)
    assert covered.max() == 1
    assert covered.mean() > 0.39
    # One picture takes all the room that there is, and several as much as fits.
    assert count > 1 or max(boxes[0][2] / area[0], boxes[0][3] / area[1]) > 0.99


def test_several_pictures_are_drawn_apart():
    with Window("test", (600, 400), headless=(900, 500), count=4) as window:
        frame = window.frame()
        assert len(frame.pictures) == 4 and frame.picture is frame.pictures[0]
        for picture, color in zip(frame.pictures, ("danger", "truth", "human", "model"), strict=True):
            assert (picture.width, picture.height) == (600, 400)
            picture.background(color)
        colors, counts = np.unique(frame.whole.pixels.reshape(-1, 3), axis=0, return_counts=True)
        assert len(colors) == 5 and (np.sort(counts)[:4] == counts.min()).all()


def test_keys_are_named_by_what_they_write(window):
    post(pygame.K_8, "[")
    post(pygame.K_SLASH, "?")
    post(pygame.K_a, "A")
    post(pygame.K_SPACE, " ")
    post(pygame.K_LEFT)
    post(pygame.K_ESCAPE, "\x1b")
    post(pygame.K_c, "\x03", mod=pygame.KMOD_LCTRL)
    assert [press.key for press in window.poll()] == ["[", "?", "a", "space", "left", "escape", "ctrl+c"]


def test_held_keys_and_their_repeats(window):
    post(pygame.K_UP)
    post(pygame.K_UP)
    assert window.poll() == [Press("up", False), Press("up", True)]
    post(pygame.K_w, "w")
    window.poll()
    assert window.held == {"up", "w"}
    post(pygame.K_UP, up=True)
    window.poll()
    assert window.held == {"w"}


def test_closing_by_the_cross(window):
    assert not window.closed
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.poll()
    assert window.closed


def test_frames_are_kept_until_size_or_panel_change(window):
    first = window.frame()
    assert window.frame() is first and first.panel is not None
    assert first.panel.width == PANEL
    window.panel = False
    second = window.frame()
    assert second.panel is None and second.picture.pixels.shape[1] >= first.picture.pixels.shape[1]
    pygame.display.set_mode((500, 300), pygame.RESIZABLE)
    assert window.frame().whole.pixels.shape == (300, 500, 3)


def test_what_is_drawn_reaches_the_screen(window):
    frame = window.frame()
    frame.picture.background("danger")
    assert frame.panel is not None
    frame.panel.background("truth")
    window.show()
    screen = pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2)
    assert np.array_equal(screen, frame.whole.pixels)
    assert len(np.unique(screen.reshape(-1, 3), axis=0)) in (2, 3)


def test_frames_without_a_screen_are_saved_as_they_are(tmp_path):
    with Window("test", (600, 400), headless=(320, 200)) as window:
        window.frame().picture.background("human")
        assert window.show(rate=25) == 1 / 25
        assert window.poll() == []
        window.save(tmp_path / "deep" / "frame.png")
        saved = pygame.surfarray.array3d(pygame.image.load(tmp_path / "deep" / "frame.png")).transpose(
            1, 0, 2
        )
        assert np.array_equal(saved, window.frame().whole.pixels)


def test_saving_where_one_may_not_is_told(window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert window.save_here("Snake · you/play").startswith("Saved snake-you-play-")
    assert len(list(tmp_path.glob("snake-you-play-*.png"))) == 1

    def refuse(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(window, "save", refuse)
    assert window.save_here("x") == "Not saved: No space left on device"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_no_display_is_told():
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    environment = {name: value for name, value in os.environ.items() if name not in wanted}
    code = "from envs.engine.canvas.window import Window; Window('t', (6, 4))"
    for extra in ({}, {"DISPLAY": ":987"}, {"SDL_VIDEODRIVER": "nonsense"}):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment | extra, capture_output=True, text=True, timeout=60
        )
        assert NoDisplayError.__name__ in done.stderr and NO_DISPLAY in done.stderr, (extra, done.stderr)
