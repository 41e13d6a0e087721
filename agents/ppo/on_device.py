"""`DevicePPO`: PPO whose environments live on the device of its policy, tens of thousands of them."""

from __future__ import annotations

from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv, VecTransposeImage

from agents.device_vec_env import DeviceVecEnv
from agents.ppo.algorithm import PPO
from agents.ppo.device_loop import DeviceLoop, obstacle
from sandbox.errors import UserError


class DevicePPO(PPO):
    """PPO over a `DeviceVecEnv`: a rollout and its update are one piece of work for the device.

    Everything else is `agents.ppo.PPO`. Callbacks are told of the begin and the end of a rollout and not of
    its steps, which nobody on the host sees.
    """

    _loop: DeviceLoop | None = None

    def _maybe_recommend_cpu(self, mlp_class_name: str = "") -> None:
        """Say nothing: with its environments beside it an MLP is at home on a GPU."""

    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        """Count the steps that `train` will play and learn from."""
        callback.on_rollout_start()
        self.num_timesteps += env.num_envs * n_rollout_steps
        callback.on_rollout_end()
        return True

    def train(self) -> None:
        """Play a rollout and update the policy on it.

        Raises:
            UserError: the policy or a setting needs the host after every step; says which.
        """
        self.policy.set_training_mode(False)
        self._update_learning_rate(self.policy.optimizer)
        hyper = self._hyperparameters()
        if self._loop is None or not self._loop.machine.is_current(self.policy):
            self._loop = self._built()
        loop = self._loop
        loop.iterate(self.policy.optimizer.param_groups[0]["lr"], float(hyper.clip_range))
        self._n_updates += loop.losses.epochs
        returns, length, count = loop.episodes()
        if count and self.ep_info_buffer is not None:
            self.ep_info_buffer.append({"r": returns, "l": length, "t": 0.0})
        self._record_losses(loop.losses, hyper)
        unexplained = (loop.returns - loop.values[:-1]).var() / loop.returns.var()
        self.logger.record("train/explained_variance", 1 - unexplained.item())

    def _built(self) -> DeviceLoop:
        machine, hyper = self._taken_apart(), self._hyperparameters()
        reason = self.slow_because if machine is None else obstacle(machine, hyper)
        if self.normalize != "none":
            reason = "normalize follows running moments on the host"
        if machine is None or reason is not None:
            raise UserError(
                f"Environments on a GPU need PPO's own loops, but {reason}; play them on the CPU with fewer "
                "environments (--num-envs 64)."
            )
        env = self.env
        machine.backbone.turned = isinstance(env, VecTransposeImage)
        below = env.venv if isinstance(env, VecTransposeImage) else env
        assert isinstance(below, DeviceVecEnv)
        return DeviceLoop(
            machine,
            below.environments,
            steps=self.n_steps,
            gamma=self.gamma,
            gae_lambda=self.gae_lambda,
            hyper=hyper,
        )

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_loop"]
