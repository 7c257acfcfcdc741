"""Benches of the hub and its terminals, each beside what this machine can do at best."""
