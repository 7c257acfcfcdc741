"""The terminal's half: sends what was done here, and lays the hub's rows down beneath it."""
