"""The hub's side of attached files: it takes and gives only what a record of the terminal's organisation names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import blobs
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from sync.files import PIECE, UNKNOWN, WHOLE


class HubFiles:
    """The files of one organisation at the hub."""

    def __init__(self, app: App, org_id: UUID) -> None:
        self._app = app
        self._org = org_id

    def known(self, names: Sequence[str]) -> Mapping[str, int]:
        with self._session() as session:
            there = blobs.whole(session, self._org, names)
            return {name: WHOLE if name in there else self._so_far(session, name) for name in names}

    def _so_far(self, session: Session, name: str) -> int:
        return blobs.so_far(session, self._org, name) if self._sizes(session, name) else UNKNOWN

    def put(self, name: str, start: int, content: bytes) -> int:
        return self._app.writer.run(self._put, name, start, content)

    def _put(self, name: str, start: int, content: bytes) -> int:
        with self._session() as session:
            sizes = self._named(session, name)
            if blobs.whole(session, self._org, (name,)):
                return sizes[-1]
            reached = blobs.add_part(session, self._org, name, start, content, sizes)
            session.commit()
            return reached

    def put_small(self, name: str, content: bytes) -> None:
        self._app.writer.run(self._put_small, name, content)

    def _put_small(self, name: str, content: bytes) -> None:
        """The first one stays: whoever shows a file to others later does not change what they see."""
        with self._session() as session:
            self._named(session, name)
            if blobs.thumb_of(session, self._org, name) is None:
                blobs.keep_thumb(session, self._org, name, content)
                session.commit()

    def get(self, name: str, start: int) -> bytes:
        with self._session() as session:
            self._named(session, name)
            return (blobs.content_of(session, self._org, name) or b"")[start : start + PIECE]

    def get_small(self, names: Sequence[str]) -> Mapping[str, bytes]:
        with self._session() as session:
            found = {name: blobs.thumb_of(session, self._org, name) for name in names if self._sizes(session, name)}
        return {name: content for name, content in found.items() if content is not None}

    def _session(self) -> Session:
        session = Session(self._app.dispatcher.engine)
        session.info["orgs"] = frozenset({self._org})
        return session

    def _sizes(self, session: Session, name: str) -> list[int]:
        return blobs.sizes_of(session, self._org, name)

    def _named(self, session: Session, name: str) -> list[int]:
        """How large a file may be that some record names; Refused for any other."""
        sizes = self._sizes(session, name)
        if not sizes:
            raise Refused(_nobody_s())
        return sizes


def _nobody_s() -> Problem:
    message = _("No record at the hub names this file.")
    return Problem("file.nobody_s", message, hint=_("Send the command that attached it first."))
