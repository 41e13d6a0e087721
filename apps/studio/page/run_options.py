"""What a run was asked for, also while it still waits for its turn and only its command is known."""

from itertools import pairwise

from sandbox.runs import Run


def option(run: Run, name: str) -> str | None:
    """An option of the training, such as `data` or `preset`; None if it was not given."""
    if run.config.get(name) is not None:
        return run.config[name]
    words = [str(word) for word in run.config.get("argv") or ()]
    joined = [word.partition("=")[2] for word in words if word.startswith(f"--{name}=")]
    return next(iter(joined + [b for a, b in pairwise(words) if a == f"--{name}"]), None)
