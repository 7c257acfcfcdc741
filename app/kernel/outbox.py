"""Envelopes that ran here, in their chain; on a terminal those that wait for the hub, with what takes them back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.kernel import digests, search
from app.kernel.capture import Capture, Change
from app.kernel.commands import Envelope
from app.kernel.entity import Entity
from app.kernel.many import insert_many
from app.kernel.problems import Problem
from app.kernel.records import WAITING, ChangeRow, EnvelopeRow, TouchRow
from app.kernel.registry import Registry
from app.kernel.rows import table_of, values
from app.kernel.types import canonical

ENVELOPES: Any = EnvelopeRow.__table__
CHANGES: Any = ChangeRow.__table__
TOUCHES: Any = TouchRow.__table__
CHUNK = 500  # ids in one IN list
_KEEP = insert(ENVELOPES)  # built once: every command writes one


def chained(previous: str, content: str) -> str:
    """The next value of a terminal's audit chain. An envelope in which something personal was erased keeps the one it had."""
    if content[_MARK_AT : _MARK_AT + len(_MARK)] == _MARK:
        return content[-66:-2]
    return sha256((previous + content).encode()).hexdigest()


_MARK = ',"~erased":"'
_MARK_AT = -66 - len(_MARK)


def erased_text(plain: dict[str, Any], link: str) -> str:
    """The text of an envelope that was written over: it says so, and which link of the chain it was."""
    return f'{canonical(plain)[:-1]}{_MARK}{link}"}}'


def erased(session: Session) -> int:
    """How many envelopes were written over."""
    marked = EnvelopeRow.content.contains(_MARK, autoescape=True)
    return session.scalar(select(func.count()).select_from(EnvelopeRow).where(marked)) or 0


def last_of(session: Session, terminal_id: UUID) -> tuple[int, str]:
    """The number and chain value of a terminal's last command known here."""
    found = session.execute(_LAST, {"terminal": terminal_id}).first()
    return (found[0], found[1]) if found else (0, "")


_LAST = (  # built once: every exchange asks it
    select(EnvelopeRow.number, EnvelopeRow.chain)
    .where(EnvelopeRow.terminal_id == bindparam("terminal"))
    .order_by(EnvelopeRow.number.desc())
    .limit(1)
)


def ends(session: Session, terminals: Collection[UUID]) -> dict[UUID, tuple[int, str]]:
    """The same of several terminals, by terminal; at the hub they are looked up together."""
    if len(terminals) < 2 or session.get_bind().dialect.name != "postgresql":
        return {terminal: last_of(session, terminal) for terminal in terminals}
    found = {row.terminal: (row.number, row.chain) for row in session.execute(_ENDS, {"terminals": list(terminals)})}
    return {terminal: found.get(terminal, (0, "")) for terminal in terminals}


_ENDS = text("""SELECT one.terminal, last.number, last.chain FROM unnest(CAST(:terminals AS uuid[])) AS one(terminal)
CROSS JOIN LATERAL (SELECT number, chain FROM envelope WHERE terminal_id = one.terminal ORDER BY number DESC LIMIT 1) last""")


def envelope_row(
    envelope: Envelope, chain: str, state: str, problems: Iterable[Problem] = (), content: str | None = None
) -> dict[str, Any]:
    """An envelope as a row. One that was sent keeps the very text it was sent as."""
    return {
        "id": envelope.id,
        "terminal_id": envelope.terminal_id,
        "number": envelope.number,
        "command": envelope.command,
        "org_id": envelope.org_id,
        "actor_id": envelope.actor_id,
        "stamp": envelope.stamp,
        "content": envelope.text() if content is None else content,
        "state": state,
        "problems": [problem.as_json() for problem in problems],
        "feed_seq": None,
        "chain": chain,
    }


def keep(
    session: Session, envelope: Envelope, chain: str, state: str, problems: Iterable[Problem] = (), content: str | None = None
) -> int:
    """Writes an envelope; returns its place in this database's order."""
    row = envelope_row(envelope, chain, state, problems, content)
    key: Any = session.connection().execute(_KEEP, row).inserted_primary_key
    return int(key[0])


def keep_changes(session: Session, capture: Capture, envelope_id: UUID) -> None:
    """Writes what a command changed, and keeps search in step."""
    insert_many(session, CHANGES, change_lines(capture, envelope_id))
    rows = searched(capture)
    if rows:
        search.put(session, rows)


def change_lines(capture: Capture, envelope_id: UUID) -> list[dict[str, Any]]:
    """What a command changed, as the audit keeps it."""
    lines = []
    for (name, ident), change in capture.changes.items():
        before, after = change.told()
        org = change.row.org_id
        line = {"org_id": org, "envelope_id": envelope_id, "entity": name, "row_id": ident, "before": before, "after": after}
        lines.append(line)
    return lines


def effect(lines: Iterable[dict[str, Any]]) -> str:
    """One hash of what a command did, of its `change_lines`: the same that `effects` tells once they are kept."""
    told = sorted((line["entity"], line["row_id"].hex, line["before"] is None, line["after"]) for line in lines)
    listed = (f'["{name}","{ident}",{"true" if fresh else "false"},{after}]' for name, ident, fresh, after in told)
    return sha256(f"[{','.join(listed)}]".encode()).hexdigest()


def searched(capture: Capture) -> list[Entity]:
    """The rows whose words a command changed."""
    return [change.row for change in capture.changes.values() if _search_moved(change)]


def _search_moved(change: Change) -> bool:
    sought = change.row.__about__.search
    return bool(sought) and (change.before is None or bool(change.before.keys() & {*sought, "retired"}))


def keep_touches(session: Session, seq: int, reads: Collection[UUID], capture: Capture) -> None:
    """Remembers which rows a waiting command read or wrote, and moves the digests with those that it wrote."""
    digests.follow(session, digests.captured(capture))
    wrote = {ident for _name, ident in capture.changes}
    insert_many(session, TOUCHES, [{"row_id": ident, "seq": seq, "wrote": ident in wrote} for ident in wrote | set(reads)])


def waiting(session: Session, most: int = 500, after: int = 0) -> list[EnvelopeRow]:
    """The commands that the hub has not answered, oldest first."""
    return list(
        session.scalars(
            select(EnvelopeRow).where(EnvelopeRow.state == WAITING, EnvelopeRow.seq > after).order_by(EnvelopeRow.seq).limit(most)
        )
    )


def effects(session: Session, envelope_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What commands did here, each as one hash: equal on two databases when they did the very same to the same rows."""
    lines: dict[UUID, list[Any]] = {ident: [] for ident in envelope_ids}
    for start in range(0, len(envelope_ids), CHUNK):
        wanted = select(CHANGES).where(CHANGES.c.envelope_id.in_(envelope_ids[start : start + CHUNK]))
        for change in session.execute(wanted).mappings():
            fresh = change["before"] is None
            lines[change["envelope_id"]].append([change["entity"], change["row_id"].hex, fresh, change["after"]])
    return {ident: sha256(canonical(sorted(done, key=_named)).encode()).hexdigest() for ident, done in lines.items()}


def _named(line: list[Any]) -> tuple[str, str]:
    return line[0], line[1]


def first_writers(session: Session, rows: Collection[UUID]) -> dict[UUID, int]:
    """For each of these rows that an unanswered command wrote, the first such command; later ones depend on it."""
    found: dict[UUID, int] = {}
    ordered = sorted(rows)
    for start in range(0, len(ordered), CHUNK):
        wanted = select(TOUCHES.c.row_id, func.min(TOUCHES.c.seq)).where(
            TOUCHES.c.row_id.in_(ordered[start : start + CHUNK]), TOUCHES.c.wrote
        )
        found |= {row: seq for row, seq in session.execute(wanted.group_by(TOUCHES.c.row_id))}
    return found


def with_dependents(session: Session, seq: int, most: int | None = None) -> set[int]:
    """A command and all later ones that read or wrote a row which it, or one of them, wrote. Stops when there are over `most`."""
    found: set[int] = set()
    ahead = {seq}
    while ahead and (most is None or len(found) + len(ahead) <= most):
        seq = min(ahead)
        ahead.discard(seq)
        found.add(seq)
        ahead |= _later(session, seq, most) - found
    return found | ahead


def _later(session: Session, seq: int, most: int | None) -> set[int]:
    """The next commands after `seq` that touched a row it wrote."""
    later = TOUCHES.alias()
    wanted = (
        select(later.c.seq)
        .distinct()
        .join(TOUCHES, later.c.row_id == TOUCHES.c.row_id)
        .where(TOUCHES.c.seq == seq, TOUCHES.c.wrote, later.c.seq > seq)
        .order_by(later.c.seq)
        .limit(None if most is None else most + 1)
    )
    return set(session.scalars(wanted))


def take_back(session: Session, registry: Registry, seqs: Sequence[int]) -> list[EnvelopeRow]:
    """Takes waiting commands back, newest first, row by row as they were before; returns them oldest first."""
    connection = session.connection()
    taken = [session.scalars(select(EnvelopeRow).where(EnvelopeRow.seq == seq)).one() for seq in sorted(seqs)]
    for envelope in reversed(taken):
        _undo(session, registry, envelope.id)
        connection.execute(delete(CHANGES).where(CHANGES.c.envelope_id == envelope.id))
        connection.execute(delete(TOUCHES).where(TOUCHES.c.seq == envelope.seq))
    return taken


def _undo(session: Session, registry: Registry, envelope_id: UUID) -> None:
    connection = session.connection()
    lines = (
        connection.execute(select(CHANGES).where(CHANGES.c.envelope_id == envelope_id).order_by(CHANGES.c.id.desc()))
        .mappings()
        .all()
    )
    for line in lines:
        entity = registry.entities[line["entity"]]
        table = table_of(entity)
        if line["before"] is None:
            remove(session, registry, entity, line["row_id"])
        elif line["before"]:
            was = connection.execute(select(table.c.stamp).where(table.c.id == line["row_id"])).scalar()
            connection.execute(update(table).where(table.c.id == line["row_id"]).values(values(entity, line["before"])))
            now = None if was is None else line["before"].get("stamp", was)
            digests.follow(session, [(line["entity"], line["row_id"], was, now)])
            refresh_search(session, registry, line["entity"], [line["row_id"]])


def remove(session: Session, registry: Registry, entity: Any, ident: UUID) -> None:
    """Takes a row out of this database, with its place in balances and search."""
    table = table_of(entity)
    connection = session.connection()
    projections = registry.projections.get(entity, ())
    gone = connection.execute(select(table).where(table.c.id == ident)).first() if projections else None
    was = connection.execute(delete(table).where(table.c.id == ident).returning(table.c.stamp)).scalar()
    digests.follow(session, [(entity.__tablename__, ident, was, None)])
    if gone is not None:
        for projection in projections:
            projection.refold(session, [projection.key_of(gone)])
    if entity.__about__.search:
        search.drop(session, [ident])


def refresh_search(session: Session, registry: Registry, name: str, idents: Iterable[UUID]) -> None:
    """Reads these rows' words anew, after rows were laid down or taken back beneath the session."""
    entity = registry.entities[name]
    if entity.__about__.search:
        rows = session.scalars(select(entity).where(entity.id.in_(list(idents))).execution_options(populate_existing=True))
        search.put(session, rows)


def forget(connection: Connection, seqs: Sequence[int]) -> None:
    """An answered command no longer stands in anyone's way."""
    connection.execute(delete(TOUCHES).where(TOUCHES.c.seq.in_(list(seqs))))


def verify_chain(session: Session, terminal_id: UUID) -> int | None:
    """Walks a terminal's audit chain; the number of the first command that does not fit, None when all do. Where its
    beginning has been forgotten, the first link that is kept is taken as it is."""
    chain = ""
    rows = session.execute(
        select(EnvelopeRow.number, EnvelopeRow.content, EnvelopeRow.chain)
        .where(EnvelopeRow.terminal_id == terminal_id)
        .order_by(EnvelopeRow.number)
    )
    for number, content, kept in rows:
        chain = chained(chain, content) if chain or number == 1 else kept
        if chain != kept:
            return int(number)
    return None


def digest(lines: Iterable[dict[str, Any]]) -> str:
    """The sha256 of rows in the order given."""
    total = sha256()
    for line in lines:
        total.update(canonical(line).encode() + b"\n")
    return total.hexdigest()
