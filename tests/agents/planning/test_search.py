"""The search finds what can be computed: wins, blocks, perfect play on small boards, ways out of a maze."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

import envs
from agents import PPO, make_vec_env
from agents.evaluate import evaluate_policy
from agents.planning import Search, SearchPlayer, SearchPolicy
from agents.planning.forest import Forest
from agents.planning.match import elo_difference, play_match
from agents.planning.perfect_play import Solver
from agents.planning.quick_network import QuickNetwork
from agents.planning.search import AT_ONCE
from agents.planning.tree_kernels import conclude
from agents.player import Player, policy_space
from agents.policies import MlpPolicy
from agents.policies.action_heads import masked
from agents.policies.lines import LineFeatures
from agents.pqn.policy import QPolicy
from agents.viewing.decision import Decision
from agents.viewing.episode import Episode
from agents.viewing.versus import VersusWorld, open_versus
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough  # it compiles the search for two environments
FOUR = envs.find("connect_four")


def position(moves: str, **params: int) -> Batch:
    """The board after some columns were played, 1 to 7."""
    batch = Batch(FOUR, 1, params={"opponent": 0, **params})
    obs = np.zeros((1, 6, 7, 3), np.uint8)
    reward, over, cut = np.zeros(1), np.zeros(1, bool), np.zeros(1, bool)
    batch.reset(obs)
    for move in moves:
        batch.step(np.array([int(move) - 1]), obs, reward, over, cut, None, DISABLED)
        assert not over[0]
    return batch


def agent(kind: str) -> Player:
    """An agent that knows nothing: of Q-values, or of probabilities and a value."""
    torch.manual_seed(0)
    if kind == "ppo":
        model = PPO("MlpPolicy", make_vec_env("connect_four", 2), n_steps=2, batch_size=4, device="cpu")
        return Player(model.policy, FOUR.observation_space)
    policy = QPolicy(FOUR.observation_space, FOUR.action_space, lambda _: 0.0, net_arch=[8])
    return Player(policy, FOUR.observation_space)


@pytest.mark.parametrize("guide", [None, "pqn", "ppo"])
@pytest.mark.parametrize(
    ("moves", "best", "value"),
    [
        ("112233", {3}, 1.0),  # three in a row: wins
        ("11223", {3}, None),  # the other has three, from column 1 on: blocks
    ],
)
def test_it_wins_and_blocks(guide, moves, best, value):
    batch = position(moves)
    search = Search(FOUR, seconds=None, simulations=800, player=None if guide is None else agent(guide))
    before = batch.states.copy()
    found = search.find(batch.states[0])
    assert found.action in best
    assert value is None or found.value == pytest.approx(value, abs=0.0 if guide is None else 0.05)
    assert (batch.states == before).all()
    if value is not None:
        assert found.simulations < 100  # a proof ends the search
        return
    assert found.simulations == pytest.approx(800, abs=4 * AT_ONCE)
    assert found.visits.nonzero()[0].tolist() == [3]  # all others are known to lose


def test_moves_that_lose_for_certain_are_known():
    """Two in the middle of the lowest row, with room on both sides: who moves wins or loses by it."""
    found = Search(FOUR, seconds=None, simulations=400).find(position("4").states[0])
    assert found.visits.all() and found.simulations == 400  # nothing is known so early
    batch = position("4455")  # a third, open at both ends, wins
    found = Search(FOUR, seconds=None, simulations=5000).find(batch.states[0])
    assert found.action in (2, 5) and found.value == 1.0 and found.simulations < 5000
    assert found.visits.nonzero()[0].tolist() == [found.action]
    batch = position("44553")  # whatever the other does
    found = Search(FOUR, seconds=None, simulations=5000).find(batch.states[0])
    assert found.value == -1.0 and found.visits.all()


def test_what_a_tree_comes_to():
    """The first of three actions loses for certain; with the others untried, tried, or losing as well."""
    visits, totals, known = np.array([[5, 0, 0]], np.int32), np.array([[-3.0, 0.0, 0.0]]), np.array([np.nan])
    legal, left = np.array([[False, True, True]]), np.zeros(3, np.int32)
    assert conclude(visits, totals, known, legal, left) == -0.6 and left.tolist() == [0, 1, 1]
    visits[0, 1], totals[0, 1] = 2, 1.0
    assert conclude(visits, totals, known, legal, left) == 0.5 and left.tolist() == [0, 2, 0]
    legal[:], known[0] = False, -1.0
    assert conclude(visits, totals, known, legal, left) == -1.0 and left.tolist() == [5, 2, 0]


def test_proofs_are_perfect_play():
    """Whatever the tree knows of late positions of a small board is what the solver says."""
    random, solver, proven = np.random.default_rng(0), Solver(5, 4), 0
    search = Search(FOUR, {"columns": 5, "rows": 4}, seconds=None, simulations=3000)
    for _ in range(30):
        moves = "".join(random.permutation(list("12345" * 4))[:8])
        try:
            batch = position(moves, columns=5, rows=4)
        except AssertionError:
            continue  # somebody has won before
        found = search.find(batch.states[0])
        if found.simulations < 3000:
            proven += 1
            values = solver.values(batch.states[0])
            assert found.value == max(values.values()) == values[found.action]
    assert proven > 5


def test_the_same_seed_finds_the_same():
    state = position("4453").states[0]
    each = [Search(FOUR, seconds=None, simulations=300, seed=seed).find(state) for seed in (1, 1, 2)]
    assert (each[0].visits == each[1].visits).all() and (each[0].visits != each[2].visits).any()


def test_what_lies_below_a_move_and_its_answer_is_kept():
    search = Search(FOUR, seconds=1e-3)
    children, visits, totals, *_, counts, _ = search._tree
    search.find(position("44").states[0])
    before = search._states.copy(), children.copy(), visits.copy(), totals.copy()
    node = before[1][before[1][0, 2], 4]
    nodes = [(int(node), 0)]
    assert search._keep(position("4435").states[0])
    for old, new in nodes:  # grows as it is gone through
        np.testing.assert_array_equal(before[0]["cells"][old], search._states["cells"][new])
        np.testing.assert_array_equal(before[2][old], visits[new])
        np.testing.assert_array_equal(before[3][old], totals[new])
        pairs = zip(before[1][old].tolist(), children[new].tolist(), strict=True)
        nodes += [(one, other) for one, other in pairs if one >= 0]
    assert 1 < len(nodes) == counts[0]
    assert not search._keep(position("1234").states[0])
    search.find(position("44").states[0])
    found = search.find(position("4435").states[0])
    assert found.visits.sum() > found.simulations


def test_perfect_play_on_small_boards_is_as_published():
    """Tromp's table: 4x4 and 5x4 are draws, on 6x4 (columns x rows) the second player wins."""
    for columns, rows, value in ((4, 4, 0), (5, 4, 0), (6, 4, -1)):
        state = position("", columns=columns, rows=rows).states[0]
        assert Solver(columns, rows).value(state) == value


def test_perfect_play_is_what_trying_everything_says():
    """Late positions of a 4x4 board, played out in all ways by the rules themselves."""
    random, solver = np.random.default_rng(0), Solver(4, 4)

    def best(moves: str) -> float:
        values = []
        for column in range(4):
            if moves.count(str(column + 1)) == 4:
                continue
            batch, obs = position(moves, columns=4, rows=4), np.zeros((1, 6, 7, 3), np.uint8)
            reward, over, cut = np.zeros(1), np.zeros(1, bool), np.zeros(1, bool)
            batch.step(np.array([column]), obs, reward, over, cut, None, DISABLED)
            values.append(reward[0] if over[0] else -best(moves + str(column + 1)))
        return max(values)

    checked = 0
    while checked < 12:
        moves = "".join(random.permutation(list("1234" * 4))[:11])
        try:
            batch = position(moves, columns=4, rows=4)
        except AssertionError:
            continue  # somebody has won before
        assert solver.value(batch.states[0]) == best(moves) == max(solver.values(batch.states[0]).values())
        checked += 1


def test_with_time_it_plays_perfectly_on_a_small_board():
    """Every move of the search against itself on 4x4 keeps what perfect play has from there."""
    solver, search = Solver(4, 4), Search(FOUR, {"columns": 4, "rows": 4}, seconds=None, simulations=20_000)
    moves = ""
    while len(moves) < 15:
        state = position(moves, columns=4, rows=4).states[0]
        values = solver.values(state)
        action = search.find(state).action
        assert values[action] == max(values.values()), (moves, action, values)
        moves += str(action + 1)


def test_it_knows_no_random_numbers_to_come():
    """Each node has a generator of its own, none the one of the state that was looked at."""
    search = Search(FOUR, seconds=None, simulations=50)
    search.find(position("").states[0])
    states = search._states[1 : int(search._tree[8][0])]
    assert len(np.unique(states["rng"])) == len(states)


def test_it_finds_the_way_out_of_a_maze():
    params: dict[str, Any] = {"rooms": 2}
    policy = SearchPolicy("maze", params, seconds=None, simulations=2000)
    found = evaluate_policy("maze", policy, 5, params=params)
    shortest = []
    for seed in range(found["seed"], found["seed"] + 5):
        env = gym.make(envs.find("maze").id, **params)
        shortest.append(1 - 0.01 * env.reset(seed=seed)[1]["shortest"])
    ways = np.array(found["returns"])
    assert (ways <= np.array(shortest) + 1e-9).all() and (ways > np.array(shortest) - 0.06).all()


def test_a_match_alternates_and_counts():
    def left(obs: np.ndarray, state: np.void, allowed: np.ndarray) -> int:
        return int(allowed.argmax())

    results = play_match(
        FOUR, lambda o, s, a: Search(FOUR, seconds=None, simulations=60).find(s).action, left, 6
    )
    assert results.shape == (6,) and results.mean() > 0.5
    same = play_match(FOUR, left, left, 4)
    assert same[0] == -same[1] and same[2] == -same[3]  # the same opening, the other way round
    assert elo_difference(np.array([1, 0, -1])) == 0.0 and elo_difference(np.ones(10)) > 400


def test_a_search_plays_where_players_are_shown():
    episode = Episode("connect_four", control="search", seed=1)
    decision = episode.moment.decision
    assert decision is not None and decision.probabilities is not None
    assert decision.probabilities.sum() == pytest.approx(1.0) and decision.allowed is not None
    assert episode.step().action == decision.action
    for target, message in (("pendulum", "discrete"), ("CartPole-v1", "ours")):
        with pytest.raises(UserError, match=message):
            SearchPlayer(target)


def test_somebody_else_answers_in_the_same_step():
    class Left:
        def act(self, obs: np.ndarray, *, state: np.void, mask: np.ndarray) -> Decision:
            return Decision(int(mask.argmax()))

    world = VersusWorld(FOUR, Left(), {"opponent": 2})
    obs, _ = world.reset(0)
    assert not obs[:, :, :2].any()  # the person begins the first game
    world.set_params(opponent=2)
    rewards = []
    for column in (1, 1, 1, 1):
        obs, reward, over, _, _ = world.step(column)
        rewards.append((reward, over))
    assert rewards == [(0.0, False)] * 3 + [(1.0, True)]  # four upon each other, beside three of the other
    obs, _ = world.reset(None)
    assert obs[0, 0, 1] == 255 and obs[:, :, :2].sum() == 255
    assert world.state is not None and world.state["me"] == world.state["turn"]
    rewards = [world.step(column)[1:3] for column in (2, 3, 6)]
    assert rewards == [(0.0, False), (0.0, False), (-1.0, True)]
    with pytest.raises(UserError, match="two players"):
        open_versus("cartpole", "search")


def test_each_tree_wins_or_blocks():
    """Two games side by side, looked at by somebody who knows nothing."""
    boards = [position(moves) for moves in ("112233", "11223")]
    states = np.concatenate([board.states for board in boards])
    forest = Forest(FOUR, 2, 400)
    before = states.copy()

    def judge(obs, allowed):
        assert allowed.shape == (len(obs), 7)
        return np.zeros(len(obs)), allowed / allowed.sum(1, keepdims=True)

    found = forest.look(states, boards[0].params, np.full((2, 7), 1 / 7), judge)
    assert found.visits.argmax(1).tolist() == [3, 3] and 300 < found.visits[1].sum() <= 400
    assert found.certain.tolist() == [True, False] and found.values[0] == 1.0
    assert (states == before).all()


LINES = {"features_extractor_class": LineFeatures, "features_extractor_kwargs": {"hidden": (24, 8)}}


@pytest.mark.parametrize("options", [{"net_arch": [24, 8]}, {"net_arch": [], **LINES}])
def test_compiled_layers_are_those_of_torch(options):
    """Boards with some stones, some columns forbidden, weights that are not those of the start."""
    space = policy_space(FOUR.observation_space)[0]
    torch.manual_seed(0)
    options = {"activation_fn": torch.nn.ReLU, **options}
    policy = MlpPolicy(space, FOUR.action_space, lambda _: 0.0, **options)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(torch.randn_like(parameter) / 5)
    assert QuickNetwork.supports(policy)
    obs = (255 * (torch.rand(50, 6, 7, 3) < 0.3)).byte()
    masks = torch.rand(50, 7) < 0.8
    masks[:, 0] = True
    values, chances = QuickNetwork(policy, FOUR, doubt=0.1)(obs.numpy(), masks.numpy())
    with torch.no_grad():
        seen = obs.permute(0, 3, 1, 2)
        scores: Any = policy.get_distribution(seen).distribution
        wanted = torch.softmax(masked(scores.logits, masks), 1)
        wanted = wanted.lerp(masks / masks.sum(1, keepdim=True), 0.1)
        expected = policy.predict_values(seen)[:, 0].clamp(-1, 1)
    rounding = 2e-2 if "features_extractor_class" in options else 1e-6  # lines are read as 16 bits
    np.testing.assert_allclose(chances, wanted, atol=rounding)
    np.testing.assert_allclose(values, expected, atol=rounding)
    assert not QuickNetwork.supports(MlpPolicy(space, FOUR.action_space, lambda _: 0.0))  # tanh


def test_a_compiled_network_grows_the_same_trees_as_one_outside():
    """Without noise, one tree after the other in the same memory finds what all trees at once find."""
    space = policy_space(FOUR.observation_space)[0]
    torch.manual_seed(0)
    policy = MlpPolicy(space, FOUR.action_space, lambda _: 0.0, net_arch=[], **LINES)
    quick = QuickNetwork(policy, FOUR)
    boards = [position(moves) for moves in ("", "4453", "112233", "4444435")]
    states, priors = np.concatenate([board.states for board in boards]), np.full((4, 7), 1 / 7)
    priors += np.arange(7) / 1000  # no ties
    first, second = (
        Forest(FOUR, 4, 60, quick=compiled).look(states, boards[0].params, priors, quick)
        for compiled in (None, quick)
    )
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    assert first.certain.tolist() == [False, False, True, False]
