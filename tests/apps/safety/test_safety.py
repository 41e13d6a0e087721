"""Work safety: distances, films of other halls, background subtraction, and the robot's speed."""

from dataclasses import replace

import numpy as np
import pytest

from apps.safety import distance, distance_loop
from apps.safety.distance import TASK, Settings
from apps.safety.work_cell_films import CLASSES, UNSEEN, films
from envs.scenes.work_cell import BODY, HAND
from sandbox.tasks.outputs.boxes import Detections
from sandbox.tasks.outputs.following import follow, nearest_in_films
from sandbox.tasks.outputs.separation import NOBODY, Separation

PERSON, ROBOT, GRIPPER = range(3)


def seen(*things: tuple[float, float, int, float], width: int = 192) -> Detections:
    """Boxes of half a metre around places in metres, with class and score."""
    scale = width / 12
    boxes = [
        [(x - 0.25) * scale, (y - 0.25) * scale, (x + 0.25) * scale, (y + 0.25) * scale]
        for x, y, *_ in things
    ]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array([kind for *_, kind, _ in things], np.int64),
        np.array([score for *_, score in things], np.float32),
        np.zeros((128, width, 3), np.float32),
        np.array([128, width]),
    )


def test_distances_alarms_and_zones_are_told_in_metres():
    output = Separation(CLASSES)
    two = seen((6.0, 5.0, PERSON, 0.9), (6.0, 7.0, PERSON, 0.8), (6.0, 4.0, GRIPPER, 0.1))
    assert output.distances(two) == pytest.approx([1 - 0.53, 3 - 0.53], abs=1e-4)
    assert output.is_alarm(two)
    assert output.to_json(two)["alarm"]
    assert "the nearest 0.5 m away: alarm" in output.text(two)
    assert not replace(output, alarm=0.4).is_alarm(two)
    assert replace(output, alarm=0.4, zone=(0.45, 0.8, 0.55, 1.0)).in_zone(two).tolist() == [False, True]
    assert replace(output, alarm=0.4, zone=(0.45, 0.8, 0.55, 1.0)).is_alarm(two)
    unsure = seen((6.0, 5.0, PERSON, 0.3), (6.0, 4.0, GRIPPER, 0.9))
    assert output.nearest(unsure) == NOBODY
    assert output.nearest(seen((6.0, 5.0, PERSON, 0.9))) == 0, "a machine that is not seen may be anywhere"


def test_test_films_show_halls_that_training_never_does():
    assert distance.CLASSES == CLASSES
    train, test = films(24, 2, 0, (64, 96))
    again, _ = films(24, 2, 0, (64, 96))
    assert (train.images == again.images).all()
    assert len(test.images) == 8 * 2 * len(UNSEEN)
    floors = [np.median(part.images[:, 50:], axis=(0, 1, 2)) for part in (train, test)]
    assert not np.allclose(*floors)
    near = test.nearest < NOBODY
    assert near.mean() > 0.8
    people = (test.boxes[:, :, 4] == PERSON).any(1)
    assert near[people].all(), "whoever can be seen has a distance"


@pytest.mark.thorough
def test_background_subtraction_finds_people_and_the_gripper():
    settings = Settings(pictures=12, frames=2)
    split = TASK.load(settings, None)
    baseline = TASK.baselines(settings, split)["background subtraction"]
    scores = TASK.measure(baseline, split.test)
    assert scores["recall"].mean > 0.25
    grippers = [
        any(kind == GRIPPER and score >= 0.4 for kind, score in zip(each.kinds, each.scores, strict=True))
        for each in baseline.predict(split.test.inputs)
    ]
    assert np.mean(grippers) > 0.9


def test_the_robot_is_fast_when_nobody_is_near_and_stops_for_somebody():
    own = np.array(
        [0.0, 1.0, 1.0, 2.0 / 4, 2.0 / 4, 0.5, 0.0], np.float32
    )  # in the middle of its arc, at 2 m/s
    far = distance_loop.LOOP.act(seen((1.0, 7.0, PERSON, 0.9)), own, None)
    near = distance_loop.LOOP.act(seen((6.0, 5.5, PERSON, 0.9)), own, None)
    assert (far[0], near[0]) == (4, 0)
    # Somebody near who is lost from sight is believed to be there for half a second, and not longer.
    memory, actions = near[1], []
    for _ in range(8):
        action, memory = distance_loop.LOOP.act(seen(), own, memory)
        actions.append(action)
    assert actions == [0] * distance_loop.HIDDEN + [4] * (8 - distance_loop.HIDDEN)


def test_who_is_lost_beside_somebody_walks_on_with_him():
    followed, nearer, places = np.zeros((0, 3)), np.zeros(0), [(6.0, 5.0), (6.5, 5.0)]
    for step in range(20):  # from the second step on the two are seen as one who walks away
        now = np.array(places if step == 0 else [(6.2 + 0.1 * step, 5.0)])
        followed = follow(now, np.full(len(now), 0.9), followed, threshold=0.5, steps=distance_loop.TOGETHER)
        followed, nearer = distance_loop.believed(followed)
    assert followed[:, :2] == pytest.approx(np.array([(8.1, 5.0)] * 2))
    assert nearer.tolist() == [distance_loop.UNSURE, distance_loop.SPREAD]
    left, _ = distance_loop.believed(np.add(followed, (0.0, 0.0, 1.0)))
    assert len(left) == 1, "nobody is seen whom he could walk beside"


def test_who_was_surely_seen_is_believed_with_less_afterwards():
    def step(place, score, before):
        return follow(np.array([place]), np.array([score]), before, threshold=0.5, steps=2)

    assert not len(step((6.0, 5.0), 0.55, None)), "a marking that looks a little like somebody"
    people = step((6.0, 5.0), 0.7, None)
    people = step((6.3, 5.0), 0.45, people)
    assert people.tolist() == [[6.3, 5.0, 0.0]], "half hidden, and not counted twice"
    assert step((8.0, 5.0), 0.45, people).tolist() == [[6.3, 5.0, 1.0]], "too far away to be the same"
    beside = follow(np.array([(6.3, 5.0), (6.4, 5.2)]), np.array([0.7, 0.4]), people, threshold=0.5, steps=2)
    assert beside.tolist() == [[6.3, 5.0, 0.0]], "nobody goes on as two"
    for _ in range(3):
        people = step((6.3, 5.0), 0.2, people)
    assert not len(people)


def test_films_are_followed_each_by_itself():
    hand = (6.0, 4.0, GRIPPER, 0.9)
    answers = [seen((6.0, 5.0, PERSON, score), hand) for score in (0.9, 0.45, 0.45)]
    found = nearest_in_films(Separation(CLASSES, threshold=0.5), answers, np.array([0, 0, 1]), 0.2)
    assert found == pytest.approx([0.47, 0.47, NOBODY], abs=1e-4)


def test_the_loop_reads_the_hands_place_as_the_environment_writes_it():
    import envs
    from envs.engine.core.single import SingleEnv

    env = SingleEnv(envs.find("work_cell"), people=1)
    obs, info = env.reset(seed=3)
    for _ in range(25):
        obs, *_, info = env.step(4)
    state = env.state
    answer = seen((float(state.x[0]), float(state.y[0]), PERSON, 0.9))
    own = distance_loop.LOOP.own(obs)
    phase = float(np.arctan2(own[1], -own[0]))
    assert phase == pytest.approx(float(state.phase), abs=1e-5)
    hand = np.array([distance_loop.hand_x(phase), distance_loop.hand_y(phase)])
    gap = np.hypot(*(distance_loop.SEEN.candidates(answer)[0][0] - hand)) - HAND - BODY
    assert gap == pytest.approx(info["separation"], abs=1e-3)
