"""What leaves a terminal for the hub alone: sealed to its recovery key, so that who finds the file can read nothing of it.

A fresh X25519 key and the hub's give one key by HKDF-SHA-256. Under it each record is a ChaCha20-Poly1305 text behind its
length; the nonce counts them, and its last byte marks the empty one at the end, so that none is changed, moved or cut off
unseen (Hoang and others, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015: STREAM).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel.problems import Trouble
from app.kernel.words import _

HEAD = b"FETTLE SEALED 1\n"
LARGEST = 64 << 20  # bytes of one record
_PIECE = 16 << 20
_KEY, _TAG, _LENGTH = 32, 16, 4


def recovery_pair() -> tuple[bytes, bytes]:
    """A new private key and its public key, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(public_key: bytes, plain: bytes) -> bytes:
    """The bytes, for whoever holds the private key alone."""
    out = BytesIO()
    seal_records(public_key, (plain[start : start + _PIECE] for start in range(0, len(plain), _PIECE)), out)
    return out.getvalue()


def unseal(private: bytes, sealed: bytes) -> bytes:
    """The bytes again; Trouble when they were sealed for somebody else, or are not as they were."""
    return b"".join(unseal_records(private, BytesIO(sealed)))


def seal_records(public_key: bytes, records: Iterable[bytes], out: BinaryIO) -> None:
    """The same for records, none of which is empty or larger than `LARGEST`: they need not be in memory at once."""
    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    cipher = _cipher(once.exchange(X25519PublicKey.from_public_bytes(public_key)), sender, public_key)
    out.write(HEAD + sender)
    count = 0
    for record in records:
        _write(out, cipher.encrypt(_nonce(count), record, HEAD))
        count += 1
    _write(out, cipher.encrypt(_nonce(count, last=True), b"", HEAD))


def unseal_records(private: bytes, file: BinaryIO) -> Iterator[bytes]:
    """The records again; Trouble when they were sealed for somebody else, or are not as they were."""
    head, sender = file.read(len(HEAD)), file.read(_KEY)
    if head != HEAD or len(sender) != _KEY:
        raise _no_seal()
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(sender))
        yield from _opened(_cipher(shared, sender, public_of(private)), file)
    except (InvalidTag, ValueError) as error:
        raise _no_seal() from error


def _opened(cipher: ChaCha20Poly1305, file: BinaryIO) -> Iterator[bytes]:
    count = 0
    while (sealed := _read(file)) is not None:
        if len(sealed) == _TAG:
            cipher.decrypt(_nonce(count, last=True), sealed, HEAD)
            return
        yield cipher.decrypt(_nonce(count), sealed, HEAD)
        count += 1
    raise _no_seal()  # the end is missing


def _write(out: BinaryIO, sealed: bytes) -> None:
    out.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)


def _read(file: BinaryIO) -> bytes | None:
    length = int.from_bytes(file.read(_LENGTH), "big")
    sealed = file.read(length) if _TAG <= length <= LARGEST + _TAG else b""
    return sealed if sealed and len(sealed) == length else None


def _nonce(count: int, *, last: bool = False) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _cipher(shared: bytes, sender: bytes, public_key: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), _KEY, salt=sender + public_key, info=HEAD).derive(shared))


def _no_seal() -> Trouble:
    message = _("This file was not sealed for this hub, or has been damaged.")
    return Trouble("handover.seal", message, _("Take it to the hub that its terminal belonged to, as the terminal wrote it."))
