"""The rules that ran, and scripts that train and watch the agent of this page."""

import inspect
import shlex

import streamlit as st

from agents.target import find_target
from sandbox.runs import Run


def script(run: Run) -> str:
    """A Python script that trains the same agent and measures it."""
    config = run.config
    arguments = [str(word) for word in config.get("argv", ["train", config["target"]])]
    return f'''"""Train {config["target"]} as in {run.name}, then measure it over 100 new episodes."""

import json
import subprocess
import sys


def sandbox(*arguments: str) -> dict:
    """Run a command of Deep Sandbox and return the figures on its last line."""
    command = [sys.executable, "-m", "sandbox.cli", *arguments, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.decode().splitlines()[-1])


trained = sandbox(*{arguments!r})
print(trained)
print(sandbox("evaluate", trained["run"], "--episodes", "100"))
'''


def show(target: str, run: Run | None) -> None:
    """Draw the tab."""
    environment = find_target(target).environment
    if run is not None:
        st.markdown("**This run**, from the command line:")
        words = [str(word) for word in run.config.get("argv", ["train", target])]
        st.code("sandbox " + shlex.join(words) + f"\nsandbox watch {run.name}", language="bash")
        st.markdown("**A script** that trains the same agent and measures it:")
        st.code(script(run), language="python")
    if environment is None:
        st.caption(f"{target} is an environment of another package; its rules are in its own documentation.")
        return
    st.markdown("**The rules** that ran, compiled from these functions:")
    parts = [environment.reset, environment.step, environment.observe]
    st.code("\n\n".join(inspect.getsource(part) for part in parts), language="python")
    if environment.baseline is not None:
        st.markdown("**The hand-written player** it is compared with:")
        st.code(inspect.getsource(environment.baseline), language="python")
