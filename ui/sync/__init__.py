"""Sync: how the terminal stands to its hub, in full."""
