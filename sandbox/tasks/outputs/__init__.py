"""What a task answers, one kind per file: how it prints, its JSON form, how it is saved."""
