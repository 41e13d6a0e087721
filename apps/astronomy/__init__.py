"""The sky: faint fields made sharp, and lenses weighed."""
