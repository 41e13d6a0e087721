"""Pictures of driving: labelled frames, distances, and places where the rules have them."""

import numpy as np
import pytest

import envs
from envs.driving import CENTER, LIDAR_SCALE, labels, pure_pursuit
from envs.engine.core.single import SingleEnv
from envs.engine.frames import classes, frames
from envs.scenes.driving_road import place
from envs.scenes.driving_traffic import LENGTH, WIDTH
from envs.scenes.driving_view import View, windscreen

DRIVING = envs.find("driving")


def test_frames_are_labelled_truly_and_repeat():
    assert classes(DRIVING) == ("road", "lane", "vehicle", "tree")
    taken = list(frames(DRIVING, 16, seed=2))
    for one, two in zip(taken, frames(DRIVING, 9, seed=2), strict=False):
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.distances, two.distances)
    vehicles = 0
    for frame in taken:
        for box, mask, kind in zip(frame.boxes.astype(int), frame.masks, frame.kinds, strict=True):
            rows, columns = np.nonzero(mask)
            assert [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1] == box.tolist()
            vehicles += kind == 2
        # The nearer of two vehicles is the larger, seen from behind.
        assert np.isnan(frame.distances[frame.kinds < 2]).all()
    assert vehicles > 20


def test_the_picture_has_places_where_the_rules_have_them():
    env = SingleEnv(DRIVING, traffic=0, bends=0.03)
    obs, _ = env.reset(seed=1)
    for _ in range(100):
        obs = env.step(pure_pursuit(obs, DRIVING.action_space))[0]
    state = env.state
    view = View(state, 0.0, 1.35)
    s, d = state.s + np.array([0.0, 3.0, 40.0, 77.7]), np.array([1.0, -2.0, 0.0, 5.0])
    points, along = view.where(s, d)
    for here, beside, point, way in zip(s, d, points, along, strict=True):
        x, y, cosine, sine = place(state, float(here), float(beside))
        x, y = x - state.x - CENTER * state.ahead_x, y - state.y - CENTER * state.ahead_y
        assert point.real == pytest.approx(x * state.ahead_x + y * state.ahead_y, abs=2e-3)
        assert point.imag == pytest.approx(y * state.ahead_x - x * state.ahead_y, abs=2e-3)
        assert way.real == pytest.approx(cosine * state.ahead_x + sine * state.ahead_y, abs=1e-4)
    # The waypoints of the observation too: the last is 64 m along the middle of the road.
    ahead = view.where(state.s + 64.0, 0.0)[0]
    assert obs[37] * 64 == pytest.approx(ahead.real, abs=2e-3)
    assert obs[38] * 64 == pytest.approx(ahead.imag, abs=2e-3)


def test_the_distance_of_a_vehicle_is_what_the_lidar_measures():
    env = SingleEnv(DRIVING, traffic=1, bends=0.0)
    obs = env.reset(seed=0)[0]
    state = env.state
    state.car_s[1], state.car_d[1] = state.s + CENTER + 25.0, state.d
    env.batch.observe(obs[None])
    label = next(item for item in labels(state, env.params) if item.kind == "vehicle")
    assert label.distance == pytest.approx(25.0 - LENGTH / 2)
    assert obs[0] * LIDAR_SCALE == pytest.approx(label.distance, abs=1e-3)
    # The rear bumper, 1.8 m wide, through a pinhole of 520: the picture is true to scale.
    outline = np.array(label.outlines[0])
    assert np.ptp(outline[:, 0]) == pytest.approx(520 * WIDTH / label.distance, rel=1e-3)
    assert windscreen(state).height == pytest.approx(1.35)
