"""What proofs counted, summed over all tests and processes, one line for each proof at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

import pytest

_MARK = "counted"
Count = Callable[..., None]


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Count:
    """`count("kill loop", "lost", 0)` adds to a number of a proof; its line has the numbers in the order of their first count."""

    def add(proof: str, what: str, number: int = 1) -> None:
        request.node.user_properties.append((_MARK, [proof, what, number]))

    return add


def pytest_terminal_summary(terminalreporter: Any) -> None:
    proofs: dict[str, Counter[str]] = {}
    for proof, what, number in _counted(terminalreporter):
        proofs.setdefault(proof, Counter())[what] += number
    if not proofs:
        return
    terminalreporter.section("counted")
    width = max(map(len, proofs))
    for proof, numbers in sorted(proofs.items()):
        terminalreporter.line(f"{proof:{width}}  " + ", ".join(f"{number:,} {what}" for what, number in numbers.items()))


def _counted(terminalreporter: Any) -> Iterator[tuple[str, str, int]]:
    """What `count` was told, and each number of `record_property` under its module's name. Failed proofs count too: what they
    found must not look like nothing.
    """
    for report in (one for name in ("passed", "failed") for one in terminalreporter.stats.get(name, ()) if one.when == "call"):
        for name, value in report.user_properties:
            if name == _MARK:
                yield value
            elif isinstance(value, int):
                module = PurePath(report.nodeid.partition("::")[0]).stem
                yield module.removeprefix("test_").replace("_", " "), name, value
