"""The other cars of `envs.driving`: they follow, brake and overtake; compiled with the rules.

The player's own car is number 0, so that the others see it as one of them.
"""

from envs.engine.random import uniform
from envs.scenes.driving_road import HALF_WIDTH, LANE, LANES, clip, lane_middle

MAX_CARS = 8
LENGTH, WIDTH = 4.6, 1.8
BESIDE = WIDTH + 0.4  # closer together than this, sideways, cars are in each other's way
BEHIND, BEYOND = 50.0, 155.0  # cars farther from the player's are put elsewhere
DT = 0.1

FIELDS = [
    ("cars", "i8"),  # with the player's
    ("car_s", "f8", (MAX_CARS + 1,)),  # of their middle
    ("car_d", "f8", (MAX_CARS + 1,)),
    ("car_speed", "f8", (MAX_CARS + 1,)),
    ("car_goal", "f8", (MAX_CARS + 1,)),  # the middle of the lane where they are going
    ("car_wish", "f8", (MAX_CARS + 1,)),  # the speed they would like to drive, as a share of traffic_speed
    ("car_leader", "i1", (MAX_CARS + 1,)),  # whom they follow; their own number for nobody
    ("car_brakes", "u1", (MAX_CARS + 1,)),  # for the picture
]


def begin_traffic(state, params):
    """Put the cars on the road ahead, well apart."""
    state.cars = params.traffic + 1
    for i in range(1, state.cars):
        enter(state, params, i, state.s + 4.0 + 20.0 * i + uniform(state, 0.0, 10.0))


def enter(state, params, i, s):
    """Put a car on the road in any lane; slow cars keep to the right."""
    lane = int(LANES * uniform(state, 0.0, 1.0))
    wish = uniform(state, 0.65, 0.85) + 0.17 * lane
    state.car_s[i] = s
    state.car_d[i] = lane_middle(lane)
    state.car_goal[i] = lane_middle(lane)
    state.car_wish[i] = wish
    state.car_speed[i] = wish * params.traffic_speed
    state.car_leader[i] = i


def drive_traffic(state, params, length, width):
    """Let all other cars drive for a step, and one of them look around.

    Args:
        state: of the environment.
        params: of the environment.
        length: a car whose middle is nearer to the own one's than this, along the road, touches it,
        width: if it is also nearer than this across the road.

    Returns:
        Whether one of them touches the own car.
    """
    others = state.cars - 1
    if others > 0:
        turns = state.steps // others
        look(state, params, state.steps - turns * others + 1, LANE if turns % 2 == 0 else -LANE)
    car_s, car_d, car_speed = state.car_s, state.car_d, state.car_speed
    own_s, own_d, touched = car_s[0], car_d[0], False
    for i in range(1, state.cars):
        here, beside = car_s[i], car_d[i]
        speed, leader = car_speed[i], state.car_leader[i]
        gap = car_s[leader] - here
        gap = gap if gap > 0.0 else 1e3  # nobody, or the leader was put elsewhere
        # A time gap of 1.2 s, closed in about two seconds.
        keeps = car_speed[leader] + 0.5 * (gap - LENGTH - 3.0 - 1.2 * speed)
        target = clip(keeps, 0.0, state.car_wish[i] * params.traffic_speed)
        change = clip(target - speed, -7.0 * DT, 2.0 * DT)
        here += (speed + change) * DT
        beside += clip(state.car_goal[i] - beside, -1.2 * DT, 1.2 * DT)
        state.car_brakes[i] = change < -0.5 * DT
        car_speed[i] = speed + change
        car_s[i] = here
        car_d[i] = beside
        touched |= (abs(here - own_s) < length) & (abs(beside - own_d) < width)
    return touched


def look(state, params, i, aside):
    """Let a driver see whom to follow, and go to a lane `aside` to the left if it is free and that one slow.

    A car that was left behind, or got away, comes back at the other end of the stretch if there is room.
    """
    car_s, car_d, car_goal = state.car_s, state.car_d, state.car_goal
    here, beside = car_s[i], car_d[i]
    speed, goal = state.car_speed[i], car_goal[i]
    if not -BEHIND <= here - car_s[0] <= BEYOND and came_back(state, params, i):
        return
    leader, nearest, is_free = i, 1e3, abs(goal + aside) < HALF_WIDTH
    for j in range(state.cars):
        gap, there = car_s[j] - here, car_d[j]
        in_way = (abs(there - beside) < BESIDE) | (abs(there - goal) < BESIDE)
        follows = (gap > 0.0) & (gap < nearest) & in_way
        nearest, leader = gap if follows else nearest, j if follows else leader
        # Who comes from behind and is fast is let by; so is who is about to go to that lane.
        closing = state.car_speed[j] - speed if gap < 0.0 else speed - state.car_speed[j]
        clear = abs(gap) > 16.0 + 2.5 * (closing if closing > 0.0 else 0.0)
        far = (abs(there - goal - aside) > BESIDE) & (abs(car_goal[j] - goal - aside) > BESIDE)
        is_free &= clear | far | (j == i)
    state.car_leader[i] = leader
    slow = nearest < 60.0 and state.car_speed[leader] < 0.95 * state.car_wish[i] * params.traffic_speed
    if slow and is_free and params.overtaking and abs(goal - beside) < 0.05:
        car_goal[i] = goal + aside


def came_back(state, params, i):
    """Put a car to the other end of the stretch, if there is room."""
    there = state.car_s[0] - BEHIND + 2.0
    if state.car_s[i] < there:
        there = state.car_s[0] + uniform(state, 115.0, BEYOND - 5.0)
    for j in range(state.cars):
        if j != i and abs(state.car_s[j] - there) < 26.0:
            return False
    enter(state, params, i, there)
    return True
