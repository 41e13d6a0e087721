"""A window: pictures of an environment beside a column of text, crisp at any size, and its keys.

`Window.frame` gives the canvases of the next picture, `Window.show` puts it on the screen. With `headless`
there is no screen: the same pictures are made and can be saved.
"""

import math
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pygame

from envs.engine import palette
from envs.engine.canvas.canvas import PygameCanvas
from envs.engine.canvas.images import png
from envs.engine.canvas.window_layout import PANEL, layout, tiles, unit

NO_DISPLAY = "there is no display to open a window on"


class NoDisplayError(Exception):
    """There is no screen to open a window on."""

    user_error = True


class Press(NamedTuple):
    """A key that went down."""

    key: str
    """The character it writes, in lower case, or pygame's name for it: `"a"`, `"?"`, `"left"`, `"space"`."""

    repeat: bool
    """It is being held down and repeats itself."""


class Frame(NamedTuple):
    """The canvases of one picture of a window."""

    whole: PygameCanvas
    """All of the window, in pixels."""

    picture: PygameCanvas
    """The environment, in its own units."""

    panel: PygameCanvas | None
    """The column of text, `PANEL` units wide; None where there is no room or it is hidden."""

    pictures: tuple[PygameCanvas, ...]
    """All pictures, side by side; `picture` is the first of them."""


class Window:
    """A resizable window, closed by its cross.

    Args:
        title: in its bar.
        picture: width and height of the environment's picture, in its own units.
        headless: width and height in pixels of the frames to make without a screen; None opens a window.
        count: of pictures side by side.

    Attributes:
        closed: somebody closed it.
        panel: whether the column of text is shown where there is room.
        held: names of the keys that are down.

    Raises:
        NoDisplayError: there is no screen.
    """

    def __init__(
        self,
        title: str,
        picture: tuple[float, float],
        headless: tuple[int, int] | None = None,
        count: int = 1,
    ):
        self.closed = False
        self.panel = True
        self.headless = headless
        self.title = title
        self._picture = picture
        self._count = count
        self._keys_down: dict[int, str] = {}
        self._frame: Frame | None = None
        self._clock = pygame.time.Clock()
        if headless is None:
            _open_display()
            pygame.display.set_icon(_icon())
            pygame.display.set_caption(title)
            pygame.display.set_mode(self._first_size(), pygame.RESIZABLE)
            pygame.key.set_repeat(350, 60)

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        if self.headless is not None:
            return self.headless
        width, height = pygame.display.get_window_size()
        return max(1, width), max(1, height)

    @property
    def held(self) -> set[str]:
        """Names of the keys that are down."""
        return set(self._keys_down.values())

    def poll(self) -> list[Press]:
        """The keys that went down since the last call, in order; notes a closed window."""
        presses = []
        if self.headless is not None:
            return presses
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self.closed = True
            elif event.type == pygame.KEYDOWN:
                name = _key_name(event)
                presses.append(Press(name, event.key in self._keys_down))
                self._keys_down[event.key] = name
            elif event.type == pygame.KEYUP:
                self._keys_down.pop(event.key, None)
        return presses

    def frame(self) -> Frame:
        """The canvases to draw the next picture on; kept while the window keeps its size and its panel."""
        width, height = self.size
        picture_box, panel_box = layout((width, height), self._picture, self.panel)
        boxes = [picture_box]
        if self._count > 1:
            boxes = tiles((panel_box[0] if panel_box else width, height), self._picture, self._count)
        old = self._frame
        stale = old is None or old.whole.pixels.shape[:2] != (height, width) or self._shown != panel_box
        if stale or old is None:
            whole = PygameCanvas((width, height))
            panel = None
            if panel_box is not None:
                panel = whole.view(panel_box, (PANEL, PANEL * panel_box[3] / panel_box[2]))
            pictures = tuple(whole.view(box, self._picture) for box in boxes)
            old = Frame(whole, pictures[0], panel, pictures)
            self._frame, self._shown = old, panel_box
            whole.background("night")
        return old

    def show(self, rate: float = 60.0) -> float:
        """Puts the frame on the screen, then waits so that there are at most `rate` a second.

        Returns:
            Seconds since the last call; without a screen always `1 / rate`.
        """
        if self.headless is not None:
            return 1.0 / rate
        screen = pygame.display.get_surface()
        if screen is not None and self._frame is not None:
            screen.blit(self._frame.whole.surface, (0, 0))
            pygame.display.flip()
        return self._clock.tick(rate) / 1000.0

    def save(self, path: Path) -> None:
        """Writes the frame as a PNG.

        Raises:
            OSError: the file cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(self.frame().whole.pixels))

    def save_here(self, title: str) -> str:
        """Writes the frame into the working directory; returns a sentence about how that went."""
        slug = "-".join(title.replace("·", " ").replace("/", " ").lower().split())
        path = Path(f"{slug}-{datetime.now():%Y%m%d-%H%M%S}.png")
        try:
            self.save(path)
        except OSError as error:
            return f"Not saved: {error.strerror or error}"
        return f"Saved {path}"

    def rename(self, title: str) -> None:
        """Changes the text in the window's bar."""
        if title != self.title:
            self.title = title
            if self.headless is None:
                pygame.display.set_caption(title)

    def close(self) -> None:
        """Closes the window; a second time does nothing."""
        self.closed = True
        if self.headless is None and pygame.display.get_init():
            pygame.display.quit()

    def _first_size(self) -> tuple[int, int]:
        """Pictures about 900 units wide, less on a small screen, with the panel beside them."""
        columns = min(range(1, self._count + 1), key=lambda n: abs(n - math.ceil(self._count / n)))
        width, height = columns * self._picture[0], math.ceil(self._count / columns) * self._picture[1]
        screen_width, screen_height = pygame.display.get_desktop_sizes()[0]
        tall = min(620.0 if self._count == 1 else 720.0, 900.0 * height / width, screen_height * 0.8)
        wide = tall * width / height + PANEL * unit(tall)
        shrink = min(1.0, screen_width * 0.9 / wide)
        return round(wide * shrink), round(tall * shrink)


def _key_name(event: pygame.event.Event) -> str:
    """The character where there is one: on many keyboards `[` and `?` need a second key."""
    if event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
        return f"ctrl+{pygame.key.name(event.key)}"
    text = event.unicode
    return text.lower() if text.isprintable() and text.strip() else pygame.key.name(event.key)


def require_display() -> None:
    """Return if a window could be opened.

    Raises:
        NoDisplayError: there is no screen.
    """
    was_open = pygame.display.get_init()
    _open_display()
    if not was_open:
        pygame.display.quit()


def _open_display() -> None:
    os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
    asked = os.environ.get("SDL_VIDEODRIVER")
    if sys.platform == "linux" and not any(
        map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"))
    ):
        raise NoDisplayError(NO_DISPLAY)
    try:
        pygame.display.init()
    except pygame.error as error:
        raise NoDisplayError(f"{NO_DISPLAY} ({error})") from None
    # A display that does not answer makes SDL draw where nobody looks.
    if not asked and pygame.display.get_driver() == "offscreen":
        pygame.display.quit()
        raise NoDisplayError(NO_DISPLAY)


def _icon() -> pygame.Surface:
    canvas = PygameCanvas((32, 32))
    canvas.background("night")
    canvas.line(16, 26, 22, 8, palette.blend("human", "white", 0.2), 4)
    canvas.rect(6, 22, 20, 7, palette.blend("model", "white", 0.2), 2)
    return canvas.surface
