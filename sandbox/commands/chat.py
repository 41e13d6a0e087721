"""Talk to a run that answers customers, line by line; an empty line ends it."""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import tyro

from sandbox.errors import UserError, printable
from sandbox.options import Optional, parse
from sandbox.runs import Run
from sandbox.settings import setting

PROMPT = "> "


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox chat`."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
    """a run of service/chat: its name or folder"""
    threshold: Optional[float] = setting(
        None, "probability below which it does not know; by default the one that was chosen", low=0, high=1
    )


def main(arguments: Sequence[str]) -> int:
    """Reads lines until an empty one or the end, and prints what is said to each."""
    options = parse(Options, arguments, "sandbox chat", __doc__ or "")
    run = Run.open(options.run)
    agent = importlib.import_module("sandbox.tasks.loading").load_predictor(run)
    if not hasattr(agent, "replies"):
        raise UserError(f"{run.name} answers no customers; train `service/chat` for that.")
    conversation = importlib.import_module("sandbox.tasks.conversation").Conversation()
    asked = sys.stdin.isatty()
    while True:
        if asked:
            print(PROMPT, end="", flush=True)
        line = sys.stdin.readline()
        if not line.strip():
            return 0
        text = agent.input.encode(line)
        reply = conversation.say(text, lambda text: agent.reply([text], options.threshold)[0])
        print(printable(agent.replies.text(reply)))
