"""Codes and duels: what codes of each size explain, how few examples suffice, which modes are found.

Each trains again and again with other seeds: about six minutes on one core.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sandbox.bench.results import spread
from sandbox.bench.training import train_once
from sandbox.metrics.scores import with_intervals
from sandbox.targets import import_task

BENCH = {"name": "latent", "title": "Codes and duels", "long": True}
SEEDS, DUEL_SEEDS = 3, 5
SIZES = (1, 2, 3, 4, 6, 8, 12, 16)
EXAMPLES = (20, 50, 100, 200, 400, 800, 1198)
FEW_CODE = 8
"""Numbers in the code where the number of examples is what changes."""
CODERS = {"autoencoder": "latent/autoencoder", "vae": "latent/vae"}
BY_SIZE = "Explained share of unseen digits by the size of the code"
BY_EXAMPLES = "Explained share of unseen digits by the number of examples"
MODES = "Heaps that a GAN finds, of a ring of eight"
COMPONENTS = "principal components"


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Tables `{"title", "columns", "rows", "note"}`.

    Args:
        quick: a few steps from one seed, to see that it works.
    """
    less = {"steps": 20} if quick else {}
    seeds, amounts = range(1 if quick else SEEDS), slice(2 if quick else None)
    over = (
        f"Means of {len(seeds)} seeds with 95 % bootstrap intervals over seeds, of components over pictures."
    )
    return [
        _coders(BY_SIZE, "numbers in the code", SIZES[amounts], over, seeds, lambda n: {"code": n, **less}),
        _coders(
            BY_EXAMPLES,
            "pictures to learn from",
            EXAMPLES[amounts],
            f"{over} {FEW_CODE} numbers in the code.",
            seeds,
            lambda n: {"code": FEW_CODE, "examples": n, **less},
        ),
        _modes(range(1 if quick else DUEL_SEEDS), less),
    ]


def _coders(
    title: str,
    what: str,
    amounts: Sequence[int],
    note: str,
    seeds: Sequence[int],
    change: Callable[[int], dict[str, int]],
) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for name, target in CODERS.items():
        for amount in amounts:
            told = replace(import_task(target).settings(), **change(amount))
            found = [train_once(target, seed, told)["test_explained"] for seed in seeds]
            rows.append([name, amount, spread(found, ".4f")])
    task = import_task(CODERS["autoencoder"])
    for amount in amounts:
        told = replace(task.settings(), **change(amount))
        split = task.load(told, None)
        found = with_intervals(task.measure(task.baselines(told, split)[COMPONENTS], split.test))
        mean, low, high = (found[f"test_explained{end}"] for end in ("", "_low", "_high"))
        rows.append([COMPONENTS, amount, f"{mean:.4f} [{low:.4f}, {high:.4f}]"])
    return {"title": title, "columns": ["method", what, "explained share"], "rows": rows, "note": note}


def _modes(seeds: Sequence[int], less: dict[str, int]) -> dict[str, Any]:
    rows = []
    for name, preset in import_task("latent/duel").presets.items():
        found = [train_once("latent/duel", seed, replace(preset, **less)) for seed in seeds]
        counts = [int(one["test_modes"]) for one in found]
        heaps = str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
        near = spread([one["test_near"] for one in found], ".4f")
        rows.append([name, f"{preset.penalty:g}", heaps, near])
    return {
        "title": MODES,
        "columns": ["preset", "penalty", "heaps found", "share of points on one"],
        "rows": rows,
        "note": f"Synthetic points. Fewest and most over {len(seeds)} seeds, and the mean with its 95 % "
        "bootstrap interval over them.",
    }
