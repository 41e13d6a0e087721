"""The camera at the wheel: geometry, labels, the loop, and lines without learning."""

import numpy as np
import pytest
import torch
from PIL import Image

import envs
from apps.driving import steer
from apps.driving.roads import WHEEL, Roads
from apps.driving.steer_loop import LOOP, Seen
from envs.driving import pure_pursuit
from envs.engine.camera import Camera
from envs.engine.canvas import DisplayList
from envs.engine.core.single import SingleEnv
from envs.scenes.driving_view import windscreen
from sandbox.corruptions.road import CORRUPTIONS
from sandbox.data import road_view
from sandbox.errors import UserError
from sandbox.tasks.families.steering_network import changed
from sandbox.tasks.outputs.steering import GROUND, Steered, Steering
from sandbox.training.dagger import Dagger

DRIVING = envs.find("driving")


def test_the_ground_is_where_the_environments_camera_sees_it():
    env = SingleEnv(DRIVING, traffic=0)
    env.reset(seed=0)
    view = windscreen(env.state)
    points = np.array([(5.0, 1.0), (12.0, -3.0), (40.0, 0.5)])
    expected = view.pixels(points[:, 0] + 1j * points[:, 1])
    found = road_view.pixels(points[:, 0], points[:, 1], (480, 720))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(road_view.ground(found, (480, 720)), points, atol=1e-6)


def test_the_way_that_is_drawn_is_the_one_that_the_car_takes():
    angle = 6.0
    env = SingleEnv(DRIVING, traffic=0, bends=0.0, grip=20.0)
    env.reset(seed=1)
    env.state.speed, env.state.steering = 5.0, np.radians(angle)
    start, ahead = complex(env.state.x, env.state.y), complex(env.state.ahead_x, env.state.ahead_y)
    for _ in range(20):
        env.step(np.array([angle / WHEEL, 0.0], np.float32))
    went = (complex(env.state.x, env.state.y) - start) * ahead.conjugate()
    path = road_view.path(angle) + np.array([road_view.WHEELBASE / 2, 0.0])
    assert np.interp(went.real, path[:, 0], path[:, 1]) == pytest.approx(went.imag, abs=0.02)


def test_pure_pursuit_leads_to_the_point_it_is_for():
    angle = road_view.angle_to(11.0, -1.5)
    path = road_view.path(angle)
    assert np.interp(11.0, path[:, 0], path[:, 1]) == pytest.approx(-1.5, abs=0.02)


def test_labels_are_what_the_hand_written_driver_does_and_the_loop_does_what_they_say():
    roads = Roads(7, 4)
    for _ in range(40):
        wanted = roads.wanted()
        for obs, answer in zip(roads.obs, wanted, strict=True):
            expected = pure_pursuit(obs, DRIVING.action_space)
            action, _ = LOOP.act(Seen(answer, np.zeros((3, 64, 96))), LOOP.own(obs), None)
            np.testing.assert_allclose(action, expected, atol=1e-5)
        roads.drive(wanted)


def test_road_and_lane_are_known_to_the_pixel_and_shown_in_the_loop():
    roads = Roads(3, 2, {"traffic": 0, "bends": 0.0})
    roads.batch.states["d"] = 0.3  # in the middle lane, a little to the left
    roads.batch.states["y"] = 0.3
    ground, size = roads.ground(), (64, 96)
    left = np.array([0.0, 1.3, 2.0, 5.0, 6.5, -3.0, -7.5])
    expected = ["lane", "lane", "road", "road", "other", "road", "other"]
    x, y = np.floor(road_view.pixels(np.full(len(left), 12.0), left, size)).astype(int).T
    assert [GROUND[kind] for kind in ground[0][y, x]] == expected
    assert not ground[:, : round(64 * road_view.HORIZON)].any()
    canvas, camera = DisplayList(DRIVING.size), Camera(DRIVING, size)
    answer = Steered(np.array([2.0, 12.0], np.float32), ground[0])
    LOOP.draw(Seen(answer, roads.frames()[0] / 255), camera, canvas)
    assert [op[0] for op in canvas.ops].count("image") == 1
    LOOP.draw(Seen(answer._replace(ground=None), roads.frames()[0] / 255), camera, canvas)
    assert [op[0] for op in canvas.ops].count("image") == 1, "who marks nothing, shows nothing"


def test_an_answer_says_and_saves_what_it_marks(tmp_path):
    ground = np.zeros((64, 96), np.uint8)
    ground[40:, :48], ground[40:, 48:] = GROUND.index("lane"), GROUND.index("road")
    answer, output = Steered(np.array([0.0, 10.0], np.float32), ground), Steering()
    assert output.text(answer) == output.text(answer.way) == "straight on, 36 km/h"
    assert output.to_json(answer) == {"angle": 0, "speed": 10, "road": 0.1875, "lane": 0.1875}
    output.save(answer, tmp_path, "one")
    assert (np.array(Image.open(tmp_path / "one-ground.png")) == ground).all()
    plain, drawn = (output.drawn(np.full((3, 64, 96), 0.5), one) for one in (answer.way, answer))
    changed_rows = np.flatnonzero(np.abs(drawn - plain)[:, :40].max((1, 2)) > 0.01)  # beside the way
    assert changed_rows.min() == pytest.approx(40 * 4, abs=4) and changed_rows.max() == 255


def test_no_road_is_learned_from_and_tested_on():
    seeds = {steer._seed(split, run, round) for split in range(5) for run in range(5) for round in range(9)}
    assert max(seeds) + steer.CLONED_CARS < steer.LARGEST + steer.CLONED_CARS < steer.TEST_SEED
    assert len(seeds) > 200


def test_a_mirrored_frame_is_steered_the_other_way():
    frames = torch.zeros((40, 3, 8, 10), dtype=torch.uint8)
    frames[..., :5] = 200  # bright on the left
    targets = torch.tensor([[3.0, 12.0]]).expand(40, 2)
    ground = (frames[:, 0] > 0).to(torch.uint8)
    generator = torch.Generator().manual_seed(0)
    pictures, (answers, marks) = changed((frames, targets, ground), generator, light=0.0, weather=0.0)
    left = pictures[..., :5].mean((1, 2, 3)) > pictures[..., 5:].mean((1, 2, 3))
    assert 5 < int(left.sum()) < 35
    assert answers[:, 0].tolist() == [3.0 if is_left else -3.0 for is_left in left.tolist()]
    assert set(answers[:, 1].tolist()) == {12.0}
    assert (marks > 0).equal(pictures[:, 0] > 0.4), "what each pixel is goes along"


def test_fog_hides_what_is_far_and_night_leaves_what_headlights_reach():
    road = torch.full((1, 3, 64, 96), 0.3)
    fog = CORRUPTIONS["fog"].apply(road, 4.0, 0)[0, 0, :, 0]
    assert fog[0] == pytest.approx(0.78) and fog[-1] < 0.45
    assert (fog[30:].diff() <= 0).all(), "nearer rows have less fog"
    night = CORRUPTIONS["night"].apply(road, 1.0, 0)[0].mean((0, 2))
    assert night[:20].max() < 0.02 < 0.1 < night[-5:].min()
    for each in ("fog", "night"):
        assert CORRUPTIONS[each].apply(road, 0.0, 0).equal(road)


def test_lines_without_learning_steer_better_than_straight_on():
    task = steer.TASK
    settings = task.settings()
    inputs, targets, ground = steer._unseen(60)
    mean = np.array([[0.0, 14.0]], np.float32)
    split = steer.Split(
        train=steer.RoadFrames(inputs[:1], mean, ground[:1]),
        test=steer.RoadFrames(inputs, targets, ground),
        about=steer.About("roads"),
    )
    lines, straight = (task.measure(one, split.test) for one in task.baselines(settings, split).values())
    assert lines["angle_error"].mean < 0.6 * straight["angle_error"].mean
    assert lines["lane_iou"].mean > 0.7 and lines["road_iou"].mean > 0.7


@pytest.mark.thorough
def test_a_drive_of_ones_own_is_cloned_and_its_end_is_unseen(tmp_path):
    inputs, targets, _ = steer._unseen(60)
    for i, frame in enumerate(inputs):
        save_image(tmp_path / f"{i:03}.png", frame)
    rows = [f"IMG/{i:03}.png,{angle:.3f},{speed:.2f}" for i, (angle, speed) in enumerate(targets.tolist())]
    log = tmp_path / "driving.csv"
    log.write_text("\n".join(["center,steering,speed", *rows, "gone.png,1,2", "000.png,x,2"]) + "\n")
    split = steer.TASK.load(steer.TASK.settings(), str(tmp_path))
    assert (len(split.train), len(split.test)) == (47, 12) and not split.about.synthetic
    np.testing.assert_allclose(split.test.inputs, inputs[48:], atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(split.test.targets, targets[48:], atol=0.01)
    assert "2 left out" in split.about.notes[0] or "1 left out" in split.about.notes[0]
    settings = steer.TASK.settings()
    training = steer.TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    assert isinstance(training.learner, Dagger) and not training.learner.begins
    log.write_text("center,speed\n000.png,2\n")
    with pytest.raises(UserError, match="no column 'angle'"):
        steer.TASK.load(settings, str(tmp_path))
    log.unlink()
    with pytest.raises(UserError, match=r"needs one \.csv file"):
        steer.TASK.load(settings, str(tmp_path))


def save_image(path, frame):
    pixels = (255 * frame).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(path)
