"""Run an insulin pump so that blood glucose stays in range through a day with three meals and a snack.

The minimal model of glucose and insulin (Bergman, Phillips & Cobelli 1981, doi 10.1172/JCI110398) for a
patient whose pancreas makes none, as control studies use it. Glucose G (mg/dL), the effect of insulin X
(1/min) and insulin in the blood I (mU/L) follow

    dG/dt = -p1 (G - Gb) - X G + 0.05 M      p1 = 0 /min, Gb = 81 mg/dL
    dX/dt = -p2 X + p3 (I - Ib)              p2 = 0.025 /min, p3 = 0.000013 L/(mU min²), Ib = 15 mU/L
    dI/dt = -n I + U / V                     n = 5/54 /min, V = 12 L
    dM/dt = -0.05 M                          M: glucose of a meal still to be absorbed, mg/dL

so that with p1 = 0 an infusion of U = n V Ib = 16.7 mU/min holds any glucose where it is.

Where the numbers are from: V, n, Gb, Ib and the way a meal fades are those that implementations give for
Lynch & Bequette 2002, "Model predictive control of blood glucose in type I diabetics using subcutaneous
glucose measurements". All of them with p2 and p3 go around in teaching, with a p1 between 0 and 0.003, and
are ascribed to Fisher 1991, "A semiclosed-loop algorithm for the control of blood glucose levels in
diabetics"; neither paper could be read to check. p1 = 0 is the hard case and not a measured one: Ward et al.
1991 (doi 10.1016/0026-0495(91)90183-w) report 0.010 to 0.016 /min in eight patients, and a p3 / p2 of 0.00025
L/(mU min), which is half of that here (`sensitivity` 0.48).

A step is five minutes, by fourth-order Runge-Kutta. The action is the infusion, from -1 for none to 1 for 100
mU/min; values beyond are clipped. Each patient's p3 differs by up to `spread` either way, and so do the sizes
of the meals, about 7:00 (120 mg/dL), 12:30 (160), 16:00 (60) and 19:00 (160); their times differ by up to an
hour. Nobody announces them.

The reward is 1 less a tenth of Kovatchev's risk (Kovatchev et al. 1997), which is 0 at 112.5 mg/dL and
grows faster towards low glucose than towards high: it is positive from about 66 to 191 mg/dL. Below 40 or
above 600 mg/dL the patient is unconscious: the episode ends with reward -100. It is cut off after 288
steps, one day from midnight. It begins with glucose between 80 and 180 mg/dL and the insulin of the
infusion above.

The observation has 6 numbers: the sensor's reading, with noise, and the one five minutes before, each
divided by 100; their difference divided by 10; insulin in the blood over its resting value, as the pump can
work it out from what it gave; sine and cosine of the time of day.

`info` has `glucose` and the minutes so far in range (70 to 180 mg/dL), `low` and `high`.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import normal, uniform

DAY = 288
MEALS = 4

STATE = np.dtype(
    [
        ("glucose", "f8"),
        ("effect", "f8"),
        ("insulin", "f8"),
        ("meal", "f8"),  # still to be absorbed, mg/dL
        ("reading", "f8"),
        ("reading_before", "f8"),
        ("p3", "f8"),
        ("meal_steps", "i4", (MEALS,)),
        ("meal_sizes", "f8", (MEALS,)),
        ("infusion", "f8"),  # of the last step, mU/min
        ("in_range", "i4"),
        ("low", "i4"),
        ("high", "i4"),
        ("day", "i4"),  # steps so far
        ("glucose_curve", "f4", (DAY + 1,)),  # for the picture
        ("infusion_curve", "f4", (DAY + 1,)),
    ]
)

PARAMS = {
    "sensitivity": Param(1.0, low=0.3, high=3.0, help="how strongly insulin acts, from the next episode on"),
    "p1": Param(0.0, low=0.0, high=0.05, unit="1/min", help="how fast glucose falls to 81 by itself"),
    "spread": Param(
        0.3, low=0.0, high=0.6, help="how much patients and meals differ, from the next episode on"
    ),
    "meal_size": Param(1.0, low=0.0, high=2.0, help="of all meals, from the next episode on"),
    "noise": Param(4.0, low=0.0, high=20.0, unit="mg/dL", help="standard deviation of the sensor's error"),
}

P2, P3 = 0.025, 0.000013
DECAY, VOLUME = 5.0 / 54.0, 12.0
BASAL_GLUCOSE, BASAL_INSULIN = 81.0, 15.0
ABSORPTION = 0.05
MAX_INFUSION = 100.0
MINUTES = 5.0
LOWEST, HIGHEST = 40.0, 600.0
TIMES = (7.0, 12.5, 16.0, 19.0)  # hours
SIZES = (120.0, 160.0, 60.0, 160.0)


def reset(state, params):
    """Write the first state of an episode."""
    state.glucose = uniform(state, 80.0, 180.0)
    state.insulin = BASAL_INSULIN
    state.p3 = P3 * params.sensitivity * uniform(state, 1.0 - params.spread, 1.0 + params.spread)
    for i in range(MEALS):
        state.meal_steps[i] = int(12.0 * (TIMES[i] + uniform(state, -1.0, 1.0)))
        share = uniform(state, 1.0 - params.spread, 1.0 + params.spread)
        state.meal_sizes[i] = SIZES[i] * params.meal_size * share
    state.infusion = DECAY * VOLUME * BASAL_INSULIN
    measure(state, params)
    state.reading_before = state.reading
    state.glucose_curve[0] = state.glucose
    state.infusion_curve[0] = state.infusion


def measure(state, params):
    """Read the sensor."""
    state.reading_before = state.reading
    state.reading = min(max(state.glucose + normal(state, 0.0, params.noise), 0.0), 800.0)


def risk(glucose):
    """Kovatchev's risk of a glucose in mg/dL: 0 at 112.5, up to about 100 on either side."""
    scaled = 1.509 * (math.log(max(glucose, 1.0)) ** 1.084 - 5.381)
    return 10.0 * scaled * scaled


def slope(state, params, glucose, effect, insulin, meal):
    """The model: rates of change of glucose and of the effect of insulin, per minute."""
    d_glucose = -params.p1 * (glucose - BASAL_GLUCOSE) - effect * glucose + ABSORPTION * meal
    return d_glucose, -P2 * effect + state.p3 * (insulin - BASAL_INSULIN)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    state.infusion = MAX_INFUSION * 0.5 * (1.0 + min(max(float(action[0]), -1.0), 1.0))
    for i in range(MEALS):
        if state.meal_steps[i] == state.day:
            state.meal += state.meal_sizes[i]
    pass_minutes(state, params, MINUTES)
    state.day += 1
    measure(state, params)
    if state.day <= DAY:
        state.glucose_curve[state.day] = state.glucose
        state.infusion_curve[state.day] = state.infusion
    if state.glucose < LOWEST or state.glucose > HIGHEST:
        return -100.0, True
    if state.glucose < 70.0:
        state.low += 5
    elif state.glucose > 180.0:
        state.high += 5
    else:
        state.in_range += 5
    return 1.0 - 0.1 * risk(state.glucose), False


def pass_minutes(state, params, minutes):
    """Integrate the model over a step; insulin and meal decay exponentially, which is known exactly."""
    g, x, half = state.glucose, state.effect, 0.5 * minutes
    level = state.infusion / (VOLUME * DECAY)
    fade, eat = math.exp(-DECAY * half), math.exp(-ABSORPTION * half)
    i_half, m_half = level + (state.insulin - level) * fade, state.meal * eat
    i_end, m_end = level + (i_half - level) * fade, m_half * eat
    g1, x1 = slope(state, params, g, x, state.insulin, state.meal)
    g2, x2 = slope(state, params, g + half * g1, x + half * x1, i_half, m_half)
    g3, x3 = slope(state, params, g + half * g2, x + half * x2, i_half, m_half)
    g4, x4 = slope(state, params, g + minutes * g3, x + minutes * x3, i_end, m_end)
    state.glucose = g + minutes / 6.0 * (g1 + 2.0 * g2 + 2.0 * g3 + g4)
    state.effect = x + minutes / 6.0 * (x1 + 2.0 * x2 + 2.0 * x3 + x4)
    state.insulin = i_end
    state.meal = m_end


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.reading / 100.0
    obs[1] = state.reading_before / 100.0
    obs[2] = (state.reading - state.reading_before) / 10.0
    obs[3] = state.insulin / BASAL_INSULIN - 1.0
    angle = 2.0 * math.pi * state.day / DAY
    obs[4] = math.sin(angle)
    obs[5] = math.cos(angle)


LEFT, RIGHT, TOP, BOTTOM = 52.0, 578.0, 26.0, 262.0


def across(day):
    """Where a step of the day is on the picture."""
    return LEFT + (RIGHT - LEFT) * day / DAY


def height(glucose):
    """Where a glucose is on the picture; its scale is logarithmic, as risk nearly is."""
    share = math.log(min(max(glucose, 40.0), 400.0) / 40.0) / math.log(10.0)
    return BOTTOM - (BOTTOM - TOP) * share


def draw(state, params, canvas):
    """Draw the day so far: glucose above, the pump below."""
    canvas.background("paper")
    canvas.rect(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, "white")
    band = palette.blend("truth", "white", 0.84)
    canvas.rect(LEFT, height(180), RIGHT - LEFT, height(70) - height(180), band)
    for level in (40, 70, 180, 400):
        canvas.line(LEFT, height(level), RIGHT, height(level), "mist" if level in (40, 400) else "truth", 1.2)
        canvas.text(LEFT - 8, height(level), str(level), 12, "slate", "right")
    canvas.text(LEFT - 8, TOP - 14, "mg/dL", 11, "grey", "right")
    for hour in range(0, 25, 3):
        canvas.line(across(12 * hour), BOTTOM, across(12 * hour), BOTTOM + 5, "silver", 1.5)
        canvas.text(across(12 * hour), BOTTOM + 14, f"{hour}:00", 11, "grey", "center")
    draw_pump(state, canvas)

    now = min(int(state.day), DAY)
    for i in range(MEALS):
        if state.meal_steps[i] < now:
            x, size = across(state.meal_steps[i]), 5 + state.meal_sizes[i] / 22
            canvas.circle(x, TOP + 16, size + 3, "silver")
            canvas.circle(x, TOP + 16, size + 1.5, "white")
            canvas.circle(x, TOP + 16, size - 1.5, "human")
    curve = [(across(k), height(float(state.glucose_curve[k]))) for k in range(now + 1)]
    for k in range(now):
        glucose = state.glucose_curve[k + 1]
        color = "danger" if glucose < 70 else "human" if glucose > 180 else "truth"
        canvas.line(*curve[k], *curve[k + 1], color, 3.2)
    x, y = curve[-1]
    canvas.circle(x, y, 7, "ink")
    canvas.circle(x, y, 4, "white")
    canvas.circle(across(now), height(state.reading), 2.5, "model")
    aside, align = (14, "left") if x < RIGHT - 90 else (-14, "right")
    canvas.text(x + aside, y - 16, f"{state.glucose:.0f}", 22, "ink", align)
    over = state.glucose < LOWEST or state.glucose > HIGHEST
    if over:
        canvas.text(320, 144, "unconscious", 30, "danger", "center")


def draw_pump(state, canvas):
    """Bars of the infusion, with the resting infusion as a line, and the balance of the day."""
    bottom, full = 366.0, 78.0
    canvas.rect(LEFT, bottom - full, RIGHT - LEFT, full, "white")
    wide = (RIGHT - LEFT) / DAY
    for k in range(1, min(int(state.day), DAY) + 1):
        high = full * state.infusion_curve[k] / MAX_INFUSION
        if high > 0.3:
            canvas.rect(across(k - 1), bottom - high, wide + 0.3, high, "model")
    rest = bottom - full * DECAY * VOLUME * BASAL_INSULIN / MAX_INFUSION
    canvas.line(LEFT, rest, RIGHT, rest, "silver", 1.2)
    canvas.text(LEFT - 8, bottom - full + 6, "100", 12, "slate", "right")
    canvas.text(LEFT - 8, bottom - full + 20, "mU/min", 10, "grey", "right")
    canvas.text(LEFT - 8, bottom - 4, "0", 12, "slate", "right")
    total = max(1, int(state.low + state.in_range + state.high))
    x = LEFT
    for minutes, color in ((state.low, "danger"), (state.in_range, "truth"), (state.high, "human")):
        wide = (RIGHT - LEFT - 130) * minutes / total
        if wide > 0:
            canvas.rect(x, 379, wide, 12, color)
        x += wide
    canvas.text(RIGHT, 385, f"{100 * state.in_range / total:.0f} % in range", 13, "ink", "right")


def proportional(obs, space):
    """The resting infusion, more the higher glucose is and the faster it rises, less what still acts."""
    glucose, trend, active = 100.0 * float(obs[0]), 10.0 * float(obs[2]), BASAL_INSULIN * float(obs[3])
    rest = DECAY * VOLUME * BASAL_INSULIN
    infusion = rest + 0.6 * (glucose - 110.0) + 4.0 * trend - 0.5 * active
    return np.array([min(max(infusion / (0.5 * MAX_INFUSION) - 1.0, -1.0), 1.0)], np.float32)


LOW = np.array([0, 0, -80, -1, -1, -1], np.float32)
HIGH = np.array([8, 8, 80, 6, 1, 1], np.float32)

ENV = Environment(
    id="sandbox/Dose-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, HIGH, dtype=np.float32),
    action_space=spaces.Box(-1.0, 1.0, (1,), np.float32),
    max_episode_steps=DAY,
    obs_names=("reading", "reading before", "change", "insulin", "day, sine", "day, cosine"),
    keys={"up": (1.0,), "down": (-1.0,), "left": (-0.33,)},
    key_words={"up": "all the insulin", "down": "no insulin", "left": "a third of it"},
    idle_action=(-0.667,),
    size=(600, 400),
    fps=15,
    info=("glucose", "in_range", "low", "high"),
    baseline=proportional,
)
