"""Train an agent in an environment, or a network on a task."""

import contextlib
import dataclasses
import importlib
import os
import shlex
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox import garbage
from sandbox.command_words import peeked, taken
from sandbox.data.fingerprint import OtherDataError, described, located, source_of
from sandbox.ending import STOPPED, Failure, is_worth_keeping, main_metrics, next_steps, record, summary
from sandbox.errors import UserError, is_user_error, printable
from sandbox.options import parse
from sandbox.progress import Progress, drive
from sandbox.progress_view import ProgressView
from sandbox.runs import Run
from sandbox.targets import Target, find_target, import_task
from sandbox.terminal import print_json
from sandbox.trackers import check as check_trackers
from sandbox.trackers import tracked
from sandbox.train_options import AgentOptions, ResumeOptions, TaskOptions

USAGE = """\
usage: sandbox train NAME [options of NAME]
       sandbox train --resume RUN [--watch] [--data PATH] [--accept-data] [--json]
       torchrun --nproc-per-node 2 -m sandbox.cli train NAME ...

Train an agent in an environment (cartpole, LunarLander-v3) or a network on a task (vision/classify).
`sandbox list` shows the names, `sandbox train NAME --help` all options of one with their defaults.
Under torchrun several processes share each batch of a task, or the environments that ppo plays; process 0
saves and shows.

Ctrl-C stops and saves (exit status 130), a second one stops at once; the last line says how to go on.
--resume continues a run that ended early, or begins it again if nothing was saved."""


@dataclass(frozen=True)
class Training:
    """A training that is ready to begin.

    Attributes:
        run: its folder.
        events: the steps.
        is_new: this command made the folder.
        watch: open a window afterwards.
        json: print one JSON object.
    """

    run: Run
    events: Generator[Progress, None, None]
    is_new: bool
    watch: bool
    json: bool


def main(arguments: Sequence[str]) -> int:
    """Trains. Returns 0 when done, 130 when stopped; when it failed 2 if the user can mend it, else 1."""
    if not arguments:
        raise UserError("`sandbox train` needs a name, such as cartpole; `sandbox list` shows them.")
    if arguments[0] in ("-h", "--help"):
        print(USAGE)
        return 0
    garbage.look_rarely()
    if any(argument.partition("=")[0] == "--resume" for argument in arguments):
        training = _resumed(list(arguments))
    else:
        training = _begun(list(arguments))
    return training if isinstance(training, int) else carry_out(training)


def carry_out(training: Training) -> int:
    """Trains to the end and says what came of it; returns the exit status."""
    run, failure = training.run, Failure()
    with tracked(run, run.config.get("log") or ()), ProgressView(run.name, main_metrics(run)) as view:
        state = drive(run, failure.noticed(training.events), view.show)
    if state == "failed":
        mistake = failure.error is not None and is_user_error(failure.error)
        # On a full disk, or where the folder is gone, the status could not be written either.
        sentence = str(failure.error) if mistake else run.status()["message"]
        if mistake and training.is_new and not is_worth_keeping(run, failure):
            with contextlib.suppress(UserError):
                run.delete()  # a mistake in the settings leaves nothing behind
        print(printable(sentence), file=sys.stderr)
        return 2 if mistake else 1
    message = run.status()["message"]
    if training.json:
        print_json(record(run, state, view))
    else:
        for note in run.config.get("notes") or ():
            print(note)
        print(summary(run, view))
        print(message if state != "done" else next_steps(run))
    if state != "done":
        return STOPPED
    if training.watch:
        importlib.import_module("agents.watch").watch(run.name)
    return 0


def _begun(arguments: list[str]) -> Training | int:
    """A new run; or, with the hidden `--run`, one that `sandbox.jobs` put into the queue.

    An exit status instead where nothing is left to train: a learning rate was looked for, or this was one of
    the processes that follow another.
    """
    name, rest = arguments[0], arguments[1:]
    if name.startswith("-"):
        raise UserError(
            f"The name comes before {name}: sandbox train NAME ...; `sandbox list` shows the names."
        )
    queued = taken(rest, "--run")
    target = find_target(name)
    options = options_for(target, rest)
    # A wrong device is found before there is a folder.
    importlib.import_module("sandbox.devices").pick_device(options.device)
    if getattr(options, "watch", False):
        importlib.import_module("agents.watch").require_window()
    if target.kind == "task":
        options, arguments = _with_whole_path(target, options, arguments)
    if getattr(options, "find_lr", False):
        return _find_learning_rate(target.name, options, arguments)
    if _shares() and os.environ["RANK"] != "0":
        return _follow(target, options.settings, _config(target, options))
    if options.seeds > 1:
        if queued is not None or getattr(options, "watch", False) or _shares():
            raise UserError("--seeds makes a run for each seed: without --watch, torchrun and a queue.")
        several = importlib.import_module("sandbox.train_seeds")
        return several.train_seeds(target, options, arguments, _config(target, options), _events)
    if queued is None:
        return training_of(target, options, arguments[1:])
    run = Run.open(queued)
    run.update_config(**_config(target, options))
    events = _events(target, options.settings, run, resume=False)
    return Training(run, events, False, getattr(options, "watch", False), options.json)


def options_for(target: Target, words: Sequence[str]) -> Any:
    """The options of `sandbox train NAME`, parsed."""
    return (_task_options if target.kind == "task" else _agent_options)(target.name, list(words))


def training_of(target: Target, options: Any, words: Sequence[str], **more: Any) -> Training:
    """A new run.

    Args:
        target: what is trained.
        options: from `options_for`.
        words: of the command, behind the name; kept in the run.
        more: what else its config says.
    """
    argv = ["train", target.name, *words]
    run = Run.create(target.name, {"argv": argv, **_config(target, options), **more})
    events = _events(target, options.settings, run, resume=False)
    return Training(run, events, True, getattr(options, "watch", False), options.json)


def _config(target: Target, options: Any) -> dict[str, Any]:
    """What a run's config says of the options."""
    config = {"kind": target.kind, "settings": dataclasses.asdict(options.settings)}
    for option in ("agent", "preset", "data", "seed", "device", "threads"):
        config[option] = getattr(options, option, None)
    if options.log:
        check_trackers(options.log)
        config["log"] = list(options.log)
    return config


def _resumed(arguments: list[str]) -> Training | int:
    """A run that ended early, to go on exactly as if it had not; or the exit status as in `_begun`."""
    named = None if arguments[0].startswith("-") else find_target(arguments.pop(0)).name
    options = parse(ResumeOptions, arguments, "sandbox train", "Go on with a run that ended early.")
    run = Run.open(options.resume)
    if options.watch:
        importlib.import_module("agents.watch").require_window()
    target = find_target(run.config["target"])
    if named not in (None, target.name):
        raise UserError(f"{run.name} trains {target.name}, not {named}.")
    if run.status()["state"] == "done":
        raise UserError(f"{run.name} is done already; `sandbox train {target.name}` begins a new run.")
    saved = run.config.get("settings")
    if saved is None:  # its process ended before it had read them
        return _begun([target.name, *run.config["argv"][2:], "--run", run.name])
    _look_at_data(run, target, options)
    if target.kind == "task":
        loading = importlib.import_module("sandbox.tasks.loading")
        settings = loading.settings_from(import_task(target.name), saved)
    else:
        settings = importlib.import_module("agents.settings").from_config(run.config["agent"], saved)
    if _shares() and os.environ["RANK"] != "0":
        return _follow(target, settings, run.config)
    return Training(run, _events(target, settings, run, resume=True), False, options.watch, options.json)


def _with_whole_path(target: Target, options: Any, arguments: list[str]) -> tuple[Any, list[str]]:
    """The options and the command with the data's absolute path: a run may be looked at from any folder."""
    data = located(options.data, import_task(target.name).data_sets)
    if data is None or data == options.data:
        return options, arguments
    exact = [f"--data={data}" if word.startswith("--data=") else word for word in arguments]
    if "--data" in exact:
        exact[exact.index("--data") + 1] = data
    return dataclasses.replace(options, data=data), exact


def _look_at_data(run: Run, target: Target, options: ResumeOptions) -> None:
    """See to it that a task's run goes on with the data it began with, or with others if that is wanted.

    Raises:
        UserError: they are others, or gone; says what to do.
    """
    if target.kind != "task":
        if options.accept_data or options.data is not None:
            raise UserError(f"{run.name} is an agent's run; --data and --accept-data are for tasks.")
        return
    source = source_of(run.name, run.config)
    built_in = import_task(target.name).data_sets
    if options.data is not None:
        source = dataclasses.replace(source, data=located(options.data, built_in))
    if options.accept_data:
        run.update_config(**described(source.data, built_in))
        return
    try:
        run.update_config(data=source.checked())
    except OtherDataError as error:
        raise UserError(
            f"{error} --data names where they lie now, and --accept-data goes on with what is there."
        ) from None


def _shares() -> bool:
    """Whether this is one of several processes that torchrun has started to train together."""
    return int(os.environ.get("WORLD_SIZE") or 1) > 1 and "RANK" in os.environ


def _follow(target: Target, settings: Any, config: Mapping[str, Any]) -> int:
    if target.kind != "task":
        importlib.import_module("agents.training.following").follow(target.name, settings, config)
        return 0
    importlib.import_module("sandbox.tasks.training").follow_task(import_task(target.name), settings, config)
    return 0


def _find_learning_rate(name: str, options: Any, arguments: list[str]) -> int:
    training = importlib.import_module("sandbox.tasks.training")
    config = {
        "seed": options.seed,
        "device": options.device,
        "threads": options.threads,
        "data": options.data,
    }
    search = training.find_rate(import_task(name), options.settings, config)
    if options.json:
        print_json({"target": name, "suggestion": search.suggestion, **dataclasses.asdict(search)})
        return 0
    again = [argument for argument in arguments if argument != "--find-lr"]
    print(search.chart())
    print(f"next: sandbox train {shlex.join(again)} --learning-rate {search.suggestion:g}")
    return 0


def _agent_options(name: str, arguments: list[str]) -> Any:
    module = importlib.import_module("agents.settings")
    agent = peeked(arguments, "--agent") or module.agent_for(name)
    preset = peeked(arguments, "--preset") or "default"
    settings = module.settings_for(name, agent, preset)
    tuned = preset in module.presets_of(importlib.import_module("agents.environments").find_target(name)).get(
        agent, {}
    )
    source = (
        f"the preset {preset!r} of agents/presets/{name}.py"
        if tuned
        else f"no preset of {agent} for {name} yet"
    )
    about = f"Train an agent in {name}. {type(settings).__doc__ or ''}\n\nDefaults: {source}."
    default = AgentOptions(agent=agent, preset=preset, settings=settings)
    generic: Any = AgentOptions
    return parse(generic[type(settings)], arguments, f"sandbox train {name}", about, default)


def _task_options(name: str, arguments: list[str]) -> Any:
    task = import_task(name)
    preset = peeked(arguments, "--preset") or next(iter(task.presets))
    settings = task.settings(preset)
    about = f"{task.title}\n\nDefaults: the preset {preset!r} of {name}; there are {', '.join(task.presets)}."
    default = TaskOptions(preset=preset, settings=settings)
    generic: Any = TaskOptions
    return parse(generic[type(settings)], arguments, f"sandbox train {name}", about, default)


def _events(target: Target, settings: Any, run: Run, resume: bool) -> Generator[Progress, None, None]:
    if target.kind == "task":
        return importlib.import_module("sandbox.tasks.training").train_task(
            import_task(target.name), settings, run, resume
        )
    return importlib.import_module("agents.train").train(target.name, settings, run, resume)
