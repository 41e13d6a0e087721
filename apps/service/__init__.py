"""Customer service: what customers want, and what is said to them."""
