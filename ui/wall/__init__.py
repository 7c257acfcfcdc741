"""Wall: a board on a screen of its own, that everybody reads and nobody works at."""
