"""The terminal's side of attached files: one small piece of work at a time, so that a scan's command never waits for a photo."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import blobs
from app.kernel.problems import Refused
from sync.files import AT_ONCE, PIECE, UNKNOWN, WHOLE, Files

P = ParamSpec("P")
log = logging.getLogger(__name__)


class Carrier:
    """Carries one organisation's files between this terminal and the hub. Only one thread uses it.

    Where the disk is `short`, files still go up, and none comes down.
    """

    def __init__(self, app: App, org_id: UUID, files: Files, short: Callable[[], bool] = lambda: False) -> None:
        self._app = app
        self._org = org_id
        self._files = files
        self._short = short
        self._later: set[str] = set()  # the hub does not know yet who wants them: their command is still on its way
        self._shown: set[str] = set()  # their small pictures went up

    def again(self) -> None:
        """Commands have been exchanged since: what the hub did not know it may know now."""
        self._later.clear()

    def step(self) -> bool:
        """Does the next small piece of work; whether there was any. Trouble when the hub is out of reach: nothing is lost."""
        return self._send_small() or self._send() or (not self._short() and (self._fetch() or self._fetch_small()))

    # ------------------------------------------------------------------------------------------------------------- up

    def _waiting(self) -> list[str]:
        with Session(self._app.read_engine) as session:
            found = blobs.to_send(session, self._org, AT_ONCE + len(self._later))
        return [name for name in found if name not in self._later][:AT_ONCE]

    def _send_small(self) -> bool:
        """The small pictures of all that waits go before the first photo."""
        name = next((name for name in self._waiting() if name not in self._shown), None)
        if name is None:
            return False
        with Session(self._app.read_engine) as session:
            small = blobs.thumb_of(session, self._org, name)
        if small is None or self._offer(name, self._files.put_small, name, small):
            self._shown.add(name)
        return True

    def _send(self) -> bool:
        waiting = self._waiting()
        if not waiting:
            return False
        known = self._files.known(waiting)
        self._later |= {name for name in waiting if known.get(name, UNKNOWN) < WHOLE}
        self._sent([name for name in waiting if known.get(name) == WHOLE])
        open_ones = [name for name in waiting if known.get(name, UNKNOWN) >= 0]
        if open_ones:
            self._send_piece(open_ones[0], known[open_ones[0]])
        return True

    def _send_piece(self, name: str, start: int) -> None:
        with Session(self._app.read_engine) as session:
            content = blobs.content_of(session, self._org, name) or b""
        piece = content[start : start + PIECE]
        self._offer(name, self._files.put, name, start, piece)
        if not piece:  # there is no more of it: what the hub made of that is asked after the next exchange
            self._later.add(name)

    def _offer(self, name: str, act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Does something for one file; whether it came to anything. If not, it waits until after the next exchange, so that it
        holds up no other."""
        try:
            act(*args, **kwargs)
        except Refused as refused:
            log.warning("The file %s waits: %s", name, refused)
            self._later.add(name)
            return False
        return True

    def _sent(self, names: Sequence[str]) -> None:
        if names:
            self._app.writer.run(self._mark, names)

    def _mark(self, names: Sequence[str]) -> None:
        with self._app.writer.sessions() as session:
            for name in names:
                blobs.mark(session, self._org, name, "sent")
            session.commit()

    # ----------------------------------------------------------------------------------------------------------- down

    def _fetch(self) -> bool:
        with Session(self._app.read_engine) as session:
            names = [name for name in blobs.wanted(session, self._org) if name not in self._later]
            start = blobs.so_far(session, self._org, names[0]) if names else 0
            sizes = blobs.sizes_of(session, self._org, names[0]) if names else []
        if not names:
            return False
        self._offer(names[0], self._fetch_piece, names[0], start, sizes)
        return True

    def _fetch_piece(self, name: str, start: int, sizes: Sequence[int]) -> None:
        piece = self._files.get(name, start)
        if sizes and (piece or not sizes[0]):  # of an empty file there are no pieces
            self._app.writer.run(self._take, name, start, piece, sizes)
        if not piece or not sizes:
            self._later.add(name)

    def _take(self, name: str, start: int, piece: bytes, sizes: Sequence[int]) -> None:
        with self._app.writer.sessions() as session:
            blobs.add_part(session, self._org, name, start, piece, sizes)
            if blobs.whole(session, self._org, (name,)):
                blobs.mark(session, self._org, name, "sent")
            session.commit()

    def _fetch_small(self) -> bool:
        with Session(self._app.read_engine) as session:
            names = [name for name in blobs.without_thumb(session, self._org, AT_ONCE * 2) if name not in self._later][:AT_ONCE]
        if not names:
            return False
        found = self._files.get_small(names)
        self._later |= set(names) - set(found)
        if found:
            self._app.writer.run(self._take_small, found)
        return True

    def _take_small(self, found: Mapping[str, bytes]) -> None:
        with self._app.writer.sessions() as session:
            for name, content in found.items():
                blobs.keep_thumb(session, self._org, name, content)
            session.commit()
