"""The hub's files over HTTP."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.problems import Refused, Trouble
from app.kernel.words import _
from sync.pool import Reply
from sync.terminal.http import ROOT
from sync.terminal.snapshot_line import Asks

OF_THE_FILE = "file."  # how the hub's words about one file begin


class HttpFiles:
    """As `sync.files.Files` has it. `peer` signs requests and brings the answers."""

    def __init__(self, peer: Asks) -> None:
        self._peer = peer

    def known(self, names: Sequence[str]) -> Mapping[str, int]:
        told = _plain(self._peer.ask("POST", f"{ROOT}/files", _listed(names)))
        return {name: int(told[name]) for name in names if isinstance(told.get(name), int)}

    def put(self, name: str, start: int, content: bytes) -> int:
        have = _plain(self._of(name, "PUT", f"?start={start}", content)).get("have")
        if not isinstance(have, int):
            raise _garbled()
        return have

    def put_small(self, name: str, content: bytes) -> None:
        self._of(name, "PUT", "?small=1", content)

    def get(self, name: str, start: int) -> bytes:
        return self._of(name, "GET", f"?start={start}").body

    def get_small(self, names: Sequence[str]) -> Mapping[str, bytes]:
        told = _plain(self._peer.ask("POST", f"{ROOT}/files/small", _listed(names)))
        try:
            return {name: b64decode(told[name], validate=True) for name in names if name in told}
        except (ValueError, TypeError) as error:
            raise _garbled() from error

    def _of(self, name: str, method: str, query: str, body: bytes = b"") -> Reply:
        """Asks for one file; Refused where the hub will not have, or give, this very one, whatever it says of others."""
        try:
            return self._peer.ask(method, f"{ROOT}/files/{name}{query}", body)
        except Trouble as trouble:
            if trouble.problem.code.startswith(OF_THE_FILE):
                raise Refused(trouble.problem) from trouble
            raise


def _listed(names: Sequence[str]) -> bytes:
    return json.dumps(list(names)).encode()


def _plain(reply: Reply) -> dict[str, Any]:
    try:
        told = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise _garbled() from error
    if not isinstance(told, dict):
        raise _garbled()
    return told


def _garbled() -> Trouble:
    message = _("The hub's answer about a file cannot be understood.")
    return Trouble("file.answer", message, _("It is tried again by itself; nothing is lost."))
