"""Recon's lands as pictures with masks, the hours expected of them, and the way that a true map gives."""

import heapq
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import envs
from apps.satellite import lands
from apps.satellite.pixels import landsat
from apps.satellite.zones import TASK, TEST_SEED, ways
from apps.satellite.zones_loop import LOOP, Outlook, expected_hours, quickest
from envs.engine.camera import Camera
from envs.engine.core.batch import Batch
from envs.engine.frames import frames
from envs.recon import HOURS
from envs.scenes.recon import CLOUD, SIDE
from sandbox.baselines.pixel_colours import NearestColour, SimilarPixels
from sandbox.errors import UserError
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.outputs.mask import Mask


@pytest.fixture(scope="module")
def some():
    return lands.draw(4, 11, 0.6)


def started(seed, clouds=0.0):
    """A batch of one that has begun, and its first observation."""
    recon = envs.find("recon")
    batch = Batch(recon, 1, params={"clouds": clouds}, max_episode_steps=150)
    obs = np.zeros((1, *(recon.observation_space.shape or ())), np.uint8)
    batch.seed(seed)
    batch.reset(obs)
    return batch, obs


def true_hours(state):
    return (HOURS[state["kinds"]] + 8.0 * state["alight"]).reshape(SIDE, SIDE)


def least(hours, start, goal):
    """Hours of the quickest way, by a plain Dijkstra."""
    best, queue = {}, [(0.0, start)]
    while queue:
        cost, here = heapq.heappop(queue)
        if here in best:
            continue
        best[here] = cost
        for down, right in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            there = here[0] + down, here[1] + right
            if 0 <= there[0] < SIDE and 0 <= there[1] < SIDE:
                heapq.heappush(queue, (cost + hours[there], there))
    return best[goal]


@pytest.mark.thorough
def test_masks_look_through_clouds():
    recon = envs.find("recon")
    seen, through = (
        next(frames(recon, 1, 3, lands.SIZE, params={"clouds": 0.9}, min_pixels=1, through=kinds))
        for kinds in ((), ("cloud",))
    )
    assert np.array_equal(seen.image, through.image)
    assert (seen.class_map == CLOUD + 1).mean() > 0.3 and not (through.class_map == CLOUD + 1).any()
    hidden = seen.class_map == CLOUD + 1
    assert np.array_equal(seen.class_map[~hidden], through.class_map[~hidden])


@pytest.mark.thorough
def test_every_pixel_has_a_ground_and_unseen_lands_are_others(some):
    assert all(photo.shape == (3, lands.MAP, lands.MAP) for photo in some.inputs)
    assert {int(mask.min()) >= 0 and int(mask.max()) < len(lands.CLASSES) for mask in some.targets} == {True}
    others = lands.draw(4, 11 + TEST_SEED, 0.6)
    assert not {m.tobytes() for m in some.targets} & {m.tobytes() for m in others.targets}


@pytest.mark.thorough
def test_the_true_mask_gives_the_hours_of_the_rules():
    shares = []
    for seed in range(4):
        batch, _ = started(seed)
        state, camera = batch.states[0], Camera(envs.find("recon"), lands.SIZE)
        labels = envs.find("recon").step.__globals__["labels"]
        assert camera.picture(state, batch.params).shape == (*lands.SIZE, 3)
        (mask,) = masks_of(state, batch, labels)
        hours = expected_hours(np.eye(len(lands.CLASSES))[mask].transpose(2, 0, 1))
        shares.append((np.abs(hours - true_hours(state)) < 0.5).mean())
    # Rules know squares, the picture is finer: a coast or a fire's edge may run through a square.
    assert np.mean(shares) > 0.75, shares


def masks_of(state, batch, labels):
    """What covers each pixel of the map, filled as frames are."""
    from envs.engine.canvas import PygameCanvas
    from envs.engine.frames import _seen

    sketch = PygameCanvas(envs.find("recon").size, lands.SIZE[1] / envs.find("recon").size[0])
    found = [label for label in labels(state, batch.params) if label.kind != "cloud"]
    owner, things = _seen(found, envs.find("recon").step.__globals__["CLASSES"], sketch)
    kinds = np.array([lands.CLASSES.index(label.kind) for label in things])
    yield kinds[owner[: lands.SIZE[1] : lands.FINER, : lands.SIZE[1] : lands.FINER] - 1]


def test_the_quickest_way_on_the_true_map_is_dijkstras_and_the_loop_follows_it():
    batch, obs = started(5)
    state = batch.states[0]
    hours, (here, goal) = true_hours(state), LOOP.own(obs[0])
    start, end = divmod(here, SIDE), divmod(goal, SIDE)
    way = quickest(hours, start, end)
    wanted = least(hours, start, end)
    assert hours[tuple(way[1:].T)].sum() == pytest.approx(wanted)
    over, rewards = np.zeros(1, np.bool_), np.zeros(1)
    cut, final, steps = over.copy(), obs.copy(), 0
    while not over[0]:
        action, _ = LOOP.act(Outlook(hours), LOOP.own(obs[0]), None)
        batch.step(np.array([action]), obs, rewards, over, cut, final)
        steps += 1
    assert steps == len(way) - 1
    assert batch.final_states[0]["hours"] == pytest.approx(wanted)


def test_a_network_of_other_classes_is_refused():
    other = SimpleNamespace(output=Mask(classes=("value 0", "value 1")))
    with pytest.raises(UserError, match="made lands"):
        LOOP.size(other)


@pytest.mark.thorough
def test_routes_planned_on_the_truth_cost_nothing_extra(some):
    truth = {photo.tobytes(): mask for photo, mask in zip(some.inputs, some.targets, strict=True)}
    oracle: Any = SimpleNamespace(
        output=Mask(classes=lands.CLASSES),
        predict=lambda photos: [truth[np.asarray(photo).tobytes()] for photo in photos],
    )
    found = {name: scores.mean for name, scores in TASK.measure(oracle, some).items()}
    assert found["detour"] == pytest.approx(0) and found["hazard_found"] == found["hazard_true"] == 1
    blind: Any = SimpleNamespace(
        output=oracle.output,
        predict=lambda photos: [np.zeros_like(mask) for mask in some.targets[: len(photos)]],
    )
    found = {name: scores.mean for name, scores in TASK.measure(blind, some).items()}
    assert found["detour"] > 0.2 and found["hazard_found"] == 1 > found["hazard_true"]
    assert ways((100, 50)) == [((8, 4), (92, 46)), ((8, 46), (92, 4))]


def test_colours_tell_grounds_that_differ_in_colour():
    generator = np.random.default_rng(0)
    mask = np.zeros((24, 24), np.int32)
    mask[:, 12:] = 2  # class 1 is nowhere
    photo = np.where(mask == 0, 0.2, 0.8)[None].repeat(3, 0) + generator.normal(0, 0.02, (3, 24, 24))
    of = [photo.astype(np.float32)], [mask], Photo(3), Mask(classes=("a", "b", "c"))
    assert np.array_equal(NearestColour(*of).predict(of[0])[0], mask)
    vote = SimilarPixels(*of)
    assert (vote.predict(of[0])[0] == mask).mean() > 0.97
    np.testing.assert_allclose(vote.shares(photo).sum(0), 1, rtol=1e-6)


@pytest.mark.thorough
def test_landsat_is_read_as_it_was_split(real_data):
    found = landsat(real_data("statlog_landsat"))
    assert found.train.shape == (4435, 36) and found.test.shape == (2000, 36)
    assert np.bincount(found.test_labels).tolist() == [461, 224, 397, 211, 237, 470]
    assert found.train.min() >= 27 and found.train.max() <= 157


def test_a_folder_without_landsats_table_is_one_sentence(tmp_path):
    (tmp_path / "sat.trn").write_text("1\t2\n3\t4\n")
    with pytest.raises(UserError, match="no 36 columns"):
        landsat(tmp_path)
