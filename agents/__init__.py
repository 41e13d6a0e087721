"""Deep-RL agents over sandbox blocks and envs."""
