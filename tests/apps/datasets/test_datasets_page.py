"""The page of public sets: what it says of each, fetching one, and that nothing is fetched unasked."""

import time

import numpy as np
import pytest

from apps.datasets import fetches
from apps.datasets.contents import contents
from apps.studio import wording
from sandbox.data import sets
from sandbox.runs import Run
from sandbox.tasks.source import named, public

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An empty home of sets and state; the mirror has a small PneumoniaMNIST that is pinned so."""
    folder = tmp_path / "mirror" / "pneumoniamnist"
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 60), ("val", 12), ("test", 12)):
        arrays[f"{part}_images"] = noise.integers(0, 256, (count, 28, 28)).astype(np.uint8)
        arrays[f"{part}_labels"] = np.arange(count) % 2
    arrays["test_images"][3] = arrays["train_images"][8] // 2 + 50  # in other light
    np.savez(folder / "pneumoniamnist.npz", **arrays)
    monkeypatch.setenv("SANDBOX_DATA", str(tmp_path / "sets"))
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SANDBOX_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setitem(sets.known(), "pneumoniamnist", sets.as_in(sets.find("pneumoniamnist"), folder))
    monkeypatch.setattr(fetches, "_fetches", {})


def arrived(name):
    """Waits for a fetch, whichever way it ends."""
    end = time.monotonic() + 60
    while not (fetch := fetches.of(name)) or not fetch.done:
        assert time.monotonic() < end
        time.sleep(0.01)
    return fetch


def button(at, key):
    return next(button for button in at.button if button.key == key)


def test_every_set_is_shown_and_none_is_fetched(open_page, read):
    at = open_page("datasets")
    assert at.title[0].value == "What can a network learn from here?"
    assert len(at.dataframe[0].value) == len(sets.known())
    assert not any(map(sets.is_here, sets.known())) and not fetches.running()
    for name, found in sets.known().items():
        at = open_page("datasets", set=name)
        assert not at.error and found.title in read(at)
        said = read(at).replace("\\", "")
        assert found.licence in said and f"sandbox data fetch {name}" in said
        assert button(at, "datasets:fetch").disabled == (not found.is_pinned)
    assert not fetches.running()


def test_a_set_is_fetched_shown_and_deleted(open_page, settled, read):
    at = open_page("datasets", set="pneumoniamnist")
    button(at, "datasets:fetch").click().run()
    assert arrived("pneumoniamnist").problem == "" and sets.is_here("pneumoniamnist")
    at = settled(at)
    said = read(at)
    assert "**72** pictures to learn from and **12** to test" in said
    assert "1 test picture of 12 (8.3 %) is nearly the same as a training picture" in said
    assert list(at.dataframe[1].value["Class"]) == ["normal", "pneumonia"]
    assert "Nearly the same in both parts" in said and not at.error
    button(at, "datasets:delete").click().run()
    assert not sets.is_here("pneumoniamnist")


def test_what_goes_wrong_is_one_sentence(open_page, settled, places_of_mirror):
    places_of_mirror.write_bytes(b"something else")
    at = open_page("datasets", set="pneumoniamnist")
    button(at, "datasets:fetch").click().run()
    assert "is not the published file" in arrived("pneumoniamnist").problem
    at = settled(at)
    assert len(at.error) == 1 and "is not the published file" in at.error[0].value


@pytest.fixture
def places_of_mirror(tmp_path):
    return tmp_path / "mirror" / "pneumoniamnist" / "pneumoniamnist.npz"


def test_samples_are_of_each_class():
    sets.folder("pneumoniamnist")
    seen = contents("pneumoniamnist")
    assert [name for name, _ in seen.samples] == ["normal", "pneumonia"]
    assert all(pictures.shape == (8, 28, 28) for _, pictures in seen.samples)
    ((test, train, cosine),) = seen.twins
    assert test.shape == train.shape == (28, 28) and cosine > 0.99


def test_the_menu_of_data_says_what_would_be_fetched():
    source = named(public("pneumoniamnist", "cifar10"), "cifar10")
    assert source is not None and wording.source(source) == "CIFAR-10 ↓ 170 MB"
    sets.folder("pneumoniamnist")
    (source,) = public("pneumoniamnist")
    assert wording.source(source) == "PneumoniaMNIST"


def test_a_run_that_fetches_says_so():
    config = {"kind": "task", "argv": ["train", "vision/classify", "--data", "cifar10"]}
    run = Run.create("vision/classify", config)
    run.update_status(state="running", step=12, total=170, unit=sets.UNIT)
    assert wording.awaited(run, "running") == "The data are being fetched: 12 of 170 MB."
    assert wording.begins(run.status())
    run.update_status(step=1, total=1000, unit="step")
    assert wording.fetches(run.status()) == "" and not wording.begins(run.status())
