"""Test a run: an agent's mean return, or a task's figures on unseen examples, with intervals."""

import importlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import tyro

from sandbox import registry
from sandbox.errors import UserError
from sandbox.options import Flag, Optional, parse
from sandbox.runs import Run
from sandbox.settings import LARGEST_SEED, MOST_EPISODES, MOST_STEPS, setting
from sandbox.terminal import console, figure, print_json, print_table

EPISODES = 100
"""Of an agent, by default."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What follows `sandbox evaluate`."""

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
    """a run's name or folder"""
    step: Optional[int] = setting(
        None,
        "age: the checkpoint of this step of the training; by default the newest",
        low=0,
        high=MOST_STEPS,
    )
    episodes: Optional[int] = setting(
        None,
        "episodes of an agent (by default 100), or that a network drives which sees (by default as many as "
        "its task says); all others play the same ones",
        low=1,
        high=MOST_EPISODES,
    )
    seed: Optional[int] = setting(
        None,
        "seed of an agent's first episode; by default far from the seeds of the training",
        low=0,
        high=LARGEST_SEED,
    )
    sample: Flag = False
    """let the agent draw its actions instead of taking the most probable one"""
    search: Optional[float] = setting(
        None,
        "let a tree search play, too, with this many seconds for each decision: alone, and led by the agent",
        above=0,
        high=3600,
    )
    against: Optional[str] = None
    """who plays the same episodes, for the interval of the difference: a run, RUN@STEP, baseline or random"""
    elo: Flag = False
    """in a game of two players, let the ages of the run play each other and fixed opponents: Elo numbers"""
    conditions: dict[str, float] = setting(
        {},
        "what a network that drives has to cope with: amounts of fog, night, blur and noise, and parameters "
        "of its environment, such as: --conditions fog 0.5 people 6",
    )
    data: Optional[str] = None
    """test a task on other data: a data set's name, or a path"""
    accept_data: Flag = False
    """test a task although its data have changed since it was trained"""
    json: Flag = False
    """print one JSON object as the last line"""


def main(arguments: Sequence[str]) -> int:
    """Prints a table with a row for each player, or each metric."""
    options = parse(Options, arguments, "sandbox evaluate", __doc__ or "")
    run = Run.open(options.run)
    if run.config.get("kind") == "task":
        if options.against is not None or options.elo:
            raise UserError(f"{run.name} learned a task; --against and --elo are for agents.")
        return _task(run, options)
    if options.data is not None or options.accept_data:
        raise UserError(f"{run.name} is an agent's run; --data and --accept-data are for tasks.")
    if options.conditions:
        raise UserError(f"{run.name} is an agent's run; --conditions are for networks that see.")
    return _elo(run, options) if options.elo else _agent(run, options)


def _agent(run: Run, options: Options) -> int:
    # Threads of a small network wait for each other longer than they compute, above all beside a training.
    importlib.import_module("sandbox.devices").set_threads(1)
    evaluate = importlib.import_module("agents.evaluate")
    player = importlib.import_module("agents.player").Player.load(run, options.step)
    target = importlib.import_module("agents.environments").find_target(player.target)
    seed = evaluate.FIRST_SEED if options.seed is None else options.seed
    episodes = EPISODES if options.episodes is None else options.episodes
    started = time.perf_counter()
    found = {"agent": evaluate.evaluate(player, episodes, seed, deterministic=not options.sample)}
    seconds = time.perf_counter() - started
    baseline = None if target.environment is None else evaluate.baseline_policy(target.environment)
    others = {"baseline": baseline, "random": evaluate.random_policy(player.action_space)}
    if options.search is not None:
        policies = importlib.import_module("agents.planning").SearchPolicy
        for name, guide in (("search", None), ("agent and search", player)):
            others[name] = policies(target, player.params, guide, seconds=options.search)
    for name, policy in others.items():
        if policy is not None:
            found[name] = evaluate.evaluate_policy(target.name, policy, episodes, seed, player.params)
    standing = _against(options.against, found, player, episodes, seed, not options.sample)
    if options.json:
        players = {name: asdict(result["interval"]) for name, result in found.items()}
        record = {"run": run.name, "step": player.step, "episodes": episodes, "seed": seed}
        record |= {"seconds": seconds, **players.pop("agent"), **players}
        if standing is not None:
            record["against"] = standing.record()
        record |= {"reward_threshold": target.reward_threshold, "expert": run.config.get("expert")}
        print_json(record)
        return 0
    print_table(
        ["player", ">mean return", ">95 % interval", ">mean steps"],
        [_row(name, result) for name, result in found.items()],
        title=f"{run.name} at step {player.step:,}: {episodes} episodes from seed {seed}",
    )
    if standing is not None:
        for line in (standing.tally(), standing.verdict()):
            console().print(line, markup=False, highlight=False)
    best = run.best_checkpoint()
    if options.step is None and best is not None and best < player.step:
        console().print(f"its best evaluation while it learned was at step {best:,}: add --step {best}")
    if target.reward_threshold is not None:
        solved = found["agent"]["interval"].mean >= target.reward_threshold
        console().print(f"{'solved' if solved else 'not solved'} (threshold {target.reward_threshold:g})")
    if expert := run.config.get("expert"):
        interval = f"{figure(expert['low'])} to {figure(expert['high'])}"
        shown = f"{expert['episodes']} episode{'s' * (expert['episodes'] != 1)} that it was shown"
        console().print(f"imitates {expert['name']}: {figure(expert['return'])} ({interval}) in the {shown}")
    return 0


def _against(
    word: str | None, found: dict[str, Any], player: Any, episodes: int, seed: int, deterministic: bool
) -> Any:
    """Let another run play the same episodes; returns the standing of both, or None if nobody is named."""
    if word is None:
        return None
    race = importlib.import_module("agents.viewing.racer")
    racer = race.racer_of(word)
    if racer.run is not None and racer.run.config["target"] != player.target:
        raise UserError(f"{racer.run.name} learned {racer.run.config['target']}, not {player.target}.")
    name = racer.control if racer.run is None else f"against: {racer.name}"
    if name not in found:  # the hand-written player and chance have a row of their own
        found[name] = racer.evaluate(player.target, player.params, episodes, seed, deterministic)
    names = f"{player.run} at step {player.step:,}", racer.name
    standing = importlib.import_module("agents.viewing.standing")
    return standing.Standing(names, (found["agent"]["returns"], found[name]["returns"]))


def _elo(run: Run, options: Options) -> int:
    importlib.import_module("sandbox.devices").set_threads(1)
    module = importlib.import_module("agents.planning.ladder")
    ladder = module.Ladder(run)
    started = time.perf_counter()
    for openings in module.ROUNDS:
        before = ladder.games
        ladder.play(openings)
        if ladder.games > before and not options.json:
            console(stderr=True).print(f"{ladder.games:,} games of {len(ladder.entrants)} players played")
    rated = ladder.rated()
    if options.json:
        players = [
            {"name": each.entrant.name, "step": each.entrant.step, **asdict(each.rating)} for each in rated
        ]
        seconds = time.perf_counter() - started
        print_json({"run": run.name, "games": ladder.games, "seconds": seconds, "players": players})
        return 0
    print_table(
        ["player", ">Elo", ">95 % interval", ">games"],
        [
            [each.entrant.name, *_elo_figures(each.rating), f"{each.rating.games:,}"]
            for each in sorted(rated, key=lambda each: -each.rating.elo)
        ],
        title=f"{run.name}: ages and fixed opponents; the random player has 0",
    )
    return 0


def _elo_figures(rating: Any) -> list[str]:
    return [f"{rating.elo:.0f}", f"{rating.low:.0f} to {rating.high:.0f}"]


def _row(name: str, result: Any) -> list[str]:
    interval = result["interval"]
    steps = sum(result["lengths"]) / len(result["lengths"])
    spread = f"{figure(interval.low)} to {figure(interval.high)}"
    return [name, figure(interval.mean), spread, figure(steps, 1)]


def _task(run: Run, options: Options) -> int:
    found = importlib.import_module("sandbox.tasks.evaluation").evaluate(
        run, step=options.step, data=options.data, accept_data=options.accept_data
    )
    table, driven_by = None, {}
    if registry.loop_of(run.config["target"]) is not None:
        table = importlib.import_module("agents.loops.table")
        driven_by = table.driven(run, found.step, options.episodes, options.seed, options.conditions)
    elif options.conditions:
        raise UserError(f"{run.name} drives nothing, so --conditions change nothing.")
    if options.json:
        record = {"run": run.name, "step": found.step, "data": found.data, "seconds": found.seconds}
        record |= {"tested_on": found.tested_on, **found.figures}
        first = next(({"name": who, **its} for who, its in found.baselines.items()), None)
        record |= {"baseline": first, "baselines": found.baselines}
        if table is not None:
            record["drives"] = {name: table.record(driven) for name, driven in driven_by.items()}
        print_json(record)
        return 0
    for note in found.notes:
        console().print(note, markup=False, highlight=False)
    names = [name for name in found.figures if not name.endswith(("_low", "_high"))]
    players = {run.name: found.figures, **{f"baseline: {who}": its for who, its in found.baselines.items()}}
    print_table(
        ["figure", *(f">{who}" for who in players)],
        [[name, *(_figure(name, figures) for figures in players.values())] for name in names],
        title=f"{run.name} at step {found.step:,}, on {found.tested_on or 'unseen examples'}",
    )
    if table is not None and driven_by:
        print_table(*table.rows(run, driven_by), title=table.title(run, driven_by, options.conditions))
    return 0


def _figure(name: str, figures: Mapping[str, float]) -> str:
    if name not in figures:
        return ""
    low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
    interval = f" [{figure(low, 4)}, {figure(high, 4)}]" if low is not None and high is not None else ""
    return figure(figures[name], 4) + interval
