"""Queues: a printer that this machine's own system knows by name; bytes go to it as they are, through that system's spooler."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Protocol

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _, say

SCHEME = "printer://"
NAME = "Fettle"
PDF = b"%PDF"
_RAW = "RAW"  # the data type of a Windows spool document that no driver touches


class Spooler(Protocol):
    """What takes a document for a printer; Trouble says why it did not."""

    def send(self, data: bytes, printer: str, seconds: float) -> None: ...


class Cups:
    """`lp`, on Linux and on a Mac."""

    def __init__(self, program: str) -> None:
        self._program = program

    def send(self, data: bytes, printer: str, seconds: float) -> None:
        plain = [] if data.startswith(PDF) else ["-o", "raw"]  # the system knows how its printer wants sheets
        command = [self._program, "-d", printer, "-t", NAME, *plain, "-s"]
        try:
            done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - found here
        except subprocess.TimeoutExpired as error:
            raise _refused(printer, say(_("it does not answer"))) from error
        if done.returncode:
            raise _refused(printer, done.stderr.decode(errors="replace").strip().removeprefix("lp: ") or str(done.returncode))


class _Document(ctypes.Structure):
    """DOC_INFO_1W."""

    _fields_ = (("name", ctypes.c_wchar_p), ("file", ctypes.c_wchar_p), ("kind", ctypes.c_wchar_p))


class WindowsSpooler:
    """Windows' own spooler, winspool.drv; its calls say nothing but whether they went well."""

    def __init__(self, library: Any = None) -> None:
        self._spool = library or _winspool()

    def send(self, data: bytes, printer: str, seconds: float) -> None:
        handle = ctypes.c_void_p()
        if not self._spool.OpenPrinterW(printer, ctypes.byref(handle), None):
            raise _refused(printer, say(_("Windows knows no printer of this name")))
        try:
            if not self._spooled(handle, data):
                raise _refused(printer, say(_("Windows did not take the document")))
        finally:
            self._spool.ClosePrinter(handle)

    def _spooled(self, handle: ctypes.c_void_p, data: bytes) -> bool:
        spool, written = self._spool, ctypes.c_ulong()
        document = _Document(NAME, None, _RAW)
        if not spool.StartDocPrinterW(handle, 1, ctypes.byref(document)) or not spool.StartPagePrinter(handle):
            return False
        taken = spool.WritePrinter(handle, data, len(data), ctypes.byref(written)) and written.value == len(data)
        return bool(spool.EndPagePrinter(handle) and spool.EndDocPrinter(handle) and taken)


if sys.platform == "win32":

    def _winspool() -> Any:
        return ctypes.WinDLL("winspool.drv")

else:

    def _winspool() -> Any:
        raise OSError("winspool.drv is a part of Windows")


def spooler(platform: str = sys.platform, found: Callable[[str], str | None] = shutil.which) -> Spooler | None:
    """The spooler of this machine; None where it has none."""
    if platform == "win32":
        return WindowsSpooler()
    program = found("lp")
    return Cups(program) if program else None


def spool(data: bytes, target: str, seconds: float, own: Spooler | None) -> None:
    """Sends to `printer://NAME`. Refused for a name that is none, Trouble where there is no spooler or it does not take it."""
    printer = target.removeprefix(SCHEME)
    if not printer or printer.startswith("-"):
        hint = _("Write the name that this machine's own printer settings show, such as printer://Zebra.")
        raise Refused(Problem("printing.printer_name", _("{target} names no printer."), hint=hint, field="to",
                              values={"target": target}))  # fmt: skip
    if own is None:
        hint = _("Set up printing on this machine, or give the printer's own address, such as tcp://192.168.1.40.")
        raise Trouble("printing.no_spooler", _("This machine prints on no printer of its own."), hint)
    own.send(data, printer, seconds)


def _refused(printer: str, reason: str) -> Trouble:
    return Trouble(
        "printing.spooler",
        _("The printer {printer} did not take the label: {reason}."),
        _("Look at this machine's own printer settings, then print again."),
        {"printer": printer, "reason": reason},
    )
