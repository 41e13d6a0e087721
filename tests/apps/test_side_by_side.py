"""Two players over the same episode in one picture."""

from types import SimpleNamespace

import numpy as np

from agents.loops.seeing_player import SeeingPlayer
from apps.safety.distance_loop import LOOP
from apps.safety.work_cell_films import CLASSES
from apps.studio.page.side_by_side import GAP, SideBySide, shifted
from sandbox.tasks.outputs.boxes import Detections


class Blind:
    """Sees nobody, so that the robot is never slow."""

    input = SimpleNamespace(shape=(3, 64, 96))
    output = SimpleNamespace(classes=CLASSES)

    def predict(self, inputs):
        empty = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32)
        return [Detections(*empty, np.zeros((64, 96, 3), np.float32), np.array([64, 96])) for _ in inputs]


def test_both_play_the_same_episode_and_conditions_change_both():
    both = SideBySide(SeeingPlayer(LOOP, Blind()), "blind", {"people": 8, "carelessness": 1.0})
    blind, told = both._episodes
    assert (blind.moment.obs == told.moment.obs).all()
    stream = both.feed.stream
    both.turn({"people": 8, "carelessness": 1.0})
    assert both.feed.stream == stream, "nothing has changed"
    both.turn({"people": 8, "carelessness": 1.0, "layout": 3, "fog": 0.5})
    assert both.feed.stream != stream
    assert {episode.params["layout"] for episode in both._episodes} == {3}
    frames = both._produce(650, [])
    assert len(frames) == 650
    assert blind.number == told.number > 1, "the next episode begins for both"
    wide = blind.world.size[0]
    first = frames[0]["d"]
    assert [op[0] for op in first].count("image") == 1, "fog is shown where it is seen"
    assert any(op[0] == "rect" and op[1] == wide + GAP for op in first)


def test_operations_are_moved_and_those_outside_left_out():
    ops = [
        ["background", "#fff"],
        ["circle", -30, 5, 3, "#000"],
        ["polygon", [1, 2, 3, 4, 5, 6], "#000"],
        ["line", 1, 2, 3, 4, "#000", 1],
        ["image", "data:", 1, 2, 3, 4, True],
        ["text", 7, 8, "a", 9, "#000", "left"],
    ]
    moved = list(shifted(ops, 100, 50))
    assert [op[0] for op in moved] == ["rect", "polygon", "line", "image", "text"]
    assert moved[1][1] == [101, 2, 103, 4, 105, 6]
    assert moved[2][1:5] == [101, 2, 103, 4]
    assert moved[3][2:4] == [101, 2]
    assert moved[4][1:3] == [107, 8]
