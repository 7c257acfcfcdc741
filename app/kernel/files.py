"""Files that must be held surely: locked to one program, on a local disk, private, and still there after a power cut."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

NETWORK = frozenset({"afs", "ceph", "cifs", "davfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"})
_MOUNTS = Path("/proc/self/mounts")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_REMOTE_DRIVE = 4  # GetDriveTypeW's DRIVE_REMOTE
_LOCKED_BYTE = 1 << 30  # Windows locks bytes against readers too, so the lock lies far behind the text


class FileLock:
    """A lock on a file that the system takes back when its holder ends, however it ends. The file itself stays."""

    def __init__(self, path: Path) -> None:
        """Takes the lock, making the file when it is missing; BlockingIOError when another holder has it."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._file)
        except OSError as error:
            os.close(self._file)
            raise BlockingIOError(f"{path} is locked") from error

    @property
    def held(self) -> bool:
        """Whether it has not been released yet."""
        return self._file >= 0

    def read(self) -> str:
        os.lseek(self._file, 0, os.SEEK_SET)
        return os.read(self._file, 4096).decode(errors="replace")

    def write(self, text: str) -> None:
        """Replaces the file's text, on the disk when this returns."""
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, text.encode())
        os.fsync(self._file)

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it, that only its owner may enter; one that is there keeps its mode."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        keep_names(folder.parent)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A private file to write in place of what is there, whole or not at all; it is on the disk when the block has ended."""
    passing = path.with_name(path.name + ".part")
    try:
        with open(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)
    keep_names(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """The same for what is in memory."""
    with whole_file(path) as file:
        file.write(content)


def keep_names(folder: Path) -> None:
    """Waits until the names in a folder are on the disk, so that a new or renamed file survives a power cut."""
    if os.name == "nt":
        return  # NTFS journals names; a folder cannot be opened for this
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def boot() -> str:
    """What tells this run of the machine from others: what was given to the system in it is still there. Empty where unknown."""
    return _BOOT.read_text().strip() if _BOOT.exists() else ""


def network_of(path: Path) -> str:
    """The kind of network drive that a path lies on, such as `nfs4`; nothing when the disk is this machine's own."""
    if sys.platform == "win32":
        return _windows_network(path)
    if not _MOUNTS.exists():
        return ""  # macOS keeps no such list: its network drives are not told apart
    return _mounted_network(Path(os.path.realpath(path)), _MOUNTS.read_text(errors="replace"))


def _mounted_network(path: Path, mounts: str) -> str:
    """The network kind of the mount that `path` is under, from the lines of /proc/self/mounts (see fstab(5))."""
    found, kind = -1, ""
    for line in mounts.splitlines():
        _device, place, mounted, *_rest = line.split(" ")
        folder = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), place))
        if path.is_relative_to(folder) and len(folder.parts) >= found:  # of two mounts on one place, the later counts
            found, kind = len(folder.parts), mounted
    bare = kind.removeprefix("fuse.")
    return kind if bare in NETWORK or bare == "sshfs" else ""


def _windows_network(path: Path) -> str:
    drive = path.resolve().drive
    if drive.startswith("\\\\"):
        return "smb"
    kernel = getattr(ctypes, "windll", None)
    remote = kernel is not None and kernel.kernel32.GetDriveTypeW(drive + "\\") == _REMOTE_DRIVE
    return "smb" if remote else ""
