"""The program in processes that are forked from one that has imported everything: a start costs no more than what it does.

Each is a process of its own, runs the program's own code, and dies like any other.
"""

from __future__ import annotations

import multiprocessing
import os
import sys

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.preload"])


def speak(said: str, words: str) -> None:
    """What the program prints goes to files, as far as it got."""
    for name, number in ((said, 1), (words, 2)):
        opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)


def fettle(arguments: list[str], said: str, words: str, **environ: str) -> None:
    """The program by its command line."""
    from ui.cli.program import main

    speak(said, words)
    os.environ.update(environ)
    code = main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
