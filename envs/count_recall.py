"""Say how often cards of a kind were dealt so far; which kind, is asked anew at every step.

CountRecall of POPGym (Morad et al. 2023), the same deals and rewards: several counts must be kept.

Two shuffled stacks have the same cards. At the start and after each step a card is dealt from either: the
observation is the kind of the first, which counts, and the kind of the second, which is asked for. A step
says how many of that kind the first stack has dealt, the newest card included: right gives 1 / (cards - 1),
wrong costs as much. The episode ends when the last card is dealt: 1 in all is perfect.

Easy (`difficulty` 0) has one deck of 52 cards and tells red from black, medium (1) two decks and the four
suits, hard (2) four decks and the thirteen ranks, as in POPGym. Answers go from 0 to 25, also as there:
that 26 were dealt, which can be true of the last few cards of easy and medium, cannot be said.

`info` has `right`, the answers that were.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.scenes.cards import CLUBS, DECK, HEARTS, deal, draw_card, draw_score, draw_table, shuffle

KINDS = 13
ANSWERS = 26

STATE = np.dtype(
    [
        ("left", "i4", (KINDS,)),  # cards of each kind that were not dealt, of the stack that counts
        ("unasked", "i4", (KINDS,)),  # and of the stack that asks
        ("counts", "i4", (KINDS,)),
        ("newest", "i4"),
        ("asked", "i4"),
        ("dealt", "i4"),
        ("cards", "i4"),
        ("kinds", "i4"),
        ("right", "i4"),
        ("answer", "i4"),  # the last one, -1 for none, and what it should have been, for the picture
        ("wanted", "i4"),
    ]
)

PARAMS = {
    "difficulty": Param(0, low=0, high=2, help="0 easy, 1 medium, 2 hard, from the next episode on"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.kinds = 2 if params.difficulty == 0 else 4 if params.difficulty == 1 else KINDS
    state.cards = DECK << params.difficulty
    state.answer = -1
    shuffle(state.left, state.cards, state.kinds)
    shuffle(state.unasked, state.cards, state.kinds)
    show_next(state)


def show_next(state):
    """Deal a card of each stack."""
    state.newest = deal(state, state.left)
    state.asked = deal(state, state.unasked)
    state.counts[state.newest] += 1
    state.dealt += 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    state.answer = action
    state.wanted = state.counts[state.asked]
    good = action == state.wanted
    state.right += good
    show_next(state)
    return (1.0 if good else -1.0) / (state.cards - 1), state.dealt == state.cards


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.newest
    obs[1] = state.asked


RANKS = ("A", "2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K")
NAMES = {2: ("black", "red"), 4: ("clubs", "diamonds", "hearts", "spades"), KINDS: RANKS}


def draw(state, params, canvas):
    """Draw both cards, and the last answer beside what was right."""
    draw_table(canvas)
    kinds = int(state.kinds)
    names = NAMES[kinds]
    asks = f"How many {names[state.asked]} ones were there on the left?"
    canvas.text(canvas.width / 2, 30, asks, 17, "#dfeee8", "center")
    for x, kind, below in ((130, int(state.newest), "newest"), (270, int(state.asked), "asked for")):
        suit = kind if kinds == 4 else (CLUBS, HEARTS)[kind % 2]
        draw_card(canvas, x, 160, 130, suit)
        if kinds == KINDS:
            canvas.rect(x - 36, 120, 72, 80, "white")
            canvas.text(x, 160, names[kind], 40, "ink", "center")
        canvas.text(x, 245, below, 14, "#dfeee8", "center")
    if state.answer >= 0:
        color = "#7be0b4" if state.answer == state.wanted else "#ff9aa8"
        canvas.text(415, 130, f"said {int(state.answer)}", 24, color, "center")
        canvas.text(415, 175, f"it was {int(state.wanted)}", 18, "#dfeee8", "center")
    draw_score(canvas, f"{int(state.right)} right    {int(state.cards - state.dealt)} cards to come")


def count_all(obs, space, memory):
    """Count every kind."""
    counts: list[int] = list(memory or (0,) * KINDS)
    counts[int(obs[0])] += 1
    return min(counts[int(obs[1])], ANSWERS - 1), tuple(counts)


ENV = Environment(
    id="sandbox/CountRecall-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.MultiDiscrete([KINDS, KINDS]),
    action_space=spaces.Discrete(ANSWERS),
    action_names=tuple(map(str, range(ANSWERS))),
    keys={str(digit): digit for digit in range(10)},
    turn_based=True,
    size=(540, 340),
    fps=2,
    info=("right",),
    baseline=count_all,
)
