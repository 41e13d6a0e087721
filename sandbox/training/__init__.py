"""The training loop and one learner per file."""
