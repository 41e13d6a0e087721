"""Drop stones into the columns of an upright board; the first with four in a row wins.

Connect Four (Howard Wexler 1974), by its usual rules. The player who begins can force a win on the full board
(Allis 1988, "A knowledge-based approach of Connect-Four"; Allen 1988).

The board has 7 columns of 6 cells. The players take turns; an action is a column, 0 to 6, into which a stone
falls. Four stones of one player in a row, across, up or diagonally, win: reward 1. If the other player makes
four, the reward is -1; if the board is full, 0. A stone for a full column loses the game: reward -1.

`opponent` says who the other player is. 1 plays at random. 2 wins where it can, blocks where it must, and
else plays at random. Either answers within the same step, and begins every second game. With 0 there is none:
whoever calls `step` moves for both, each reward is that of the one who moved, and each observation is seen by
the one whose turn it is. So an agent can learn from games against itself, and a search can look ahead.

The observation is a picture of 6x7 cells and 3 channels (uint8), the lowest row first: the own stones; the
other's; the cells where a stone would land now. All are 0 or 255. `info` has the number of stones.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint
from envs.scenes import connect_four as scene
from envs.scenes.connect_four import CELLS, COLUMNS, IN_A_ROW, ROWS, drop, is_free, is_over, wins

STATE = np.dtype(
    [
        ("cells", "u1", (CELLS,)),  # 0 empty, else the player; row 0 is the lowest
        ("heights", "i8", (COLUMNS,)),  # stones in each column
        ("rows", "i8"),
        ("columns", "i8"),
        ("turn", "i8"),  # 1 or 2, who moves next
        ("me", "i8"),  # which of them the agent is
        ("winner", "i8"),
        ("last", "i8"),  # cell of the last stone, -1 at first
        ("moves", "i8"),
    ]
)

NOBODY, RANDOM, GREEDY = range(3)

PARAMS = {
    "opponent": Param(2, low=0, high=2, help="0 nobody, both sides are yours; 1 random; 2 wins and blocks"),
    "columns": Param(COLUMNS, low=4, high=COLUMNS, help="of the board, from the next game on"),
    "rows": Param(ROWS, low=4, high=ROWS, help="of the board, from the next game on"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.rows, state.columns = params.rows, params.columns
    state.turn = state.me = 1
    state.last = -1
    if params.opponent != NOBODY and randint(state, 0, 2) == 0:
        state.me = 2
        drop(state, reply(state, params))


def reply(state, params):
    """The column that the opponent chooses."""
    if params.opponent == GREEDY:
        for who in (state.turn, 3 - state.turn):
            for column in range(COLUMNS):
                if is_free(state, column) and wins(state, column, who):
                    return column
    free = 0
    chosen = -1
    for column in range(COLUMNS):
        if is_free(state, column):
            free += 1
            if randint(state, 0, free) == 0:
                chosen = column
    return chosen


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    if not is_free(state, action):
        state.winner = 3 - state.turn
        return -1.0, True
    drop(state, action)
    if is_over(state):
        return (1.0 if state.winner else 0.0), True
    if params.opponent != NOBODY:
        drop(state, reply(state, params))
        if is_over(state):
            return (-1.0 if state.winner else 0.0), True
    return 0.0, False


def observe(state, params, obs):
    """Write the observation."""
    for row in range(ROWS):
        for column in range(COLUMNS):
            who = state.cells[row * COLUMNS + column]
            obs[row, column, 0] = 255 * (who == state.turn)
            obs[row, column, 1] = 255 * (who == 3 - state.turn)
    for column in range(COLUMNS):
        if is_free(state, column):
            obs[state.heights[column], column, 2] = 255


def mask(state, params, out):
    """Write which columns are not full."""
    for column in range(COLUMNS):
        out[column] = is_free(state, column)


def draw(state, params, canvas):
    """Draw the state."""
    scene.draw(state, params, canvas)


def look_two_ahead(obs, space):
    """Win, or block, or play towards the middle where that does not let the other win on top of it."""
    mine, theirs = (obs[:, :, k] > 0 for k in (0, 1))
    rows, columns = np.nonzero(obs[:, :, 2])
    landing = dict(zip(columns.tolist(), rows.tolist(), strict=True))
    for stones in (mine, theirs):
        for column, row in landing.items():
            if four(stones, row, column):
                return column
    careful = [c for c, row in landing.items() if row + 1 == ROWS or not four(theirs, row + 1, c)]
    middle = (COLUMNS - 1) / 2
    return min(careful or landing, key=lambda column: (abs(column - middle), column), default=0)


def four(stones, row, column):
    """Whether one more stone at a place makes four in a row."""
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        found = 0
        for k in range(1 - IN_A_ROW, IN_A_ROW):
            r, c = row + k * down, column + k * right
            inside = 0 <= r < ROWS and 0 <= c < COLUMNS
            found = found + 1 if k == 0 or (inside and stones[r, c]) else 0
            if found == IN_A_ROW:
                return True
    return False


ENV = Environment(
    id="sandbox/ConnectFour-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    mask=mask,
    draw=draw,
    observation_space=spaces.Box(0, 255, (ROWS, COLUMNS, 3), np.uint8),
    action_space=spaces.Discrete(COLUMNS),
    reward_threshold=0.9,
    action_names=tuple(f"column {i + 1}" for i in range(COLUMNS)),
    obs_names=("own stones", "the other's", "where stones land"),
    lowest_row_first=True,
    keys={str(i + 1): i for i in range(COLUMNS)},
    turn_based=True,
    size=scene.SIZE,
    fps=2,
    info=("moves",),
    baseline=look_two_ahead,
)
