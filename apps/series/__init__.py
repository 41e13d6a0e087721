"""Series over time: what follows, what is unusual, and how far it goes."""
