"""POPGym's four card games against their rules told once more, and bsuite's three."""

import itertools

import numpy as np
import pytest

import envs
from envs.deep_sea import rightwards
from envs.engine.core.single import SingleEnv
from envs.scenes.cards import DECK


def played(name, choose, seed=0, **params):
    """One episode: all observations, actions and rewards."""
    env = SingleEnv(envs.find(name), **params)
    obs, _ = env.reset(seed=seed)
    seen, actions, rewards, terminated = [np.copy(obs)], [], [], False
    while not terminated:
        actions.append(int(choose(len(actions), seen)))
        obs, reward, terminated, truncated, _ = env.step(actions[-1])
        assert not truncated
        seen.append(np.copy(obs))
        rewards.append(reward)
    return seen, np.array(actions), np.array(rewards)


def any_suit(step, seen):
    return step * 7 % 11 % 4


@pytest.mark.parametrize(("k", "decks"), [(4, 1), (1, 1), (32, 2), (64, 3)])
def test_repeat_previous_asks_for_the_card_k_ago(k, decks):
    seen, actions, rewards = played("repeat_previous", any_suit, k=k, decks=decks)
    suits, cards = [int(obs) for obs in seen], DECK * decks
    assert np.bincount(suits).tolist() == [13 * decks] * 4
    # Before the step t, from 0, cards 0 to t are there.
    wanted = [None if t + 1 < k else suits[t + 1 - k] for t in range(cards - 1)]
    expected = [0 if w is None else 1 if a == w else -1 for a, w in zip(actions, wanted, strict=True)]
    np.testing.assert_allclose(rewards, np.array(expected) / (cards - k), rtol=0, atol=1e-12)
    best = played("repeat_previous", lambda t, seen: seen[max(t + 1 - k, 0)], k=k, decks=decks)
    assert best[2].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("decks", [1, 8, 16])
def test_repeat_first_asks_for_the_first_card(decks):
    seen, actions, rewards = played("repeat_first", any_suit, decks=decks)
    suits, cards = [int(obs) for obs in seen], DECK * decks
    assert np.bincount(suits).tolist() == [13 * decks] * 4
    expected = np.where(actions == suits[0], 1, -1) / (cards - 1)
    np.testing.assert_allclose(rewards, expected, rtol=0, atol=1e-12)
    assert played("repeat_first", lambda t, seen: seen[0], decks=decks)[2].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("cards", [5, 52, 156])
def test_autoencode_wants_all_cards_backwards(cards):
    seen, actions, rewards = played("autoencode", any_suit, cards=cards)
    phases, suits = np.array(seen).T
    assert len(rewards) == 2 * cards - 1
    counts = np.bincount(suits[:cards], minlength=4)
    assert counts.sum() == cards and counts.max() - counts.min() <= (cards % 4 > 0)
    # The last card is seen in the second phase, and nothing after it.
    assert phases.tolist() == [0] * (cards - 1) + [1] * (cards + 1)
    assert not suits[cards:].any()
    expected = np.where(actions[cards - 1 :] == suits[:cards][::-1], 1, -1) / cards
    np.testing.assert_allclose(rewards, [*[0] * (cards - 1), *expected], rtol=0, atol=1e-12)
    assert 0 < (expected > 0).mean() < 1


@pytest.mark.parametrize(("difficulty", "decks", "kinds"), [(0, 1, 2), (1, 2, 4), (2, 4, 13)])
def test_count_recall_asks_for_a_count(difficulty, decks, kinds):
    seen, actions, rewards = played("count_recall", lambda t, seen: t % 7, difficulty=difficulty)
    shown, asked = np.array(seen).T
    cards = DECK * decks
    for stack in (shown, asked):
        assert np.bincount(stack).tolist() == [cards // kinds] * kinds
    wanted = [np.count_nonzero(shown[: t + 1] == asked[t]) for t in range(cards - 1)]
    expected = np.where(actions == wanted, 1, -1) / (cards - 1)
    np.testing.assert_allclose(rewards, expected, rtol=0, atol=1e-12)
    assert (expected > 0).any()


def test_deals_differ_and_all_cards_are_as_likely():
    first = np.zeros(4)
    for seed in range(200):
        first[int(SingleEnv(envs.find("repeat_first")).reset(seed=seed)[0])] += 1
    assert first.min() > 30


def test_a_memory_is_the_players_of_one_episode_alone(play):
    for name in ("repeat_previous", "repeat_first", "autoencode", "memory_chain"):
        environment = envs.find(name)
        assert play(environment, environment.baseline, episodes=20).returns == pytest.approx(1.0)


@pytest.mark.parametrize("mapping", [0, 7])
def test_deep_sea_pays_the_whole_way_right_and_nothing_else(mapping):
    side, cost, found = 6, 0.1, []
    for goes in itertools.product((False, True), repeat=side):
        column = 0
        columns = []
        for right in goes:
            columns.append(column)
            column = min(column + 1, side - 1) if right else max(column - 1, 0)
        actions = [
            rightwards(row, at, mapping) if right else 1 - rightwards(row, at, mapping)
            for row, (at, right) in enumerate(zip(columns, goes, strict=True))
        ]
        params = {"side": side, "cost": cost, "mapping": mapping}
        seen, _, rewards = played("deep_sea", lambda t, seen, actions=actions: actions[t], **params)
        assert [int(obs) for obs in seen] == [*(row * 20 + at for row, at in enumerate(columns)), 400]
        found.append(rewards.sum() > 0.5)
        assert rewards.sum() == pytest.approx(all(goes) - cost * sum(goes) / side)
    assert sum(found) == 1 and found[-1]


def test_in_deep_seas_both_actions_lead_right_somewhere():
    maps = [[[rightwards(r, c, m) for c in range(20)] for r in range(20)] for m in range(20)]
    shares = np.mean(maps, axis=(1, 2))
    assert shares.min() > 0.35 and shares.max() < 0.65
    assert all(a != b for a, b in itertools.combinations(maps, 2))


def test_catch_is_won_under_the_ball(step_states):
    environment = envs.find("catch")
    states = {"row": 8, "ball": np.repeat(np.arange(5), 15), "paddle": np.tile(np.arange(5), 15)}
    actions = np.tile(np.repeat(np.arange(3), 5), 5)
    result = step_states(environment, states, actions)
    ends = np.clip(states["paddle"] + actions - 1, 0, 4)
    assert result.terminated.all()
    np.testing.assert_array_equal(result.rewards, np.where(ends == states["ball"], 1, -1))
    halved = step_states(environment, states, actions, scale=0.5, noise=3.0).rewards
    assert np.std(halved - 0.5 * result.rewards) == pytest.approx(1.5, rel=0.3)
    early = step_states(environment, {**states, "row": 7}, actions)
    assert not early.terminated.any() and not early.rewards.any()
    assert (early.obs.sum(axis=(1, 2)) == 2).all() and (
        early.obs[:, 8].argmax(axis=1) == states["ball"]
    ).all()


@pytest.mark.parametrize(("length", "bits"), [(1, 1), (10, 1), (30, 8)])
def test_memory_chain_shows_asks_and_judges(length, bits):
    verdicts = []
    for seed in range(20):
        env = SingleEnv(envs.find("memory_chain"), length=length, bits=bits)
        obs, _ = env.reset(seed=seed)
        context = obs[2:].copy()
        assert (np.abs(context) == [1] * bits + [0] * (8 - bits)).all() and obs[0] == 1
        for step in range(1, length + 1):
            obs, reward, terminated, *_ = env.step(1)
            assert reward == 0 and not terminated
            assert obs[0] == pytest.approx(1 - (step - 1) / length)
            # bsuite shows the start before the first step and after it.
            assert obs[2:].any() == (step == 1)
        asked = int(obs[1])
        obs, reward, terminated, *_ = env.step(1)
        assert terminated and obs[0] == 0
        assert reward == context[asked]
        verdicts.append((asked, reward))
    assert {reward for _, reward in verdicts} == {-1.0, 1.0}
    assert len({asked for asked, _ in verdicts}) >= min(bits, 4)
