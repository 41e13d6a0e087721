"""Music: what follows a piece, and which voices go with a melody."""
