"""The script of a task of the old contract; goes with `sandbox/task.py`."""

from sandbox.tasks.script import Recipe, filled_in, recipe

__all__ = ["Recipe", "recipe", "with_library"]


def with_library(recipe: Recipe, *, data: str | None = None) -> str:
    """The script of any task of the old contract; see `sandbox.tasks.script.over_task`."""
    return filled_in(
        recipe,
        data,
        prepare="training = TASK.prepare(SETTINGS, data=DATA, seed=SEED, ",
        test="dict(training.test())",
        imports="",
    )
