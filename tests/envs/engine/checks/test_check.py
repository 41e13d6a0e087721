"""The checker finds what is broken in environment files."""

import re
from pathlib import Path

import pytest

import envs
from envs.engine.checks import check as check_module
from envs.engine.checks.check import check
from envs.engine.checks.long_play import play_long
from envs.engine.checks.rule_checks import can_be_drawn, compiled_equals_python, rule_checks
from envs.engine.core import trial_run
from envs.engine.core.time_limit import TooSlow, at_most
from envs.engine.errors import BrokenEnvironment, UnknownEnvironment


def failures(results):
    return {result.name: result.message for result in results if not result.passed}


def test_a_good_file_passes_everything_within_its_budget(write_environment):
    results = check(write_environment("Good"), seconds=0.2)
    assert failures(results) == {}
    assert len(results) >= 15
    message = {result.name: result.message for result in results}["it plays long without a fault"]
    assert re.fullmatch(r"[\d,]+ steps in 0.2 s; --seconds plays longer", message)


RULES = {
    "exception": ({"step": "x = 1 / 0\nreturn x, False"}, "line 16, in step: ZeroDivisionError"),
    "no tuple": ({"step": "return 1.0"}, "in step: it must return reward, terminated, not 1.0"),
    "three": ({"step": "return 1.0, False, False"}, "in step: it must return reward, terminated"),
    "NaN reward": ({"step": "return np.nan, False"}, "in step: the reward is nan, which is no finite number"),
    "text reward": ({"step": "return 'one', False"}, "in step: the reward must be a number, not 'one'"),
    "terminated": ({"step": "return 1.0, 3"}, "in step: terminated must be True or False, not 3"),
    "bounds": ({"step": "state.cells[int(state.count)] = 1\nstate.count += 1\nreturn 0.0, False"},
               "line 16, in step: IndexError: index 4 is out of bounds"),
    # Plain Python plays 300 steps of one environment and gets there once in 4000 tries of this one.
    "rare write": ({"imports": "from envs.engine.random import randint",
                    "step": "state.cells[randint(state, 0, 4000) // 3999 * 9] = 1\nreturn 0.0, False"},
                   "line 16, in step: IndexError: index 9 is out of bounds"),
    "rare NaN": ({"imports": "from envs.engine.random import randint",
                  "step": "rare = randint(state, 0, 4000) == 7\nreturn np.nan if rare else 0.0, False"},
                 r"line 17, in step: the reward is nan in step \d+ of an episode"),
    "division": ({"step": "x = 1.0 / state.count\nstate.count += 1.0\nreturn 0.0, x == 0.01"},
                 "line 16, in step: FloatingPointError: divide by zero"),
    "far write": ({"observe": "obs[1000] = 1.0"}, "line 21, in observe: IndexError"),
    "space": ({"observe": "obs[0] = 1000.0"}, r"in observe: the observation .* is not in Box"),
    "NaN obs": ({"observe": "obs[0] = np.nan"}, "in observe: the observation .*nan.* is not in Box"),
    "dtype": ({"observe": "obs[0] = -3", "space": "spaces.Box(0, 9, (1,), np.uint8)"},
              "line 21, in observe: OverflowError"),
    "field": ({"reset": "state.speed = 1.0"}, "line 12, in reset: there is no field named 'speed'"),
    "parameter": ({"step": "return params.volume, False"},
                  "line 16, in step: there is no field named 'volume'"),
    "draw": ({"draw": "canvas.square(1)"}, "line 25, in draw: AttributeError.*square"),
    "draws nothing": ({"draw": "pass"}, "in draw: it draws nothing"),
    "draw changes": ({"draw": 'canvas.background("#000000")\nstate.count = 1'},
                     "in draw: it changes the state"),
    "hidden state": ({"imports": "HIDDEN = np.zeros(1)", "step": "HIDDEN[0] += 1\nreturn HIDDEN[0], False"},
                     "step"),
    "not compilable": ({"step": "reward = 1.0 if state.count > -1 else [1]\nreturn reward, False"},
                       "line 16"),
}  # fmt: skip


RARE = {
    "write": ({"step": "state.count += 1\nif state.count == 3000:\n    state.cells[4] = 1\n"
                       "return 0.0, False"},
              r"line 18, in step: IndexError: index 4 .* in step 3,000 of an episode"),
    "a parameter's end": ({"step": "x = 1.0 / params.gain\nreturn x, False"},
                          "line 16, in step: with gain=0.0, FloatingPointError: divide by zero"),
}  # fmt: skip


@pytest.mark.parametrize("name", RARE)
def test_what_goes_wrong_once_in_thousands_of_steps_is_met(write_environment, name):
    parts, sentence = RARE[name]
    parts = {"observe": "obs[0] = 0.0", **parts}
    path = write_environment("Rare" + "".join(c for c in name.title() if c.isalpha()), **parts)
    # The budget is never used up: all of them are met within a fraction of a second.
    results = check(path, seconds=30.0)
    assert results[-1].name == "it plays long without a fault"
    assert not results[-1].passed
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(results[-1].message)


MANY = {
    "imports": "def put(state, i):\n    state.cells[i] = 2",
    "step": """
        state.count += 1
        reward = 0.0
        if state.count == 3000:
            if params.repeats == 2:
                put(state, 4)
            if params.repeats == 3:
                reward = np.inf
            if params.repeats == 4:
                state.count = np.nan
        if params.repeats == 5:
            reward = 0.0 / (state.count - 3000)
        return reward, False""",
    "observe": """
        obs[0] = state.count * 0.0
        if state.count == 3000:
            if params.repeats == 6:
                obs[0] = np.nan
            if params.repeats == 7:
                obs[0] = 101.0
            if params.repeats == 8:
                obs[int(state.count) // 3000] = 1""",
}
FAULTS = {
    2: ("state.cells[i] = 2", "in put: IndexError: index 4 .*"),
    3: ("return reward, False", "in step: the reward is inf"),
    4: ("state.count = np.nan", "in step: the observation .*nan.* is not in Box.*"),
    5: ("reward = 0.0 / (state.count - 3000)", "in step: FloatingPointError: .*"),
    6: ("obs[0] = np.nan", "in observe: the observation .*nan.* is not in Box.*"),
    7: ("def observe(state, params, obs):", "in observe: the observation .*101.* is not in Box.*"),
    8: ("obs[int(state.count) // 3000] = 1", "in observe: IndexError: index 1 .*"),
}
"""By a parameter that chooses among faults of the same compiled rules: the line and what is said of it."""


def test_long_play_names_the_line_of_every_kind_of_fault(write_environment):
    path = write_environment("Many", **MANY)
    lines = [line.strip() for line in Path(path).read_text().splitlines()]
    for choice, (line, sentence) in FAULTS.items():
        with pytest.raises(BrokenEnvironment) as caught:
            play_long(envs.find(path), 30.0, params={"repeats": choice})
        place = f"line {lines.index(line) + 1}, {sentence} in step 3,000 of an episode"
        assert re.search(place, str(caught.value)), (place, str(caught.value))


@pytest.mark.thorough
def test_rules_that_plain_python_cannot_play_in_time_are_checked_compiled(write_environment, monkeypatch):
    monkeypatch.setattr(trial_run, "SLOW_SECONDS", 0.5)
    loop = "for i in range(10**9):\n    pass\n"  # a compiler sees that it does nothing
    path = write_environment(
        "Endless", step=f"{loop}state.count += 1\nreturn 0.0, state.count > 8", observe="obs[0] = 0.0"
    )
    environment = envs.find(path)
    assert trial_run.rules_run_as_python(environment, seconds=3.0) == trial_run.TOO_SLOW
    assert compiled_equals_python(environment) == f"skipped: {trial_run.TOO_SLOW}"
    assert can_be_drawn(environment) == ""


def test_a_picture_that_takes_too_long_is_told(write_environment, monkeypatch):
    monkeypatch.setattr(trial_run, "SLOW_SECONDS", 0.02)
    path = write_environment("Slow", draw="for i in range(10**10):\n    pass")
    note = can_be_drawn(envs.find(path))
    assert note == "a picture takes more than 0.02 s, and was not drawn to the end"


def test_what_takes_too_long_is_interrupted_and_nothing_later():
    for _ in range(20):
        with pytest.raises(TooSlow), at_most(0.0):
            while True:
                pass
    with at_most(1e9):
        pass
    seen = [i for i in range(100_000) if i >= 0]
    assert len(seen) == 100_000


@pytest.mark.parametrize("name", RULES)
def test_broken_rules_are_one_sentence_with_their_place(write_environment, name):
    parts, sentence = RULES[name]
    path = write_environment("Broken" + "".join(c for c in name.title() if c.isalpha()), **parts)
    results = check(path)
    assert not results[-1].passed
    assert list(failures(results)) == [results[-1].name], "it stops at the first failure"
    message = results[-1].message
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(message)
    assert path.rpartition("/")[2] in message
    assert "\n" not in message


SPACES = {
    "spaces.Discrete(3, start=-1)": "agents count from 0: leave out start and add it in step",
    "spaces.MultiDiscrete([3, 2], start=[1, 2])": "agents count from 0: leave out start and add it in step",
    "spaces.MultiDiscrete([[3, 2], [2, 2]])": "agents know a MultiDiscrete of one axis only",
    "spaces.MultiBinary((2, 2))": "agents know a MultiBinary of one axis only",
    "spaces.Box(-1, 1, (2,), np.int32)": "agents choose fractions from a Box",
}


@pytest.mark.parametrize("space", SPACES)
def test_action_spaces_that_agents_do_not_know_are_told(write_environment, space):
    result = spaces_check(write_environment("Odd", actions=space))
    assert not result.passed
    assert SPACES[space] in result.message and "\n" not in result.message


def test_a_space_that_agents_do_not_know_is_all_that_is_wrong(write_environment):
    step = "state.count += 1\nreturn 0.0, state.count > 3"
    results = check(write_environment("Odd", actions="spaces.MultiBinary((2, 2))", step=step), seconds=0.1)
    assert list(failures(results)) == ["agents know its spaces"]
    assert SPACES["spaces.MultiBinary((2, 2))"] in results[-1].message


@pytest.mark.parametrize("space", ["spaces.Discrete(5, start=-2)", "spaces.MultiDiscrete([5], start=[-2])"])
def test_observation_spaces_that_agents_do_not_know_are_told(write_environment, space):
    result = spaces_check(write_environment("Shifted", space=space))
    assert not result.passed
    assert "leave out start and subtract it in observe" in result.message


def test_an_observation_that_is_shifted_is_all_that_is_wrong(write_environment):
    observe = "obs[0] = min(int(state.count), 2) - 2"
    results = check(
        write_environment("Low", space="spaces.Discrete(5, start=-2)", observe=observe), seconds=0.1
    )
    assert list(failures(results)) == ["agents know its spaces"]


def spaces_check(path):
    """The one check that looks at spaces, which needs no compiled rules."""
    title = "agents know its spaces"
    return check_module.run_check(title, lambda: rule_checks()[title](envs.find(path)))


@pytest.mark.thorough
@pytest.mark.parametrize("shape", [(2, 3), ()])
def test_boxes_of_any_shape_are_action_spaces(write_environment, shape):
    number = "action[1, 2]" if shape else "action"
    step = f"state.count += abs({number})\nreturn 0.0, state.count > 3"
    path = write_environment("Boxes", actions=f"spaces.Box(-1, 1, {shape})", step=step)
    assert failures(check(path, seconds=0.1)) == {}


def test_compiled_and_uncompiled_rules_that_differ_are_found(write_environment):
    # Compiled integers have 64 bits and wrap around, Python's have as many as they need.
    step = "large = 2 ** 62\nfor _ in range(2):\n    large = large * 2\nstate.count = large % 7\n"
    results = check(write_environment("Wraps", step=step + "return 0.0, False"), seconds=0.1)
    assert list(failures(results)) == ["compiled equals uncompiled"]
    assert "compiled and uncompiled rules differ: obs of environment 0" in results[-1].message


FILES = {
    "syntax": ("def step(:\n", "line 1: "),
    "no ENV": ('"""Nothing."""\n', "it has no ENV"),
    "import": ("import numpy\nimport nonexistent_module\n", "line 2: ModuleNotFoundError"),
    "missing function": (None, "line 29: NameError: name 'observe' is not defined"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_cannot_be_imported(write_environment, tmp_path, name):
    text, sentence = FILES[name]
    path = tmp_path / f"unreadable_{name.replace(' ', '_')}.py"
    if text is None:
        text = (tmp_path / write_environment("Lacks")).read_text().replace("def observe", "def watch")
    path.write_text(text)
    results = check(str(path))
    assert [result.passed for result in results] == [False]
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(results[0].message)


DECLARATIONS = {
    'id="test/{name}-v0"': ('id="sandbox/Snake-v0"', "taken by another environment"),
    '("count", "f8")': ('("rng", "f8")', "has a name that the engine uses"),
    '"u1", (4,)': ('"O"', "must hold numbers or bools, not object"),
    'info=("count",)': ('info=("speed",)', "info names 'speed'"),
    "max_episode_steps=20": ("max_episode_steps=0", "max_episode_steps must be at least 1"),
    "Param(1.0, low": ("Param(11.0, low", "outside its own range"),
    '"gain": Param': ('"num_envs": Param', "cannot be named 'num_envs'"),
    "def step(state, action, params)": (
        "def step(state, action)",
        r"step\(state, action\) must take 3 arguments",
    ),
    "spaces.Discrete(3)": ("spaces.Text(3)", "action_space must be a Box"),
    "reset=reset": ("reset=int", "reset must be a plain function"),
}


@pytest.mark.parametrize("old", DECLARATIONS)
def test_declarations_that_cannot_be(write_environment, tmp_path, old):
    new, sentence = DECLARATIONS[old]
    path = tmp_path / write_environment("Declared")
    text = path.read_text().replace(old.format(name="Declared"), new)
    assert new in text
    path.write_text(text)
    results = check(str(path))
    assert [result.passed for result in results] == [False]
    with pytest.raises(AssertionError, match=sentence):
        raise AssertionError(results[0].message)


def test_unknown_names():
    with pytest.raises(UnknownEnvironment, match="Did you mean cartpole"):
        check("cartpol")
