"""Squeezing: words that were erased leave the pages of a terminal's search too, piece by piece behind the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.writer import Writer

PIECE = 64  # pages of the index that are merged at once: some milliseconds
WANTED = "search_squeezed"  # the fact that there are such words


@contextmanager
def for_good(session: Session) -> Iterator[None]:
    """What a terminal's file loses meanwhile is overwritten in it, also where that takes a write more. The hub's database has
    its own ways."""
    lite = is_lite(session)
    if lite:
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        if lite:
            session.connection().exec_driver_sql("PRAGMA secure_delete = FAST")


def is_lite(session: Session) -> bool:
    """Whether it is a terminal's file."""
    return session.get_bind().dialect.name == "sqlite"


def want(session: Session) -> None:
    """Words were erased; the caller commits."""
    if is_lite(session):
        meta.keep(session, WANTED, True)


def is_wanted(session: Session) -> bool:
    return bool(meta.read(session, WANTED))


def squeeze(writer: Writer, pace: Callable[[], None]) -> None:
    """All of it; cut short anywhere, it is begun again. For any thread but the writer's; `pace` is called between the pieces."""
    done = writer.run(_piece, writer, -PIECE)
    while not done:
        pace()
        done = writer.run(_piece, writer, PIECE)


def _piece(writer: Writer, pages: int) -> bool:
    """Merges so many pages, a negative number of a whole that is begun; whether there was nothing left to merge. See
    sqlite.org/fts5.html#the_merge_command."""
    with writer.sessions() as session, for_good(session):
        connection = session.connection()
        before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        connection.exec_driver_sql("INSERT INTO search(search, rank) VALUES ('merge', ?)", (pages,))
        done = pages > 0 and connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before < 2
        if done:
            meta.forget(session, WANTED)
        session.commit()
    return done
