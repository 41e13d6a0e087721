"""What this machine's processor learns in minutes: tasks and environments, a simple method, public figures.

`sandbox bench leaderboard [NAME[:PRESET] ...] [--data SET]`; `--write` keeps the rows in docs/leaderboard.md.
"""

from __future__ import annotations

import importlib
import json
import shlex
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sandbox import registry
from sandbox.errors import UserError, did_you_mean
from sandbox.files import replace_bytes
from sandbox.metrics.scores import Metric
from sandbox.statistics import Interval, bootstrap_interval

BENCH = {"name": "leaderboard", "title": "Leaderboard", "long": True, "takes": ["names", "data"]}
SEEDS = 5
PREFACE = """\
# Leaderboard

What a network learns from scratch on the processor named below, and what a simple method and the best public
figure reach on the same data. Figures are means over five training seeds, on unseen examples, with 95 %
bootstrap intervals over the seeds, unless they say *one seed* or *2 seeds*. *Synthetic* data are made by a
program: such a figure says nothing about real data. An agent's figure is its mean return over 200 unseen
episodes, which the hand-written player plays, too.

Written by `sandbox bench leaderboard --write`. The command of a row measures it again.
"""
TASK_COLUMNS = (
    "task",
    "data",
    "figure",
    "reached",
    "seconds",
    "parameters",
    "simple method",
    "public figure",
    "command",
)
ENVIRONMENT_COLUMNS = ("environment", "trained by", *TASK_COLUMNS[2:])


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was reached in one task or environment, with one preset, on one set of data.

    Attributes:
        kind: `task` or `environment`.
        task: its name, or the environment's.
        preset: its settings; of an environment with the agent before a colon, `ppo:default`.
        data: as `--data` takes it, of a path the last part; None for the task's own.
        about: what the data are, in words; of an environment, which agent learned for how many steps.
        synthetic: whether they are made by a program.
        question: the task's title, or the first sentence of the environment's rules.
        metric: the figure's name, title, unit, digits and direction, as `Metric` takes them.
        reached: the figure of each seed.
        seconds: of training, the median over seeds.
        parameters: of the network.
        baseline: name of the strongest simple method; empty if there is none.
        baseline_reached: its figure.
        public: figures of others on the same data, each with its source.
        measured: when and where.
    """

    task: str
    preset: str
    data: str | None
    about: str
    synthetic: bool
    question: str
    metric: dict[str, Any]
    reached: Sequence[float]
    seconds: float
    parameters: int
    baseline: str
    baseline_reached: float
    public: Sequence[str]
    measured: str
    kind: Literal["task", "environment"] = "task"

    @property
    def figure(self) -> Metric:
        """What was measured, and how it is read."""
        return Metric(**self.metric)

    @property
    def interval(self) -> Interval:
        """The mean over seeds with its interval."""
        return bootstrap_interval(self.reached)

    @property
    def said(self) -> str:
        """The mean with its interval: `96.3 % [95.9, 96.6]`; of a single seed the figure alone.

        It says how many seeds there were, if fewer than the preface says.
        """
        figure, found = self.figure, self.interval
        if len(self.reached) == 1:
            return f"{figure.text(found.mean)} (one seed)"
        low, high = (f"{figure.scale * value:,.{figure.digits}f}" for value in (found.low, found.high))
        few = f" ({len(self.reached)} seeds)" if len(self.reached) < SEEDS else ""
        return f"{figure.text(found.mean)} [{low}, {high}]{few}"

    @property
    def simple(self) -> str:
        """The strongest simple method and its figure."""
        return f"{self.figure.text(self.baseline_reached)} ({self.baseline})" if self.baseline else "none"

    @property
    def key(self) -> tuple[str, str, str]:
        """What a row replaces that is measured anew."""
        return self.task, self.preset, self.data or ""

    @property
    def words(self) -> list[str]:
        """What measures it again, behind `sandbox`."""
        data = ["--data", self.data] if self.data else []
        return ["bench", "leaderboard", f"{self.task}:{self.preset}", *data]

    @property
    def train(self) -> list[str]:
        """What trains one network in the same way, behind `sandbox`."""
        if self.kind == "environment":
            agent, _, preset = self.preset.partition(":")
            return ["train", self.task, "--agent", agent, "--preset", preset]
        data = ["--data", self.data] if self.data else []
        return ["train", self.task, "--preset", self.preset, *data]


def bench(quick: bool = False, names: Sequence[str] = (), data: str | None = None) -> list[dict[str, Any]]:
    """Train tasks and agents from several seeds, each an ordinary training.

    Args:
        quick: one seed instead of five.
        names: of tasks and environments, with a preset behind a colon if it is not the first; by default all
            tasks, each with its own data, and all environments that have a preset.
        data: a name or a path, for all of the names, which are tasks then.

    Returns:
        One table; its `measured` has the rows as `Row` takes them.

    Raises:
        UserError: there is no such task, environment or preset.
    """
    chosen = [_parsed(name) for name in names] or [(name, None) for name in _known()]
    rows = [_measured(name, preset, data, 1 if quick else SEEDS) for name, preset in chosen]
    return [table(rows)]


def table(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows as a table for people."""
    count = max((len(row.reached) for row in rows), default=0)
    return {
        "title": "Leaderboard",
        "columns": list(TASK_COLUMNS),
        "rows": [_cells(row) for row in rows],
        "note": f"Means of {count} training seed{'s' * (count != 1)} on unseen examples, with 95 % bootstrap "
        "intervals over the seeds.",
        "measured": [asdict(row) for row in rows],
    }


def read(document: Path | None = None) -> list[Row]:
    """The rows that were written; none where there is no file.

    Args:
        document: a JSON file; by default the repository's.
    """
    path = document or stored()
    if not path.is_file():
        return []
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def stored() -> Path:
    """Where the rows are kept, beside the document for people."""
    return registry.repository() / "docs" / "leaderboard.json"


def write(tables: Sequence[dict[str, Any]], document: Path | None = None) -> None:
    """Put rows into the leaderboard, in place of those of the same task, preset and data.

    Args:
        tables: from `bench`.
        document: the JSON file; the one for people lies beside it.
    """
    path = document or stored()
    kept = {row.key: row for row in read(path)}
    kept |= {row.key: row for one in tables for row in (Row(**said) for said in one["measured"])}
    rows = [kept[key] for key in sorted(kept)]
    replace_bytes(path, (json.dumps([asdict(row) for row in rows], indent=1) + "\n").encode())
    replace_bytes(path.with_suffix(".md"), document_of(rows).encode())


def document_of(rows: Sequence[Row]) -> str:
    """The leaderboard as Markdown."""
    lines = [PREFACE]
    for kind, columns in (("task", TASK_COLUMNS), ("environment", ENVIRONMENT_COLUMNS)):
        if its := [row for row in rows if row.kind == kind]:
            lines += [
                f"## {kind.capitalize()}s",
                "",
                f"| {' | '.join(columns)} |",
                "|" + " --- |" * len(columns),
            ]
            lines += [*(f"| {' | '.join(_cells(row))} |" for row in its), ""]
    machines = sorted({row.measured for row in rows})
    return "\n".join([*lines, "Measured:", "", *(f"- {said}" for said in machines), ""])


def _cells(row: Row) -> list[str]:
    return [
        row.task,
        f"{row.about}{', synthetic' if row.synthetic and 'synthetic' not in row.about else ''}",
        row.figure.title,
        row.said,
        f"{row.seconds:,.0f}" if row.seconds >= 10 else f"{row.seconds:.1f}",
        f"{row.parameters:,}",
        row.simple,
        "; ".join(row.public) or "none known",
        f"`sandbox {shlex.join(row.words)}`",
    ]


def _known() -> list[str]:
    """Every task, and every environment that has a preset."""
    presets = {entry.name for entry in registry.presets()}
    environments = [entry.name for entry in registry.envs() if entry.name in presets]
    return [*(entry.name for entry in registry.tasks()), *environments]


def _parsed(name: str) -> tuple[str, str | None]:
    known = [entry.name for entry in (*registry.tasks(), *registry.envs())]
    name, _, preset = name.partition(":")
    if name not in known:
        raise UserError(f"There is no task or environment {name!r}.{did_you_mean(name, known)}")
    return name, preset or None


def _measured(name: str, preset: str | None, data: str | None, seeds: int) -> Row:
    from sandbox.bench.machine import machine

    measured = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}"
    if not registry.is_task(name):
        if data is not None:
            raise UserError(f"--data goes with tasks, and {name} is an environment.")
        agents = importlib.import_module("agents.bench.environment_row")
        return Row(**agents.measured(name, preset, seeds), measured=measured)
    return _of_task(name, preset, data, seeds, measured)


def _of_task(name: str, preset: str | None, data: str | None, seeds: int, measured: str) -> Row:
    from sandbox.bench.training import train_once
    from sandbox.targets import import_task
    from sandbox.tasks.evaluation import baseline_figures
    from sandbox.terminal import console

    task = import_task(name)
    settings, metric = task.settings(preset), task.metric
    label = data if data is None or data in task.data_sets else Path(data).name
    split = task.load(settings, data)
    found = []
    for seed in range(seeds):
        found.append(train_once(name, seed, settings, data=data))
        said = metric.text(found[-1][metric.key])
        console(stderr=True).print(
            f"{name}, seed {seed}: {said} in {found[-1]['seconds']:.1f} s", style="dim"
        )
    baselines = baseline_figures(task, settings, data, split)
    sign = 1 if metric.higher_is_better else -1
    best = max(baselines, key=lambda who: sign * baselines[who][metric.key], default="")
    return Row(
        task=name,
        preset=preset or next(iter(task.presets)),
        data=label,
        about=split.about.name,
        synthetic=split.about.synthetic,
        question=task.title,
        metric={
            name: getattr(metric, name) for name in ("name", "title", "unit", "higher_is_better", "digits")
        },
        reached=[figures[metric.key] for figures in found],
        seconds=statistics.median(figures["seconds"] for figures in found),
        parameters=int(found[0]["parameters"]),
        baseline=best,
        baseline_reached=baselines[best][metric.key] if best else 0.0,
        public=[str(one) for one in task.references if one.data == label],
        measured=measured,
    )
