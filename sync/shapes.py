"""How values of every type that a message may hold travel: derived from the protocol's dataclasses, so that none is forgotten."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Annotated, Any, Protocol, cast

import msgspec

from sync import columns
from sync.protocol import Compare, Hello, Line, Push, Reborn, Rows, Sent
from sync.sections import Lines, Section, sections_of

MOST_COMMANDS, MOST_ITEMS = 2_000, 100_000
LONGEST = 8 * 1024  # characters
DEEPEST, COMMAND_DEPTH = 8, 32  # no terminal's rules let a command nest deeper than the latter
_HEXES = (32, 64)  # digits of ids and of hashes
_HEX, _TEXT = b"\0", b"\1"  # how their bytes begin, and how text does that would begin like one of the two
_LONG = {(Sent, "content")}  # a command's own text is judged by what stands in it
_MANY: dict[tuple[type[Any], str], int] = {  # what costs the hub a question each
    (Push, "envelopes"): MOST_COMMANDS,
    (Push, "parked"): MOST_COMMANDS,
    (Hello, "wanted"): 1_000,
    (Compare, "paths"): 4_096,
    (Rows, "ids"): MOST_COMMANDS,
    (Reborn, "links"): 100,
}
_WHOLE = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]  # what both databases keep


class Shape(Protocol):
    """How values of one annotated type travel: `wire` is what msgspec checks, `write` and `read` lead there and back."""

    @property
    def wire(self) -> Any: ...

    def write(self, value: Any) -> Any: ...

    def read(self, value: Any) -> Any: ...


class _Same:
    """Travels as it is; `wire` says what it must be."""

    def __init__(self, wire: Any) -> None:
        self.wire = wire

    def write(self, value: Any) -> Any:
        return value

    read = write


class _Text:
    """Text as its UTF-8 bytes; an id or a hash as a zero byte and what its digits say."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.wire = Annotated[bytes, msgspec.Meta(max_length=4 * longest + 1)]

    def write(self, value: str) -> bytes:
        if len(value) in _HEXES:
            packed = _of_hex(value)
            if packed:
                return _HEX + packed
        raw = value.encode()
        return _TEXT + raw if raw[:1] in (_HEX, _TEXT) else raw

    def read(self, value: bytes) -> str:
        if value[:1] == _HEX:
            return value[1:].hex()
        text = value.removeprefix(_TEXT).decode()
        if len(text) > self._longest:
            raise ValueError("too long")
        return text


def _of_hex(text: str) -> bytes:
    """What these hexadecimal digits say, nothing where they are not as we write them."""
    try:
        packed = bytes.fromhex(text)
    except ValueError:
        return b""
    return packed if packed.hex() == text else b""


class _Optional:
    def __init__(self, inner: Shape) -> None:
        self.inner, self.wire = inner, inner.wire | None

    def write(self, value: Any) -> Any:
        return None if value is None else self.inner.write(value)

    def read(self, value: Any) -> Any:
        return None if value is None else self.inner.read(value)


class _List:
    """A tuple of any length, all of one type."""

    def __init__(self, inner: Shape, most: int) -> None:
        self.inner = inner
        self.wire = Annotated[list[inner.wire], msgspec.Meta(max_length=most)]  # type: ignore[name-defined]
        self._as_is = isinstance(inner, _Same)

    def write(self, value: Sequence[Any]) -> Any:
        return list(value) if self._as_is else [self.inner.write(one) for one in value]

    def read(self, value: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(value) if self._as_is else tuple([self.inner.read(one) for one in value])


class _Several:
    """A tuple of so many values, each of its own type."""

    def __init__(self, inner: Sequence[Shape]) -> None:
        self.inner = inner
        self.wire: Any = tuple[tuple(one.wire for one in inner)]  # type: ignore[misc]

    def write(self, value: Sequence[Any]) -> Any:
        return [shape.write(one) for shape, one in zip(self.inner, value, strict=True)]

    def read(self, value: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([shape.read(one) for shape, one in zip(self.inner, value, strict=True)])


class _Map:
    def __init__(self, inner: Shape) -> None:
        self.inner = inner
        self.wire = Annotated[dict[str, inner.wire], msgspec.Meta(max_length=MOST_ITEMS)]  # type: ignore[name-defined]

    def write(self, value: dict[str, Any]) -> Any:
        return {name: self.inner.write(one) for name, one in value.items()}

    def read(self, value: dict[str, Any]) -> Any:
        return {name: self.inner.read(one) for name, one in value.items()}


class _Plain:
    """Plain data of any shape, no deeper than a command's."""

    wire: Any = Any

    def write(self, value: Any) -> Any:
        return value

    def read(self, value: Any) -> Any:
        _check_plain(value, DEEPEST)
        return value


def _check_plain(value: Any, room: int) -> None:
    if isinstance(value, dict | list):
        if not room:
            raise ValueError("too deep")
        for one in value.values() if isinstance(value, dict) else value:
            _check_plain(one, room - 1)
    elif isinstance(value, bytes | msgspec.msgpack.Ext):
        raise ValueError("no plain data")


class _Message:
    """A dataclass as a list of its fields, up to the last one that is not as it is by default."""

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind
        hints = typing.get_type_hints(kind)
        fields = dataclasses.fields(kind)
        self._fields = [(one.name, _default(one), _field_shape(kind, one.name, hints[one.name])) for one in fields]
        self.wire: Any = msgspec.defstruct(
            kind.__name__, [_struct_field(name, default, shape.wire) for name, default, shape in self._fields], array_like=True
        )

    def write(self, value: Any) -> list[Any]:
        found = [getattr(value, name) for name, _default, _shape in self._fields]
        count = len(found)
        while count and found[count - 1] == self._fields[count - 1][1]:
            count -= 1
        return [shape.write(one) for one, (_name, _default, shape) in zip(found[:count], self._fields, strict=False)]

    def read(self, value: Any) -> Any:
        given = ((name, shape, getattr(value, name)) for name, _default, shape in self._fields)
        made = self.kind(**{name: shape.read(one) for name, shape, one in given if one is not msgspec.UNSET})
        _check(made)
        return made


_SENSIBLE: dict[type[Any], Callable[[Any], bool]] = {
    Sent: lambda one: "\0" not in one.content and columns.shallow(one.content, COMMAND_DEPTH),
    Push: lambda one: one.first_number > 0,
    Compare: lambda one: 0 <= one.digits <= columns.HEX,
    Rows: lambda one: all(len(ident) == columns.HEX and _of_hex(ident) for ident in one.ids),
}


def _check(message: Any) -> None:
    """What no terminal could have said: whoever sent it is not one of ours."""
    sensible = _SENSIBLE.get(type(message))
    if sensible is not None and not sensible(message):
        raise ValueError("nobody of ours says this")


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _struct_field(name: str, default: Any, wire: Any) -> Any:
    return (name, wire) if default is dataclasses.MISSING else (name, wire | msgspec.UnsetType, msgspec.UNSET)


def _field_shape(kind: type[Any], name: str, hint: Any) -> Shape:
    if (kind, name) in _LONG:
        return _Text(MOST_ITEMS << 8)
    if (kind, name) in _MANY:
        return _List(shape_of(typing.get_args(hint)[0]), _MANY[kind, name])
    return shape_of(hint)


@cache
def shape_of(hint: Hashable) -> Shape:
    """How a type travels; TypeError for one that the protocol has not used so far."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (one for one in arguments if one is not type(None))
        return _Optional(shape_of(inner))
    if origin in (tuple, Sequence):
        return _tuple(arguments)
    if origin is dict:
        return _Map(shape_of(arguments[1]))
    if dataclasses.is_dataclass(hint):
        return _Message(cast(type[Any], hint))
    return _simple(hint)


def _tuple(arguments: tuple[Any, ...]) -> Shape:
    if arguments[0] is Line:
        return _Rows()
    return (
        _List(shape_of(arguments[0]), MOST_ITEMS) if arguments[-1] is Ellipsis else _Several([shape_of(one) for one in arguments])
    )


def _simple(hint: Any) -> Shape:
    if hint in (int, bool, float, bytes):
        return _Same(_WHOLE if hint is int else hint)
    if hint is str:
        return _Text(LONGEST)
    if hint is Any:
        return _Plain()
    raise TypeError(f"{hint} has no way to travel yet")


# ---------------------------------------------------------------------------------------------------------------- rows


class _Rows:
    """Rows as sections: those in a row that are of one entity and name the same columns. Without names, they are gone."""

    wire = Annotated[list[tuple[str, bytes, list[str] | None, list[Any]]], msgspec.Meta(max_length=MOST_ITEMS)]

    def write(self, lines: Sequence[Line]) -> Any:
        return [_written(section) for section in sections_of(lines)]

    def read(self, sections: Sequence[Any]) -> Sequence[Line]:
        room = columns.MOST_ROWS - sum(len(section[1]) // columns.ID for section in sections)
        if room < 0:
            raise ValueError("too many rows")
        return Lines(tuple(_section(*section) for section in sections))


def _written(section: Section) -> Any:
    """A row's own id is not said twice."""
    ids = columns.id_bytes(section.ids)
    if ids is None:
        raise ValueError("no id")
    names = section.names or ()
    if "id" in names and list(section.columns[names.index("id")]) != list(section.ids):
        raise ValueError("a row of another id")
    rest = [columns.written(column) for name, column in zip(names, section.columns, strict=True) if name != "id"]
    return [section.entity, columns.planes(ids, columns.ID), None if section.names is None else list(names), rest]


def _section(entity: str, packed: bytes, names: list[str] | None, rest: list[Any]) -> Section:
    count = len(packed) // columns.ID
    ids = columns.read([columns.IDS, packed], count)
    if names is None:
        return Section(entity, ids, None)
    values = iter(rest)
    given = [ids if name == "id" else columns.read(next(values, None), count) for name in names]
    if len(names) > columns.MOST_COLUMNS or len(set(names)) != len(names) or next(values, None) is not None:
        raise ValueError("columns without names")
    return Section(entity, ids, tuple(names), given)
