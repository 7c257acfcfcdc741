"""Room for many rows: how a store is set while a file of them is taken in, so that it writes each page less often."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Engine

from app.kernel.problems import Trouble
from app.kernel.store import USUAL

ROOMY = {"cache_size": -65536, "wal_autocheckpoint": 12_000}  # KB; pages of the journal


@contextmanager
def roomy(writer: Engine, submit: Callable[..., Future[None]]) -> Iterator[None]:
    """While thousands of rows come in, one command after the other: the pages that each of them touches again stay in memory,
    and the journal is laid down once for several. Afterwards it is as before. PostgreSQL sees to that itself."""
    if writer.dialect.name != "sqlite":
        yield
        return
    submit(_keep_pages, writer, ROOMY).result()
    try:
        yield
    finally:
        with suppress(Trouble):  # who is being closed keeps nothing anyway
            submit(_keep_pages, writer, USUAL).result()


def _keep_pages(writer: Engine, settings: Mapping[str, int]) -> None:
    with writer.connect() as connection:
        driver: Any = connection.connection.driver_connection
        for name, value in settings.items():
            driver.execute(f"PRAGMA {name} = {value}")
