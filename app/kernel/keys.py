"""Keys of stores: in the machine's own key store where there is one, else in a private file that only this machine can use."""

from __future__ import annotations

import errno
import hmac
import logging
import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from app.kernel.files import keep_names, make_folder
from app.kernel.problems import Trouble
from app.kernel.store import mark_in, mark_of
from app.kernel.store_troubles import trouble_of
from app.kernel.words import _, say

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEY_BYTES = 32
SERVICE = "Fettle"
PATIENCE = 5.0  # seconds that a key store may take; without a desktop session some never answer
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BOUND, _FREE = "bound", "free"  # to this machine, or to none because it has no id
log = logging.getLogger(__name__)
_BACKENDS = ("Windows", "macOS", "SecretService", "libsecret", "kwallet")
T = TypeVar("T")


@dataclass(frozen=True)
class Keeping:
    """How the key of a store is kept, said honestly for the health page: `safe` when the system guards it."""

    safe: bool
    message: str
    hint: str = ""

    @property
    def sentence(self) -> str:
        return say(self.message)

    @property
    def advice(self) -> str:
        return say(self.hint)


class KeyPlace(Protocol):
    """Somewhere that keys are kept, each under the mark that its store bears."""

    def usable(self) -> bool:
        """Whether a new key can be kept here."""

    def find(self, folder: Path, mark: bytes) -> bytes | None:
        """The key under a mark, or None; Trouble when it is here and cannot be had."""

    def keep(self, folder: Path) -> bytes:
        """Makes a new key and keeps it under its mark."""

    def drop(self, folder: Path, mark: bytes) -> None:
        """Destroys the key under a mark; nothing where it is not here."""

    def keeping(self) -> Keeping:
        """How it is kept here."""


class KeyKeeper:
    """Finds the key of a store, and makes one for a new store: in the first of its places that can keep it."""

    def __init__(self, *places: KeyPlace) -> None:
        self._places = places

    def find(self, store: Path) -> bytes:
        """The 32 bytes of the key that a store asks for by its mark; Trouble when no place has it."""
        return self._found(store)[1]

    def make(self, store: Path) -> bytes:
        """A new key for a store that is about to be made, kept before this returns. Older keys are never overwritten."""
        return self.make_beside(store.parent)

    def make_beside(self, folder: Path) -> bytes:
        """A new key that belongs to a store's folder, such as the one a terminal signs with; found again by its mark."""
        try:
            make_folder(folder)
            for place in (one for one in self._places if one.usable()):
                key = place.keep(folder)
                if place.find(folder, mark_of(key)) == key:
                    return key
        except OSError as error:
            raise (trouble_of(error, folder) if error.errno in _FULL else None) or _nowhere() from error
        raise _nowhere()

    def find_beside(self, folder: Path, mark: bytes) -> bytes | None:
        """The key under a mark; None when no place has it."""
        found = (place.find(folder, mark) for place in reversed(self._places))
        return next((key for key in found if key is not None), None)

    def drop(self, folder: Path, mark: bytes) -> None:
        """Destroys a key wherever it is kept: what it opened stays shut for good."""
        for place in self._places:
            place.drop(folder, mark)

    def describe(self, store: Path) -> Keeping:
        """How the key of a store is kept, for the health page."""
        return self._found(store)[0].keeping()

    def _found(self, store: Path) -> tuple[KeyPlace, bytes]:
        mark = mark_in(store)
        for place in reversed(self._places):  # a key is in one place only, and the last one is quickest to look at
            key = place.find(store.parent, mark)
            if key is not None:
                return place, key
        raise Trouble(
            "key.missing",
            _("The key of the store at {path} is not on this machine, or its key store is locked."),
            _("Sign in to the desktop as the user that made it. Where the key is lost, see: fettle restore --help."),
            {"path": store},
        )


def _nowhere() -> Trouble:
    message = _("The key of the new store can be kept nowhere on this machine.")
    return Trouble("key.nowhere", message, _("Unlock the machine's key store, or choose a folder that you may write to."))


def machine_keeper() -> KeyKeeper:
    """The keeper that the program uses: the machine's key store first, a private file beside the store second."""
    return KeyKeeper(Keystore(), KeyFile())


def _system_backend() -> KeyringBackend:
    import keyring  # it takes longer to load than a start that finds a key file should wait

    return keyring.get_keyring()


class Keystore:
    """The system's own key store: Windows Credential Locker, macOS Keychain, or the Secret Service of a Linux desktop."""

    def __init__(self, backend: Callable[[], KeyringBackend] | None = None, patience: float = PATIENCE) -> None:
        self._backend = backend or _system_backend
        self._patience = patience
        self._dead = False

    def usable(self) -> bool:
        return self._asked(lambda: _real(self._backend())) is not None

    def find(self, folder: Path, mark: bytes) -> bytes | None:
        text = self._asked(lambda: _reading(_real(self._backend()), mark.hex()))
        return bytes.fromhex(text) if text else None

    def keep(self, folder: Path) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        self._asked(lambda: _writing(_real(self._backend()), mark_of(key).hex(), key.hex()))
        return key

    def drop(self, folder: Path, mark: bytes) -> None:
        self._asked(lambda: _removing(_real(self._backend()), mark.hex()))

    def keeping(self) -> Keeping:
        return Keeping(True, _("The store's key is kept by this machine's key store."))

    def _asked(self, question: Callable[[], T | None]) -> T | None:
        """The answer within the time allowed, else None. A key store that did not answer once is not asked again."""
        if self._dead:
            return None
        answers: SimpleQueue[T | None] = SimpleQueue()
        threading.Thread(target=lambda: answers.put(_quietly(question)), name="key store", daemon=True).start()
        try:
            return answers.get(timeout=self._patience)
        except Empty:
            self._dead = True
            return None


def _quietly(question: Callable[[], T | None]) -> T | None:
    try:
        return question()
    except Exception as error:  # each system has errors of its own; only the name is told, the text may hold a secret
        log.warning("the machine's key store did not serve: %s", type(error).__name__)
        return None


def _real(backend: KeyringBackend) -> KeyringBackend | None:
    """The backend that the system itself guards, looked for inside a chain of them; never one that writes plain text."""
    for one in getattr(backend, "backends", [backend]):
        if type(one).__module__.removeprefix("keyring.backends.") in _BACKENDS:
            return cast("KeyringBackend", one)
    return None


def _reading(backend: KeyringBackend | None, name: str) -> str | None:
    return backend.get_password(SERVICE, name) if backend else None


def _writing(backend: KeyringBackend | None, name: str, secret: str) -> None:
    if backend:
        backend.set_password(SERVICE, name, secret)


def _removing(backend: KeyringBackend | None, name: str) -> None:
    if backend and backend.get_password(SERVICE, name) is not None:
        backend.delete_password(SERVICE, name)


class KeyFile:
    """A private file beside the store. The key comes from its random bytes and the machine's id: elsewhere it opens nothing."""

    def __init__(self, machine: Callable[[], bytes] | None = None) -> None:
        self._machine = machine or machine_id

    def usable(self) -> bool:
        return True

    def find(self, folder: Path, mark: bytes) -> bytes | None:
        path = _key_file(folder, mark)
        if not path.exists():
            return None
        tie, _space, seed = path.read_text("ascii", errors="replace").strip().partition(" ")
        key = _derived(seed, self._machine() if tie == _BOUND else b"")
        if mark_of(key) == mark:
            return key
        raise Trouble(
            "key.moved",
            _("The key file {path} was made on another machine, or was changed."),
            _("Open the store on the machine that made it; to move it to a new one, restore a backup there."),
            {"path": path},
        )

    def keep(self, folder: Path) -> bytes:
        machine = self._machine()
        seed = secrets.token_hex(KEY_BYTES)
        key = _derived(seed, machine)
        _write_private(_key_file(folder, mark_of(key)), f"{_BOUND if machine else _FREE} {seed}\n")
        return key

    def drop(self, folder: Path, mark: bytes) -> None:
        _key_file(folder, mark).unlink(missing_ok=True)

    def keeping(self) -> Keeping:
        hint = _("Encrypt this machine's disk, or sign in to a desktop with a key store before the store is made.")
        if self._machine():
            return Keeping(False, _("The store's key is in a private file: it protects a copied store, not a stolen disk."), hint)
        return Keeping(False, _("The store's key is in a private file that any machine can use, as this one has no id."), hint)


def _key_file(folder: Path, mark: bytes) -> Path:
    return folder / f"{mark.hex()}.key"


def _derived(seed: str, machine: bytes) -> bytes:
    """HKDF (RFC 5869) with SHA-256: the seed is the key material, the machine's id the salt."""
    extracted = hmac.digest(machine, seed.encode(), "sha256")
    return hmac.digest(extracted, b"fettle store key\x01", "sha256")


def _write_private(path: Path, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(file, text.encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError:
        path.unlink(missing_ok=True)  # half a key is none
        raise
    keep_names(path.parent)


if sys.platform == "win32":
    import winreg

    def machine_id() -> bytes:
        """What tells this machine from others; empty when it has nothing of the kind."""
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as place:
            return str(winreg.QueryValueEx(place, "MachineGuid")[0]).encode()

elif sys.platform == "darwin":

    def machine_id() -> bytes:
        """What tells this machine from others; empty when it has nothing of the kind."""
        told = subprocess.run(["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"], capture_output=True, check=False)
        found = re.search(rb'"IOPlatformUUID" = "([^"]+)"', told.stdout)
        return found[1] if found else b""

else:

    def machine_id() -> bytes:
        """What tells this machine from others (see machine-id(5)); empty when it has nothing of the kind."""
        for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
            if path.exists():
                told = path.read_bytes().strip()
                return told if re.fullmatch(rb"[0-9a-f]{32}", told) else b""
        return b""
