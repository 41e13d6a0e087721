"""What `agents.train` is made of: from settings to a model, its loops, its state, and which fits what."""
