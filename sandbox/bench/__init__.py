"""What `sandbox bench` measures about tasks, one subject per file, and what it found."""
