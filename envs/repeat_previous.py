"""Say which suit was shown a few cards ago, card after card.

RepeatPrevious of POPGym (Morad et al. 2023), the same deals and rewards: a memory must be refilled at every
step.

Cards are dealt from shuffled decks of 52, one at the start and one after each step; the observation is the
suit of the newest: clubs (0), diamonds (1), hearts (2) or spades (3). A step names the suit of the card
dealt `k` cards ago, 1 being the newest one. As soon as there are `k` cards, an answer that is right gives 1
/ (cards - k), where `cards` is 52 times `decks`, and one that is wrong costs as much; before, answers do
not count. The episode ends when the last card is dealt: 1 in all is perfect, chance makes -0.5.

POPGym's easy, medium and hard are `k` and `decks` of 4 and 1, 32 and 2, 64 and 3. There, the last card cuts
an episode off; here it ends it, since nothing comes afterwards.

`info` has `right`, the answers that were.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.scenes.cards import DECK, KEYS, SUITS, deal, draw_card, draw_score, draw_table, shuffle

LONGEST = 64
MOST_DECKS = 3

STATE = np.dtype(
    [
        ("left", "i4", (4,)),  # cards of each suit that were not dealt
        ("shown", "u1", (LONGEST,)),  # suits of the newest cards, a ring
        ("dealt", "i4"),
        ("cards", "i4"),
        ("k", "i4"),
        ("right", "i4"),
        ("answer", "i4"),  # the last one, and the suit it should have been, -1 for none, for the picture
        ("wanted", "i4"),
    ]
)

PARAMS = {
    "k": Param(4, low=1, high=LONGEST, unit="cards", help="how far back, from the next episode on"),
    "decks": Param(1, low=1, high=MOST_DECKS, help="of 52 cards each, from the next episode on"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.cards = DECK * params.decks
    state.k = min(params.k, state.cards - 1)
    state.answer = state.wanted = -1
    shuffle(state.left, state.cards, 4)
    show_next(state)


def show_next(state):
    """Deal a card."""
    state.shown[state.dealt % LONGEST] = deal(state, state.left)
    state.dealt += 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    reward = 0.0
    state.answer = action
    state.wanted = -1
    if state.dealt >= state.k:
        state.wanted = state.shown[(state.dealt - state.k) % LONGEST]
        reward = (1.0 if action == state.wanted else -1.0) / (state.cards - state.k)
        state.right += action == state.wanted
    show_next(state)
    return reward, state.dealt == state.cards


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.shown[(state.dealt - 1) % LONGEST]


def draw(state, params, canvas):
    """Draw the newest cards, those that only memory knows face down, and the last answer."""
    draw_table(canvas)
    canvas.text(canvas.width / 2, 30, f"Which suit was {int(state.k)} cards ago?", 17, "#dfeee8", "center")
    for back in range(min(int(state.dealt), 5) - 1, -1, -1):
        draw_card(
            canvas,
            455 - 88 * back,
            135,
            108,
            int(state.shown[(state.dealt - 1 - back) % LONGEST]) if back == 0 else -1,
        )
    canvas.text(455, 210, "now", 14, "#dfeee8", "center")
    if state.answer >= 0:
        good = state.wanted == state.answer
        frame = "" if state.wanted < 0 else "truth" if good else "danger"
        draw_card(canvas, 170, 285, 84, int(state.answer), frame)
        canvas.text(90, 285, "said", 14, "#dfeee8", "center")
        if state.wanted >= 0:
            draw_card(canvas, 290, 285, 84, int(state.wanted), "truth")
            canvas.text(375, 285, "it was", 14, "#dfeee8", "center")
    draw_score(canvas, f"{int(state.right)} right    {int(state.cards - state.dealt)} cards to come")


def keep_four(obs, space, memory):
    """Keep the last four suits in mind: perfect with the default k."""
    seen = (*(memory or ()), int(obs))[-int(PARAMS["k"].default) :]
    return seen[0], seen


ENV = Environment(
    id="sandbox/RepeatPrevious-v0",
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
    size=(540, 380),
    fps=2,
    info=("right",),
    baseline=keep_four,
)
