"""What the real program asks of the disk, call by call, and what it answers meanwhile: read from a trace of it (strace)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from killing import started

CALLS = "openat,close,pwrite64,write,lseek,ftruncate,fsync,fdatasync,unlink,rename"
STDOUT = 1  # the number of the file that a program speaks to
LEFT_OUT = "-shm"  # the journal's index in memory: it does not outlive a cut
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Event:
    """Something the program asked of the disk, or an answer that it gave.

    `write`, `cut` (to `offset` bytes) and `sync` of a file; `names` in a folder that lead to another file now, or nowhere;
    `kept` of a folder's names; `said`. Files go by numbers, since their names change.
    """

    kind: str
    file: int = 0
    offset: int = 0
    data: bytes = b""
    folder: str = ""
    names: tuple[tuple[str, int | None], ...] = ()


def traced(command: Sequence[str | Path], log: Path, **more: Any) -> None:
    """Runs the program until it ends by itself, its calls written down in `log`."""
    strace = ["strace", "-f", "--seccomp-bpf", "-xx", "-s", "10000000", "-o", str(log), "-e", f"trace={CALLS}"]
    with started(command, before=strace, **more) as child:
        if child.wait(240) not in (0, 1):  # 1: something was refused
            raise AssertionError(f"the program ended with {child.returncode}")


def files_of(folder: Path) -> dict[str, bytes]:
    """What lies in a store's folder, by its path in it."""
    there = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(LEFT_OUT))
    return {str(path.relative_to(folder)): path.read_bytes() for path in there}


@dataclass
class Handle:
    """An open file: where the next plain write goes. `folder` where it is a folder."""

    file: int = 0
    at: int = 0
    appends: bool = False
    folder: str | None = None
    says: bool = False


class Reading:
    """Follows a trace: which names lead to which files, and what is open."""

    def __init__(self, folder: Path, start: dict[str, bytes], said: Path | None = None) -> None:
        """The files are numbered from 1 in the order of `start`. What is written to `said`, or else to stdout, is an answer."""
        self.folder, self.said = folder, said
        self.names = {name: number for number, name in enumerate(start, 1)}
        self.sizes = {self.names[name]: len(content) for name, content in start.items()}
        self.open: dict[int, Handle] = {} if said else {STDOUT: Handle(says=True)}

    def events(self, log: Path) -> Iterator[Event]:
        for call, arguments, result in _calls(log):
            if result < 0:
                continue
            if call == "openat":
                yield from self._opened(arguments, result)
            elif call in ("unlink", "rename"):
                yield from self._named(*(self._name(text) for text in _texts(arguments)))
            else:
                yield from self._on_file(call, int(arguments.partition(",")[0]), arguments, result)

    def _name(self, text: bytes) -> str | None:
        """A path in the store's folder; None where it is none, or does not outlive a cut."""
        path = Path(text.decode(errors="replace"))
        inside = path.is_relative_to(self.folder) and not path.name.endswith(LEFT_OUT)
        return str(path.relative_to(self.folder)) if inside else None

    def _opened(self, arguments: str, handle: int) -> Iterator[Event]:
        self.open.pop(handle, None)
        text = _texts(arguments)[0]
        name = self._name(text)
        if self.said is not None and text == bytes(self.said):
            self.open[handle] = Handle(says=True)
        elif name is not None and (self.folder / name).is_dir():
            self.open[handle] = Handle(folder=name)
        elif name is not None and (name in self.names or "O_CREAT" in arguments):
            if name not in self.names:
                yield from self._made(name)
            file = self.names[name]
            if "O_TRUNC" in arguments:
                yield self._cut(file, 0)
            self.open[handle] = Handle(file, appends="O_APPEND" in arguments)

    def _made(self, name: str) -> Iterator[Event]:
        file = len(self.sizes) + 1
        self.names[name], self.sizes[file] = file, 0
        yield Event("names", folder=_folder(name), names=((name, file),))

    def _named(self, old: str | None, new: str | None = None) -> Iterator[Event]:
        if old is not None:
            file = self.names.pop(old)
            if new is not None:
                self.names[new] = file
            yield Event("names", folder=_folder(old), names=((old, None), *([(new, file)] if new else [])))

    def _on_file(self, call: str, number: int, arguments: str, result: int) -> Iterator[Event]:
        handle = self.open.get(number)
        if handle is None:
            return
        if call == "close":
            del self.open[number]
        elif call == "lseek":
            handle.at = result
        elif call in ("write", "pwrite64"):
            yield self._written(handle, call, arguments)
        elif call == "ftruncate":
            yield self._cut(handle.file, int(arguments.rpartition(",")[2]))
        elif handle.folder is not None:
            yield Event("kept", folder=handle.folder)
        elif not handle.says:
            yield Event("sync", handle.file)

    def _written(self, handle: Handle, call: str, arguments: str) -> Event:
        data = _texts(arguments)[0]
        if handle.says:
            return Event("said", data=data)
        at = int(arguments.rpartition(",")[2]) if call == "pwrite64" else handle.at
        if handle.appends:
            at = self.sizes[handle.file]
        if call == "write":
            handle.at = at + len(data)
        self.sizes[handle.file] = max(self.sizes[handle.file], at + len(data))
        return Event("write", handle.file, at, data)

    def _cut(self, file: int, size: int) -> Event:
        self.sizes[file] = size
        return Event("cut", file, size)


def _folder(name: str) -> str:
    return str(Path(name).parent)


def _calls(log: Path) -> Iterator[tuple[str, str, int]]:
    """Each call when it has returned; one that another thread interrupted in the trace is put together again."""
    begun: dict[str, str] = {}
    with log.open() as lines:
        for line in lines:
            thread, _space, rest = line.strip().partition(" ")
            if rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>").strip()
                continue
            resumed = re.match(r" *<\.\.\. \w+ resumed>(.*)", rest)
            found = _CALL.match(f"{thread} {begun.pop(thread, '') + resumed[1] if resumed else rest}")
            if found:
                yield found[2], found[3], int(found[4])


def _texts(arguments: str) -> list[bytes]:
    """The texts among a call's arguments."""
    return [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(arguments)]
