"""Watch a deck of cards, then recite the suits backwards: the newest card first.

Autoencode of POPGym (Morad et al. 2023), the same deals and rewards: a whole sequence must be kept.

First a number of shuffled `cards`, as many of each suit as of any other or one more, are shown, one at the
start and one after each step, whatever the action is. When the last one is shown, the phase is 1 instead of
0 and it is the player's turn: a step names the suit of the newest card that was not recited yet, clubs (0),
diamonds (1), hearts (2) or spades (3). The right suit gives 1 / cards, any other costs as much. The episode
ends when all are recited: 1 in all is perfect, chance makes -0.5. The observation is the phase and the suit
of the newest card; while reciting it is clubs, but for the first step of it.

POPGym's easy, medium and hard are 52, 104 and 156 `cards`.

`info` has `right`, the answers that were.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.scenes.cards import CLUBS, KEYS, SUITS, deal, draw_card, draw_score, draw_table, shuffle

MOST_CARDS = 156

STATE = np.dtype(
    [
        ("left", "i4", (4,)),  # cards of each suit that were not dealt
        ("shown", "u1", (MOST_CARDS,)),
        ("dealt", "i4"),
        ("recited", "i4"),
        ("cards", "i4"),
        ("right", "i4"),
        ("answer", "i4"),  # the last one, -1 for none, for the picture
    ]
)

PARAMS = {
    "cards": Param(52, low=4, high=MOST_CARDS, unit="cards", help="to be kept, from the next episode on"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.cards = params.cards
    state.answer = -1
    shuffle(state.left, state.cards, 4)
    show_next(state)


def show_next(state):
    """Deal a card."""
    state.shown[state.dealt] = deal(state, state.left)
    state.dealt += 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    if state.dealt < state.cards:
        show_next(state)
        return 0.0, False
    state.answer = action
    state.recited += 1
    good = action == state.shown[state.cards - state.recited]
    state.right += good
    return (1.0 if good else -1.0) / state.cards, state.recited == state.cards


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.dealt == state.cards
    obs[1] = CLUBS if state.recited > 0 else state.shown[state.dealt - 1]


def draw(state, params, canvas):
    """Draw the newest card, or the answers that were given last beside what was right."""
    draw_table(canvas)
    watching = state.dealt < state.cards
    says = "Watch ..." if watching else "Say them backwards, the newest first."
    canvas.text(canvas.width / 2, 30, says, 17, "#dfeee8", "center")
    deck = int(state.cards - state.dealt) if watching else int(state.cards - state.recited)
    for i in range(1 + min(6, deck // 8)):
        draw_card(canvas, 110 + 4 * i, 165 - 3 * i, 130, -1)
    canvas.text(115, 255, f"{deck} left", 14, "#dfeee8", "center")
    if state.recited == 0:
        draw_card(canvas, 300, 160, 150, int(state.shown[state.dealt - 1]))
    else:
        wanted = int(state.shown[state.cards - state.recited])
        good = wanted == state.answer
        draw_card(canvas, 270, 165, 130, int(state.answer), "truth" if good else "danger")
        canvas.text(270, 255, "said", 14, "#dfeee8", "center")
        draw_card(canvas, 410, 165, 130, wanted)
        canvas.text(410, 255, "it was", 14, "#dfeee8", "center")
    draw_score(canvas, f"{int(state.right)} right of {int(state.recited)}")


def keep_all(obs, space, memory):
    """Keep every card in mind."""
    phase, suit = int(obs[0]), int(obs[1])
    reciting, seen = memory or (False, ())
    if not reciting:
        seen = (*seen, suit)
    if not phase:
        return 0, (False, seen)
    return (seen[-1], (True, seen[:-1])) if seen else (0, (True, seen))


ENV = Environment(
    id="sandbox/Autoencode-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.MultiDiscrete([2, 4]),
    action_space=spaces.Discrete(4),
    action_names=SUITS,
    keys=KEYS,
    turn_based=True,
    size=(540, 340),
    fps=4,
    info=("right",),
    baseline=keep_all,
)
