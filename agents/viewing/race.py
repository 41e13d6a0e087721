"""Two players in the same episodes, beside each other.

Both begin each episode from the same seed, and one clock moves both. Who has the larger return wins it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.viewing.episode import Episode
from agents.viewing.racer import Racer
from agents.viewing.standing import SAME, Standing
from agents.viewing.viewed_environment import open_world


class Race:
    """Two players play the same episodes, step by step.

    Args:
        target: the environment.
        racers: both.
        params: parameters that differ from their defaults; the same for both.
        seed: of the first episode.
        ops: whether moments carry drawing operations.

    Attributes:
        racers: both.
        episodes: what each plays.
        seed: of the present episode.
        results: by seed, the returns of the episodes that both played from their beginning to their end.

    Raises:
        UserError: one of them cannot play there.
    """

    def __init__(
        self,
        target: str,
        racers: tuple[Racer, Racer],
        params: Mapping[str, Any] | None = None,
        *,
        seed: int = 0,
        ops: bool = False,
    ) -> None:
        self.racers, self.seed = racers, seed
        self.results: dict[int, tuple[float, float]] = {}
        first, second = (
            Episode(open_world(target, params), racer.player(), seed=seed, control=racer.control, ops=ops)
            for racer in racers
        )
        self.episodes = first, second
        self._whole = True
        self._standing: Standing | None = None

    @property
    def over(self) -> bool:
        """Whether both have come to the end of the episode."""
        return all(episode.moment.over for episode in self.episodes)

    @property
    def step(self) -> int:
        """Of the clock of both."""
        return max(episode.moment.step for episode in self.episodes)

    @property
    def winner(self) -> int | None:
        """Who is ahead in return: 0, 1, or None of a tie."""
        first, second = (episode.moment.episode_return for episode in self.episodes)
        return None if abs(first - second) <= SAME else int(second > first)

    def play(self) -> None:
        """One step of both; who is at the end of the episode waits for the other."""
        for episode in self.episodes:
            if not episode.moment.over:
                episode.step()
        if self.over and self._whole:
            first, second = (episode.moment.episode_return for episode in self.episodes)
            self.results[self.seed] = first, second
            self._standing = None

    def back(self) -> None:
        """One step back of both; who was at the end already then stays there."""
        step = self.step
        for episode in self.episodes:
            if episode.moment.step == step:
                episode.back()

    def restart(self, seed: int) -> None:
        """Both begin an episode."""
        self.seed, self._whole = seed, True
        for episode in self.episodes:
            episode.restart(seed)

    def change(self, side: int, racer: Racer, player: Any = None) -> None:
        """Somebody else goes on from the present moment, and the tally begins anew.

        Args:
            side: 0 or 1.
            racer: who.
            player: its agent, if it is loaded already.

        Raises:
            UserError: it cannot play there; then all stays as it was.
        """
        episode = self.episodes[side]
        player = racer.player() if player is None else player
        if player is not None:
            episode.player = player
        episode.control = racer.control
        self.racers = (racer, self.racers[1]) if side == 0 else (self.racers[0], racer)
        self.forget()

    def turn(self, params: Mapping[str, Any]) -> None:
        """Change the physics, all others to their defaults, in the episode; the tally begins anew."""
        for episode in self.episodes:
            episode.set_params(**episode.world.whole_params(params))
        self.forget()

    def forget(self) -> None:
        """Begin the tally anew; an episode that is under way does not count any more."""
        self.results.clear()
        self._standing = None
        self._whole = self.step == 0

    @property
    def standing(self) -> Standing:
        """What both reached so far."""
        if self._standing is None:
            pairs = list(self.results.values())
            names = self.racers[0].name, self.racers[1].name
            self._standing = Standing(names, ([a for a, _ in pairs], [b for _, b in pairs]))
        return self._standing

    def close(self) -> None:
        """Let go of what the worlds hold."""
        for episode in self.episodes:
            episode.close()
