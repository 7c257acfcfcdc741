"""Screens: the terminal and its command line; nothing imports it."""
