"""Generative adversarial imitation learning. Ho & Ermon 2016, arXiv:1606.03476.

The policy is the generator of a GAN: playing, it makes pairs of observation and action. A discriminator
learns to tell them from those of an expert, and our PPO is rewarded for pairs that it takes for the expert's.

    discriminator   min E_expert softplus(-D(s, a)) + E_agent softplus(D(s, a)) + penalty * R1
    reward          r = D(s, a), at its best log(p_expert(s, a) / p_agent(s, a))

Pictures are judged by a CNN block. A discriminator soon knows by heart what the expert saw, and then tells
everybody else by that, not by what they do. So a policy for pictures begins with behavioural cloning, and
goes on with some steps of it after each of its own updates (Jena, Liu & Sycara 2020, arXiv:2001.07798).

The environment's reward is never learned from: the `return` and `eval_return` of a run only show it, and
unless asked to, a training does not stop when they are good.

A reward that is always positive pays for staying alive and one that is always negative for ending, whatever
the expert does (Kostrikov et al. 2019, arXiv:1809.02925). Even one of both signs does not tell an agent whose
episodes end too soon from one whose episodes end too late. So, as there, whoever ends an episode by the rules
goes on in an absorbing state, where every step brings the same reward. Since all absorbing states look alike,
nothing has to be learned to judge them: how often experts and agents are found there is counted, each end for
1 / (1 - gamma) steps, about as far as the agent looks ahead. With c the share of absorbing steps,

    r(absorbing) = log(c_expert / c_agent)        r(s, a) = D(s, a) + log((1 - c_expert) / (1 - c_agent))
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float, Shaped
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor
from torch.nn import functional as F

from agents.imitation.cloning import Imitator
from agents.imitation.demonstrations import Demonstrations
from agents.imitation.discriminator import Discriminator
from agents.ppo.rollout_buffer import Rollout
from agents.ppo.update import Machine
from sandbox.blocks.gan import gan_losses, r1_penalty
from sandbox.errors import UserError, check_choice

RewardForm = Literal["logit", "positive", "negative"]

MEMORY = 0.9
"""What the agent's share of absorbing steps keeps of its old value at each rollout."""
AT_ONCE = 4096
"""Pairs that are judged together."""
LEAST_SHARE = 0.01
"""Added to shares, so that the reward of what only one of the two ever does stays finite."""


class GAIL(Imitator):
    """PPO that is rewarded by a discriminator. Ho & Ermon 2016, arXiv:1606.03476.

    `imitate` must be called before it learns.

    Args:
        *args: of `PPO`.
        discriminator_hidden: sizes of the discriminator's hidden layers.
        discriminator_rate: step size of its Adam.
        discriminator_steps: its updates after each rollout.
        discriminator_batch: pairs of the expert, and as many of the agent, in each.
        penalty: weight of R1, which keeps it smooth.
        reward_form: `logit`: D, of both signs; `positive`: softplus(D), as Ho & Ermon; `negative`:
            -softplus(-D), the non-saturating generator's.
        absorbing: whether episodes that end go on in an absorbing state.
        discriminator_channels: filters of its convolutions, where observations are pictures.
        clone_steps: updates of behavioural cloning before anything is played.
        clone_each: further ones after each update of PPO, with smaller and smaller steps.
        **kwargs: of `Imitator`.

    Attributes:
        discriminator: what the agent must deceive.
    """

    def __init__(
        self,
        *args: Any,
        discriminator_hidden: Sequence[int] = (64, 64),
        discriminator_rate: float = 3e-3,
        discriminator_steps: int = 4,
        discriminator_batch: int = 256,
        penalty: float = 1.0,
        reward_form: RewardForm = "logit",
        absorbing: bool = True,
        discriminator_channels: Sequence[int] = (16,),
        clone_steps: int = 0,
        clone_each: int = 0,
        **kwargs: Any,
    ) -> None:
        self.discriminator_channels = tuple(discriminator_channels)
        self.clone_steps, self.clone_each = clone_steps, clone_each
        self.discriminator_hidden = tuple(discriminator_hidden)
        self.discriminator_rate = discriminator_rate
        self.discriminator_steps = discriminator_steps
        self.discriminator_batch = discriminator_batch
        self.penalty = penalty
        check_choice("reward_form", reward_form, get_args(RewardForm))
        self.reward_form: RewardForm = reward_form
        self.absorbing = absorbing
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        self.discriminator = Discriminator(
            self.observation_space,
            self.action_space,
            self.discriminator_hidden,
            self.discriminator_channels,
            self.shift,
        ).to(self.device)
        self.discriminator_optimizer = torch.optim.Adam(
            self.discriminator.parameters(), lr=self.discriminator_rate, betas=(0.5, 0.99)
        )
        self.absorbing_share = 0.0

    def imitate(self, demonstrations: Demonstrations) -> None:
        """Take demonstrations to imitate from now on."""
        super().imitate(demonstrations)
        self.discriminator.look(demonstrations.obs, demonstrations.actions)
        # Until the agent has shown how often its episodes end, as often as the expert's.
        pairs = len(demonstrations.actions)
        self.absorbing_share = self._expert_share = self._share(pairs, demonstrations.ends)

    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        """Collect as `PPO` does, with rewards of the discriminator, which learns from the rollout first.

        Raises:
            UserError: a policy that only Stable-Baselines3's loops run: they take the environment's reward;
                or it is to clone, and the policy has a memory.
        """
        reason = self._obstacle()
        if reason is not None:
            raise UserError(
                f"gail needs a policy that our own PPO runs: an MLP, a CNN or learned features; {reason}."
            )
        if self.num_timesteps == 0 and self.clone_steps:
            self.clone(self.clone_steps)
        return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)

    def train(self) -> None:
        """Update the policy on the rollout, then on the demonstrations."""
        super().train()
        if self.clone_each:
            for group in self.cloning_optimizer.param_groups:
                group["lr"] = self.clone_rate * self._current_progress_remaining
            self.clone(self.clone_each)
            self.logger.record("train/cloning_loss", self._cloning_loss)

    @torch.no_grad()
    def _finish(self, machine: Machine, rollout: Rollout) -> None:
        ended = rollout.dones.clone()
        for step, truncated, _ in rollout.bootstraps:
            ended[step, torch.from_numpy(truncated)] = False
        obs, actions = rollout.obs[:-1].flatten(0, 1), rollout.actions.flatten(0, 1)
        self._learn(obs, actions)
        parts = zip(obs.split(AT_ONCE), actions.split(AT_ONCE), strict=True)
        scores = torch.cat([self.discriminator(self.discriminator.rows(*pairs)) for pairs in parts])
        scores = scores.cpu().view_as(rollout.rewards)
        if self.absorbing:
            share = self._share(ended.numel(), int(ended.sum()))
            self.absorbing_share = MEMORY * self.absorbing_share + (1 - MEMORY) * share
            rewards = self._reward(scores + _log_ratio(1 - self._expert_share, 1 - self.absorbing_share))
            last = self._reward(torch.tensor(_log_ratio(self._expert_share, self.absorbing_share)))
            # Divided by the steps that lie ahead, so that values are about as large as scores.
            rollout.rewards = rewards / self._steps_ahead() + self.gamma * last * ended
        else:
            rollout.rewards = self._reward(scores) / self._steps_ahead()
        super()._finish(machine, rollout)

    @torch.enable_grad()
    def _learn(self, obs: Shaped[Tensor, "B ..."], actions: Shaped[Tensor, "B ..."]) -> None:
        """Teach the discriminator on the pairs of one rollout."""
        gan, size, shown = self.discriminator.gan, self.discriminator_batch, self.demonstrations
        self.discriminator.train()
        losses, right = [], []
        for _ in range(self.discriminator_steps):
            real, fake = self._drawn(shown.obs, shown.actions), self._drawn(obs, actions)
            real_scores, fake_scores = gan.score(torch.cat([real, fake])).split(size)
            loss, _ = gan_losses(real_scores, fake_scores)
            total = loss + self.penalty * r1_penalty(gan, real) if self.penalty else loss
            self.discriminator_optimizer.zero_grad()
            total.backward()
            self.discriminator_optimizer.step()
            losses.append(loss.detach())
            right.append(torch.stack([(real_scores > 0).float().mean(), (fake_scores < 0).float().mean()]))
        self.discriminator.eval()
        if not losses:
            return
        on_expert, on_agent = torch.stack(right).mean(0).tolist()
        self.logger.record("train/discriminator_loss", torch.stack(losses).mean().item())
        self.logger.record("train/right_on_expert", on_expert)
        self.logger.record("train/right_on_agent", on_agent)
        self.logger.record("train/expert_return", self.demonstrations.returns.mean().item())

    def _drawn(self, obs: Tensor, actions: Tensor) -> Float[Tensor, "B D"]:
        rows = torch.randint(len(actions), (self.discriminator_batch,))
        return self.discriminator.rows(obs[rows], actions[rows])

    def _steps_ahead(self) -> float:
        return 1 / max(1e-3, 1 - self.gamma)

    def _share(self, pairs: int, ends: int) -> float:
        """Absorbing steps among all, where each end counts for as many steps as lie ahead."""
        absorbing = ends * self._steps_ahead()
        return absorbing / (pairs + absorbing)

    def _reward(self, log_ratio: Float[Tensor, "*B"]) -> Float[Tensor, "*B"]:
        if self.reward_form == "positive":
            return F.softplus(log_ratio)
        return log_ratio if self.reward_form == "logit" else -F.softplus(-log_ratio)

    def _get_torch_save_params(self) -> tuple[list[str], list[str]]:
        names, variables = super()._get_torch_save_params()
        return [*names, "discriminator", "discriminator_optimizer"], variables


def _log_ratio(expert: float, agent: float) -> float:
    return math.log((expert + LEAST_SHARE) / (agent + LEAST_SHARE))
