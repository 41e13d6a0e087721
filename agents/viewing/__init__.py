"""What `agents.watch`, `agents.play` and the Arena are made of: episodes, who plays, and what is told."""
