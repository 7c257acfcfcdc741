"""Joining: this machine becomes a terminal of a hub, at its first start or later, step by step and to be stopped at any time."""
