"""Decks of cards of which only the suit counts, and what a table with them looks like.

What the memory tasks of POPGym share (Morad et al. 2023, "POPGym: Benchmarking partially observable
reinforcement learning").
"""

import math

from envs.engine import palette
from envs.engine.random import randint

DECK = 52
CLUBS, DIAMONDS, HEARTS, SPADES = range(4)
SUITS = ("clubs", "diamonds", "hearts", "spades")
KEYS = {"left": CLUBS, "up": DIAMONDS, "right": HEARTS, "down": SPADES}


def shuffle(left, cards, kinds):
    """Fill a stack: as many cards of each kind, or one more of the first; dealing decides the order."""
    for kind in range(kinds):
        left[kind] = (cards + kinds - 1 - kind) // kinds


def deal(state, left):
    """Take the next card of shuffled decks, every one that is left equally likely; returns its kind."""
    cards = 0
    for kind in range(len(left)):
        cards += left[kind]
    index = randint(state, 0, cards)
    dealt = 0
    while index >= left[dealt]:
        index -= left[dealt]
        dealt += 1
    left[dealt] -= 1
    return dealt


FELT = "#2f6f5e"


def draw_table(canvas):
    """The green table."""
    canvas.background(FELT)
    inset = 14
    canvas.rect(
        inset,
        inset,
        canvas.width - 2 * inset,
        canvas.height - 2 * inset,
        palette.blend(FELT, "black", 0.2),
        26,
    )
    canvas.rect(inset + 4, inset + 4, canvas.width - 2 * inset - 8, canvas.height - 2 * inset - 8, FELT, 23)


def draw_card(canvas, x, y, height, suit, frame=""):
    """A card around a place, face up, or face down for suit -1; with a frame in a colour if one is given."""
    width = 0.7 * height
    left, top, round_ = x - width / 2, y - height / 2, 0.08 * height
    canvas.rect(
        left + 0.02 * height, top + 0.03 * height, width, height, palette.blend(FELT, "black", 0.35), round_
    )
    if frame:
        rim = 0.045 * height
        canvas.rect(left - rim, top - rim, width + 2 * rim, height + 2 * rim, frame, round_ + rim)
    canvas.rect(left, top, width, height, "white", round_)
    if suit < 0:
        rim = 0.06 * height
        canvas.rect(left + rim, top + rim, width - 2 * rim, height - 2 * rim, "#8c3b4a", 0.6 * round_)
        for i in range(1, 5):
            at = left + rim + (width - 2 * rim) * i / 5
            canvas.line(at, top + 1.5 * rim, at, top + height - 1.5 * rim, "#a85a68", 0.015 * height)
        return
    draw_suit(canvas, x, y, 0.27 * height, suit)
    for side in (-1, 1):
        draw_suit(canvas, x + side * 0.25 * height, y + side * 0.38 * height, 0.075 * height, suit)


def draw_suit(canvas, x, y, size, suit):
    """The sign of a suit, about twice `size` high."""
    color = "danger" if suit in (DIAMONDS, HEARTS) else "ink"
    if suit == DIAMONDS:
        canvas.polygon([(x, y - size), (x + 0.72 * size, y), (x, y + size), (x - 0.72 * size, y)], color)
        return
    if suit == CLUBS:
        for dx, dy in ((0.0, -0.5), (-0.48, 0.18), (0.48, 0.18)):
            canvas.circle(x + dx * size, y + dy * size, 0.44 * size, color)
    else:
        # A heart; for spades upside down.
        turn = 1 if suit == HEARTS else -1
        middle = y + (0.0 if suit == HEARTS else -0.1 * size)
        outline = []
        for i in range(28):
            t = 2 * math.pi * i / 28
            across = 16 * math.sin(t) ** 3
            up = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
            outline.append((x + across * size / 17, middle - turn * up * size / 17))
        canvas.polygon(outline, color)
    if suit != HEARTS:
        canvas.polygon([(x, y), (x + 0.3 * size, y + size), (x - 0.3 * size, y + size)], color)


def draw_score(canvas, text):
    """What was right so far, at the bottom of the table."""
    canvas.text(canvas.width / 2, canvas.height - 34, text, 15, palette.blend(FELT, "white", 0.75), "center")
