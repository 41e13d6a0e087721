"""From an environment's rules to compiled batches on a CPU."""
