"""The row of controls: environment, agent, physics, and the settings of the next training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

import envs
from agents.settings import AGENTS, settings_for, title_of
from agents.training.compatibility import check_policy
from apps.studio import wording
from apps.studio.page import control_values, run_selection, training_buttons
from envs.engine.environment import Param
from sandbox import trust
from sandbox.runs import Run, list_runs

PAGE = "arena"
FIRST = "cartpole"
NETWORKS = {
    "": "As the preset says",
    "mlp": "MLP",
    "cnn": "CNN, for pictures",
    "lines": "Lines of a board, for AlphaZero",
    "rnn": "RNN, with a short memory",
    "lstm": "LSTM, with a long memory",
    "gru": "GRU, with a long memory",
    "rbf": "RBF network's features",
    "autoencoder": "Autoencoder's features",
    "som": "Self-organising map's features",
    "rbm": "Boltzmann machine's features",
    "dbn": "Deep belief network's features",
}
"""What `--policy` may be, and its name."""


@dataclass(frozen=True)
class Choice:
    """What the controls say.

    Attributes:
        target: environment, by the name of its file or its Gymnasium id.
        params: physics that differ from the defaults.
        run: of this environment, that the page looks at; None if there is none.
        status: of this run.
        state: of this run, as `wording.STATES` names it.
    """

    target: str
    params: Mapping[str, Any]
    run: Run | None = None
    status: Mapping[str, Any] | None = None
    state: str | None = None


def environment_menu(run: Run | None) -> str:
    """Menu of environments: ours, those of earlier runs, and any other Gymnasium id as one's own."""
    ours = envs.names()
    others = sorted({r.config["target"] for r in list_runs() if r.config.get("kind") == "agent"} - set(ours))
    options = [*ours, *others]
    if run is not None and st.session_state.get("arena:shown") != run.name:
        # Another run was chosen on another page or by a link: the menu follows it.
        st.session_state["arena:shown"] = run.name
        st.session_state["arena:target"] = run.config["target"]
        trained_with = (run.config.get("settings") or {}).get("params") or {}
        declared = envs.find(run.config["target"]).params if run.config["target"] in ours else {}
        for name, value in trained_with.items():
            kind = type(declared[name].default) if name in declared else float
            st.session_state[f"arena:{run.config['target']}:{name}"] = kind(value)
    st.session_state.setdefault("arena:target", FIRST if FIRST in options else options[0])
    chosen = st.selectbox(
        "Environment",
        options,
        # As well, for a browser that is still loading the page; a typed id is no option yet.
        index=options.index(now) if (now := st.session_state["arena:target"]) in options else 0,
        key="arena:target",
        accept_new_options=True,
        width=210,
        help="The environment that the agent learns. You can type any Gymnasium id, such as Acrobot-v1.",
    )
    return str(chosen or options[0])


def agent_menu() -> str:
    """Menu of learning methods."""
    chosen = st.selectbox(
        "Agent",
        list(AGENTS),
        format_func=title_of,
        key="arena:agent",
        width=120,
        help="The learning method. PPO works everywhere; DQN, QR-DQN and PQN with discrete actions; SAC, TD3 "
        "and TQC with continuous ones. GAIL and cloning imitate the hand-written player, or you with "
        "*Imitate me* under *Play*, and never see a reward. "
        "Free energy has a Boltzmann machine for its network, which sees bits. AlphaZero learns games of two "
        "players by search.",
    )
    return str(chosen)


def physics(target: str) -> dict[str, Any]:
    """Sliders for the environment's parameters; returns those that differ from their defaults."""
    declared: Mapping[str, Param] = envs.find(target).params if target in envs.names() else {}
    with st.popover(
        "Physics",
        icon=":material/tune:",
        disabled=not declared,
        help="Change the physics while it plays.",
    ):
        values = {name: _slider(target, name, param) for name, param in declared.items()}
        if declared:
            st.button("Defaults", icon=":material/undo:", on_click=_normal, args=(target, declared))
    return (
        {name: value for name, value in values.items() if value != declared[name].default} if declared else {}
    )


def _slider(target: str, name: str, param: Param) -> Any:
    key = f"arena:{target}:{name}"
    label = name.replace("_", " ").capitalize() + (f", {param.unit}" if param.unit not in ("", name) else "")
    # Not as the widget's own default: a run that was trained in another physics sets it, too.
    st.session_state.setdefault(key, param.default)
    if isinstance(param.default, bool):
        return st.toggle(label, key=key, help=param.help or None, persist_state="session")
    kind = int if isinstance(param.default, int) else float
    low, high = kind(param.low), kind(param.high)
    step = 1 if kind is int else (high - low) / 200
    return st.slider(
        label,
        low,
        high,
        step=step,
        key=key,
        help=_help(param),
        persist_state="session",
    )


def _help(param: Param) -> str:
    about = f"{param.help[:1].upper()}{param.help[1:]}. " if param.help else ""
    unit = f" {param.unit}" if param.unit else ""
    return f"{about}From {param.low:g} to {param.high:g}{unit}; the default is {param.default:g}."


def _normal(target: str, declared: Mapping[str, Param]) -> None:
    for name, param in declared.items():
        st.session_state[f"arena:{target}:{name}"] = param.default


def _says(run: Run) -> dict[str, Any]:
    """What agent menu and *More* say of a run."""
    steps = control_values.option(run, "--total-timesteps", 0)
    return {
        "arena:agent": run.config.get("agent") if run.config.get("agent") in AGENTS else "ppo",
        "arena:policy": control_values.option(run, "--policy", "", NETWORKS),
        "arena:seed": int(run.config.get("seed") or 0),
        "arena:own-steps": bool(steps),
        "arena:steps": min(100_000_000, max(1_000, steps or 100_000)),
    }


@dataclass(frozen=True)
class More:
    """What is seldom changed about the next training.

    Attributes:
        seed: of every random draw.
        steps: None for the preset's.
        policy: None for the preset's.
    """

    seed: int
    steps: int | None
    policy: str | None


def more() -> More:
    """Network, seed and number of steps of the next training."""
    with st.popover("More", icon=":material/more_horiz:"):
        policy = st.selectbox(
            "Network",
            list(NETWORKS),
            format_func=NETWORKS.__getitem__,
            key="arena:policy",
            help="A memory helps where something seen earlier matters, as in the maze. Features are learned "
            "from random play before the training, then kept.",
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            key=control_values.first("arena:seed", 0),
            help="Decides all random draws: the same seed trains the same agent.",
        )
        own = st.toggle(
            "Own number of steps", key="arena:own-steps", help="Otherwise the environment's preset decides."
        )
        steps = st.number_input(
            "Steps",
            1_000,
            100_000_000,
            step=50_000,
            key=control_values.first("arena:steps", 100_000),
            disabled=not own,
            help="Steps in the environment, summed over all its copies; from 1,000 to 100,000,000.",
        )
    return More(int(seed), int(steps) if own else None, policy or None)


def argv(target: str, agent: str, params: Mapping[str, Any], chosen: More) -> list[str]:
    """The command of the next training.

    Raises:
        UserError: no such environment, a file that nobody has named in a command, or an agent that cannot
            play in it or train the network; told before a job could fail.
    """
    trust.check(target)
    settings_for(target, agent)
    words = [target, "--agent", agent, "--seed", str(chosen.seed)]
    if chosen.policy is not None:
        check_policy(agent, chosen.policy)
        words += ["--policy", chosen.policy]
    if chosen.steps is not None:
        words += ["--total-timesteps", str(chosen.steps)]
    if params:
        numbers = ((name, int(value) if isinstance(value, bool) else value) for name, value in params.items())
        words += ["--params", *(str(word) for pair in numbers for word in pair)]
    return words


def row() -> Choice:
    """The row of controls at the top of the page."""
    agents = {run.config["target"] for run in list_runs() if run.config.get("kind") == "agent"}
    chosen = run_selection.chosen(PAGE, sorted(agents))
    control_values.follow(PAGE, chosen, _says)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        buttons = st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content")
        target = environment_menu(chosen)
        agent = agent_menu()
        params = physics(target)
        rarely = more()
    run = _looked_at(chosen, target)
    status = None if run is None else run.status()
    state = None if run is None else wording.state_of(run, status)
    with buttons:
        training_buttons.buttons(
            PAGE,
            run,
            state,
            lambda: argv(target, agent, params, rarely),
            help="Train a new agent in a process of its own. CartPole takes seconds, pictures take minutes.",
        )
    return Choice(target, params, run, status, state)


def _looked_at(chosen: Run | None, target: str) -> Run | None:
    """The chosen run if it is one of this environment, else the newest of it."""
    if chosen is not None and chosen.config["target"] == target:
        return chosen
    found = run_selection.runs_of([target])
    if not found:
        run_selection.forget(PAGE)
        st.session_state.pop("arena:shown", None)
        return None
    st.session_state["arena:shown"] = found[0].name
    return run_selection.choose(PAGE, found[0])
