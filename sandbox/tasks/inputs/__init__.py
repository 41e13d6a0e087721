"""What a task can be asked about, one kind per file."""
