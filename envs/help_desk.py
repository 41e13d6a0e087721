"""Send customers to desks with different skills, or the standard answer to them, so that promises are kept.

A skill-based routing problem as call centres have it (Gans, Koole & Mandelbaum 2003, "Telephone call
centers: tutorial, review, and research prospects"); the numbers are made up. One step is one request. It is
a bill, a fault or a parcel, each as likely, and comes with the minutes within which an answer is promised:
30, or 12 if it is urgent.

A step puts the request at the end of the queue of desk 0, 1, 2 or 3, or sends the standard answer (4). That
settles bills, faults and parcels with probability `standard` times 1, 0.25 and 0.6, at once. Where it does
not, the customer is back as the next request, one minute later, promised 3 minutes less, and will not be
fobbed off again. Then time passes until the next request: each minute one comes with probability
`arrivals`, which swells and ebbs by half of it every four hours. A desk works on the first request of its
queue: bills, faults and parcels take 4, 8 and 6 minutes, times a random factor from 0.5 to 1.5, divided by
the desk's skill. Desk 0 has a skill of 0.7 in everything, desk 1 has 1 for bills, desk 2 for faults and
desk 3 for parcels, and each of these three 0.5 in the other two.

A request answered within its promise gives reward 1, a later one -1. A queue holds 6; one that is sent to a
full queue is lost and gives -2. The episode is cut off after 200 requests. It begins with empty queues.

The observation has 19 numbers: which of the three kinds the request is (0 or 1); minutes promised, divided
by 30; whether the standard answer failed; then for each desk the length of its queue divided by 6, its
minutes of work in queue to be expected divided by 30, and the promised minutes left for its first request
divided by 30, at least -1; the sine and cosine of the time of day, whose period is four hours.

`info` has `in_time`, `late` and `lost`, the requests so far that ended so.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import randint, uniform

KINDS, DESKS, QUEUE = 3, 4, 6
PLACES = DESKS * QUEUE
WORK = (4.0, 8.0, 6.0)  # minutes at skill 1
EASY = (1.0, 0.25, 0.6)  # how well the standard answer does, compared with bills
DAY = 240.0  # minutes between two rushes

STATE = np.dtype(
    [
        ("kind", "i4"),
        ("promise", "f8"),
        ("annoyed", "?"),
        ("kinds", "i1", (PLACES,)),  # desk by desk, the first in the queue first
        ("due", "f8", (PLACES,)),  # the minute until which an answer is promised
        ("length", "i4", (DESKS,)),
        ("work", "f8", (DESKS,)),  # left on the first request, in minutes at skill 1
        ("backlog", "f8", (DESKS,)),  # expected minutes of work for all in the queue
        ("minute", "f8"),
        ("in_time", "i4"),
        ("late", "i4"),
        ("lost", "i4"),
        ("last", "i4"),  # the last action, -1 for none, for the picture
        ("gain", "f8"),  # the last reward, for the picture
    ]
)

PARAMS = {
    "arrivals": Param(0.35, low=0.05, high=1.0, unit="1/min", help="requests a minute, on average"),
    "standard": Param(0.6, low=0.0, high=1.0, help="how often the standard answer settles a bill"),
    "urgent": Param(0.25, low=0.0, high=1.0, help="share of requests promised in 12 minutes"),
}

BILL, FAULT, PARCEL = range(KINDS)
ANSWER = DESKS


def skill(desk, kind):
    """Minutes of work a desk does in a minute."""
    if desk == 0:
        return 0.7
    return 1.0 if desk == kind + 1 else 0.5


def reset(state, params):
    """Write the first state of an episode."""
    state.minute = uniform(state, 0.0, DAY)
    state.last = -1
    new_request(state, params)


def new_request(state, params):
    """Somebody asks for something."""
    state.kind = randint(state, 0, KINDS)
    state.promise = 12.0 if uniform(state, 0.0, 1.0) < params.urgent else 30.0
    state.annoyed = False


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    before = state.in_time - state.late - 2 * state.lost
    failed = False
    if action == ANSWER:
        easy = EASY[state.kind] * params.standard
        failed = state.annoyed or uniform(state, 0.0, 1.0) >= easy
        if not failed:
            state.in_time += 1
    elif state.length[action] == QUEUE:
        state.lost += 1
    else:
        join(state, action)
    if failed:
        state.promise -= 3.0
        state.annoyed = True
        pass_minute(state)
    else:
        waiting = True
        while waiting:
            pass_minute(state)
            rush = 1.0 + 0.5 * math.sin(2.0 * math.pi * state.minute / DAY)
            waiting = uniform(state, 0.0, 1.0) >= params.arrivals * rush
        new_request(state, params)
    state.last = action
    state.gain = float(state.in_time - state.late - 2 * state.lost - before)
    return state.gain, False


def join(state, desk):
    """Put the request at the end of a queue."""
    place = desk * QUEUE + state.length[desk]
    state.kinds[place] = state.kind
    state.due[place] = state.minute + state.promise
    state.backlog[desk] += WORK[state.kind] / skill(desk, state.kind)
    state.length[desk] += 1
    if state.length[desk] == 1:
        begin_work(state, desk)


def begin_work(state, desk):
    """Find out how much work the first request of a queue is."""
    state.work[desk] = WORK[state.kinds[desk * QUEUE]] * uniform(state, 0.5, 1.5)


def pass_minute(state):
    """Let every desk work for a minute."""
    state.minute += 1.0
    for desk in range(DESKS):
        first, length = desk * QUEUE, state.length[desk]
        if length == 0:
            continue
        speed = skill(desk, state.kinds[first])
        state.work[desk] -= speed
        if state.work[desk] <= 0.0:
            state.backlog[desk] -= WORK[state.kinds[first]] / speed
            if state.minute <= state.due[first]:
                state.in_time += 1
            else:
                state.late += 1
            for place in range(first, first + length - 1):
                state.kinds[place] = state.kinds[place + 1]
                state.due[place] = state.due[place + 1]
            state.length[desk] = length - 1
            if length > 1:
                begin_work(state, desk)


def observe(state, params, obs):
    """Write the observation."""
    obs[state.kind] = 1.0
    obs[3] = max(-1.0, state.promise / 30.0)
    obs[4] = 1.0 if state.annoyed else 0.0
    for desk in range(DESKS):
        first, length = desk * QUEUE, state.length[desk]
        obs[5 + 3 * desk] = length / QUEUE
        obs[6 + 3 * desk] = max(0.0, state.backlog[desk] / 30.0)  # rounding may leave a little less
        obs[7 + 3 * desk] = max(-1.0, (state.due[first] - state.minute) / 30.0) if length > 0 else 1.0
    angle = 2.0 * math.pi * state.minute / DAY
    obs[17] = math.sin(angle)
    obs[18] = math.cos(angle)


COLORS = ("#4f8fe8", "#d6455d", "#d9a23c")  # bills, faults and parcels
NAMES = ("Bills", "Faults", "Parcels")


def draw(state, params, canvas):
    """Draw the state."""
    canvas.background("paper")
    canvas.rect(0, 0, 150, 400, "mist")
    for desk in range(DESKS):
        draw_desk(canvas, state, desk, 8 + 98 * desk)
    canvas.text(
        75, 30, f"{int(state.minute % DAY // 60):02d}:{int(state.minute % 60):02d}", 22, "ink", "center"
    )
    rush = 0.5 + 0.5 * math.sin(2.0 * math.pi * state.minute / DAY)
    canvas.rect(30, 48, 90, 7, "silver", 3)
    canvas.rect(30, 48, max(7.0, 90 * rush), 7, palette.blend("truth", "danger", rush), 3)
    draw_customer(canvas, 75, 150, 2.1, int(state.kind), state.promise, state.annoyed)
    canvas.text(75, 217, NAMES[state.kind][:-1], 18, COLORS[state.kind], "center")
    canvas.text(75, 241, f"promised {state.promise:.0f} min", 13, "slate", "center")
    sent = state.last == ANSWER
    canvas.rect(18, 262, 114, 34, "model" if sent else "silver", 8)
    canvas.text(75, 279, "Standard answer", 12, "white" if sent else "slate", "center")
    for i, (name, value, color) in enumerate(
        (("in time", state.in_time, "truth"), ("late", state.late, "human"), ("lost", state.lost, "danger"))
    ):
        canvas.text(30 + 45 * i, 345, str(int(value)), 19, color, "center")
        canvas.text(30 + 45 * i, 367, name, 11, "slate", "center")


def draw_desk(canvas, state, desk, top):
    """One desk with its clerk, and the queue in front of it."""
    chosen = state.last == desk
    canvas.rect(158, top, 434, 90, "model" if chosen else "silver", 10)
    canvas.rect(160, top + 2, 430, 86, "white", 9)
    # What the clerk is good at: a bar for each kind.
    for kind in range(KINDS):
        high = 26 * skill(desk, kind)
        canvas.rect(172 + 13 * kind, top + 46 - high, 10, high, COLORS[kind], 2)
    color = "slate" if desk == 0 else COLORS[desk - 1]
    canvas.text(190, top + 64, "All" if desk == 0 else NAMES[desk - 1], 13, color, "center")
    canvas.circle(246, top + 30, 13, "#f0c9a0")
    canvas.rect(229, top + 44, 34, 30, color, 11)
    canvas.rect(218, top + 60, 60, 16, "#a97c50", 4)
    length = int(state.length[desk])
    for i in range(QUEUE):
        x = 308 + 48 * i
        if i >= length:
            canvas.circle(x, top + 72, 4, "mist")
            continue
        place = desk * QUEUE + i
        draw_customer(
            canvas, x, top + 44, 1.0, int(state.kinds[place]), state.due[place] - state.minute, False
        )
    if length:
        share = min(1.0, max(0.0, state.work[desk] / (1.5 * WORK[state.kinds[desk * QUEUE]])))
        canvas.rect(218, top + 79, 60, 5, "mist", 2)
        canvas.rect(218, top + 79, max(4.0, 60 * (1 - share)), 5, "truth", 2)


def draw_customer(canvas, x, y, scale, kind, promise, annoyed):
    """Somebody who waits; a ring around the head shows how much time is left."""
    left = min(1.0, max(0.0, promise / 30.0))
    color = palette.blend("danger", "truth", left)
    points = [(x, y - 14 * scale)]
    for i in range(25):
        angle = 2 * math.pi * left * i / 24
        points.append((x + 15 * scale * math.sin(angle), y - 14 * scale - 15 * scale * math.cos(angle)))
    canvas.circle(x, y - 14 * scale, 15 * scale, "mist" if promise > 0 else "danger")
    if left > 0:
        canvas.polygon(points, color)
    canvas.rect(x - 13 * scale, y + 2 * scale, 26 * scale, 26 * scale, COLORS[kind], 9 * scale)
    canvas.circle(x, y - 14 * scale, 11.5 * scale, "#f0c9a0")
    for aside in (-4 * scale, 4 * scale):
        canvas.circle(x + aside, y - 16 * scale, 1.5 * scale, "ink")
    bend = -2.5 if annoyed or promise < 0 else 2.5
    mouth = y - 8.5 * scale
    canvas.line(x - 4 * scale, mouth - bend * scale / 2, x, mouth + bend * scale / 2, "ink", 1.3 * scale)
    canvas.line(x, mouth + bend * scale / 2, x + 4 * scale, mouth - bend * scale / 2, "ink", 1.3 * scale)


def shortest_queue(obs, space):
    """Send everybody to the shortest queue, whatever the request."""
    return int(np.argmin(obs[5:17:3]))


LOW = np.array([0, 0, 0, -1, 0, *(0, 0, -1) * DESKS, -1, -1], np.float32)
HIGH = np.array([1, 1, 1, 1, 1, *(1, 5, 1) * DESKS, 1, 1], np.float32)

ENV = Environment(
    id="sandbox/HelpDesk-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, HIGH, dtype=np.float32),
    action_space=spaces.Discrete(DESKS + 1),
    max_episode_steps=200,
    action_names=("desk 0", "bills", "faults", "parcels", "standard answer"),
    keys={"1": 0, "2": 1, "3": 2, "4": 3, "5": ANSWER},
    turn_based=True,
    size=(600, 400),
    fps=3,
    info=("in_time", "late", "lost"),
    baseline=shortest_queue,
)
