"""The loops over a batch, in plain Python.

`compile.py` makes one copy of these functions for each environment, in which the placeholders below are
replaced: `reset`, `step` and `observe` by the environment's own functions, the dtypes and numbers by its own.

States and parameters come in as raw bytes (one array each), because a plain byte array is cheap to hand to
compiled code and its type is the same for every environment. The array of states is twice as long as there
are environments: its second half holds the last states of the episodes that SAME_STEP ended.
"""

import math
from typing import Any

import numpy as np

NEXT_STEP, SAME_STEP, DISABLED = 0, 1, 2

BAD_SHAPE, BAD_ACTION, IS_OVER, NOT_BEGUN = -1, -2, -3, -4
"""What kernels return instead of a count when they refuse. No environment was stepped then."""

STATE = np.dtype("u1")
PARAMS = np.dtype("u1")
STATE_BYTES = 1
OBS_SHAPE = (1,)
ACTION_SHAPE = (1,)
ACTION_LOW = np.zeros(1, np.int64)
ACTION_HIGH = np.zeros(1, np.int64)


def reset(state, params):
    """Placeholder for the environment's function."""


def step(state, action, params):
    """Placeholder for the environment's function."""
    return 0.0, False


def observe(state, params, obs):
    """Placeholder for the environment's function."""


cuda: Any = None
"""Placeholder for `numba.cuda`."""


def action_is_valid(action):
    """Placeholder for one of the functions below."""
    return True


def write_obs(state, params, obs, i):
    """Placeholder for one of the functions below."""


def action_of(actions, i):
    """The action of environment `i`; for compiled loops over rows a placeholder for `row_action`."""
    return actions[i]


def row_action(actions, i):
    """The same, where the action is an array."""
    return row(actions, i, ACTION_SHAPE)


def records(raw, dtype):
    """Placeholder, as are the next four, for the function of this name in `envs.engine.core.intrinsics`."""
    return raw.view(dtype)


def row(array, i, shape):
    """Row `i` of an array, which is known to have this shape."""
    return array[i]


def clear(array):
    """Fill an array with zeros."""
    array.fill(0)


def clear_bytes(raw, start, count):
    """Fill `count` bytes from `start` on with zeros."""
    for k in range(start, start + count):
        raw[k] = 0


def copy_bytes(raw, source, target, count):
    """Copy `count` bytes from `source` on to `target` on."""
    for k in range(count):
        raw[target + k] = raw[source + k]


def discrete_is_valid(action):
    """Whether an integer action lies in its `Discrete` space."""
    return ACTION_LOW[0] <= action < ACTION_HIGH[0]


def multi_discrete_is_valid(action):
    """Whether every integer of a row lies in its range."""
    good = True
    for j in range(len(ACTION_LOW)):
        good = good and ACTION_LOW[j] <= action[j] < ACTION_HIGH[j]
    return good


def box_is_valid(action):
    """Whether none of the numbers is NaN; an environment limits `Box` actions itself."""
    good = True
    for j in range(len(action)):
        good = good and action[j] == action[j]
    return good


def number_is_valid(action):
    """The same for a `Box` of a single number."""
    return action == action


def box_of_rows_is_valid(action):
    """The same for a `Box` of several axes."""
    good = True
    for number in action.flat:
        good = good and number == number
    return good


def rows_are_valid(action):
    """Whether every integer of an action with several axes lies in its range."""
    good = True
    for j, number in enumerate(action.flat):
        good = good and ACTION_LOW[j] <= number < ACTION_HIGH[j]
    return good


def write_array_obs(state, params, obs, i):
    """Let the environment write one observation into a row of zeros."""
    row = obs[i]
    row.fill(0)
    observe(state, params, row)


def write_row_obs(state, params, obs, i):
    """The same for compiled loops on the CPU; on a GPU no function may return a row."""
    part = row(obs, i, OBS_SHAPE)
    clear(part)
    observe(state, params, part)


def write_scalar_obs(state, params, obs, i):
    """The same for `Discrete` observations: the row is a view of shape (1,)."""
    obs[i] = 0
    observe(state, params, obs[i : i + 1])


def fits(array, count, shape):
    """Whether an array has `count` rows of a shape: rows are read and written as flat memory."""
    good = array.shape[0] == count
    for k in range(1, array.ndim):
        good = good and array.shape[k] == shape[k - 1]
    return good


def begin_episode(states, raw_states, params, i):
    """Clear the record of environment `i`, all but its generator, and let the environment fill it."""
    state = states[i]
    rng = state.rng
    clear_bytes(raw_states, i * STATE_BYTES, STATE_BYTES)
    state.rng = rng
    reset(state, params)


def never_begun(state):
    """Whether an environment was never reset: only then is it over before its first step."""
    return state.over and state.steps == 0


def step_batch(
    raw_states,
    raw_params,
    actions,
    obs,
    rewards,
    rewards_f4,
    terminated,
    truncated,
    final_obs,
    autoreset,
    limit,
    start,
    stop,
):
    """Step environments `start` to `stop` - 1.

    Of the two arrays for rewards, one is empty and the other is written. `autoreset` is NEXT_STEP, SAME_STEP
    or DISABLED; only SAME_STEP writes `final_obs`. `limit` is the number of steps after which an episode is
    truncated, 0 for never.

    An environment whose episode is over is never stepped: its rules may write anywhere then. DISABLED refuses
    all environments, the other modes begin an episode.

    Returns:
        How many environments finished an episode; BAD_SHAPE, BAD_ACTION, IS_OVER or NOT_BEGUN if nothing was
        done.
    """
    # For all environments, not only those of this range: where a batch is split, all parts must refuse.
    half = raw_states.size // 2
    count = half // STATE_BYTES
    if not (
        fits(actions, count, ACTION_SHAPE)
        and fits(obs, count, OBS_SHAPE)
        and rewards.shape[0] + rewards_f4.shape[0] == count
        and terminated.shape[0] == count
        and truncated.shape[0] == count
    ):
        return BAD_SHAPE
    if autoreset == SAME_STEP and not fits(final_obs, count, OBS_SHAPE):
        return BAD_SHAPE
    for i in range(count):
        if not action_is_valid(action_of(actions, i)):
            return BAD_ACTION
    states = records(raw_states, STATE)
    if autoreset == DISABLED:
        for i in range(count):
            if states[i].over:
                return NOT_BEGUN if never_begun(states[i]) else IS_OVER
    param = records(raw_params, PARAMS)[0]
    single_precision = rewards_f4.shape[0] > 0
    finished = 0
    for i in range(start, stop):
        state = states[i]
        if state.over:
            if never_begun(state):
                return NOT_BEGUN  # A reset begins all of them the first time, so this is the first one.
            # SAME_STEP gets here with a snapshot that was taken in another mode.
            begin_episode(states, raw_states, param, i)
            reward, terminal, cut = 0.0, False, False
        else:
            result = step(state, action_of(actions, i), param)
            reward, terminal = float(result[0]), bool(result[1])
            state.steps += 1
            cut = 0 < limit <= state.steps
            if terminal or cut:
                finished += 1
                if autoreset == SAME_STEP:
                    write_obs(state, param, final_obs, i)
                    copy_bytes(raw_states, i * STATE_BYTES, half + i * STATE_BYTES, STATE_BYTES)
                    begin_episode(states, raw_states, param, i)
                else:
                    state.over = True
        if single_precision:
            rewards_f4[i] = reward
        else:
            rewards[i] = reward
        terminated[i] = terminal
        truncated[i] = cut
        write_obs(state, param, obs, i)
    return finished


def reset_batch(raw_states, raw_params, mask, obs, start, stop):
    """Begin an episode in every environment whose `mask` is True, and write the observations of all of them.

    Returns:
        0; BAD_SHAPE or NOT_BEGUN if nothing was done.
    """
    count = raw_states.size // 2 // STATE_BYTES
    if mask.shape[0] != count or not fits(obs, count, OBS_SHAPE):
        return BAD_SHAPE
    states = records(raw_states, STATE)
    for i in range(start, stop):
        if not mask[i] and never_begun(states[i]):
            return NOT_BEGUN
    param = records(raw_params, PARAMS)[0]
    for i in range(start, stop):
        if mask[i]:
            begin_episode(states, raw_states, param, i)
        write_obs(states[i], param, obs, i)
    return 0


def step_thread(
    states,
    raw_states,
    params,
    actions,
    obs,
    rewards,
    terminated,
    truncated,
    done,
    final_obs,
    finished,
    autoreset,
    limit,
):
    """Step one environment: what one thread of a GPU does, the same as `step_batch` does in its loop.

    Nothing can be refused here, because nobody waits for an answer: an environment that is given an invalid
    action, or that is over while `autoreset` is DISABLED, is left as it is, and its reward is NaN. `done` is
    `terminated or truncated`; `finished[0]` counts the episodes that ended, since somebody set it to 0.
    """
    i = cuda.grid(1)
    if i >= obs.shape[0]:
        return
    state, param = states[i], params[0]
    reward, terminal, cut = 0.0, False, False
    if state.over:
        if autoreset == DISABLED or never_begun(state):
            reward = math.nan
        else:
            begin_episode(states, raw_states, param, i)
    elif action_is_valid(actions[i]):
        result = step(state, actions[i], param)
        reward, terminal = float(result[0]), bool(result[1])
        state.steps += 1
        cut = 0 < limit <= state.steps
        if terminal or cut:
            cuda.atomic.add(finished, 0, 1)
            if autoreset == SAME_STEP:
                write_obs(state, param, final_obs, i)
                half = raw_states.size // 2
                copy_bytes(raw_states, i * STATE_BYTES, half + i * STATE_BYTES, STATE_BYTES)
                begin_episode(states, raw_states, param, i)
            else:
                state.over = True
    else:
        reward = math.nan
    rewards[i] = reward
    terminated[i] = terminal
    truncated[i] = cut
    done[i] = terminal or cut
    if not never_begun(state):
        write_obs(state, param, obs, i)


def reset_thread(states, raw_states, params, mask, obs):
    """Begin an episode if `mask` says so, and write the observation: what one thread of a GPU does."""
    i = cuda.grid(1)
    if i >= obs.shape[0]:
        return
    if mask[i]:
        begin_episode(states, raw_states, params[0], i)
    write_obs(states[i], params[0], obs, i)


def seed_thread(states, generators, mask):
    """Set the random generator of one environment if `mask` says so: what one thread of a GPU does."""
    i = cuda.grid(1)
    if i < generators.shape[0] and mask[i]:
        states[i].rng = generators[i]


MASK_SHAPE = (1,)


def mask(state, params, out):
    """Placeholder for the environment's function, if it has one."""


def mask_batch(raw_states, raw_params, masks, first, start, stop):
    """Write which actions environments `start` to `stop` - 1 may take.

    `first` is 0 for their present states, or the number of environments for the last states of the episodes
    that SAME_STEP ended.

    Returns:
        0; BAD_SHAPE or NOT_BEGUN if nothing was done.
    """
    if not fits(masks, raw_states.size // 2 // STATE_BYTES, MASK_SHAPE):
        return BAD_SHAPE
    states = records(raw_states, STATE)
    for i in range(start, stop):
        if never_begun(states[first + i]):
            return NOT_BEGUN
    param = records(raw_params, PARAMS)[0]
    for i in range(start, stop):
        part = row(masks, i, MASK_SHAPE)
        clear(part)
        mask(states[first + i], param, part)
    return 0


def mask_thread(states, params, masks):
    """Write which actions one environment may take: what one thread of a GPU does."""
    i = cuda.grid(1)
    if i < masks.shape[0] and not never_begun(states[i]):
        part = masks[i]
        part.fill(False)
        mask(states[i], params[0], part)
