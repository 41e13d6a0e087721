"""What `sandbox check` looks at."""
