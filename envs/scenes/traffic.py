"""The other cars of `envs.driving`: they follow, brake and overtake; compiled with the rules."""

from envs.engine.random import randint, uniform
from envs.scenes.road import LANES, lane_middle

MAX_CARS = 8
LENGTH, WIDTH = 4.6, 1.8
BEHIND, BEYOND = 50.0, 155.0  # cars farther from the player's are put elsewhere
DT = 0.1
LOOKS = 3  # steps between two looks of a driver at who is ahead

FIELDS = [
    ("cars", "i8"),
    ("car_s", "f8", (MAX_CARS,)),  # of their middle
    ("car_d", "f8", (MAX_CARS,)),
    ("car_speed", "f8", (MAX_CARS,)),
    ("car_wish", "f8", (MAX_CARS,)),  # the speed they would like to drive, as a share of traffic_speed
    ("car_lane", "i1", (MAX_CARS,)),  # where they are going
    ("car_leader", "i1", (MAX_CARS,)),  # whom they follow
    ("car_brakes", "u1", (MAX_CARS,)),  # for the picture
]


def begin_traffic(state, params):
    """Put the cars on the road ahead, well apart."""
    state.cars = params.traffic
    for i in range(state.cars):
        enter(state, params, i, state.s + 24.0 + 20.0 * i + uniform(state, 0.0, 10.0))


def enter(state, params, i, s):
    """Put a car on the road in any lane; slow cars keep to the right."""
    state.car_s[i] = s
    state.car_leader[i] = -1
    state.car_lane[i] = randint(state, 0, LANES)
    state.car_d[i] = lane_middle(state.car_lane[i])
    state.car_wish[i] = uniform(state, 0.65, 0.85) + 0.17 * state.car_lane[i]
    state.car_speed[i] = state.car_wish[i] * params.traffic_speed


def drive_traffic(state, params, s, d):
    """Let all cars drive for a step; the middle of the player's is at `s, d`."""
    for i in range(state.cars):
        here, beside, speed = state.car_s[i], state.car_d[i], state.car_speed[i]
        if (here - s < -BEHIND or here - s > BEYOND) and came_back(state, params, i, s):
            continue
        looks = (state.steps + i) % LOOKS == 0
        if looks:
            state.car_leader[i] = leader(state, i, s, d)
        # Both are looked up and one is chosen: a branch would be guessed wrongly half the time.
        follows = state.car_leader[i]
        other = follows if 0 <= follows < MAX_CARS else i
        gap, lead = state.car_s[other] - here, state.car_speed[other]
        gap = s - here if follows == MAX_CARS else gap
        lead = state.speed if follows == MAX_CARS else lead
        gap = gap if gap > 0.0 else 1e3  # nobody, or the leader was put elsewhere
        # A time gap of 1.2 s, closed in about two seconds.
        wish = state.car_wish[i] * params.traffic_speed
        target = min(wish, max(0.0, lead + 0.5 * (gap - LENGTH - 3.0 - 1.2 * speed)))
        change = min(max(target - speed, -7.0 * DT), 2.0 * DT)
        state.car_brakes[i] = change < -0.5 * DT
        state.car_speed[i] = max(0.0, speed + change)
        state.car_s[i] = here + state.car_speed[i] * DT
        aside = lane_middle(state.car_lane[i]) - beside
        state.car_d[i] = beside + min(max(aside, -1.2 * DT), 1.2 * DT)
        if looks and params.overtaking and target < 0.85 * wish and gap < 40.0 and abs(aside) < 0.05:
            change_lane(state, i, s, d)


def leader(state, i, s, d):
    """Whom car `i` follows: -1 for nobody, `MAX_CARS` for the player's car."""
    here, beside = state.car_s[i], state.car_d[i]
    found, gap = -1, 1e3
    if s > here and abs(d - beside) < WIDTH + 0.4:
        found, gap = MAX_CARS, s - here
    for j in range(state.cars):
        between = state.car_s[j] - here
        nearer = (between > 0.0) & (between < gap) & (abs(state.car_d[j] - beside) < WIDTH + 0.4)
        gap = between if nearer else gap
        found = j if nearer else found
    return found


def change_lane(state, i, s, d):
    """Go to the lane to the left, or at another look to the right, if there is room."""
    lane = state.car_lane[i] + (1 if state.steps % 2 == 0 else -1)
    if 0 <= lane < LANES and is_free(state, i, lane, state.car_s[i], s, d):
        state.car_lane[i] = lane


def is_free(state, i, lane, here, s, d):
    """Whether there is room for car `i` at `here` in a lane, also from those who are about to leave it."""
    middle, speed = lane_middle(lane), state.car_speed[i]
    # Who comes from behind and is fast is let by.
    room = 20.0 + 2.5 * max(0.0, state.speed - speed)
    if abs(d - middle) < WIDTH + 0.4 and -room < s - here < 14.0:
        return False
    for j in range(state.cars):
        there = state.car_lane[j] == lane or abs(state.car_d[j] - middle) < WIDTH + 0.4
        room = 16.0 + 2.5 * max(0.0, state.car_speed[j] - speed)
        if there and j != i and -room < state.car_s[j] - here < 16.0:
            return False
    return True


def came_back(state, params, i, s):
    """Put a car that was left behind, or got away, to the other end of the stretch, if there is room."""
    left_behind = state.car_s[i] < s
    there = s + (uniform(state, 115.0, BEYOND - 5.0) if left_behind else -BEHIND + 2.0)
    for j in range(state.cars):
        if j != i and abs(state.car_s[j] - there) < 26.0:
            return False
    enter(state, params, i, there)
    return True
