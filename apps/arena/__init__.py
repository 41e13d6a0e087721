"""The Arena: agents that learn in environments."""
