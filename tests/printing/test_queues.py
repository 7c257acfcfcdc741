"""A printer that the machine knows by name gets every byte, through whichever spooler this machine has."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pytest

from app.kernel.problems import Refused, Trouble
from printing.queues import Cups, WindowsSpooler, spool, spooler

LABEL = b"^XA^FO0,0^GFA,1,1,1,FF^FS^XZ\n"
SECONDS = 20.0


class Winspool:
    """Windows' spooler as far as it is called: what it was told, and a document as it came."""

    def __init__(self, fails: str = "") -> None:
        self.called: list[str] = []
        self.printed = b""
        self._fails = fails

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any) -> int:
            self.called.append(name)
            if name == "WritePrinter":
                self.printed += given[1]
                ctypes.cast(given[3], ctypes.POINTER(ctypes.c_ulong))[0] = given[2]
            return int(name != self._fails)

        return call


def program(folder: Path, does: str) -> str:
    """A stand-in for `lp`."""
    path = folder / "lp"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return str(path)


def test_each_system_has_its_own_spooler(tmp_path: Path) -> None:
    assert isinstance(spooler("linux", lambda name: f"/bin/{name}"), Cups)
    assert isinstance(spooler("darwin", lambda name: f"/bin/{name}"), Cups)
    assert spooler("linux", lambda _name: None) is None


def test_cups_gets_every_byte_for_the_printer_of_that_name(tmp_path: Path) -> None:
    own = Cups(program(tmp_path, f'cat > "{tmp_path}/$2"'))
    spool(LABEL, "printer://Zebra", SECONDS, own)
    assert (tmp_path / "Zebra").read_bytes() == LABEL


def test_what_cups_says_is_said(tmp_path: Path) -> None:
    own = Cups(program(tmp_path, "echo 'lp: The printer or class does not exist.' >&2; exit 1"))
    with pytest.raises(Trouble, match=r"Zebra did not take the label: The printer or class does not exist"):
        spool(LABEL, "printer://Zebra", SECONDS, own)


def test_a_spooler_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="it does not answer"):
        spool(LABEL, "printer://Zebra", 0.2, Cups(program(tmp_path, "exec cat /dev/zero > /dev/null")))


def test_windows_gets_one_raw_document_and_is_let_go() -> None:
    windows = Winspool()
    spool(LABEL, "printer://Zebra ZD420", SECONDS, WindowsSpooler(windows))
    assert windows.printed == LABEL
    assert windows.called == [
        "OpenPrinterW", "StartDocPrinterW", "StartPagePrinter", "WritePrinter", "EndPagePrinter", "EndDocPrinter", "ClosePrinter",
    ]  # fmt: skip


@pytest.mark.parametrize("fails", ["OpenPrinterW", "StartDocPrinterW", "StartPagePrinter", "WritePrinter", "EndDocPrinter"])
def test_a_windows_printer_that_fails_anywhere_is_said_so_and_let_go(fails: str) -> None:
    windows = Winspool(fails)
    with pytest.raises(Trouble, match="Zebra did not take the label"):
        WindowsSpooler(windows).send(LABEL, "Zebra", SECONDS)
    assert ("ClosePrinter" in windows.called) is (fails != "OpenPrinterW")


@pytest.mark.parametrize("target", ["printer://", "printer://-d"])
def test_a_name_that_is_none_is_refused(target: str) -> None:
    with pytest.raises(Refused, match="names no printer"):
        spool(LABEL, target, SECONDS, Cups("/bin/false"))


def test_a_machine_without_printers_says_so() -> None:
    with pytest.raises(Trouble, match="no printer of its own"):
        spool(LABEL, "printer://Zebra", SECONDS, None)
