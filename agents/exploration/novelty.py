"""How new an observation is to an agent, judged by a self-organising map of what it has seen so far.

    winner   s(x) = argmin_j |x - w_j|,      e(x) = |x - w_s| / reach
    count    n(x) = n_s exp(-e(x)^2 / 2)     as often as the winner won, less the farther off it is
    bonus    1 / sqrt(1 + n(x)), divided by its root mean square so far
    where    reach = root mean square of |x - w_s|, at least the spread of the first rollout / side of the map

The counts are those of count-based exploration (Strehl & Littman 2008; Tang et al. 2017 with hashes of
observations). The map (Kohonen 1982) makes them for observations that never come twice, and its quantisation
error says of what is unlike all units that it has hardly been counted. It learns from the rollouts, mostly
from what it represents worst. A unit that moves forgets what it has counted in its old place.
"""

from __future__ import annotations

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Float, Int64, Shaped
from stable_baselines3.common.preprocessing import get_flattened_obs_dim, is_image_space, preprocess_obs
from torch import Tensor, nn

from sandbox.blocks.som import SOM
from sandbox.errors import UserError
from sandbox.training.competitive import Competitive

MOST_NUMBERS = 4096
"""Observations of more numbers are refused: distances between large pictures say little."""
LESSON = 128
"""Observations of a rollout that the map learns from."""
RADIUS, RATE = (1.0, 0.3), (0.5, 0.1)
"""First and last, over the lessons that a training has."""
MEMORY = 0.9
"""What the mean error keeps of its old value at each rollout."""


class SOMNovelty(nn.Module):
    """A map of observations that says how new one is. Its whole state is in its buffers.

    Args:
        space: one array; discrete observations become one-hot rows, pictures rows of numbers.
        units: of the map, which is the nearest square.
        lessons: rollouts over which it settles.

    Attributes:
        som: the map.
        counts: how often each unit won, (N,), where it is now.

    Raises:
        UserError: observations of too many numbers.
    """

    mean: Tensor
    scale: Tensor
    counts: Tensor
    error: Tensor
    cell: Tensor
    square: Tensor
    seen: Tensor

    def __init__(self, space: spaces.Space, units: int, lessons: int) -> None:
        super().__init__()
        self.space = space
        size = int(get_flattened_obs_dim(space))
        if size > MOST_NUMBERS:
            raise UserError(
                f"A map of novelty compares observations of at most {MOST_NUMBERS:,} numbers, not {size:,}."
            )
        side = max(2, round(units**0.5))
        self.som = SOM(size, side, side)
        self.teacher = Competitive(self.som, lessons, rule="online", radius=RADIUS, rate=RATE)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.register_buffer("counts", torch.zeros(side * side))
        for name in ("error", "cell", "square", "seen"):
            self.register_buffer(name, torch.zeros((), dtype=torch.float64))

    def rows(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Turn raw observations into what the map looks at."""
        if obs.shape[1:] != self.space.shape:  # pictures may come with the channels last
            obs = obs.movedim(-1, 1)
        ready = preprocess_obs(obs.to(self.counts.device), self.space)
        assert isinstance(ready, Tensor)
        return (ready.reshape(len(obs), -1).float() - self.mean) * self.scale

    @torch.no_grad()
    def bonus(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, " B"]:
        """Judge the observations of a rollout, then learn from them. Draws from torch's generator.

        Returns:
            The bonus of each, with a root mean square near 1 over all rollouts so far.
        """
        if not self.seen:
            self._look(obs)
        rows = self.rows(obs)
        error, winners = self._nearest(rows)
        mean = float(error.double().square().mean().sqrt())
        self.error.fill_(MEMORY * float(self.error) + (1 - MEMORY) * mean if self.seen else mean)
        found = self._newness(error, winners)
        self.square += found.double().square().sum()
        self.seen += len(found)
        self.counts += torch.bincount(winners, minlength=len(self.counts))
        self._learn(rows, error)
        return found / float((self.square / self.seen).sqrt())

    @torch.no_grad()
    def newness(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, " B"]:
        """Say how new observations are, in (0, 1], and learn nothing."""
        return self._newness(*self._nearest(self.rows(obs)))

    def _nearest(self, rows: Float[Tensor, "B D"]) -> tuple[Float[Tensor, " B"], Int64[Tensor, " B"]]:
        """Distance to the winner, and which unit that is."""
        parts = [self.som(part).min(1) for part in rows.split(8192)]  # bounds the memory of the distances
        return torch.cat([part.values for part in parts]), torch.cat([part.indices for part in parts])

    def _newness(self, error: Float[Tensor, " B"], winners: Int64[Tensor, " B"]) -> Float[Tensor, " B"]:
        alike = (-0.5 * (error / self._reach()).square()).exp()
        return (1 + self.counts[winners] * alike).rsqrt()

    def _reach(self) -> float:
        """How far from a unit an observation still counts as its own: as far as most are."""
        return max(float(self.error), float(self.cell), 1e-6)

    def _look(self, obs: Shaped[Tensor, "B ..."]) -> None:
        """Scale numbers by the bounds of the space, or else by the first rollout; lay the map over it."""
        space = self.space
        if isinstance(space, spaces.Box) and not is_image_space(space):
            if space.is_bounded():
                low, high = (np.ravel(bound).astype("f4") for bound in (space.low, space.high))
                self.mean.copy_(torch.from_numpy((low + high) / 2))
                self.scale.copy_(torch.from_numpy(1 / np.maximum(high - low, 1e-6)))
            else:
                deviation, mean = torch.std_mean(self.rows(obs), 0, correction=0)
                self.mean.copy_(mean)
                self.scale.copy_(torch.where(deviation > 1e-6, 1 / deviation.clamp_min(1e-6), 0.0))
        rows = self.rows(obs)
        spread = (rows - rows.mean(0)).square().sum(1).mean().sqrt()
        self.cell.copy_(spread / self.som.shape[0])
        self.som.initialise(rows[torch.randint(len(rows), (min(len(rows), 1024),)).to(rows.device)])

    def _learn(self, rows: Float[Tensor, "B D"], error: Float[Tensor, " B"]) -> None:
        """Learn from examples drawn by their squared error, as k-means++ draws its centres."""
        weights = error.square() + 1e-12
        drawn = torch.multinomial(weights[: 2**24].cpu(), min(LESSON, len(rows)), replacement=True)
        before = self.som.codebook.clone()
        self.teacher.step(rows[drawn.to(rows.device)])
        moved = (self.som.codebook - before).square().sum(1)
        self.counts *= (-0.5 * moved / self._reach() ** 2).exp()

    def state(self) -> dict[str, Tensor]:
        """Everything that decides how it goes on."""
        known = {name: value.cpu().clone() for name, value in self.state_dict().items()}
        return {**known, "lessons": torch.tensor(self.teacher.steps)}

    def put_back(self, state: dict[str, Tensor]) -> None:
        """Put back what `state` gave."""
        self.teacher.steps = int(state["lessons"])
        self.load_state_dict({name: value for name, value in state.items() if name != "lessons"})
