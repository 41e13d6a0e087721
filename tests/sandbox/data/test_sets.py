"""Public sets: what is declared of each, and fetching, unpacking and reading small ones in the same form."""

import gzip
import io
import json
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from apps.faces.verify import TASK as VERIFY
from apps.vision.classify import TASK
from sandbox import cli
from sandbox.data import named_pictures, overview, sets
from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks import fetching
from sandbox.tasks.training import train_task

NAMES = list(sets.known())
PICTURES = [name for name, each in sets.known().items() if each.images]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An empty home of sets and state, and an empty mirror."""
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("SANDBOX_DATA", str(tmp_path / "sets"))
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SANDBOX_DATA_MIRROR", str(tmp_path / "mirror"))
    return tmp_path


def idx_bytes(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(head + array.astype(np.uint8).tobytes())


def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, inside in files.items():
            archive.writestr(name, inside)
    return content.getvalue()


def tarred(files):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, inside in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(inside)
            archive.addfile(member, io.BytesIO(inside))
    return content.getvalue()


def npz(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def made(name):
    """A few examples in the true form of a set: contents by the name of the file that is fetched."""
    noise = np.random.default_rng(0)
    found = sets.find(name)
    if name in ("mnist", "fashion-mnist", "kmnist"):
        arrays = [(20, 28, 28), 20, (10, 28, 28), 10]
        return {
            file.name: idx_bytes(
                noise.integers(0, 256, size) if isinstance(size, tuple) else np.arange(size) % 10
            )
            for file, size in zip(found.files, arrays, strict=True)
        }
    if name == "cifar10":
        batches = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
        record = lambda label: bytes([label]) + noise.integers(0, 256, 3072).astype(np.uint8).tobytes()  # noqa: E731
        files = {f"{found.inside}/{batch}.bin": b"".join(map(record, range(10))) for batch in batches}
        return {found.files[0].name: tarred(files)}
    if name == "eurosat":
        files = {}
        for kind in ("AnnualCrop", "SeaLake"):
            for i in range(3):
                picture = io.BytesIO()
                Image.fromarray(noise.integers(0, 256, (64, 64, 3)).astype(np.uint8)).save(picture, "JPEG")
                files[f"{found.inside}/{kind}/{kind}_{i}.jpg"] = picture.getvalue()
        return {found.files[0].name: zipped(files)}
    if name == "olivetti":
        content = io.BytesIO()
        savemat(content, {"faces": noise.integers(0, 256, (64 * 64, 120)).astype(np.uint8)})
        return {found.files[0].name: content.getvalue()}
    if name.endswith("mnist"):
        arrays = {}
        for part, count in (("train", 24), ("val", 12), ("test", 12)):
            arrays[f"{part}_images"] = noise.integers(0, 256, (count, 28, 28)).astype(np.uint8)
            arrays[f"{part}_labels"] = (np.arange(count) % 2).astype(np.uint8)[:, None]
        return {found.files[0].name: npz(**arrays)}
    place = f"{found.inside}/" if found.inside else ""
    pack = tarred if found.files[0].name.endswith(".gz") else zipped
    content = pack({f"{place}a/1.txt": b"x"}) if found.unpacked else b"some text"
    return {file.name: content for file in found.files}


@pytest.fixture
def small(places, monkeypatch):
    """Puts a small set of a name into the mirror, pinned as it is there."""

    def put(name):
        folder = places / "mirror" / name
        folder.mkdir()
        for file, content in made(name).items():
            (folder / file).write_bytes(content)
        monkeypatch.setitem(sets.known(), name, sets.as_in(sets.find(name), folder))

    return put


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.quick("mnist")
def test_what_is_declared(name):
    found = sets.find(name)
    assert found.title and found.about.endswith(".") and found.licence and found.citation
    assert found.homepage.startswith("http") and found.files
    for file in found.files:
        assert file.addresses and all(address.startswith("https://") for address in file.addresses)
        kind, _, value = file.checksum.partition(":")
        assert (kind, len(value)) in (("md5", 32), ("sha256", 64), ("", 0))
    assert found.size > 0


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_a_set_arrives_and_is_whole(small, places, name):
    small(name)
    with pytest.raises(UserError, match="is not on this machine yet; `sandbox data fetch"):
        sets.here(name)
    told = []
    folder = sets.folder(name, told.append)
    assert folder.is_dir() and told and sets.is_here(name) and sets.here(name) == folder
    assert [path.name for path in sets.home().iterdir() if path.suffix != ".lock"] == [name]
    (places / "mirror" / name).rename(places / "gone")
    assert sets.folder(name) == folder  # nothing is fetched again
    sets.forget(name)
    assert not sets.is_here(name)


@pytest.mark.thorough
@pytest.mark.parametrize("name", PICTURES)
def test_its_pictures_are_read_as_they_are_split(small, name):
    small(name)
    with pytest.raises(UserError, match="not on this machine"):
        named_pictures.load(name)
    sets.folder(name)
    data = named_pictures.load(name, 16)
    assert isinstance(data, LabelledImages) and data.name == sets.find(name).title
    assert sets.find(name).licence in data.source
    assert all(not each.isdigit() for each in data.classes) or name == "mnist"
    parts = {
        "cifar10": (50, 10),
        "eurosat": (4, 2),
        "olivetti": (84, 36),
    }.get(name, (20, 10) if "-" in name or name in ("mnist", "kmnist") else (36, 12))
    assert (len(data.train_images), len(data.test_images)) == parts
    assert float(data.train_images.min()) >= 0 and float(data.train_images.max()) <= 1
    if name == "olivetti":
        # Four of twelve people are unseen: six pairs of each one's own pictures, and as many with others.
        split, tested = VERIFY.load(VERIFY.settings(), name), 4 * 12
    else:
        split, tested = TASK.load(TASK.settings(), name), parts[1]
    assert len(split.test) == tested and split.about.name == data.name


@pytest.mark.thorough
def test_cifar_is_read_in_its_order(small):
    small("cifar10")
    place = sets.folder("cifar10")
    data = named_pictures.load("cifar10")
    raw = np.fromfile(place / "test_batch.bin", np.uint8).reshape(10, 3073)
    assert data.test_labels.tolist() == list(range(10)) and data.classes[3] == "cat"
    np.testing.assert_array_equal((data.test_images[2] * 255).round().numpy(), raw[2, 1:].reshape(3, 32, 32))
    (place / "test_batch.bin").write_bytes(b"x" * 100)
    with pytest.raises(UserError, match=r"test_batch\.bin holds no records of CIFAR-10"):
        named_pictures.load("cifar10")
    (place / "test_batch.bin").write_bytes(bytes([10]) + bytes(3072))
    with pytest.raises(UserError, match="names class 10"):
        named_pictures.load("cifar10")


def test_wrong_content_leaves_nothing(small, places):
    small("tiny-shakespeare")
    (places / "mirror" / "tiny-shakespeare" / "input.txt").write_bytes(b"other text, much longer than that")
    with pytest.raises(UserError, match="is not the published file"):
        sets.folder("tiny-shakespeare")
    assert not sets.is_here("tiny-shakespeare")


def test_a_set_of_another_version_is_fetched_again(small, places, monkeypatch):
    small("clinc150")
    sets.folder("clinc150")
    place = places / "mirror" / "clinc150"
    (place / "data_full.json").write_bytes(b"{}")
    monkeypatch.setitem(sets.known(), "clinc150", sets.as_in(sets.find("clinc150"), place))
    assert not sets.is_here("clinc150")
    assert (sets.folder("clinc150") / "data_full.json").read_bytes() == b"{}"


@pytest.mark.thorough
def test_without_a_checksum_a_person_must_trust_and_it_is_remembered(places):
    folder = places / "mirror" / "bccd"
    folder.mkdir()
    (folder / "bccd.zip").write_bytes(made("bccd")["bccd.zip"])
    with pytest.raises(UserError, match=r"Nobody publishes a checksum of BCCD blood cells; .*--trust-first"):
        sets.folder("bccd")
    assert sets.folder("bccd", trust_first=True).is_dir()
    sets.forget("bccd")
    sets.folder("bccd")  # it is known now
    sets.forget("bccd")
    (folder / "bccd.zip").write_bytes(zipped({f"{sets.find('bccd').inside}/b": b"other"}))
    with pytest.raises(UserError, match="is not the published file"):
        sets.folder("bccd", trust_first=True)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("files", "words"),
    [({"elsewhere/a": b"x"}, "holds no folder"), ({"../a": b"x", "2750/a/1": b"x"}, "points outside")],
)
def test_an_archive_that_is_another_is_refused(places, monkeypatch, files, words):
    folder = places / "mirror" / "eurosat"
    folder.mkdir()
    (folder / "EuroSAT.zip").write_bytes(zipped(files))
    monkeypatch.setitem(sets.known(), "eurosat", sets.as_in(sets.find("eurosat"), folder))
    with pytest.raises(UserError, match=words):
        sets.folder("eurosat")
    assert not sets.is_here("eurosat") and not (places / "a").exists()


def test_an_unknown_name_is_one_sentence():
    with pytest.raises(UserError, match=r"no data set 'mnits'. Did you mean mnist"):
        sets.find("mnits")


def test_a_training_fetches_what_it_wants(small, runs_root):
    small("kmnist")
    assert fetching.wanted(TASK, "kmnist") == "kmnist" and fetching.wanted(TASK, None) is None
    settings = TASK.settings()
    config = {"kind": "task", "seed": 0, "data": "kmnist", "threads": 1, "device": "cpu"}
    run = Run.create("vision/classify", config)
    seen = []
    state = drive(run, train_task(TASK, type(settings)(steps=2, channels=(2,), hidden=()), run), seen.append)
    assert state == "done", run.status()["message"]
    assert seen[0].unit == sets.UNIT and seen[-1].unit == "step"
    assert run.config["data"] == "kmnist" and fetching.wanted(TASK, "kmnist") is None


@pytest.mark.thorough
def test_offline_a_training_says_so_in_a_sentence(capsys, monkeypatch):
    file = sets.find("mnist").files[0]
    nowhere = type(file)(file.name, ("https://127.0.0.1:1/a",), file.checksum, file.size)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(sets, "PATIENCE", sets.Patience(tries=1))
    monkeypatch.setitem(
        sets.known(), "mnist", type(sets.find("mnist"))(**{**vars(sets.find("mnist")), "files": (nowhere,)})
    )
    assert cli.main(["train", "vision/classify", "--data", "mnist"]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert (
        said.startswith("train-images-idx3-ubyte.gz could not be fetched: 127.0.0.1") and "go online" in said
    )


@pytest.mark.thorough
def test_the_command_lists_fetches_shows_and_forgets(small, capsys, places):
    small("fashion-mnist")
    assert cli.main(["data", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["sets"]}
    assert set(rows) == set(NAMES) and not any(row["here"] for row in rows.values())
    assert cli.main(["data"]) == 0 and "Kuzushiji" not in capsys.readouterr().err
    assert cli.main(["data", "show", "fashion-mnist"]) == 2
    assert "sandbox data fetch fashion-mnist" in capsys.readouterr().err
    assert cli.main(["data", "fetch", "fashion-mnist", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["was_here"] is False
    assert cli.main(["data", "fetch", "fashion-mnist"]) == 0 and "was here already" in capsys.readouterr().out
    assert cli.main(["data", "show", "fashion-mnist"]) == 0
    shown = capsys.readouterr().out
    assert "ankle boot" in shown and "licence: MIT" in shown and "near-duplicates: No test picture" in shown
    assert cli.main(["data", "show", "fashion-mnist", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["train"], record["test"]) == (20, 10) and len(record["classes"]) == 10
    assert cli.main(["data", "forget", "fashion-mnist"]) == 0 and not sets.is_here("fashion-mnist")
    small("tiny-shakespeare")
    sets.folder("tiny-shakespeare")
    assert overview.overview("tiny-shakespeare")["files"] == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nonsense"], "no action 'nonsense'"),
        (["fetch"], "needs the name of a set"),
        (["list", "mnist"], "takes no name"),
        (["show", "no/such"], "no data set 'no/such'"),
        (["show", "mnist", "--trust-first"], "goes with"),
        (["fetch", "esc50"], "Nobody publishes a checksum"),
    ],
)
@pytest.mark.quick("words0*")
def test_a_mistake_is_one_sentence(capsys, words, sentence):
    assert cli.main(["data", *words]) == 2
    assert sentence in capsys.readouterr().err
