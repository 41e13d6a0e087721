"""What this installation has ordered to be trained, kept outside of the run folders.

A run folder may come from anybody: its `argv` is never carried out, its word that it is queued is not
believed, and the process numbers it names are not ended. Each of these is looked up here.
"""

from pathlib import Path

from sandbox.state_folder import keys, read_record, remove_record, write_record

KIND = "orders"


def write(run: Path, argv: list[str]) -> None:
    """Order a run to be trained.

    Args:
        run: its folder.
        argv: what follows `sandbox train`.

    Raises:
        UserError: the order cannot be written.
    """
    write_record(KIND, _key(run), {"argv": argv, "processes": []})


def exists(run: Path) -> bool:
    """Whether this installation has ordered the run to be trained."""
    return read_record(KIND, _key(run)) is not None


def argv(run: Path) -> list[str] | None:
    """What follows `sandbox train`, or None if nothing was ordered."""
    record = read_record(KIND, _key(run))
    return None if record is None else [str(word) for word in record["argv"]]


def add_process(run: Path, pid: int) -> None:
    """Note a process that carries out the order."""
    if (record := read_record(KIND, _key(run))) is not None:
        write_record(KIND, _key(run), record | {"processes": [*record["processes"], pid]})


def has_process(run: Path, pid: object) -> bool:
    """Whether a process number is one that carries out the order, so that it may be ended."""
    record = read_record(KIND, _key(run))
    return record is not None and pid in record["processes"]


def remove(run: Path) -> None:
    """Forget an order that was carried out or taken back."""
    remove_record(KIND, _key(run))


def forget_missing() -> None:
    """Forget the orders of runs whose folders are gone: another run may take the name."""
    for key in keys(KIND):
        if not Path(key).is_dir():
            remove_record(KIND, key)


def _key(run: Path) -> str:
    return str(run.absolute())
