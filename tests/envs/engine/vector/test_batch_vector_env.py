"""BatchVectorEnv: what `gym.make_vec` returns. The checker tests most of it, over every environment."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import envs
from envs.engine.errors import BadAction, BadArray, BadAttribute, BadParameter
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


def equal_infos(ours, theirs):
    """Assert that two dicts of infos have the same keys, dtypes and values."""
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        if isinstance(value, dict):
            equal_infos(ours[key], value)
        elif key == "final_obs":
            for a, b in zip(ours[key], value, strict=True):
                assert (a is None) == (b is None)
                assert a is None or (np.asarray(a) == b).all()
        else:
            assert ours[key].dtype == value.dtype, key
            np.testing.assert_array_equal(ours[key], value, err_msg=key)


@pytest.mark.quick("environments")
@pytest.mark.parametrize("name", envs.names())
def test_equals_gymnasiums_own_vectorisation(name):
    environment = envs.find(name)
    ended = 0
    for mode in AutoresetMode:
        for size in (1, 2, 5):
            settings: dict[str, Any] = {"num_envs": size, "max_episode_steps": 7}
            ours = gym.make_vec(environment.id, autoreset_mode=mode, **settings)
            theirs = gym.make_vec(
                environment.id, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}, **settings
            )
            theirs.action_space.seed(size)
            pairs: list[Any] = [(ours.reset(seed=3), theirs.reset(seed=3))]
            for _ in range(18):
                actions = theirs.action_space.sample()
                one, two = ours.step(actions), theirs.step(actions)
                pairs.append((one, two))
                done = two[2] | two[3]
                ended += int(done.sum())
                if mode is AutoresetMode.DISABLED and done.any():
                    resets = [vector.reset(options={"reset_mask": done.copy()}) for vector in (ours, theirs)]
                    pairs.append(tuple(resets))
            for one, two in pairs:
                for a, b in zip(one[:-1], two[:-1], strict=True):
                    assert a.dtype == b.dtype
                    np.testing.assert_array_equal(a, b)
                equal_infos(one[-1], two[-1])
    assert ended >= 40


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
    ("name", "actions", "sentence"),
    [
        ("cartpole", np.array([0, 2, 0]), "Action 2 of environment 1"),
        ("cartpole", np.array([0, 1]), r"must have shape \(3,\), not \(2,\)"),
        ("cartpole", np.zeros(4, np.int64), r"must have shape \(3,\), not \(4,\)"),
        ("cartpole", np.zeros((3, 1), np.int64), r"must have shape \(3,\), not \(3, 1\)"),
        ("cartpole", np.array([0.0, 1.0, 1.0]), "whole numbers"),
        ("cartpole", np.array([-0.9, 0.2, 1.0]), "whole numbers"),
        ("cartpole", np.array([0, 1, 2**63], np.uint64), "whole numbers"),
        ("cartpole", "left", "must have shape"),
        ("cartpole", [[0], [0, 1], [0]], "different lengths"),
        ("lander", np.zeros((3, 3), np.float32), r"must have shape \(3, 2\), not \(3, 3\)"),
        ("lander", np.zeros((3, 4), np.float32), r"must have shape \(3, 2\), not \(3, 4\)"),
        ("lander", np.zeros((2, 3), np.float32), r"must have shape \(3, 2\), not \(2, 3\)"),
        ("lander", np.zeros(6, np.float32), r"must have shape \(3, 2\), not \(6,\)"),
        ("lander", np.array([[0, 0], [0, np.nan], [0, 0]], np.float32), "nan.* of environment 1 is not in"),
        ("lander", np.array([[0, 0], [0, 0], [np.nan, 0]]), "nan.* of environment 2 is not in"),
        ("lander", np.full((3, 2), "x"), "must be numbers"),
    ],
)
def test_wrong_actions(name, actions, sentence):
    vector = BatchVectorEnv(name, 3)
    vector.reset(seed=0)
    before = vector.batch.snapshot()
    with pytest.raises((BadAction, BadArray), match=sentence) as caught:
        vector.step(actions)
    assert isinstance(caught.value, ValueError)
    assert vector.batch.snapshot() == before


def test_box_actions_beyond_the_space_are_the_environments_own_business():
    vector, twin = BatchVectorEnv("lander", 2), BatchVectorEnv("lander", 2)
    vector.reset(seed=0)
    twin.reset(seed=0)
    given = vector.step(np.array([[5.0, -np.inf], [0.5, 2.0]]))[0]
    np.testing.assert_array_equal(given, twin.step(np.array([[1.0, -1.0], [0.5, 1.0]], np.float32))[0])


def test_renders_a_picture_for_each_environment():
    vector = BatchVectorEnv("cartpole", 2, render_mode="rgb_array")
    vector.reset(seed=0)
    frames = vector.render()
    assert frames is not None
    assert [frame.shape for frame in frames] == [(400, 600, 3)] * 2
    assert not np.array_equal(frames[0], frames[1])
    assert BatchVectorEnv("cartpole", 2).render() is None


def test_lists_of_pictures_and_unknown_render_modes():
    for mode in AutoresetMode:
        ours: Any = gym.make_vec(
            "sandbox/CartPole-v1", 2, render_mode="rgb_array_list", max_episode_steps=3, autoreset_mode=mode
        )
        theirs: Any = gym.make_vec(
            "sandbox/CartPole-v1",
            2,
            vectorization_mode="sync",
            render_mode="rgb_array_list",
            max_episode_steps=3,
            vector_kwargs={"autoreset_mode": mode},
        )
        assert ours.render_mode == theirs.render_mode == "rgb_array_list"
        for vector in (ours, theirs):
            vector.reset(seed=0)
        for t in range(9):
            done = False
            for vector in (ours, theirs):
                *_, terminated, truncated, _ = vector.step(np.array([0, 1]))
                done = terminated | truncated
            if t in (1, 2, 5, 8):
                frames = [vector.render() for vector in (ours, theirs)]
                assert [len(one) for one in frames[0]] == [len(one) for one in frames[1]]
                for one, two in zip(*frames, strict=True):
                    np.testing.assert_array_equal(np.array(one), np.array(two))
            if mode is AutoresetMode.DISABLED and np.any(done):
                for vector in (ours, theirs):
                    vector.reset(options={"reset_mask": np.array(done)})
    with pytest.warns(UserWarning, match="not in the possible render_modes"):
        vector = gym.make_vec("sandbox/CartPole-v1", 2, render_mode="ascii")
    vector.reset(seed=0)
    with pytest.raises(BadParameter, match="render_mode cannot be 'ascii'"):
        vector.render()


def test_attributes_are_read_and_set_as_gymnasium_does():
    ours: Any = gym.make_vec("sandbox/CartPole-v1", 3, render_mode="rgb_array")
    theirs: Any = gym.make_vec("sandbox/CartPole-v1", 3, vectorization_mode="sync", render_mode="rgb_array")
    for vector in (ours, theirs):
        vector.reset(seed=0)
        vector.set_attr("gravity", 12.0)
        vector.set_attr("x", [0.0, 0.1, 0.2])
        vector.set_attr("theta", 0.01)
        vector.set_attr("mine", ["a", "b", "c"])
    for name in ("gravity", "x", "theta", "x_dot", "mine", "render_mode", "action_space"):
        assert ours.call(name) == theirs.call(name) == ours.get_attr(name), name
    assert ours.call("gravity") == (12.0,) * 3
    assert ours.params.gravity == 12.0
    np.testing.assert_array_equal(ours.call("render"), theirs.call("render"))
    np.testing.assert_array_equal(ours.step(np.ones(3, int))[0], theirs.step(np.ones(3, int))[0])
    for vector in (ours, theirs):
        with pytest.raises(ValueError, match="3"):
            vector.set_attr("x", [1.0, 2.0])
        with pytest.raises(AttributeError, match="gravty"):
            vector.call("gravty")
        with pytest.raises(ValueError, match="cannot be 100"):
            vector.set_attr("gravity", 100)


def test_what_environments_of_a_batch_cannot_do_alone():
    vector = BatchVectorEnv("cartpole", 3)
    vector.reset(seed=0)
    with pytest.raises(BadAttribute, match="gravity of sandbox/CartPole-v1 is shared by all"):
        vector.set_attr("gravity", [1.0, 2.0, 3.0])
    with pytest.raises(BadAttribute, match="is shared by all"):
        vector.members[1].gravity = 3.0
    with pytest.raises(BadAttribute, match="cannot be stepped alone"):
        vector.call("step", 1)
    vector.gravity = 5.0
    assert vector.gravity == vector.params.gravity == 5.0
    vector.x = np.array([0.1, 0.2, 0.3])
    assert vector.x.tolist() == vector.batch.states["x"].tolist() == [0.1, 0.2, 0.3]
    vector.state = np.zeros((3, 4))
    assert not vector.batch.states["x"].any()
    vector.set_attr("state", [[0.0, 0.1, 0.2, 0.3]] * 3)
    np.testing.assert_allclose(vector.batch.states["theta_dot"], 0.3)


def test_one_environment_begins_anew_and_goes_back():
    vector, twin = BatchVectorEnv("snake", 3), BatchVectorEnv("snake", 3)
    for one in (vector, twin):
        one.reset(seed=0)
        one.step(np.array([0, 1, 2]))
    member = vector.members[1]
    saved = member.snapshot()
    obs, info = member.reset(seed=11)
    alone, _ = gym.make("sandbox/Snake-v0").reset(seed=11)
    np.testing.assert_array_equal(obs, alone)
    assert info["length"] == 3
    np.testing.assert_array_equal(vector.batch.states[[0, 2]], twin.batch.states[[0, 2]])
    member.restore(saved)
    np.testing.assert_array_equal(vector.batch.states, twin.batch.states)
    twin.batch.set_params(patience=50)
    with pytest.raises(BadAttribute, match="shared"):
        twin.members[1].restore(saved)
