"""One picture of all environments, in rows: `python -m envs.engine.overview docs/pictures/environments.png`.

Each is shown in the middle of an episode of its hand-written player, with the same seed every time, so that
the picture changes only when an environment does. No window and no browser is needed.
"""

import sys
from pathlib import Path

import numpy as np

import envs
from envs.engine.canvas import PygameCanvas
from envs.engine.canvas.images import png
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.kernels import DISABLED
from envs.engine.environment import Environment

WIDTH, HEIGHT, GAP, CAPTION = 1600, 210, 10, 26
"""Of the picture, of a row's pictures (about), between them and below them, in pixels."""

LONGEST = 400
"""Steps of an episode that are played at most."""


def main(arguments: list[str]) -> int:
    """Writes the picture to the file that is named."""
    if len(arguments) != 1:
        print("Say where to: python -m envs.engine.overview docs/pictures/environments.png", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(strip([envs.find(name) for name in envs.names()])))
    print(path)
    return 0


def strip(shown: list[Environment], width: int = WIDTH) -> np.ndarray:
    """Environments in the middle of an episode, row by row, each row as wide as the picture.

    Args:
        shown: in this order.
        width: of the picture in pixels.

    Returns:
        `(rows, columns, 3)` u8.
    """
    lines = rows_of([environment.size[0] / environment.size[1] for environment in shown], width / HEIGHT)
    places, top, first = [], GAP, 0
    for count in lines:
        row = shown[first : first + count]
        shares = [environment.size[0] / environment.size[1] for environment in row]
        height = (width - GAP * (count + 1)) / sum(shares)
        left = float(GAP)
        for environment, share in zip(row, shares, strict=True):
            places.append((environment, left, top, share * height, height))
            left += share * height + GAP
        top += round(height) + CAPTION + GAP
        first += count
    whole = PygameCanvas((width, top))
    whole.background("white")
    for environment, left, upper, wide, high in places:
        box = round(left), upper, round(left + wide) - round(left), round(high)
        picture(environment, whole.view(box, environment.size))
        name = environment.id.rpartition("/")[2].rpartition("-v")[0]
        whole.text(left + wide / 2, upper + high + 0.55 * CAPTION, name, 17, "slate", "center")
    return whole.pixels


def rows_of(shares: list[float], line: float) -> list[int]:
    """How many pictures each row gets, in order, so that all rows are about as wide.

    Args:
        shares: width of each picture over its height.
        line: width of a row over its height.
    """
    rows = max(1, round(sum(shares) / line))
    middles = np.cumsum(shares) - np.array(shares) / 2
    which = np.minimum((middles / sum(shares) * rows).astype(int), rows - 1)
    return [int(count) for count in np.bincount(which, minlength=rows) if count]


def picture(environment: Environment, canvas: PygameCanvas) -> None:
    """Draws an environment in the middle of an episode of its hand-written player, or of chance."""
    batch = Batch(environment, 1)
    length = play(batch, min(environment.max_episode_steps or LONGEST, LONGEST))
    play(batch, length // 2)
    environment.draw(batch.states[0], batch.params, canvas)


def play(batch: Batch, steps: int) -> int:
    """Plays at most so many steps of the first episode; returns how many it was."""
    environment, arrays = batch.environment, Arrays(batch)
    space = environment.action_space
    space.seed(0)
    batch.seed(0)
    batch.reset(arrays.obs)
    memory = None
    for step in range(steps):
        action = space.sample()
        if environment.baseline:
            action, memory = environment.baseline_step(arrays.obs[0], memory)
        actions = np.array([action], space.dtype)
        batch.step(actions, arrays.obs, arrays.rewards, arrays.terminated, arrays.truncated, None, DISABLED)
        if arrays.terminated[0]:
            return step + 1
    return steps


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
