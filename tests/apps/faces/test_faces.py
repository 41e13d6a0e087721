"""Faces: drawn people, pairs of them, nobody in two parts, one's own people, the map."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from apps.faces import verify
from apps.faces.views.embedding_map import plane
from sandbox.data import synthetic_faces
from sandbox.data.people_batches import PeopleBatches
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.families.face_network import FaceNetwork, FaceVerifier
from sandbox.tasks.families.face_verification import People
from sandbox.tasks.inputs.face_pair import FacePair, halves
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.training import train_task


@pytest.fixture(scope="module")
def few():
    return synthetic_faces.draw(12, 6, np.random.default_rng(0))


def test_drawn_people_are_numbers_in_range_and_another_seed_draws_others(few):
    assert few.pictures.shape == (72, 1, 32, 32) and few.pictures.dtype == np.float32
    assert few.pictures.min() >= 0 and few.pictures.max() <= 1 and few.glasses.any() and not few.glasses.all()
    again = synthetic_faces.draw(12, 6, np.random.default_rng(0))
    assert (again.pictures == few.pictures).all()
    other = synthetic_faces.draw(12, 6, np.random.default_rng(1))
    assert np.abs(other.pictures - few.pictures).mean() > 0.05


def test_pairs_say_who_is_in_them_and_who_wears_glasses(few):
    pairs = People(few.pictures, few.people, few.glasses).pairs(0)
    targets = np.asarray(pairs.targets)
    same = targets[:, 0] == targets[:, 1]
    assert same.sum() == (~same).sum() == 6 * 12
    where = {face.tobytes(): row for row, face in enumerate(few.pictures)}
    rows = np.array([where[face.tobytes()] for face in halves(pairs.inputs)]).reshape(2, -1)
    assert (targets[:, :2] == few.people[rows].T).all() and (rows[0] != rows[1]).all()
    assert (few.glasses[rows].sum(0) == targets[:, 2]).all()


def test_batches_hold_several_pictures_of_few_people_and_follow_from_the_step(few):
    batches = PeopleBatches(torch.from_numpy(few.pictures), few.people, count=5, each=3, seed=1)
    faces, whose = batches(7)
    where = {face.tobytes(): person for face, person in zip(few.pictures, few.people, strict=True)}
    found = np.array([where[face.tobytes()] for face in faces.numpy()]).reshape(5, 3)
    assert (found == found[:, :1]).all() and len(set(found[:, 0])) == 5
    assert whose.tolist() == np.repeat(np.arange(5), 3).tolist()
    again = batches(7)[0]
    assert (again == faces).all() and not torch.equal(batches(8)[0], faces)


def written(folder, people, each):
    """A folder of pictures for each of drawn people."""
    faces = synthetic_faces.draw(people, each, np.random.default_rng(3))
    for i, (face, person) in enumerate(zip(faces.pictures, faces.people, strict=True)):
        (folder / f"p{person:02}").mkdir(exist_ok=True)
        cv2.imwrite(str(folder / f"p{person:02}" / f"{i}.png"), np.round(255 * face[0]))
    return folder


def test_people_in_a_folder_are_each_in_one_part_only(tmp_path):
    split = verify.TASK.load(verify.TASK.settings(), str(written(tmp_path, 10, 3)))
    aside = set(np.asarray(split.aside.targets)[:, :2].ravel().tolist())
    learned, unseen = set(split.learned.whose.tolist()), set(split.unseen.whose.tolist())
    assert not learned & unseen and not learned & aside and not aside & unseen
    assert len(learned | unseen | aside) == 10 and not split.about.synthetic
    assert set(np.asarray(split.test.targets)[:, :2].ravel().tolist()) == unseen
    assert (np.asarray(split.test.targets)[:, 2] == -1).all()


def test_too_few_people_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match=r"has 5 people; at least 8"):
        verify.TASK.load(verify.TASK.settings(), str(written(tmp_path, 5, 2)))


def test_two_pictures_of_any_size_become_a_pair():
    dark, light = np.zeros((50, 40, 3), np.float32), np.ones((20, 30), np.float32)
    pair = FacePair((1, 32, 64)).joined(dark, light)
    assert pair.shape == (1, 32, 64) and pair[..., :32].max() == 0 and pair[..., 32:].min() == 1


def test_the_map_keeps_people_apart_who_are_apart():
    generator = np.random.default_rng(0)
    centres = np.eye(8)[:3]
    places = plane(np.repeat(centres, 20, 0) + 0.05 * generator.standard_normal((60, 8)))
    middles = places.reshape(3, 20, 2).mean(1)
    gaps = [np.linalg.norm(middles[i] - middles[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert min(gaps) > 5 * places.reshape(3, 20, 2).std(1).max()


@pytest.mark.thorough
def test_two_uploads_are_compared_and_one_that_is_no_picture_is_one_sentence(open_page, runs_root, few, read):
    settings = replace(verify.TASK.settings(), **verify.TASK.tiny)
    config = {"kind": "task", "seed": 0, "device": "cpu", "threads": 1, "argv": ["train", "faces/verify"]}
    run = Run.create("faces/verify", config, runs_root)
    assert drive(run, train_task(verify.TASK, settings, run)) == "done", run.status()["message"]
    at = open_page("faces", run=run.name)
    at.segmented_control(key="faces:pair:way").set_value("upload").run()
    assert "Your turn" in read(at)
    first, second = (
        cv2.imencode(".png", np.round(255 * few.pictures[i, 0]).astype(np.uint8))[1].tobytes() for i in (0, 7)
    )
    at.file_uploader(key="faces:pair:first").upload("one.png", first, "image/png").run()
    assert "Your turn" in read(at)
    at.file_uploader(key="faces:pair:second").upload("two.png", second, "image/png").run()
    pair = FacePair((1, 32, 64)).joined(few.pictures[0, 0], few.pictures[7, 0])
    distance = float(load_predictor(run).predict(pair[None])[0, 0])
    assert not at.error and "it says" in read(at) and f"{distance:.2f}" in read(at)
    at.file_uploader(key="faces:pair:second").upload("two.png", b"no picture", "image/png").run()
    assert len(at.error) == 1 and "The second picture" in at.error[0].value and "Your turn" in read(at)


def test_the_threshold_stays_when_a_graph_takes_the_place_of_the_network():
    network = FaceNetwork(32, (4, 4), 8)
    verifier = FaceVerifier(network)
    network.load_state_dict({**network.state_dict(), "threshold": torch.tensor(0.25)})
    verifier.model = torch.nn.Identity()  # pyright: ignore[reportAttributeAccessIssue]
    assert verifier.output.threshold == 0.25
