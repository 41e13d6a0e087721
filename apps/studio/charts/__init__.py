"""Charts that pages share, one kind per file."""
