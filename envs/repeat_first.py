"""Say which suit the first card had, for the rest of the game.

RepeatFirst of POPGym (Morad et al. 2023), the same deals and rewards: one thing must be kept for long.

Cards are dealt from shuffled decks of 52, one at the start and one after each step; the observation is the
suit of the newest: clubs (0), diamonds (1), hearts (2) or spades (3). A step names a suit: that of the
first card gives 1 / (cards - 1), where `cards` is 52 times `decks`, any other costs as much. The episode
ends when the last card is dealt: 1 in all is perfect, chance makes -0.5.

POPGym's easy, medium and hard are 1, 8 and 16 `decks`. There, the last card cuts an episode off; here it
ends it, since nothing comes afterwards.

`info` has `right`, the answers that were.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.scenes.cards import DECK, KEYS, SUITS, deal, draw_card, draw_score, draw_table, shuffle

STATE = np.dtype(
    [
        ("left", "i4", (4,)),  # cards of each suit that were not dealt
        ("first", "i4"),
        ("newest", "i4"),
        ("dealt", "i4"),
        ("cards", "i4"),
        ("right", "i4"),
        ("answer", "i4"),  # the last one, -1 for none, for the picture
    ]
)

PARAMS = {"decks": Param(1, low=1, high=16, help="of 52 cards each, from the next episode on")}


def reset(state, params):
    """Write the first state of an episode."""
    state.cards = DECK * params.decks
    state.answer = -1
    shuffle(state.left, state.cards, 4)
    state.first = state.newest = deal(state, state.left)
    state.dealt = 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    state.answer = action
    state.right += action == state.first
    state.newest = deal(state, state.left)
    state.dealt += 1
    return (1.0 if action == state.first else -1.0) / (state.cards - 1), state.dealt == state.cards


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.newest


def draw(state, params, canvas):
    """Draw the first card, face down once it is only remembered, the newest, and the last answer."""
    draw_table(canvas)
    canvas.text(canvas.width / 2, 30, "Which suit did the first card have?", 17, "#dfeee8", "center")
    begun = state.dealt > 1
    draw_card(canvas, 130, 160, 130, -1 if begun else int(state.first))
    canvas.text(130, 245, "first", 14, "#dfeee8", "center")
    if begun:
        draw_card(canvas, 270, 160, 130, int(state.newest))
        canvas.text(270, 245, "newest", 14, "#dfeee8", "center")
    if state.answer >= 0:
        good = state.answer == state.first
        draw_card(canvas, 410, 160, 130, int(state.answer), "truth" if good else "danger")
        canvas.text(410, 245, "said", 14, "#dfeee8", "center")
    draw_score(canvas, f"{int(state.right)} right    {int(state.cards - state.dealt)} cards to come")


def keep_first(obs, space, memory):
    """Keep the first suit in mind."""
    first = int(obs) if memory is None else memory
    return first, first


ENV = Environment(
    id="sandbox/RepeatFirst-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Discrete(4),
    action_space=spaces.Discrete(4),
    action_names=SUITS,
    keys=KEYS,
    turn_based=True,
    size=(540, 340),
    fps=2,
    info=("right",),
    baseline=keep_first,
)
