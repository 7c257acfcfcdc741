"""How messages travel: a compact and strict codec that follows the protocol's dataclasses, with limits that no input escapes.

A body is one byte that says how the rest is packed, then MessagePack. What we write is a frame of zstd with its checksum, however
small: nobody signs an answer, and a line may change it on the way. A message is a list of its fields in the order of their
declaration, without the last ones that are as they are by default: so a field may be added at the end, and old and new
programs understand each other. Ids and hashes go as bytes; rows go as columns (`sync.columns`).
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
import zstandard

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from sync.protocol import Push
from sync.shapes import MOST_COMMANDS, shape_of

M = TypeVar("M")
MEDIA_TYPE = "application/vnd.fettle"
BARE, PACKED = b"\x10", b"\x11"  # the first byte: version 1 of this codec, as it is or compressed
_SMALL, _THOROUGH, _QUICK = 1 << 16, 12, 3  # up to so many bytes there is time to pack thoroughly


@dataclass(frozen=True)
class Limits:
    """How large a body may be as it travels and once unpacked, in bytes."""

    packed: int
    unpacked: int


ASKED = Limits(1 << 20, 8 << 20)  # what the hub takes from anybody
TOLD = Limits(16 << 20, 64 << 20)  # what a terminal takes from its hub: one transaction's rows are never cut


@dataclass(frozen=True)
class Nudge:
    """What a long poll answers: the feed's last number."""

    horizon: int


def pack(*messages: Any) -> bytes:
    """A body that holds these messages, one after the other; ValueError when they are larger than anybody would take."""
    plain = [shape_of(cast(Hashable, type(one))).write(one) for one in messages]
    raw = _encoder().encode(plain)
    return PACKED + _packer(_THOROUGH if len(raw) <= _SMALL else _QUICK).compress(raw)


def unpack(body: bytes, *kinds: type[Any], limits: Limits = ASKED) -> tuple[Any, ...]:
    """The messages of these kinds in a body; Refused when it is too large, or is anything else."""
    raw = _unpacked(body, limits)
    shapes = [shape_of(cast(Hashable, kind)) for kind in kinds]
    try:
        found = _decoder(kinds).decode(raw)
        return tuple(shape.read(one) for shape, one in zip(shapes, found, strict=True))
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise garbled() from error


def unpack_one(body: bytes, kind: type[M], limits: Limits = ASKED) -> M:
    """The one message of this kind in a body; Refused as `unpack`."""
    return cast(M, unpack(body, kind, limits=limits)[0])


def fitting(push: Push, most: int = ASKED.unpacked // 2) -> Push:
    """A push with only so many of its first envelopes as a body may hold; the others wait for the next one."""
    room, count = most, 0
    for sent in push.envelopes[:MOST_COMMANDS]:
        room -= len(sent.content.encode())
        if room < 0 and count:
            break
        count += 1
    return push if count == len(push.envelopes) else dataclasses.replace(push, envelopes=push.envelopes[:count])


# --------------------------------------------------------------------------------------------------------- the outer shell

_local = threading.local()


def _packer(level: int) -> zstandard.ZstdCompressor:
    """This thread's compressor; one of them cannot serve two threads at once."""
    found: dict[int, zstandard.ZstdCompressor] = _local.__dict__.setdefault("packers", {})
    if level not in found:
        found[level] = zstandard.ZstdCompressor(level=level, write_checksum=True)
    return found[level]


def _unpacker() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "unpacker"):
        _local.unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 23)
    return cast(zstandard.ZstdDecompressor, _local.unpacker)


def _encoder() -> msgspec.msgpack.Encoder:
    if not hasattr(_local, "encoder"):
        _local.encoder = msgspec.msgpack.Encoder()
    return cast(msgspec.msgpack.Encoder, _local.encoder)


def _unpacked(body: bytes, limits: Limits) -> bytes:
    """The MessagePack in a body. Its size is read before a byte is unpacked, so that a bomb costs nothing."""
    if len(body) > limits.packed:
        raise too_large(limits)
    if body[:1] == BARE:
        return body[1:]
    if body[:1] != PACKED:
        raise garbled()
    try:
        size = zstandard.frame_content_size(body[1:])
        if size > limits.unpacked:
            raise too_large(limits)
        if size < 0:
            raise garbled()
        return _unpacker().decompress(body[1:], max_output_size=limits.unpacked, allow_extra_data=False)
    except (zstandard.ZstdError, MemoryError) as error:
        raise garbled() from error


@cache
def _decoder(kinds: tuple[Hashable, ...]) -> msgspec.msgpack.Decoder[Any]:
    """One decoder for all threads: it keeps nothing between two bodies."""
    return msgspec.msgpack.Decoder(tuple[tuple(shape_of(kind).wire for kind in kinds)])  # type: ignore[misc]


# --------------------------------------------------------------------------------------------------------------- words


def garbled() -> Refused:
    """For what nobody of ours says."""
    message = _("What came over the line cannot be understood; nothing of it was taken.")
    return Refused(Problem("wire.garbled", message, hint=_("Update this program and the hub, and see who stands between them.")))


def too_large(limits: Limits) -> Refused:
    """For a body larger than these limits."""
    message = _("This is more than one message may hold ({packed} KB, {unpacked} MB unpacked); nothing of it was taken.")
    values = {"packed": limits.packed >> 10, "unpacked": limits.unpacked >> 20}
    return Refused(Problem("wire.too_large", message, hint=_("Send it in smaller pieces."), values=values))
