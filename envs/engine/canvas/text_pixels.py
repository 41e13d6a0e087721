"""Text as pixels, in the font that pygame ships. pygame is imported when the first line is written."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pygame


@lru_cache(maxsize=512)
def lettered(string: str, height: int, color: tuple[int, int, int]) -> "pygame.Surface":
    """A line of text as pixels with transparency; the same surface again for the same text.

    Args:
        string: what it says.
        height: of the font in pixels.
        color: red, green, blue.
    """
    import pygame

    if height >= 40:
        return _font(height).render(string, True, color)
    # The hints of the font move small letters to whole pixels, which spoils their distances: made three times
    # as large and shrunk, they lie where they belong.
    large = _font(3 * height).render(string, True, color)
    clear = pygame.Surface(large.get_size(), pygame.SRCALPHA)
    clear.fill((*color, 0))
    clear.blit(large, (0, 0))
    size = max(1, round(large.get_width() / 3)), max(1, round(large.get_height() / 3))
    return pygame.transform.smoothscale(clear, size)


def _font(height: int) -> "pygame.font.Font":
    """A new font each time: one from before a `pygame.font.quit()` crashes Python, and nobody can tell it."""
    import pygame

    if not pygame.font.get_init():
        pygame.font.init()
    # The font that Font(None) takes, but from its file: Font(None) makes it a third smaller than asked.
    path = Path(pygame.__file__).parent / pygame.font.get_default_font()
    return pygame.font.Font(path, height)
