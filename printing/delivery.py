"""Takes finished bytes where they should go: into a file that appears whole, or to a printer on the network in bounded time."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _, say
from printing.queues import SCHEME, spool, spooler

SECONDS = 10.0  # in all, from the first try to connect to the last byte taken
RAW_PORT = 9100
PIECE = 65536


def deliver(data: bytes, target: str, *, seconds: float = SECONDS) -> None:
    """Writes to the file `target`, or sends to `tcp://host:port` (9100 when left out) or `printer://NAME` within `seconds`.

    Refused for an address that is none; Trouble when the disk or the printer fails, which is worth another try.
    """
    if target.startswith(SCHEME):
        spool(data, target, seconds, spooler())
    elif "://" in target:
        _send(data, *_address(target), target, seconds)
    else:
        _write(data, Path(target))


def _address(target: str) -> tuple[str, int]:
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    if parts.scheme != "tcp" or not parts.hostname or parts.path.strip("/") or parts.username or port == 0:
        raise Refused(
            Problem(
                "printing.address",
                _("{target} is not the address of a printer."),
                hint=_("Write it like tcp://192.168.1.40:9100 or printer://NAME, or give the name of a file."),
                field="to",
                values={"target": target},
            )
        )
    return parts.hostname, port or RAW_PORT


def _send(data: bytes, host: str, port: int, target: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    sent = 0
    try:
        with _connected(_addresses(host, port, end), end) as line:
            while sent < len(data):
                line.settimeout(_left(end))
                sent += line.send(data[sent : sent + PIECE])
    except TimeoutError as error:
        raise _silent(target, seconds, sent) from error
    except OSError as error:
        raise _unreachable(target, error, sent) from error


def _left(end: float) -> float:
    """Seconds until the end; at its end the time is up, also in the middle of a slow printer's pieces."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _addresses(host: str, port: int, end: float) -> list[tuple[Any, ...]]:
    """Where the host is; asked in a thread of its own, because a dead name server cannot be given a deadline."""
    answer: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answer.put(error)
        except UnicodeError:
            answer.put(OSError(say(_("a network has no such names"))))

    threading.Thread(target=look_up, name="printer-name", daemon=True).start()
    try:
        found = answer.get(timeout=_left(end))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


def _connected(addresses: list[tuple[Any, ...]], end: float) -> socket.socket:
    """A connection to the first address that takes one."""
    failed: OSError = OSError(say(_("it has no address")))
    for family, kind, protocol, _name, address in addresses:
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(_left(end))
            line.connect(address)
            return line
        except OSError as error:
            line.close()
            failed = error
    raise failed


def _silent(target: str, seconds: float, sent: int) -> Trouble:
    values = {"target": target, "seconds": f"{seconds:g}"}
    if sent:
        message = _("The printer at {target} stopped taking data; after {seconds} seconds the label was only partly sent.")
        hint = _("Check its paper and its cover, then print again. A part of the label may come out.")
        return Trouble("printing.printer_stuck", message, hint=hint, values=values)
    message = _("The printer at {target} did not answer within {seconds} seconds. Nothing was printed.")
    hint = _("Check that it is switched on and on the network, then print again.")
    return Trouble("printing.printer_silent", message, hint=hint, values=values)


def _unreachable(target: str, error: OSError, sent: int) -> Trouble:
    values = {"target": target, "reason": error.strerror or str(error)}
    if sent:
        message = _("The printer at {target} broke off before it had the whole label: {reason}.")
        hint = _("Print again. A part of the label may come out.")
        return Trouble("printing.printer_broke_off", message, hint=hint, values=values)
    message = _("The printer at {target} cannot be reached: {reason}. Nothing was printed.")
    hint = _("Check the address, and that the printer is switched on and on the network.")
    return Trouble("printing.printer_unreachable", message, hint=hint, values=values)


def _write(data: bytes, path: Path) -> None:
    """Under another name first: whoever watches the folder never sees half a label."""
    try:
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            draft.write_bytes(data)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        message = _("The file {file} cannot be written: {reason}.")
        hint = _("Choose a folder that exists and that you may write to.")
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Trouble("printing.file", message, hint=hint, values={"file": str(path), "reason": reason}) from error
