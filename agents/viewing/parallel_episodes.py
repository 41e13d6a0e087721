"""More episodes of the same player beside the one that is watched, each with a seed of its own."""

from collections.abc import Callable

from agents.viewing.episode import Episode


class Crowd:
    """Episodes that play along.

    Args:
        leader: the episode that is watched; the others do what it does.
        count: of the others.
        make: opens one more episode, given its seed.
        seed: of the first of them; the others' follow, and so do those of later episodes, so that none is
            played twice.
        hold: steps that the last picture of an episode stays.

    Attributes:
        episodes: the others.
        returns: of the episodes that the present player has played from beginning to end.
    """

    def __init__(self, leader: Episode, count: int, make: Callable[[int], Episode], seed: int, hold: int):
        self.leader, self.hold = leader, hold
        self.episodes = [make(seed + i) for i in range(count)]
        self.returns: list[float] = []
        self._next_seed = seed + count
        self._held = [0] * count
        self._alone = [True] * count
        self.follow()

    def follow(self) -> None:
        """Lets the player who plays the leader's episode play all from the present moment on."""
        self.returns.clear()
        for i, episode in enumerate(self.episodes):
            episode.player = self.leader.player
            episode.control = self.leader.control
            self._alone[i] = episode.moment.step == 0

    def play(self) -> None:
        """Plays one step of each; begins the next episode where one has ended and was held."""
        for i, episode in enumerate(self.episodes):
            if not episode.moment.over:
                moment = episode.step()
                if moment.over and self._alone[i]:
                    self.returns.append(moment.episode_return)
                continue
            self._held[i] += 1
            if self._held[i] >= self.hold:
                self._held[i], self._alone[i] = 0, True
                episode.restart(self._next_seed)
                self._next_seed += 1

    def back(self) -> None:
        """Takes one step back in each, where it can be."""
        for episode in self.episodes:
            episode.back()

    def close(self) -> None:
        """Lets go of what the worlds hold."""
        for episode in self.episodes:
            episode.close()
