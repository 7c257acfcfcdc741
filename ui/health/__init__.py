"""Health: how this terminal is, line by line, and what to do where something is not as it should be."""
