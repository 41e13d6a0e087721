"""Files that may be imported: those that were named here, as they were then."""

import pytest

from sandbox import trust
from sandbox.errors import UserError


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    """A state folder of its own for each test."""
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path / "state"))


def test_names_of_the_registry_need_no_trust():
    for name in ("cartpole", "sandbox/CartPole-v1", "LunarLander-v3", "vision/classify", "ALE/Pong-v5"):
        trust.check(name)
        trust.remember(name)


def test_a_file_is_trusted_as_it_was_when_it_was_named(tmp_path, monkeypatch):
    file = tmp_path / "mine.py"
    file.write_text("ENV = 1")
    with pytest.raises(UserError, match="name it yourself"):
        trust.check(str(file))
    monkeypatch.chdir(tmp_path)
    trust.remember("./mine.py")
    trust.check(str(file))
    monkeypatch.chdir("/")
    trust.check(str(file))
    with pytest.raises(UserError, match="name it yourself"):
        trust.check("./mine.py")
    file.write_text("ENV = 2")
    with pytest.raises(UserError, match="has changed since you last named it"):
        trust.check(str(file))
    trust.remember(str(file))
    trust.check(str(file))
    file.unlink()
    with pytest.raises(UserError, match="is missing"):
        trust.check(str(file))


def test_a_module_is_trusted_by_its_name():
    with pytest.raises(UserError, match="name it yourself"):
        trust.check("module:Id-v0")
    trust.remember("module:Id-v0")
    trust.check("module:Id-v0")
    with pytest.raises(UserError, match="name it yourself"):
        trust.check("module:Other-v0")


def test_a_state_folder_that_cannot_be_written_stops_no_command(tmp_path, monkeypatch):
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path / "blocked"))
    file = tmp_path / "mine.py"
    file.write_text("ENV = 1")
    trust.remember(str(file))
    with pytest.raises(UserError, match="name it yourself"):
        trust.check(str(file))


def test_a_record_of_another_key_is_not_believed(tmp_path):
    from sandbox import state_folder

    state_folder.write_record("named", "/a.py", {"sha256": "x"})
    (record,) = (tmp_path / "state" / "named").iterdir()
    state_folder.write_record("named", "/b.py", {"sha256": "y"})
    other = next(path for path in (tmp_path / "state" / "named").iterdir() if path != record)
    other.write_bytes(record.read_bytes())
    assert state_folder.read_record("named", "/b.py") is None
    assert state_folder.keys("named") == ["/a.py", "/a.py"]
