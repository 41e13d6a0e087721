"""What the agent reaches as of now, beside those it should beat: the line below the heading."""

from collections.abc import Sequence

from apps.arena.scores import AGENT, RANDOM, WRITTEN
from apps.studio import wording
from apps.studio.charts.intervals import Score
from apps.studio.plain_text import escape


def sentence(target: str, state: str | None, compared: Sequence[Score], threshold: float | None) -> str:
    """Say it.

    Args:
        target: the environment.
        state: of the run that is shown, as `wording.STATES` names it; None without one.
        compared: scores of everybody who has one.
        threshold: mean return that counts as solved, or None.
    """
    by_name = {score.name: score for score in compared}
    random, written = by_name.get(RANDOM), by_name.get(WRITTEN)
    agent = next((score for score in compared if score.name.startswith(AGENT)), None)
    others = [
        f"{name} {wording.figure(score.mean)}"
        for name, score in (("the hand-written player", written), (RANDOM, random))
        if score is not None
    ]
    if agent is None:
        rest = f" To beat: {', '.join(others)}." if others else ""
        if state in wording.ALIVE:
            return f"An agent is learning {escape(target)}.{rest}"
        return f"No agent has learned {escape(target)} yet; press *Train*.{rest}"
    over = f" over {agent.tries} unseen episodes" if agent.tries else ""
    ours = f"the {agent.name} has a mean return of **{wording.figure(agent.mean)}**{over}"
    if written is not None and _below(agent, written):
        random_too = f", {others[1]}" if len(others) > 1 else ""
        return (
            "The hand-written player still does better, with a mean return of "
            f"{wording.figure(written.mean)}; {ours}{random_too}."
        )
    solved = f" Solved: {threshold:g} or more." if threshold is not None and agent.mean >= threshold else ""
    return f"{ours[:1].upper()}{ours[1:]}{'; ' if others else ''}{', '.join(others)}.{solved}"


def _below(one: Score, other: Score) -> bool:
    """Whether the whole interval of a score lies below that of another."""
    high = one.mean if one.high is None else one.high
    low = other.mean if other.low is None else other.low
    return high < low
