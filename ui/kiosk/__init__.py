"""Kiosk: a machine that is a terminal and nothing else: the window fills the screen, stays, and is started again if it dies."""
