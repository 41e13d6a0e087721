"""Write a new environment, task, block or preset: a file that already runs, with places to fill in."""

import importlib
import keyword
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Annotated, Any

import tyro

from sandbox import registry
from sandbox.errors import UserError, did_you_mean
from sandbox.options import Optional, parse
from sandbox.runs import Run, list_runs
from sandbox.settings import setting, specs
from sandbox.targets import find_environment
from sandbox.terminal import figure

LONGEST_NAME = 60
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

# Folders and packages that a file of this name would hide or be confused with.
TAKEN = frozenset(
    {"sandbox", "envs", "agents", "apps", "engine", "components", "page", "home", "torch", "numpy"}
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox new`."""

    kind: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="KIND")]
    """env, task, block or preset"""
    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """my_env; for a task domain/my_task; for a preset the environment's name"""
    run: Optional[str] = setting(
        None, "for a preset: the run whose settings it takes; by default the environment's best run"
    )


@dataclass(frozen=True)
class Plan:
    """One file to write.

    Attributes:
        path: where it goes.
        words: what the template's placeholders become.
        next_steps: what to do with it.
    """

    path: Path
    words: Mapping[str, object]
    next_steps: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """Writes the file and says what to do next."""
    options = parse(Options, arguments, "sandbox new", __doc__ or "")
    if options.kind not in PLANS:
        hint = did_you_mean(options.kind, PLANS) or f" There are {', '.join(PLANS)}."
        raise UserError(f"There is no template for {options.kind!r}.{hint}")
    if options.run is not None and options.kind != "preset":
        raise UserError("--run goes with a preset: sandbox new preset NAME --run RUN.")
    run = None if options.run is None else Run.open(options.run)
    plan = plan_preset(options.name, run) if options.kind == "preset" else PLANS[options.kind](options.name)
    write(options.kind, plan)
    print(f"{_shown(plan.path)} is written and already runs. Next:")
    for step in plan.next_steps:
        print(f"  {step}")
    return 0


def write(kind: str, plan: Plan) -> None:
    """Fills in a template.

    Raises:
        UserError: the file exists already.
    """
    template = Template((TEMPLATES / f"{kind}.py.txt").read_text(encoding="utf-8"))
    plan.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with plan.path.open("x", encoding="utf-8") as file:
            file.write(template.substitute(plan.words))
    except FileExistsError:
        raise UserError(f"{_shown(plan.path)} exists already; edit it, or choose another name.") from None


def plan_env(name: str) -> Plan:
    """A new `envs/NAME.py`."""
    check_name("env", name)
    words = {"name": name, "title": title(name), "id": f"sandbox/{camel(name)}-v0"}
    steps = (
        f"sandbox check {name}      after every change of its rules",
        f"sandbox train {name}",
        f"sandbox play {name}       play it yourself",
        f"sandbox new preset {name} once you know which settings suit it",
    )
    return Plan(folder_of("envs") / f"{name}.py", words, steps)


def plan_task(name: str) -> Plan:
    """A new `apps/DOMAIN/NAME.py`."""
    domain, slash, stem = name.partition("/")
    if not slash:
        raise UserError(f"A task's name is domain/name, such as vision/{name}.")
    check_name("domain", domain)
    check_name("task", stem)
    words = {"name": name, "title": title(stem), "camel": camel(stem)}
    steps = (f"sandbox train {name}", f"sandbox train {name} --help", "sandbox evaluate RUN")
    return Plan(folder_of("apps") / domain / f"{stem}.py", words, steps)


def plan_block(name: str) -> Plan:
    """A new `sandbox/blocks/NAME.py`."""
    check_name("block", name)
    words = {"title": title(name), "camel": camel(name)}
    steps = (
        "make test      checks its shapes, gradients, saving and loading",
        f"write tests/sandbox/blocks/test_{name}.py: compare it with a reference where there is one",
    )
    return Plan(folder_of("sandbox") / "blocks" / f"{name}.py", words, steps)


def plan_preset(name: str, run: Run | None = None) -> Plan:
    """A new `agents/presets/NAME.py` with the settings of a run, or of the defaults if there is none.

    Args:
        name: of the environment.
        run: whose settings; None for the environment's best run so far.

    Raises:
        UserError: no such environment, or the run is of something else.
    """
    target = find_environment(name)
    stem = re.sub(r"[^a-z0-9]+", "_", target.lower())
    module = importlib.import_module("agents.settings")
    if run is not None and (run.config.get("kind") != "agent" or run.config["target"] != target):
        raise UserError(f"{run.name} trained {run.config['target']}, not {target}.")
    run = run or best_run(target)
    if run is None:
        settings, source = module.settings_for(target, "ppo"), "untuned; what suits the kind of observations."
    else:
        settings = module.from_config(run.config.get("agent") or "ppo", run.config.get("settings") or {})
        source = f"the run {run.name}, {measured(run)}."
    words = {
        "title": title(stem),
        "target": target,
        "agent": settings.agent,
        "kind": type(settings).__name__,
        "source": source,
        "settings": "".join(f"            {line}\n" for line in as_arguments(settings)),
    }
    steps = (f"sandbox train {target}      starts from it", "write into its docstring what you measured")
    return Plan(folder_of("agents") / "presets" / f"{stem}.py", words, steps)


def best_run(target: str) -> Run | None:
    """The run of an environment whose last evaluation was best; the newer of equal ones, None without any."""
    runs = []
    for run in list_runs():
        # Returns under other physics cannot be compared.
        changed = (run.config.get("settings") or {}).get("params")
        agent = run.config.get("kind") == "agent" and run.config["target"] == target
        if agent and not changed and evaluation(run):
            runs.append(run)
    return max(runs, key=lambda run: evaluation(run)["eval_return"], default=None)


def evaluation(run: Run) -> Mapping[str, float]:
    """The last row of a run's metrics that evaluates the agent; empty if none does."""
    return next((row for row in reversed(run.metrics()) if "eval_return" in row), {})


def measured(run: Run) -> str:
    """What a run's last evaluation found, with its interval."""
    row = evaluation(run)
    if not row:
        return "not evaluated yet"
    interval = f"95 % interval [{figure(row['eval_low'])}, {figure(row['eval_high'])}]"
    seed = run.config.get("seed") or 0
    return (
        f"seed {seed}: mean return {figure(row['eval_return'])},\n{interval} over {row['eval_episodes']:.0f} "
        f"episodes, after {row['step']:,} steps"
    )


def as_arguments(settings: Any) -> list[str]:
    """The settings that differ from their class's defaults, as lines of Python."""
    known = specs(type(settings))
    return [
        f"{name}={getattr(settings, name)!r},"
        for name, spec in known.items()
        if getattr(settings, name) != spec.default
    ]


def check_name(kind: str, name: str) -> None:
    """Refuses a name that could not be imported, or that would hide something.

    Raises:
        UserError: says what is wrong with the name.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        close = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
        like = close if re.fullmatch(r"[a-z]\w*", close) and not keyword.iskeyword(close) else f"my_{kind}"
        raise UserError(
            f"{name!r} cannot be a file's name here: use small letters, digits and _, such as {like}."
        )
    if len(name) > LONGEST_NAME:
        raise UserError(f"{name[:40]}... has {len(name)} letters; choose a name of {LONGEST_NAME} or fewer.")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise UserError(f"{name!r} is a keyword of Python; choose another name, such as {name}_{kind}.")
    if name in sys.stdlib_module_names or name in TAKEN:
        raise UserError(
            f"{name!r} is the name of a module already; choose another name, such as {name}_{kind}."
        )


def title(name: str) -> str:
    """`my_env` as words: `My env`."""
    return name.replace("_", " ").capitalize()


def camel(name: str) -> str:
    """`my_env` as a class name: `MyEnv`."""
    return "".join(part.capitalize() for part in name.split("_"))


def folder_of(package: str) -> Path:
    """The folder of one of the four packages.

    Raises:
        UserError: it is not installed.
    """
    folder = registry.package_folder(package)
    if folder is None:
        raise UserError(f"The package {package} is not installed, so there is nowhere to write the file.")
    return folder


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


PLANS: dict[str, Callable[[str], Plan]] = {
    "env": plan_env,
    "task": plan_task,
    "block": plan_block,
    "preset": plan_preset,
}
