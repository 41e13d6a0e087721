"""The bench of exploration: its rows differ in the block alone, and say who is better."""

import dataclasses

from agents.bench.exploration import contests, row


def test_within_a_row_only_the_block_differs():
    tables = contests()
    assert [len(rows) for rows in tables.values()] == [4, 2, 2]
    novelty, energy, codes = tables.values()
    for rows, name in ((novelty, "novelty"), (codes, "policy")):
        for one in rows:
            assert getattr(one.plain, name) != getattr(one.ours, name)
            assert dataclasses.replace(one.plain, **{name: getattr(one.ours, name)}) == one.ours
    for one in energy:
        assert (one.plain.agent, one.ours.agent) == ("pqn", "free_energy")
        assert one.plain.total_timesteps == one.ours.total_timesteps and one.plain.gamma == one.ours.gamma


def test_a_row_says_how_likely_it_is_that_the_block_helps():
    contest = next(iter(contests().values()))[0]
    plain = [{"return": value, "seconds": 2.0} for value in (0.0, 0.0, 1.0)]
    ours = [{"return": value, "seconds": 3.0} for value in (1.0, 1.0, 1.0)]
    label, without, with_it, better, seconds = row(contest, plain, ours)
    assert label == contest.label and with_it == "1 [1, 1]" and seconds == "2.0, 3.0"
    assert without.startswith("0.3333 [0,") and better.startswith("0.8333 [")
