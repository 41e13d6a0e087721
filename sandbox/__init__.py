"""Ground floor: torch blocks, training, runs and jobs. Knows no environment, no agent and no app."""
