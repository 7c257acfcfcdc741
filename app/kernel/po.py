"""Catalogues of words as gettext's PO files have them: read as they stand, so that nothing is compiled before a start."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_ENTRY = re.compile(r'^(msgid|msgstr)? ?(".*")$')
HEAD = '# {language}\nmsgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def read(path: Path) -> dict[str, str]:
    """Each message with its translation; those that have none yet are left out. ValueError for what is no catalogue."""
    return {message: told for message, told in _pairs(path.read_text(encoding="utf-8").splitlines()) if message and told}


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    found: dict[str, str] = {}
    key = ""
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        entry = _ENTRY.match(line)
        if entry is None:
            raise ValueError(f"not a line of a catalogue: {line[:60]}")
        if entry[1] == "msgid" and "msgstr" in found:
            yield found["msgid"], found["msgstr"]
            found = {}
        key = entry[1] or key
        found[key] = found.get(key, "") + str(ast.literal_eval(entry[2]))
    if "msgstr" in found:
        yield found["msgid"], found["msgstr"]


def write(path: Path, language: str, messages: Mapping[str, str], homes: Mapping[str, str]) -> None:
    """A whole catalogue in the order of the messages, each with the file it stands in; empty where a translation is lacking."""
    told = [HEAD.format(language=language)]
    for message in sorted(messages, key=lambda one: (homes.get(one, ""), one)):
        told.append(f"\n#: {homes.get(message, '')}\nmsgid {_quoted(message)}\nmsgstr {_quoted(messages[message])}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(told), encoding="utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
