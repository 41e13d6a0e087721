"""The `sandbox` command: finds commands by file name, runs one, turns a user's mistake into one sentence.

Exit status: 0 done; 1 a check or a training run failed, or ended without a word; 2 a mistake of the user or a
refusal of the machine, told in one sentence on stderr; 130 stopped by Ctrl-C; 128 and the signal's number
after a crash. Imports nothing heavy, so the help answers at once.
"""

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence

from sandbox import registry
from sandbox.errors import UserError, because, did_you_mean, is_user_error, printable
from sandbox.shadowing import require_own
from sandbox.supervisor import supervise

USAGE = "usage: sandbox COMMAND ...    (sandbox COMMAND --help says more)"
STOPPED = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: the command and what follows it; by default those of this process, then supervised.

    Returns:
        The exit status.
    """
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments), typed=arguments is None)
    except SystemExit as stop:  # argument parsers leave this way after printing their help
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output (head, less) has seen enough. Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        print(printable(sentence), file=sys.stderr)
        return 2


def explain(error: BaseException) -> str | None:
    """The sentence for a mistake of the user or a refusal of the machine; None for a defect of ours."""
    if is_user_error(error):
        return str(error)
    if isinstance(error, OSError) and error.errno in (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENAMETOOLONG,
    ):
        return f"Could not use {error.filename or 'a file'} because {because(error)}."
    return None


def _run(arguments: list[str], typed: bool) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    name, rest = arguments[0], arguments[1:]
    if name in ("-V", "--version"):
        from importlib.metadata import version

        print(f"deep-sandbox {version('deep-sandbox')}")
        return 0
    names = [entry.name for entry in registry.commands()]
    if name not in names:
        hint = did_you_mean(name, names) or f" There are {', '.join(names)}."
        raise UserError(f"There is no command {name!r}.{hint}")
    require_own("envs", "agents", "apps")
    module = importlib.import_module(f"sandbox.commands.{name}")
    # A command that becomes another program has nothing left to tell by itself.
    if typed and not getattr(module, "BECOMES_ANOTHER_PROGRAM", False):
        return supervise(lambda: module.main(rest))
    return module.main(rest)


def _overview() -> str:
    entries = registry.commands()
    width = max(len(entry.name) for entry in entries)
    lines = [f"  {entry.name:<{width}}  {entry.about.removesuffix('.')}" for entry in entries]
    return "\n".join([USAGE, "", *lines])


if __name__ == "__main__":
    sys.exit(main())
