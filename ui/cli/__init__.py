"""The command line: the same App without a window, for scripts, tests, support and other programs."""

from ui.cli.program import main

__all__ = ["main"]
