"""How the people of `envs.work_cell` walk: plain functions over its record, compiled with it."""

import math

from envs.engine.random import randint, uniform
from envs.scenes.work_cell import (
    AISLE,
    BASE_X,
    BASE_Y,
    BODY,
    DT,
    HAND,
    SAFE_SPEED,
    ZONE,
)
from envs.scenes.work_cell_layouts import INSIDE, STATIONS, STATIONS_X, STATIONS_Y


def choose_goal(state, params, i):
    """Send somebody to another station."""
    goal = randint(state, 0, STATIONS - 1)
    state.goal[i] = goal + 1 if goal >= state.goal[i] else goal
    state.pace[i] = uniform(state, 0.6, 1.0)
    state.patience[i] = uniform(state, 3.0, 8.0)
    state.careless[i] = uniform(state, 0.0, 1.0) < params.carelessness


def walk(state, params, i, x, y):
    """Let somebody walk for a step; the hand is at `x, y`."""
    state.vx[i] = state.vy[i] = 0.0
    if state.pause[i] > 0.0:
        state.pause[i] -= DT
        if state.pause[i] <= 0.0:
            choose_goal(state, params, i)
        return
    goal, layout = state.goal[i], params.layout
    to_x, to_y = STATIONS_X[layout, goal] - state.x[i], STATIONS_Y[layout, goal] - state.y[i]
    left = math.sqrt(to_x * to_x + to_y * to_y)
    pace = state.pace[i] * params.walking_speed
    if left < pace * DT:
        state.pause[i] = uniform(state, 1.0, 6.0)
        return
    ahead_x, ahead_y = to_x / left, to_y / left
    away_x, away_y = state.x[i] - x, state.y[i] - y
    gap = math.sqrt(away_x * away_x + away_y * away_y) - HAND - BODY
    if not state.careless[i]:
        base_x, base_y = BASE_X - state.x[i], BASE_Y - state.y[i]
        in_zone = base_x * base_x + base_y * base_y < ZONE * ZONE
        if in_zone and gap < 1.0 and state.speed > SAFE_SPEED:
            return  # stands still until the hand is gone
        if goal < INSIDE:
            ahead_x, ahead_y = around(ahead_x, ahead_y, base_x, base_y, ZONE, left)
        elif not in_zone and state.patience[i] > 0.0 and is_at_edge(base_x, base_y):
            goal_x, goal_y = STATIONS_X[layout, goal] - x, STATIONS_Y[layout, goal] - y
            if goal_x * goal_x + goal_y * goal_y < 4.0 and state.speed > SAFE_SPEED:
                state.patience[i] -= DT
                return
    if gap < 0.8 and state.speed <= SAFE_SPEED:
        ahead_x, ahead_y = around(ahead_x, ahead_y, -away_x, -away_y, HAND + BODY + 0.08, left)
    state.vx[i], state.vy[i] = ahead_x * pace, ahead_y * pace
    state.x[i] += state.vx[i] * DT
    state.y[i] = max(state.y[i] + state.vy[i] * DT, AISLE)
    state.facing[i, 0], state.facing[i, 1] = ahead_x, ahead_y


def is_at_edge(base_x, base_y):
    """Whether somebody is about to enter the zone."""
    edge = ZONE + 0.3
    return base_x * base_x + base_y * base_y < edge * edge


def around(ahead_x, ahead_y, center_x, center_y, radius, left):
    """The direction in which to walk so as to pass below a circle, if it is in the way.

    `ahead` is the direction of the goal, `left` metres away, and `center` the circle's as seen from here.
    """
    along = ahead_x * center_x + ahead_y * center_y
    beside = ahead_x * center_y - ahead_y * center_x
    if along <= 0.0 or abs(beside) >= radius:
        return ahead_x, ahead_y
    distance = math.sqrt(center_x * center_x + center_y * center_y)
    side = 1.0 if ahead_x >= 0.0 else -1.0
    if distance <= radius:  # inside: out of it, and along its edge
        out_x, out_y = -center_x / (distance + 1e-9), -center_y / (distance + 1e-9)
        turn_x, turn_y = out_x + side * out_y, out_y - side * out_x
        return math.sqrt(0.5) * turn_x, math.sqrt(0.5) * turn_y
    if along - radius > left:
        return ahead_x, ahead_y
    sine = radius / distance
    cosine = math.sqrt(1.0 - sine * sine)
    x, y = center_x / distance, center_y / distance
    return x * cosine - side * y * sine, side * x * sine + y * cosine


def keep_apart(state, i, x, y):
    """The gap between hand and body; a slow hand that touches somebody pushes."""
    away_x, away_y = state.x[i] - x, state.y[i] - y
    distance = math.sqrt(away_x * away_x + away_y * away_y)
    gap = distance - HAND - BODY
    if gap < 0.0 and state.speed <= SAFE_SPEED:
        share = (HAND + BODY) / (distance + 1e-9)
        state.x[i] = x + share * away_x
        state.y[i] = max(y + share * away_y, AISLE)
    return gap
