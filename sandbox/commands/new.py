"""Write a new environment, task, block or preset: a file that already runs, with places to fill in."""

import dataclasses
import importlib
import keyword
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Annotated

import tyro

from sandbox import catalog
from sandbox.errors import UserError, did_you_mean
from sandbox.options import parse
from sandbox.targets import find_environment

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
    plan = PLANS[options.kind](options.name)
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
        f"sandbox play {name}       be the agent yourself",
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


def plan_preset(name: str) -> Plan:
    """A new `agents/presets/NAME.py`, filled with what training uses at present."""
    target = find_environment(name)
    stem = re.sub(r"[^a-z0-9]+", "_", target.lower())
    settings = importlib.import_module("agents.settings").settings_for(target, "ppo")
    words = {"title": title(stem), "target": target, **dataclasses.asdict(settings)}
    steps = (f"sandbox train {target}      starts from it", "write into its docstring what you measured")
    return Plan(folder_of("agents") / "presets" / f"{stem}.py", words, steps)


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
        raise UserError(f"{name!r} is a word of Python's own; choose another name, such as {name}_{kind}.")
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
    folder = catalog.package_folder(package)
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
