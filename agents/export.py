"""What can be carried away from a run: a stock Stable-Baselines3 zip, a video, a script, ONNX, a card."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import stable_baselines3
from safetensors.torch import save
from torch import Tensor, nn

from agents.evaluate import FIRST_SEED, evaluate
from agents.flat_spaces import is_structured
from agents.onnx_graph import graph
from agents.player import Player
from agents.policies.normalisation import LEAST_VARIANCE, NormalisedFeatures
from agents.script import script_of
from agents.settings import (
    AgentSettings,
    QRDQNSettings,
    ReplaySettings,
    SACSettings,
    TQCSettings,
    from_config,
    title_of,
)
from agents.training.policy_choice import CONTRIB, contrib, network
from agents.vec_env import make_vec_env
from agents.viewing.episode import Episode
from envs.engine.canvas import PygameCanvas
from sandbox import hub
from sandbox.errors import UserError, because, did_you_mean
from sandbox.runs import Run
from sandbox.tasks.video import Writer

SUFFIXES = {"sb3": ".zip", "video": ".webm", "script": ".py", "onnx": ".onnx", "hub": "-hub"}
"""What `export` can make, and how the files end."""

HUB_EPISODES = 100
"""Over which a model card's figure is taken."""

VIDEO_SECONDS = 60
"""Longer episodes are cut off in a video."""


def export(run: Run | str, to: str, out: Path | str | None = None, step: int | None = None) -> Path:
    """Make one file of a run.

    Args:
        run: the run or its name.
        to: `sb3`: a zip that `stable_baselines3`, or `sb3_contrib` for QR-DQN and TQC, loads where nothing
            of this project is installed (MLP policies); `video`: one episode as WebM; `script`: a Python
            script that trains the same agent again and compares; `onnx`: the network from observations to
            action outputs and values; `hub`: a folder in the layout of Hugging Face's hub, with a model
            card, which nobody uploads.
        out: the file; by default named after the run, in the working directory.
        step: which checkpoint; None for the newest.

    Returns:
        Path of the file.

    Raises:
        UserError: unknown run or format, something that cannot be exported this way, or a file that cannot be
            written.
    """
    run = run if isinstance(run, Run) else Run.open(run)
    makers: dict[str, Callable[[Run, Path, int | None], None]] = {
        "sb3": _sb3,
        "video": _video,
        "script": _script,
        "onnx": _onnx,
        "hub": _hub,
    }
    if to not in makers:
        hint = did_you_mean(to, makers) or f" There are {', '.join(makers)}."
        raise UserError(f"Nothing can be exported to {to!r}.{hint}")
    path = Path(out) if out is not None else Path(f"{run.name}{SUFFIXES[to]}")
    if path.is_dir() and to != "hub":
        path /= f"{run.name}{SUFFIXES[to]}"
    try:
        if not path.parent.is_dir():
            raise UserError(f"There is no folder {path.parent} to write {path.name} to.")
        makers[to](run, path, step)
    except OSError as error:
        raise UserError(f"Could not write {path} because {because(error)}.") from error
    return path


def _settings(run: Run) -> AgentSettings:
    return from_config(run.config.get("agent") or "ppo", run.config.get("settings") or {})


def _sb3(run: Run, path: Path, step: int | None) -> None:
    """The MLP blocks have the parameter names of the stock policies, so the weights move as they are."""
    player, settings = Player.load(run, step), _settings(run)
    env = make_vec_env(player.target, 1, None, env_kwargs=player.params)
    kind = network(settings, env.observation_space)
    if is_structured(env.observation_space) or is_structured(env.action_space):
        raise UserError(
            f"{run.name} plays with dictionaries or tuples, which Stable-Baselines3 alone cannot; "
            "export it to script."
        )
    if kind != "mlp" or settings.agent == "pqn":
        has = "PQN's layer normalisation" if kind == "mlp" else f"this project's {kind} block"
        raise UserError(
            f"{run.name} has {has}, which Stable-Baselines3 alone cannot load; export it to script or onnx."
        )
    stock: dict[str, Any] = {
        "ppo": stable_baselines3.PPO,
        "a2c": stable_baselines3.A2C,
        "dqn": stable_baselines3.DQN,
        "sac": stable_baselines3.SAC,
        "td3": stable_baselines3.TD3,
        "gail": stable_baselines3.PPO,
        "clone": stable_baselines3.PPO,
        "alphazero": stable_baselines3.PPO,
        **(contrib().ALGORITHMS if settings.agent in CONTRIB else {}),
    }
    options: dict[str, Any] = {"learning_rate": settings.learning_rate, "gamma": settings.gamma}
    for name in ("gae_lambda", "ent_coef", "vf_coef", "max_grad_norm", "clip_range", "batch_size"):
        if not isinstance(settings, SACSettings) and hasattr(settings, name):
            options[name] = getattr(settings, name)
    if isinstance(settings, ReplaySettings):
        # Without an environment to train in, a loaded model should not ask for a large replay buffer.
        options["buffer_size"] = 1000
    activation = {"tanh": nn.Tanh, "relu": nn.ReLU}[settings.activation]
    policy_kwargs: dict[str, Any] = {"net_arch": list(settings.hidden), "activation_fn": activation}
    if isinstance(settings, QRDQNSettings | TQCSettings):
        policy_kwargs["n_quantiles"] = settings.num_quantiles
    if isinstance(settings, TQCSettings):
        policy_kwargs["n_critics"] = settings.num_critics
    with warnings.catch_warnings():
        # That a minibatch does not divide a rollout of one environment matters only to who trains on.
        warnings.simplefilter("ignore", UserWarning)
        model = stock[settings.agent]("MlpPolicy", env, policy_kwargs=policy_kwargs, device="cpu", **options)
    model.policy.load_state_dict(_stock_state(player.policy))
    model.num_timesteps = player.step or 0
    model.save(path)


def _stock_state(policy: nn.Module) -> dict[str, Tensor]:
    """Give a policy's tensors as a stock MLP policy has them: running moments become part of its layers.

    The first layers read observations as they are, the critic answers in units of reward. That normalised
    observations are cut off at 10 deviations is lost.
    """
    state = dict(policy.state_dict())
    if scale := getattr(policy, "return_scale", None):
        for name in ("value_net.weight", "value_net.bias"):
            state[name] = state[name] * scale.deviation()
    features = getattr(policy, "features_extractor", None)  # an off-policy agent has one for each network
    if isinstance(features, NormalisedFeatures):
        deviation = (features.var + LEAST_VARIANCE).sqrt()
        heads = {"mlp_extractor.policy_net.0": "action_net", "mlp_extractor.value_net.0": "value_net"}
        for first, without in heads.items():
            name = first if f"{first}.weight" in state else without
            weight = state[f"{name}.weight"] / deviation
            state[f"{name}.weight"] = weight
            state[f"{name}.bias"] = state[f"{name}.bias"] - weight @ features.mean
    moments = ("features_extractor.", "pi_features_extractor.", "vf_features_extractor.", "return_scale.")
    return {name: value for name, value in state.items() if not name.startswith(moments)}


def _video(run: Run, path: Path, step: int | None) -> None:
    """VP8 in WebM is what OpenCV can encode without further packages and every browser plays."""
    player = Player.load(run, step)
    episode = Episode(player.target, player, seed=FIRST_SEED, params=player.params, ops=False)
    canvas = PygameCanvas(episode.world.size)
    with contextlib.closing(episode), Writer(path, float(episode.world.fps)) as writer:
        for moment in episode:
            episode.draw(canvas)
            # FFmpeg opens the file with the first frame, and calls the name of the codec unusual.
            with _silent_libraries() if moment.step == 0 else contextlib.nullcontext():
                writer.write(canvas.pixels)
            if moment.step >= VIDEO_SECONDS * episode.world.fps:
                break


@contextlib.contextmanager
def _silent_libraries() -> Iterator[None]:
    """What libraries of C write to stderr is dropped."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _script(run: Run, path: Path, step: int | None) -> None:
    """The script says everything by itself: settings written out, no run folder needed."""
    if not any("eval_return" in row for row in run.metrics()):
        raise UserError(f"{run.name} has no evaluation yet that a script could be compared with.")
    path.write_text(script_of(run), encoding="utf-8")


def _onnx(run: Run, path: Path, step: int | None) -> None:
    path.write_bytes(graph(Player.load(run, step).policy))


def _hub(run: Run, path: Path, step: int | None) -> None:
    """Weights, settings, whatever else of `SUFFIXES` this agent can become, and the card."""
    player = Player.load(run, step)
    tensors, meta = run.load_model(step)
    settings = run.config.get("settings") or {}
    facts = {"target": player.target, "agent": run.config.get("agent"), "settings": settings, "meta": meta}
    files = {
        "model.safetensors": save({name: tensor.contiguous() for name, tensor in tensors.items()}),
        "config.json": (json.dumps(facts, indent=1) + "\n").encode(),
    }
    with tempfile.TemporaryDirectory() as folder:
        for to, name in (("sb3", "model.zip"), ("onnx", "model.onnx"), ("script", "train.py")):
            with contextlib.suppress(UserError):  # not every agent can be everything
                files[name] = export(run, to, Path(folder) / name, step).read_bytes()
    found = evaluate(player, HUB_EPISODES)["interval"]
    reached = f"{found.mean:.2f}, 95 % interval {found.low:.2f} to {found.high:.2f}"
    kind = run.config.get("agent") or "ppo"
    agent = title_of(kind)
    use = [f"`sandbox watch` plays a run of your own; this folder holds {', '.join(sorted(files))}."]
    if "model.zip" in files:
        package = "sb3_contrib" if kind in CONTRIB else "stable_baselines3"
        name = "PPO" if kind == "gail" else kind.upper()
        use += ["", "```python", f"from {package} import {name}", ""]
        use += [f'model = {name}.load("model.zip")', "```"]
    elif "model.onnx" in files:
        use += [
            "",
            "`model.onnx` takes `obs`, raw observations (batch, ...), and gives `outputs` and `values`.",
        ]
    card = hub.Card(
        title=f"{agent} plays {player.target}",
        about=f"An agent that learned {player.target} for {player.step or 0:,} steps with {agent}.",
        kind="reinforcement-learning",
        tags=["deep-reinforcement-learning", player.target],
        data=player.target,
        figures=[
            hub.Figure(name="mean_reward", value=found.mean, text=f"{reached} ({HUB_EPISODES} episodes)")
        ],
        use="\n".join(use),
    )
    hub.write(run, path, files, card)
