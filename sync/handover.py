"""What leaves a terminal for the hub alone: sealed to its recovery key, so that who finds the file can read nothing of it.

A fresh X25519 key and the hub's give the key of ChaCha20-Poly1305 by HKDF-SHA-256 (as RFC 9180 does it, in one piece).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel.problems import Trouble
from app.kernel.words import _

HEAD = b"FETTLE SEALED 1\n"
_KEY, _TAG = 32, 16
_NONCE = bytes(12)  # each file has a key of its own


def recovery_pair() -> tuple[bytes, bytes]:
    """A new private key and its public key, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(public_key: bytes, plain: bytes) -> bytes:
    """The bytes, for whoever holds the private key alone."""
    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public_key))
    return HEAD + sender + _cipher(shared, sender, public_key).encrypt(_NONCE, plain, HEAD)


def unseal(private: bytes, sealed: bytes) -> bytes:
    """The bytes again; Trouble when they were sealed for somebody else, or are not as they were."""
    sender, rest = sealed[len(HEAD) : len(HEAD) + _KEY], sealed[len(HEAD) + _KEY :]
    if not sealed.startswith(HEAD) or len(rest) < _TAG:
        raise _no_seal()
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(sender))
        return _cipher(shared, sender, public_of(private)).decrypt(_NONCE, rest, HEAD)
    except (InvalidTag, ValueError) as error:
        raise _no_seal() from error


def _cipher(shared: bytes, sender: bytes, public_key: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), _KEY, salt=sender + public_key, info=HEAD).derive(shared))


def _no_seal() -> Trouble:
    message = _("This file was not sealed for this hub, or has been damaged.")
    return Trouble("handover.seal", message, _("Take it to the hub that its terminal belonged to, as the terminal wrote it."))
