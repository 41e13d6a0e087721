"""Settings: one line says default, range and help; whatever is typed outside of it is one sentence."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

import pytest

from sandbox import cli, registry
from sandbox.errors import UserError
from sandbox.options import parse
from sandbox.runs import Run, list_runs
from sandbox.settings import as_option, as_words, check, in_config, setting, specs
from sandbox.targets import import_task

LONG = "a" * 300
NOT_FINITE = ("nan", "inf", "-inf")
NO_COUNT = ("0", "-1", "nan", "9" * 25)
NO_RATE = (*NOT_FINITE, "-0.1", "1e6", "fast")
NO_SEED = ("-1", str(2**32), str(2**64), "1.5", "nan", "x")


@dataclass(frozen=True, kw_only=True)
class Sample:
    rate: float = setting(1e-3, "Step size.", above=0, high=10, unit="m")
    hidden: tuple[int, ...] = setting((64,), "sizes", low=1, high=512, count=(1, 3))
    kind: Literal["one", "two"] = setting("one", "which")
    word: str = setting("red", "colour", choices=("red", "blue"))
    limit: float | None = setting(None, "limit", low=0)
    params: dict[str, float] = setting({}, "numbers")
    fine: bool = setting(True, "switch")
    plain: int = 3


@dataclass(frozen=True, kw_only=True)
class Restated(Sample):
    rate: float = 0.5

    def check_together(self) -> None:
        if self.plain == 13:
            raise UserError("plain and kind do not go together.")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rate": float("nan")}, "rate must be above 0 and at most 10 m, not nan."),
        ({"rate": float("inf")}, "rate must be above 0 and at most 10 m, not inf."),
        ({"rate": 0}, "rate must be above 0 and at most 10 m, not 0."),
        ({"rate": "x"}, "rate must be a number above 0 and at most 10 m, not 'x'."),
        ({"rate": True}, "rate must be a number above 0 and at most 10 m, not True."),
        ({"hidden": ()}, "hidden takes 1 to 3 values, not none."),
        ({"hidden": (1, 2, 3, 4)}, "hidden takes 1 to 3 values, not 4."),
        ({"hidden": (1, 0)}, "hidden takes values from 1 to 512, not 0."),
        ({"hidden": (1, 10**400)}, "hidden takes values from 1 to 512, not a number of hundreds of digits."),
        ({"hidden": (1.5,)}, "hidden takes whole numbers from 1 to 512, not 1.5."),
        ({"hidden": 64}, "hidden must be 1 to 3 whole numbers from 1 to 512, not 64."),
        ({"kind": "tow"}, "kind must be one of one, two, not 'tow'. Did you mean two?"),
        ({"kind": 1}, "kind must be one of one, two, not 1."),
        ({"word": "bleu"}, "word must be one of red, blue, not 'bleu'. Did you mean blue?"),
        ({"limit": -1.0}, "limit must be at least 0, not -1.0."),
        ({"params": {"g": float("nan")}}, "params takes finite numbers, and g cannot be nan."),
        ({"params": [1]}, "params must be names with numbers, not [1]."),
        ({"fine": 1}, "fine must be True or False, not 1."),
        ({"plain": None}, "plain must be a whole number, not None."),
        ({"plain": 2**63}, "plain must be a whole number, not 9223372036854775808."),
        ({"plain": 13}, "plain and kind do not go together."),
    ],
)
def test_what_is_out_of_range_is_one_sentence(change, sentence):
    with pytest.raises(UserError) as raised:
        check(Restated(**change))
    assert str(raised.value) == sentence


def test_names_are_spelled_as_the_user_knows_them():
    for spelled, name in ((as_option, "--rate"), (in_config, "rate in config.json")):
        with pytest.raises(UserError, match=f"^{name} must be"):
            check(Sample(rate=-1), spelled)
    check(Sample(limit=None, params={"g": 1}))


def test_one_line_says_everything():
    spec = specs(Restated)["rate"]
    assert (spec.default, spec.help, spec.unit, spec.kind) == (0.5, "Step size.", "m", float)
    assert (spec.range.above, spec.range.high) == (0, 10)
    assert specs(Sample)["kind"].range.choices == ("one", "two")
    assert specs(Sample)["hidden"].many is tuple and specs(Sample)["limit"].optional


def test_words_make_the_same_settings_again():
    changed = Restated(
        rate=1e-5, hidden=(3, 4), kind="two", fine=False, params={"g": 3.5}, plain=-2, limit=0.25
    )
    words = as_words(changed, Restated())
    assert words[:2] == ["--rate", "1e-05"] and "--no-fine" in words
    assert parse(Restated, words, "sandbox train x", "") == changed
    assert as_words(Restated(), Restated()) == []


def test_the_help_has_default_range_and_text(capsys):
    with pytest.raises(SystemExit):
        parse(Restated, ["--help"], "sandbox train x", "")
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Step size. Above 0 and at most 10 m. (default: 0.5)" in text
    assert "sizes; each from 1 to 512 (default: 64)" in text


@pytest.mark.parametrize("name", [entry.name for entry in registry.tasks()])
def test_every_setting_of_every_task_says_its_range(name):
    task = import_task(name)
    for preset in task.presets.values():
        check(preset)
    for spec in specs(type(task.settings())).values():
        assert spec.help, spec.name
        assert spec.kind in (str, bool) or spec.range.words(), f"{spec.name} has no range"


def agents():
    """Everything that can be mistyped about an agent."""
    counts = ("total-timesteps", "num-envs", "num-steps", "num-epochs", "batch-size", "hidden", "channels")
    counts += ("memory", "features", "look-steps", "eval-episodes", "final-episodes")
    for option in counts:
        for value in NO_COUNT:
            yield f"cartpole --{option} {value}"
    for option in ("learning-rate", "gamma", "clip-range", "ent-coef", "vf-coef", "gae-lambda"):
        for value in NO_RATE:
            yield f"cartpole --{option} {value}"
    for option in ("max-grad-norm", "target-kl"):
        for value in (*NOT_FINITE, "0", "-1", "1e9"):
            yield f"cartpole --{option} {value}"
    for value in ("-1", "nan", "9" * 25):
        yield f"cartpole --eval-every {value}"
    for value in (*NOT_FINITE, "1e30", "heavy"):
        yield f"cartpole --params gravity {value}"
    for value in NO_SEED:
        yield f"cartpole --seed {value}"
    for value in ("0", "-1", "100000", "1.5", "9" * 25):
        yield f"cartpole --threads {value}"
    yield from (
        "cartpole --num-envs 100000",
        "cartpole --num-envs 100000000",
        "cartpole --hidden 1000000 1000000",
        f"cartpole --hidden {'64 ' * 17}",
        "cartpole --agent dqn --buffer-size 10000000000",
        "cartpole --agent dqn --buffer-size 1000000000",
        "cartpole --agent dqn --train-freq 0",
        "cartpole --agent dqn --exploration-fraction nan",
        "cartpole --agent dqn --exploration-final-eps 2",
        "pendulum --agent sac --tau 0",
        "cartpole --agent gail --demonstrations 0",
        "cartpole --agent gail --penalty -1",
        "Acrobot-v1 --num-envs 100000 --total-timesteps 10000000",
        "snake --num-envs 1000000 --num-steps 100000 --total-timesteps 999999999999",
        f"cartpole --device {LONG}",
        f"cartpole --policy {LONG}",
        f"cartpole --preset {LONG}",
        f"cartpole --agent {LONG}",
        LONG,
        f"--resume {LONG}",
    )


def tasks():
    """The same about tasks: every number of each of them."""
    for entry in registry.tasks():
        for spec in specs(type(import_task(entry.name).settings())).values():
            if spec.kind in (int, float):
                bad = ("nan", "-1") if spec.kind is float else ("-1",)
                for value in bad:
                    yield f"{entry.name} {as_option(spec.name)} {value}"
        for value in ("-1", str(2**64)):
            yield f"{entry.name} --seed {value}"
    yield from (
        f"vision/classify --data {LONG}",
        "vision/classify --data ~no-such-user-here/pictures",
        "vision/classify --hidden 1000000 1000000",
        "vision/classify --channels 0",
        "sequences/adding --hidden 4096 --depth 16 --block all",
        f"latent/som --data {LONG}",
        f"neurons/plane --data {LONG}",
        f"sequences/forecast --data {LONG}",
        f"vision/{LONG}",
    )


def others():
    """The same about the other commands."""
    for command in (
        "evaluate",
        "watch",
        "check",
        "play",
        "export --to sb3",
        "new preset",
        "new env",
        "new block",
    ):
        yield f"{command} {LONG}"
    yield f"predict {LONG} x.png"
    yield f"new task vision/{LONG}"
    yield f"check {LONG}.py"
    for value in ("0", "-1", "nan", "inf", "1e9", "fast"):
        yield f"watch cartpole --speed {value}"
    for value in ("0", "65", "-1", "x"):
        yield f"watch cartpole --grid {value}"
    for command in ("watch cartpole", "play cartpole", "evaluate cartpole-001"):
        for value in NO_SEED:
            yield f"{command} --seed {value}"
    for option in ("--episodes 0", "--episodes -1", "--episodes 100000000", "--step -1", "--step x"):
        yield f"evaluate cartpole-001 {option}"
    for value in ("0", "-1", "70000", "x"):
        yield f"studio --port {value}"


TYPED = [f"train {line}" for line in (*agents(), *tasks())] + list(others())


@pytest.mark.parametrize("line", TYPED, ids=lambda line: line[:60])
def test_whatever_is_typed_wrongly_is_answered_in_one_sentence(line, capsys, monkeypatch):
    # No test may depend on how much memory is free.
    monkeypatch.setattr("sandbox.training.out_of_memory.free_memory", lambda device=None: 4.0 * 2**30)
    monkeypatch.setattr("agents.training.memory_needs.free_memory", lambda device=None: 4.0 * 2**30)
    assert cli.main(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and captured.out == "", captured.err
    assert "Traceback" not in captured.err and captured.err.rstrip("\n")[-1] in ".?"
    assert list_runs() == []


def test_the_same_settings_are_refused_from_python_and_from_a_run():
    from agents.settings import from_config, settings_for
    from agents.train import train
    from sandbox.tasks.loading import settings_from
    from sandbox.tasks.training import train_task

    run = Run.create("cartpole", {"seed": 0})
    settings = dataclasses.replace(settings_for("cartpole"), learning_rate=float("nan"))
    with pytest.raises(UserError, match=r"^learning_rate must be from 0 to 10, not nan\.$"):
        next(train("cartpole", settings, run))
    task = import_task("vision/classify")
    with pytest.raises(UserError, match=r"^steps must be at least 1, not 0"):
        next(train_task(task, dataclasses.replace(task.settings(), steps=0), run))
    for values in ({"hidden": [10**9]}, {"hidden": "wide"}, {"hidden": [float("nan")]}, {"gamma": None}):
        with pytest.raises(UserError, match=r"in config\.json"):
            from_config("ppo", values)
    with pytest.raises(UserError, match=r"^steps in config\.json must be at least 1, not -5"):
        settings_from(task, {"steps": -5})


@pytest.mark.parametrize("seed", [-1, 2**32, 2**64])
@pytest.mark.parametrize("target", ["cartpole", "vision/classify"])
def test_odd_seeds_of_a_run_are_refused(target, seed):
    from agents.settings import settings_for
    from agents.train import train
    from sandbox.tasks.training import train_task

    run = Run.create(target, {"seed": seed})
    with pytest.raises(UserError, match=r"seed (must be from 0 to 4,294,967,295, not|should be )"):
        if target == "cartpole":
            next(train(target, settings_for(target), run))
        else:
            task = import_task(target)
            next(train_task(task, task.settings(), run))


@pytest.mark.parametrize(
    "line",
    [
        "cartpole --total-timesteps 1024 --final-episodes 1 --eval-episodes 1",
        "Acrobot-v1 --total-timesteps 64 --num-envs 2 --num-steps 16 --batch-size 32 --final-episodes 1",
        "vision/classify --steps 2 --split-seed 4294967295",
    ],
)
def test_the_largest_seed_trains(line):
    assert cli.main(["train", *line.split(), "--seed", str(2**32 - 1)]) == 0
