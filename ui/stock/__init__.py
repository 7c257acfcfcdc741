"""Stock at the terminal: what lies where."""
