"""Terminals at the terminal: which machines belong to the hub, and how one is let in or shut out."""
