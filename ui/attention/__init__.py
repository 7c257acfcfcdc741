"""Attention: the cards that wait for whoever is signed in, and what was noted."""
