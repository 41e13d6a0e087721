"""Our batch as a Stable-Baselines3 VecEnv."""

import copy
import json
import pickle
import subprocess
import sys
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3 import A2C, DQN
from stable_baselines3.common.env_util import make_vec_env as make_stock_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor, VecNormalize

import envs
from agents import make_vec_env
from agents.batch_vec_env import BatchVecEnv
from envs.engine.errors import BadAction, BadArray, BadAttribute, BadParameter
from sandbox.errors import UserError


def batch_of(name: str, count: int, seed: int | None = 0) -> BatchVecEnv:
    env = make_vec_env(name, count, seed=seed)
    assert isinstance(env, BatchVecEnv)
    return env


def test_it_plays_what_single_environments_play():
    batch = batch_of("cartpole", 5, seed=3)
    singles = DummyVecEnv([lambda: Monitor(gym.make("sandbox/CartPole-v1")) for _ in range(5)])
    singles.seed(3)
    np.testing.assert_array_equal(batch.reset(), singles.reset())
    generator = np.random.default_rng(0)
    finished = 0
    for _ in range(300):
        actions = generator.integers(0, 2, 5)
        mine, stock = batch.step(actions), singles.step(actions)
        for ours, theirs in zip(mine[:3], stock[:3], strict=True):
            assert isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray)
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
        for ours, theirs in zip(mine[3], stock[3], strict=True):
            assert ("episode" in ours) == ("episode" in theirs)
            if "episode" in ours:
                finished += 1
                assert (ours["episode"]["r"], ours["episode"]["l"]) == (
                    theirs["episode"]["r"],
                    theirs["episode"]["l"],
                )
                np.testing.assert_array_equal(ours["terminal_observation"], theirs["terminal_observation"])
                assert ours["TimeLimit.truncated"] is theirs["TimeLimit.truncated"] is False
    assert finished > 20


def test_truncation_is_told_from_termination():
    env = batch_of("cartpole", 2)
    env.reset()
    # Without gravity a pole that is left alone would not fall; steering keeps it up.
    env.set_attr("gravity", 0.0)
    assert env.get_attr("gravity") == [0.0, 0.0]
    truncated = 0
    obs = env.reset()
    for _ in range(600):
        env.step_async((obs[:, 2] + 0.5 * obs[:, 3] + 0.1 * obs[:, 1] > 0).astype(int))
        obs, _, _, infos = env.step_wait()
        truncated += sum(info.get("TimeLimit.truncated", False) for info in infos)
        assert all(info["episode"]["l"] == 500 for info in infos if info.get("TimeLimit.truncated"))
    assert truncated >= 1


def test_nothing_that_was_returned_is_written_again():
    env = batch_of("cartpole", 4)
    kept = [env.reset()]
    copies = [kept[0].copy()]
    finals = []
    for _ in range(60):
        env.step_async(np.ones(4, int))
        obs, rewards, dones, infos = env.step_wait()
        kept += [obs, rewards, dones]
        copies += [obs.copy(), rewards.copy(), dones.copy()]
        ended = [info["terminal_observation"] for info in infos if "episode" in info]
        finals += [(final, final.copy()) for final in ended]
        infos[0]["mine"] = 1
        assert "mine" not in infos[1]
    for array, before in [*zip(kept, copies, strict=True), *finals]:
        np.testing.assert_array_equal(array, before)
    assert finals


def assert_equal_info(ours, theirs):
    """The same keys and values; the seconds of an episode are the clock's."""
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        if key == "episode":
            assert {**ours[key], "t": 0} == {**value, "t": 0} and ours[key]["t"] > 0
        elif isinstance(value, np.ndarray):
            assert ours[key].dtype == value.dtype
            np.testing.assert_array_equal(ours[key], value)
        else:
            assert ours[key] == value, key
            assert isinstance(value, bool) == isinstance(ours[key], bool)


def assert_equal_infos(ours, theirs):
    for one, two in zip(ours, theirs, strict=True):
        assert_equal_info(one, two)


@pytest.mark.quick("environments")
@pytest.mark.parametrize("name", envs.names())
def test_says_what_single_environments_say(name):
    ours = make_vec_env(name, 3, seed=5, max_episode_steps=9)
    theirs = make_stock_vec_env(envs.find(name).id, 3, seed=5, env_kwargs={"max_episode_steps": 9})
    assert isinstance(ours, BatchVecEnv) and isinstance(theirs, DummyVecEnv)
    np.testing.assert_array_equal(ours.reset(), theirs.reset())
    assert_equal_infos(ours.reset_infos, theirs.reset_infos)
    assert ours.action_space == theirs.action_space
    ended = 0
    for _ in range(24):
        actions = [theirs.action_space.sample() for _ in range(3)]
        np.testing.assert_array_equal([ours.action_space.sample() for _ in range(3)], actions)
        mine: Any = ours.step(np.array(actions))
        stock: Any = theirs.step(np.array(actions))
        for one, two in zip(mine[:3], stock[:3], strict=True):
            assert one.dtype == two.dtype
            np.testing.assert_array_equal(one, two)
        ended += int(stock[2].sum())
        assert_equal_infos(mine[3], stock[3])
        assert_equal_infos(ours.reset_infos, theirs.reset_infos)
    assert ended >= 6


@pytest.mark.filterwarnings("ignore:The environment is already wrapped with a `Monitor`")
def test_vec_monitor_finds_what_the_environment_reports(tmp_path):
    env = VecMonitor(make_vec_env("lander", 4, seed=0), str(tmp_path), info_keywords=("landed", "crashed"))
    env.reset()
    episodes = []
    for _ in range(400):
        *_, infos = env.step(np.zeros((4, 2), np.float32))
        episodes += [info["episode"] for info in infos if "episode" in info]
    assert len(episodes) >= 4
    assert all(episode["landed"] or episode["crashed"] for episode in episodes if episode["l"] < 800)
    env.close()
    assert "landed,crashed" in (tmp_path / "monitor.csv").read_text()


def test_infos_are_a_list_whatever_is_done_with_them():
    def step() -> Any:
        env = batch_of("work_cell", 3, seed=1)
        env.reset()
        return env.step(np.zeros(3, int))[3]

    plain = step().complete()
    assert type(plain) is list and len(plain) == 3 and plain[0]["TimeLimit.truncated"] is False
    assert [*step()] == plain == step() and list(reversed(step())) == plain[::-1]
    assert step()[:] == plain and step()[-1] == plain[-1] and step()[1:] == plain[1:]
    one = [1]
    assert step() + one == plain + one and one + step() == one + plain
    assert plain[1] in step() and step().index(plain[0]) == 0 and step().copy() == plain
    assert repr(step()) == repr(plain) and (step() != plain) is False
    for copied in (copy.deepcopy(step()), pickle.loads(pickle.dumps(step()))):
        assert type(copied) is list and copied == plain
    assert json.loads(json.dumps(step())) == plain
    written = step()
    written[1]["mine"] = 1
    assert [info.get("mine") for info in written] == [None, 1, None]
    written[0] = {"other": 2}
    assert written == [{"other": 2}, {**plain[1], "mine": 1}, plain[2]]
    with pytest.raises(IndexError):
        _ = step()[3]


@pytest.mark.parametrize(
    ("name", "actions", "sentence"),
    [
        ("cartpole", [-0.9, 0.2], "whole numbers"),
        ("cartpole", np.array([-0.9, 0.2]), "whole numbers"),
        ("cartpole", np.array([0.0, 1.0]), "whole numbers"),
        ("cartpole", np.array([0, 1, 1]), r"must have shape \(2,\), not \(3,\)"),
        ("cartpole", np.array([0, 2]), "Action 2 of environment 1"),
        ("lander", np.zeros((2, 3), np.float32), r"must have shape \(2, 2\), not \(2, 3\)"),
        ("lander", np.zeros((3, 2), np.float32), r"must have shape \(2, 2\), not \(3, 2\)"),
        ("lander", np.zeros(4, np.float32), r"must have shape \(2, 2\), not \(4,\)"),
        ("lander", np.array([[0, 0], [np.nan, 0]], np.float32), "of environment 1 is not in"),
        ("lander", np.array([[0, 0], [np.nan, 0]]), "of environment 1 is not in"),
    ],
)
def test_wrong_actions_are_refused(name, actions, sentence):
    env = batch_of(name, 2)
    env.reset()
    before = env.batch.snapshot()
    with pytest.raises((BadAction, BadArray), match=sentence) as caught:
        env.step(actions)
    assert isinstance(caught.value, ValueError)
    assert env.batch.snapshot() == before


def test_seeds_count_once_and_episodes_go_on():
    env = batch_of("cartpole", 3, seed=7)
    first, second = env.reset(), env.reset()
    assert not np.array_equal(first, second)
    env.seed(7)
    np.testing.assert_array_equal(env.reset(), first)


def test_a_snapshot_goes_on_alike():
    env = batch_of("cartpole", 3)
    env.reset()
    for _ in range(7):
        env.step(np.zeros(3, int))
    snapshot = env.snapshot()
    once = [env.step(np.ones(3, int))[:3] for _ in range(30)]
    env.restore(snapshot)
    again = [env.step(np.ones(3, int))[:3] for _ in range(30)]
    for a, b in zip(once, again, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.filterwarnings("ignore:The environment is already wrapped with a `Monitor`")
def test_stock_algorithms_and_wrappers_take_it():
    normalized = VecNormalize(make_vec_env("cartpole", 4, seed=0))
    A2C("MlpPolicy", normalized, device="cpu").learn(200)
    # Infos of finished environments are written to by VecNormalize and VecMonitor.
    monitored = VecMonitor(make_vec_env("cartpole", 4, seed=0))
    model = DQN("MlpPolicy", monitored, learning_starts=10, device="cpu").learn(200)
    returns, lengths = evaluate_policy(
        model, make_vec_env("cartpole", 4, seed=9), 8, return_episode_rewards=True, warn=True
    )
    assert returns == lengths


def test_pictures_and_wrappers():
    env = batch_of("cartpole", 2)
    env.reset()
    assert [image.shape for image in env.get_images() if image is not None] == [(400, 600, 3)] * 2
    assert env.env_is_wrapped(Monitor) == [True, True]
    assert env.env_is_wrapped(gym.wrappers.TimeLimit) == [False, False]
    env.close()


def test_attributes_are_read_and_set():
    env = batch_of("cartpole", 3)
    env.reset()
    env.set_attr("x", 1.0, [0, 2])
    assert env.get_attr("x")[::2] == [1.0, 1.0] and abs(env.get_attr("x", 1)[0]) < 0.05
    obs = np.asarray(env.step(np.zeros(3, int))[0])
    assert (np.abs(obs[[0, 2], 0] - 1.0) < 0.01).all()
    env.set_attr("gravity", 20.0)
    assert env.get_attr("gravity", [1]) == [20.0] and env.batch.params.gravity == 20.0
    env.set_attr("state", {"theta": 0.01, "x": 0.5}, 1)
    assert (env.get_attr("theta", 1), env.get_attr("x", 1)) == ([0.01], [0.5])
    env.set_attr("mine", 7, [1])
    assert env.get_attr("mine", 1) == [7]
    assert env.has_attr("theta_dot") and not env.has_attr("action_masks") and not env.has_attr("mine")
    assert [spec.id for spec in env.get_attr("spec")] == ["sandbox/CartPole-v1"] * 3
    with pytest.raises(AttributeError, match="no_such"):
        env.get_attr("no_such")
    with pytest.raises(BadParameter, match="gravity"):
        env.set_attr("gravity", -1.0)
    with pytest.raises(BadAttribute, match="gravity of sandbox/CartPole-v1 is shared by all environments"):
        env.set_attr("gravity", 3.0, [0])
    with pytest.raises(BadAttribute, match="x of sandbox/CartPole-v1 must be float64"):
        env.set_attr("x", "left")


def test_methods_of_single_environments_can_be_called():
    env = batch_of("cartpole", 3)
    env.reset()
    for _ in range(5):
        env.step(np.ones(3, int))
    images = env.get_images()
    for one, two in zip(env.env_method("render"), images, strict=True):
        np.testing.assert_array_equal(one, two)
    (saved,) = env.env_method("snapshot", indices=1)
    ((obs, info),) = env.env_method("reset", seed=9, indices=[1])
    np.testing.assert_array_equal(obs, gym.make("sandbox/CartPole-v1").reset(seed=9)[0])
    assert info == {} and env.batch.states["steps"].tolist() == [5, 0, 5]
    lengths = {}
    for _ in range(30):
        *_, infos = env.step(np.ones(3, int))
        for i, info in enumerate(infos):
            if "episode" in info:
                lengths.setdefault(i, info["episode"]["l"])
    alone = DummyVecEnv([lambda: Monitor(gym.make("sandbox/CartPole-v1"))])
    alone.seed(9)
    alone.reset()
    infos = next(infos for *_, dones, infos in iter(lambda: alone.step(np.ones(1, int)), None) if dones[0])
    assert lengths[1] == infos[0]["episode"]["l"]
    env.env_method("restore", saved, indices=1)
    assert env.batch.states["steps"][1] == 5
    assert env.env_method("get_wrapper_attr", "gravity") == [9.8] * 3
    with pytest.raises(AttributeError, match="compute_reward"):
        env.env_method("compute_reward")
    with pytest.raises(AttributeError, match="cannot be stepped alone"):
        env.env_method("step", 1)


def test_other_gymnasium_ids_and_unknown_names():
    env = make_vec_env("Pendulum-v1", 2, seed=0, g=3.0)
    assert isinstance(env, DummyVecEnv) and env.get_attr("g") == [3.0, 3.0]
    with pytest.raises(UserError, match="Did you mean cartpole"):
        make_vec_env("cartpol", 2)
    with pytest.raises(BadParameter, match="gravity"):
        make_vec_env("cartpole", 2, gravityy=1.0)


def test_arguments_of_stable_baselines3s_own_make_vec_env(tmp_path):
    kwargs = {"gravity": 3.0, "max_episode_steps": 4, "render_mode": None}
    env = make_vec_env(env_id="cartpole", n_envs=2, seed=0, env_kwargs=kwargs, force=5.0)
    assert isinstance(env, BatchVecEnv)
    assert (env.get_attr("gravity"), env.get_attr("force")) == ([3.0] * 2, [5.0] * 2)
    assert env.render_mode is None and env.batch.max_episode_steps == 4
    endless = make_vec_env("cartpole", 2, max_episode_steps=-1)
    assert isinstance(endless, BatchVecEnv) and endless.batch.max_episode_steps is None

    settings = {"n_envs": 2, "seed": 3, "start_index": 5, "wrapper_class": gym.wrappers.TimeAwareObservation}
    settings |= {"wrapper_kwargs": {"flatten": True}, "monitor_kwargs": {"info_keywords": ("fuel",)}}
    mine = make_vec_env("lander", monitor_dir=str(tmp_path / "mine"), **settings)
    stock = make_stock_vec_env("sandbox/Lander-v0", monitor_dir=str(tmp_path / "stock"), **settings)
    assert type(mine) is DummyVecEnv and mine.observation_space.shape == (13,)
    np.testing.assert_array_equal(mine.reset(), stock.reset())
    for _ in range(300):
        actions = np.array([stock.action_space.sample() for _ in range(2)])
        for one, two in zip(mine.step(actions)[:3], stock.step(actions)[:3], strict=True):
            np.testing.assert_array_equal(one, two)
    mine.close()
    stock.close()
    for rank in (5, 6):
        written = [(tmp_path / kind / f"{rank}.monitor.csv").read_text() for kind in ("mine", "stock")]
        assert "r,l,t,fuel" in written[0]
        rows = [[row.split(",")[:2] for row in text.splitlines()[2:]] for text in written]
        assert rows[0] == rows[1] != []

    assert type(make_vec_env("cartpole", 1, vec_env_cls=DummyVecEnv)) is DummyVecEnv
    made: Any = make_vec_env(lambda **settings: gym.make("sandbox/CartPole-v1", **settings), 1, gravity=2.0)
    assert made.envs[0].unwrapped.gravity == 2.0
    assert isinstance(make_vec_env("envs:sandbox/CartPole-v1", 1), BatchVecEnv)
    with pytest.raises(BadParameter, match="gravity"):
        make_vec_env("cartpole", 1, env_kwargs={"gravty": 1.0})


SUBPROCESSES = """
import numpy as np
from stable_baselines3.common.env_util import make_vec_env as stock
from stable_baselines3.common.vec_env import SubprocVecEnv
from agents import make_vec_env

if __name__ == "__main__":
    here = make_vec_env("cartpole", 1, seed=4, gravity=9.0)
    spawned = {"vec_env_cls": SubprocVecEnv, "vec_env_kwargs": {"start_method": "spawn"}}
    others = [
        make_vec_env("cartpole", 1, seed=4, env_kwargs={"gravity": 9.0}, **spawned),
        stock("sandbox/CartPole-v1", 1, seed=4, env_kwargs={"gravity": 9.0}, vec_env_cls=SubprocVecEnv),
    ]
    first = here.reset(), here.step(np.array([1]))[0]
    for other in others:
        assert isinstance(other, SubprocVecEnv)
        np.testing.assert_array_equal(other.reset(), first[0])
        np.testing.assert_array_equal(other.step(np.array([1]))[0], first[1])
        other.close()
    print("alike")
"""


@pytest.mark.thorough
def test_processes_of_their_own_know_the_environments():
    # From the command line, so that no process can import the script, which would import the environments.
    command = [sys.executable, "-c", SUBPROCESSES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.stdout.strip() == "alike", done.stderr[-2000:]
