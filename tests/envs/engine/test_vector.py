"""BatchVectorEnv: what `gym.make_vec` returns. The checker tests most of it, over every environment."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from envs.engine.errors import BadAction, BadArray, BadParameter
from envs.engine.vector import BatchVectorEnv


def play(vector, steps, seed=0):
    """Results of `steps` steps after a seeded reset, with fixed random actions."""
    obs, infos = vector.reset(seed=seed)
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, vector.single_action_space.n, vector.num_envs) for _ in range(steps)]
    return [(obs, infos), *(vector.step(row) for row in rows)]


def test_uses_the_limit_of_the_registration_or_of_the_caller():
    unlimited = gym.make_vec("sandbox/CartPole-v1", num_envs=2).unwrapped
    assert isinstance(unlimited, BatchVectorEnv)
    assert unlimited.batch.max_episode_steps == 500
    vector = gym.make_vec("sandbox/CartPole-v1", num_envs=2, max_episode_steps=4)
    assert [bool(step[3].all()) for step in play(vector, 5)[1:]] == [False, False, False, True, False]


def test_parameters_and_autoreset_mode_are_keyword_arguments():
    vector = gym.make_vec("sandbox/CartPole-v1", num_envs=2, gravity=3.7, autoreset_mode="SameStep")
    assert isinstance(vector, BatchVectorEnv)
    assert vector.params.gravity == 3.7
    assert vector.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    with pytest.raises(BadParameter, match="did you mean gravity"):
        gym.make_vec("sandbox/CartPole-v1", num_envs=2, gravty=3.7)
    with pytest.raises(BadArray, match="cannot be rendered as 'human'"):
        gym.make_vec("sandbox/CartPole-v1", num_envs=2, render_mode="human")


def test_matches_gymnasiums_own_vectorisation_of_the_same_environment():
    modes = [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP]
    for mode in modes:
        ours = gym.make_vec("sandbox/Snake-v0", num_envs=5, max_episode_steps=12, autoreset_mode=mode)
        theirs = gym.make_vec(
            "sandbox/Snake-v0",
            num_envs=5,
            vectorization_mode="sync",
            max_episode_steps=12,
            vector_kwargs={"autoreset_mode": mode},
        )
        ended = 0
        for one, two in zip(play(ours, 60), play(theirs, 60), strict=True):
            for a, b in zip(one[:-1], two[:-1], strict=True):
                np.testing.assert_array_equal(a, b)
            assert one[-1].keys() == two[-1].keys()
            for key in ("score", "_score", "length", "_length"):
                np.testing.assert_array_equal(one[-1][key], two[-1][key])
            if "final_obs" in two[-1]:
                ended += 1
                np.testing.assert_array_equal(one[-1]["_final_obs"], two[-1]["_final_obs"])
                np.testing.assert_array_equal(one[-1]["_final_info"], two[-1]["_final_info"])
                for a, b in zip(one[-1]["final_obs"], two[-1]["final_obs"], strict=True):
                    assert (a is None) == (b is None)
                    assert a is None or (a == b).all()
                for key in ("score", "_score", "length", "_length"):
                    np.testing.assert_array_equal(one[-1]["final_info"][key], two[-1]["final_info"][key])
        assert ended > 5 or mode is AutoresetMode.NEXT_STEP


def test_works_under_gymnasiums_vector_wrappers():
    vector = gym.make_vec("sandbox/CartPole-v1", num_envs=3)
    wrapped = gym.wrappers.vector.RecordEpisodeStatistics(gym.wrappers.vector.NormalizeObservation(vector))
    wrapped.reset(seed=0)
    lengths = []
    for _ in range(200):
        *_, infos = wrapped.step(wrapped.action_space.sample())
        if "episode" in infos:
            lengths += infos["episode"]["l"][infos["_episode"]].tolist()
    assert len(lengths) > 10
    assert 8 <= min(lengths) <= max(lengths) < 150


def test_seeds_one_by_one_and_none():
    vector = BatchVectorEnv("cartpole", 3)
    alone = [BatchVectorEnv("cartpole").reset(seed=seed)[0][0] for seed in (8, 3)]
    obs, _ = vector.reset(seed=[8, None, 3])
    np.testing.assert_array_equal(obs[[0, 2]], alone)
    other = vector.reset(seed=[8, None, 3])[0]
    np.testing.assert_array_equal(other[[0, 2]], alone)
    assert not np.array_equal(other[1], obs[1])
    with pytest.raises(BadArray, match="3 environments need as many seeds, not 1"):
        vector.reset(seed=[1])


def test_unseeded_resets_go_on():
    vector = BatchVectorEnv("cartpole", 2)
    first = [vector.reset(seed=1)[0], vector.reset()[0]]
    again = [vector.reset(seed=1)[0], vector.reset()[0]]
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first[0], first[1]).any()
    assert not np.isclose(
        BatchVectorEnv("cartpole", 2).reset()[0], BatchVectorEnv("cartpole", 2).reset()[0]
    ).any()


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        ([True, False], "array of bool with shape"),
        (np.array([1, 0]), "array of bool with shape"),
        (np.array([True]), "array of bool with shape"),
        (np.zeros(2, np.bool_), "at least one"),
    ],
)
def test_wrong_masks(mask, sentence):
    vector = BatchVectorEnv("cartpole", 2, autoreset_mode="Disabled")
    vector.reset(seed=0)
    with pytest.raises(BadArray, match=sentence):
        vector.reset(options={"reset_mask": mask})


def test_the_options_stay_the_callers():
    vector = BatchVectorEnv("cartpole", 2, autoreset_mode="Disabled")
    vector.reset(seed=0)
    mask = np.array([True, False])
    options = {"reset_mask": mask, "other": 1}
    vector.reset(options=options)
    assert options == {"reset_mask": mask, "other": 1}
    assert mask.tolist() == [True, False]


@pytest.mark.parametrize("kind", [list, tuple, np.int32, np.uint8, np.bool_])
def test_actions_of_any_whole_number_kind(kind):
    vector, twin = BatchVectorEnv("cartpole", 3), BatchVectorEnv("cartpole", 3)
    actions = np.array([1, 0, 1])
    vector.reset(seed=0)
    twin.reset(seed=0)
    given = kind(actions) if kind in (list, tuple) else actions.astype(kind)
    np.testing.assert_array_equal(vector.step(given)[0], twin.step(actions)[0])
    # Neither strided nor read-only arrays may be a problem.
    strided = np.array([1, 9, 0, 9, 1, 9])[::2]
    np.testing.assert_array_equal(vector.step(strided)[0], twin.step(actions)[0])
    actions.flags.writeable = False
    np.testing.assert_array_equal(vector.step(actions)[0], twin.step(actions.copy())[0])


@pytest.mark.parametrize(
    ("actions", "sentence"),
    [
        (np.array([0, 2, 0]), "Action 2 of environment 1"),
        (np.array([0, 1]), r"must have shape \(3,\), not \(2,\)"),
        (np.array([0.0, 1.0, 1.0]), "whole numbers"),
        ("left", "must have shape"),
    ],
)
def test_wrong_actions(actions, sentence):
    vector = BatchVectorEnv("cartpole", 3)
    vector.reset(seed=0)
    before = vector.batch.snapshot()
    with pytest.raises((BadAction, BadArray), match=sentence):
        vector.step(actions)
    assert vector.batch.snapshot() == before


def test_renders_a_picture_for_each_environment():
    vector = BatchVectorEnv("cartpole", 2, render_mode="rgb_array")
    vector.reset(seed=0)
    frames = vector.render()
    assert frames is not None
    assert [frame.shape for frame in frames] == [(400, 600, 3)] * 2
    assert not np.array_equal(frames[0], frames[1])
    assert BatchVectorEnv("cartpole", 2).render() is None
