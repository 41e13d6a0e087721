"""Pictures and points out of noise."""
