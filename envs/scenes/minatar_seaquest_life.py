"""What swims and flies in `envs.minatar_seaquest`: lists of enemies, divers, torpedoes and bullets.

A list has a place for each thing that may be there at once, and `right` is 0 in a free place.
"""

from envs.engine.random import randint, uniform
from envs.scenes.minatar import LAST, inside

OXYGEN = 200
CREW = 6  # divers on board at most
BULLET_PAUSE = 10  # steps a submarine waits between two bullets
DIVER_PAUSE = 5  # steps a diver waits between two moves

ENEMIES = 48  # one a step comes at most, and then they are away in 30
DIVERS, TORPEDOES = 4, 4


def spawn_enemy(state):
    """Let an enemy in, unless another swims against it in its row."""
    right = 2 * randint(state, 0, 2) - 1
    gun = BULLET_PAUSE if uniform(state, 0.0, 1.0) < 1 / 3 else -1
    row = randint(state, 1, LAST)
    free = -1
    for i in range(ENEMIES):
        if state.enemy_right[i] == 0:
            free = i
        elif state.enemy_row[i] == row and state.enemy_right[i] != right:
            return
    if free >= 0:
        state.enemy_row[free], state.enemy_column[free] = row, 0 if right == 1 else LAST
        state.enemy_right[free], state.enemy_wait[free], state.enemy_gun[free] = right, state.pause, gun


def spawn_diver(state):
    """Let a diver in."""
    right = 2 * randint(state, 0, 2) - 1
    row = randint(state, 1, LAST)
    for i in range(DIVERS):
        if state.diver_right[i] == 0:
            state.diver_row[i], state.diver_column[i] = row, 0 if right == 1 else LAST
            state.diver_right[i], state.diver_wait[i] = right, DIVER_PAUSE
            return


def move_torpedoes(state):
    """Move the torpedoes; returns the reward for what they hit, fish before submarines."""
    reward = 0.0
    for i in range(TORPEDOES):
        if state.torpedo_right[i] == 0:
            continue
        state.torpedo_column[i] += state.torpedo_right[i]
        hit = -1
        if inside(state.torpedo_column[i]):
            for j in range(ENEMIES):
                there = state.enemy_row[j] == state.torpedo_row[i]
                there = there and state.enemy_column[j] == state.torpedo_column[i]
                if state.enemy_right[j] and there and (hit < 0 or state.enemy_gun[j] < 0):
                    hit = j
            if hit >= 0:
                state.enemy_right[hit] = state.torpedo_right[i] = 0
                reward += 1.0
        else:
            state.torpedo_right[i] = 0
    return reward


def meets(state, row, column):
    """Whether something is where the submarine is."""
    return row == state.row and column == state.column


def move_divers(state):
    """Pick up divers and move the others."""
    for i in range(DIVERS):
        if state.diver_right[i] == 0 or picked_up(state, i):
            continue
        if state.diver_wait[i] > 0:
            state.diver_wait[i] -= 1
            continue
        state.diver_wait[i] = DIVER_PAUSE
        state.diver_column[i] += state.diver_right[i]
        if inside(state.diver_column[i]):
            picked_up(state, i)
        else:
            state.diver_right[i] = 0


def picked_up(state, i):
    """Take a diver on board if he is here and there is room."""
    if state.divers == CREW or not meets(state, state.diver_row[i], state.diver_column[i]):
        return False
    state.diver_right[i] = 0
    state.divers += 1
    return True


def move_enemies(state, armed):
    """Move enemy submarines, or fish; returns reward and whether one has the player."""
    reward, lost = 0.0, False
    for i in range(ENEMIES):
        if state.enemy_right[i] == 0 or (state.enemy_gun[i] >= 0) != armed:
            continue
        lost = lost or meets(state, state.enemy_row[i], state.enemy_column[i])
        if state.enemy_wait[i] > 0:
            state.enemy_wait[i] -= 1
        else:
            state.enemy_wait[i] = state.pause
            state.enemy_column[i] += state.enemy_right[i]
            if not inside(state.enemy_column[i]):
                state.enemy_right[i] = 0
            elif meets(state, state.enemy_row[i], state.enemy_column[i]):
                lost = True
            elif runs_into_a_torpedo(state, i):
                reward += 1.0
        if armed and state.enemy_right[i]:
            if state.enemy_gun[i] == 0:
                fire(state, i)
            state.enemy_gun[i] = BULLET_PAUSE if state.enemy_gun[i] == 0 else state.enemy_gun[i] - 1
    return reward, lost


def runs_into_a_torpedo(state, i):
    """Take an enemy away with the torpedo in its cell, if there is one."""
    for j in range(TORPEDOES):
        there = state.torpedo_row[j] == state.enemy_row[i]
        if state.torpedo_right[j] and there and state.torpedo_column[j] == state.enemy_column[i]:
            state.torpedo_right[j] = state.enemy_right[i] = 0
            return True
    return False


def fire(state, i):
    """Let an enemy submarine fire a bullet."""
    for j in range(ENEMIES):
        if state.bullet_right[j] == 0:
            state.bullet_row[j], state.bullet_column[j] = state.enemy_row[i], state.enemy_column[i]
            state.bullet_right[j] = state.enemy_right[i]
            return


def move_bullets(state):
    """Move the enemy's bullets; returns whether one hits."""
    lost = False
    for i in range(ENEMIES):
        if state.bullet_right[i]:
            lost = lost or meets(state, state.bullet_row[i], state.bullet_column[i])
            state.bullet_column[i] += state.bullet_right[i]
            lost = lost or meets(state, state.bullet_row[i], state.bullet_column[i])
            if not inside(state.bullet_column[i]):
                state.bullet_right[i] = 0
    return lost
