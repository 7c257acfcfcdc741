"""Erasing what is personal: it is overwritten in the rows, in what is kept of their history, and in what this database alone
knows of them. Ledger and audit stay: an envelope that was written over keeps the link that it had in its chain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.kernel import blobs, squeezing
from app.kernel.attached import Attachment, BlobRow, Note
from app.kernel.blobs import BlobPart, BlobWay, ThumbRow
from app.kernel.capture import Capture
from app.kernel.drafts import DraftRow
from app.kernel.entity import WHO, Entity, Field, Has, fields_of
from app.kernel.outbox import erased_text
from app.kernel.records import WAITING, ChangeRow, DeniedRow, Discrepancy, EnvelopeRow
from app.kernel.registry import Registry
from app.kernel.scan_log import ScanRow
from app.kernel.work import Work

GONE = "–"
"""What stands where something personal stood and a word must stand."""
WRITTEN = {"note": ("text",), "attachment": ("name",), "AddNote": ("text",), "AttachFile": ("name",)}
"""What somebody wrote on a record, and the commands that did: nobody knows what is in it, so all of it goes."""
LEAST = 4  # letters of a value that is looked for inside other texts; shorter ones would be found everywhere
CHUNK = 500  # rows that are named in one question


@dataclass(frozen=True)
class Traces:
    """What is looked for: the ids of the rows, the words by which somebody is known (name, phone, plate and their like), and the
    names of the fields in which such words stand."""

    org_id: UUID
    rows: frozenset[UUID]
    words: frozenset[str]
    fields: frozenset[str]

    def clean(self, value: Any) -> Any:
        """Plain data without them: an object that names somebody loses all its personal fields, a text the words in it."""
        match value:
            case dict():
                named = any(isinstance(one, str) and one in self.words for one in _leaves(value))
                return {name: _blank(one) if named and name in self.fields else self.clean(one) for name, one in value.items()}
            case list():
                return [self.clean(one) for one in value]
            case str():
                return self._without(value)
        return value

    def _without(self, text: str) -> str:
        return _any_of(self.words).sub(GONE, text) if self.words else text


@lru_cache(maxsize=1)  # the words of one erasure: they do not stay in memory for longer than until the next
def _any_of(words: frozenset[str]) -> re.Pattern[str]:
    """However somebody wrote them, the longest first."""
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)


def personal(entity: type[Entity]) -> dict[str, Field]:
    """The fields of an entity that say who somebody is."""
    return {name: field for name, field in fields_of(entity).items() if field.personal}


def _who(entity: type[Entity]) -> set[str]:
    """Those of them whose words are looked for elsewhere: many live in the same town."""
    return {name for name, field in personal(entity).items() if field.personal == WHO}


def blanked(field: Field) -> Any:
    """What stands in a personal field afterwards."""
    if field.kind in ("data", "extras"):
        return {}
    return GONE if field.required else None


def _blank(value: Any) -> Any:
    """The same in plain data whose field nobody knows: a pair of old and new values, a text, or an object."""
    match value:
        case list():
            return [_blank(one) for one in value]
        case dict():
            return {}
        case str():
            return GONE
    return value


def _leaves(value: Mapping[str, Any]) -> Iterable[Any]:
    """The values of an object, and those in its pairs."""
    for one in value.values():
        if isinstance(one, list):
            yield from one
        else:
            yield one


# ------------------------------------------------------------------------------------------------------------ in a command


def erase_rows(work: Work, rows: Collection[Entity]) -> Traces:
    """Overwrites the personal fields of these rows, of the notes and files on them, and of cards about them; then what is
    kept of their history here. What was known of them before is handed back."""
    session, idents = work.session, frozenset(row.id for row in rows)
    on_them = hanging(session, idents)
    found = traces(session, rows, on_them)
    for row in rows:
        for name, field in personal(type(row)).items():
            setattr(row, name, blanked(field))
        _clean_texts(row, found)
    for one in on_them:
        if isinstance(one, Note):
            one.text = GONE
        else:
            one.name = GONE
            drop_file(session, one.org_id, one.sha256)
    for card in _cards(session, found.rows):
        card.detail, card.mine, card.theirs, card.base = {}, None, None, None
        _clean_texts(card, found)
    session.flush()
    forget_before(session.info["capture"], found)
    return found


def _clean_texts(row: Entity, found: Traces) -> None:
    """What somebody wrote of them in another field, such as what is wrong with their motorcycle."""
    for name, field in fields_of(type(row)).items():
        value = getattr(row, name)
        if field.kind == "text" and not field.unique and isinstance(value, str) and (clean := found.clean(value)) != value:
            setattr(row, name, clean)


def traces(session: Session, rows: Collection[Entity], on_them: Collection[Entity] = ()) -> Traces:
    """What there is to look for, from the rows as they are and as they were."""
    words = (word for row in rows for word in (*_words_in(row), *_words_before(session, type(row), row.id)))
    names = (name for row in rows for name in personal(type(row)))
    idents = {row.id for row in (*rows, *on_them)}
    about = {card.id for card in _cards(session, idents)}  # their own history tells who it was, too
    return Traces(next(iter(rows)).org_id, frozenset(idents | about), frozenset(words) - {GONE}, frozenset(names))


def forget_before(capture: Capture, found: Traces) -> None:
    """What this command itself keeps of the rows as they were."""
    for change in capture.changes.values():
        if change.before:
            change.before = _image(change.before, personal(type(change.row)), found, change.row.__tablename__)


def hanging(session: Session, rows: Collection[UUID]) -> list[Note | Attachment]:
    """The notes and files on these rows."""
    found: list[Note | Attachment] = []
    for kind in (Note, Attachment):
        found += session.scalars(select(kind).where(kind.row_id.in_(list(rows))))
    return found


def linked(session: Session, registry: Registry, rows: Collection[Entity]) -> list[Entity]:
    """The rows that point to these and tell of somebody, such as jobs and what is written on them, or may have something noted
    on them, and those that point to them in turn."""
    found = {row.id: row for row in rows}
    ahead = list(rows)
    while ahead:
        more = [one for entity in registry.synced() if _tells(entity) for one in _pointing(session, entity, ahead)]
        ahead = [one for one in more if one.id not in found]
        found |= {one.id: one for one in ahead}
    return list(found.values())


def _tells(entity: type[Entity]) -> bool:
    told = any(field.personal or (field.kind == "text" and not field.unique) for field in fields_of(entity).values())
    return told or bool(entity.__about__.has & (Has.NOTES | Has.FILES))


def _pointing(session: Session, entity: type[Entity], rows: Collection[Entity]) -> list[Entity]:
    targets: dict[str, list[UUID]] = {}
    for row in rows:
        targets.setdefault(row.__tablename__, []).append(row.id)
    links = [(field.name, targets[field.target]) for field in fields_of(entity).values() if field.target in targets]
    wanted = [getattr(entity, name).in_(idents) for name, idents in links]
    return list(session.scalars(select(entity).where(or_(*wanted)).order_by(entity.id))) if wanted else []


def _cards(session: Session, rows: Collection[UUID]) -> list[Discrepancy]:
    return list(session.scalars(select(Discrepancy).where(Discrepancy.row_id.in_(list(rows)))))


def _words_in(row: Entity) -> set[str]:
    return {value for name in _who(type(row)) if isinstance(value := getattr(row, name), str) and len(value) >= LEAST}


def words_of(session: Session, entity: type[Entity], idents: Collection[UUID]) -> set[str]:
    """The words by which somebody is known, as they stand in these rows now."""
    columns = [getattr(entity, name) for name in sorted(_who(entity))]
    told = session.execute(select(*columns).where(entity.id.in_(list(idents)))).all()
    return {value for row in told for value in row if isinstance(value, str) and len(value) >= LEAST}


def _words_before(session: Session, entity: type[Entity], ident: UUID) -> set[str]:
    """What stood in the personal fields of a row at any time, as far as this database knows."""
    known, found = _who(entity), set[str]()
    for images in session.execute(select(ChangeRow.before, ChangeRow.after).where(ChangeRow.row_id == ident)):
        for image in filter(None, images):
            found |= {value for name, value in image.items() if name in known and isinstance(value, str) and len(value) >= LEAST}
    return found


# ------------------------------------------------------------------------------------------------- what only this one knows


def scrub(session: Session, registry: Registry, found: Traces, *, sent_only: bool) -> bool:
    """Overwrites what this database keeps beside the rows: history, envelopes, drafts, scans, refused tries. With `sent_only`
    a command that waits for the hub stays whole, for the hub must see it; whether none had to stay."""
    with squeezing.for_good(session):
        envelopes = _history(session, registry, found) | _naming(session, found)
        left = _envelopes(session, registry, found, envelopes, sent_only=sent_only)
        if squeezing.is_lite(session):  # the hub's database has nobody's half filled forms
            _drafts(session, found)
        _scans(session, found)
        for denied in session.scalars(select(DeniedRow).where(DeniedRow.org_id == found.org_id)):
            if (clean := found.clean(denied.body)) != denied.body:
                denied.body = clean
        session.flush()
        squeezing.want(session)
    return not left


def _history(session: Session, registry: Registry, found: Traces) -> set[UUID]:
    """Cleans the audit's lines; the envelopes that they hang on."""
    envelopes = set[UUID]()
    columns = ChangeRow.id, ChangeRow.envelope_id, ChangeRow.entity, ChangeRow.before, ChangeRow.after
    for some in _chunks(found.rows):
        for ident, envelope, name, *images in session.execute(select(*columns).where(ChangeRow.row_id.in_(some))).all():
            envelopes.add(envelope)
            known = personal(registry.entities[name]) if name in registry.entities else {}
            before, after = (_image(image, known, found, name) for image in images)
            session.execute(update(ChangeRow).where(ChangeRow.id == ident).values(before=before, after=after))
    return envelopes


def _naming(session: Session, found: Traces) -> set[UUID]:
    """Commands that name one of the rows, also where what they changed here has given way to the hub's word."""
    envelopes = set[UUID]()
    for some in _chunks(sorted(ident.hex for ident in found.rows), 50):
        named = or_(*(EnvelopeRow.content.contains(one, autoescape=True) for one in some))
        envelopes.update(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.org_id == found.org_id, named)))
    return envelopes


def _image(image: dict[str, Any] | None, known: Mapping[str, Field], found: Traces, name: str) -> dict[str, Any] | None:
    if not image:
        return image
    words = WRITTEN.get(name, ())
    return {
        key: blanked(known[key]) if key in known else GONE if key in words else found.clean(value) for key, value in image.items()
    }


def _envelopes(session: Session, registry: Registry, found: Traces, idents: Collection[UUID], *, sent_only: bool) -> int:
    """Writes over the commands; how many had to stay as they are for now."""
    left = 0
    for some in _chunks(idents):
        wanted = select(EnvelopeRow.seq, EnvelopeRow.state, EnvelopeRow.content, EnvelopeRow.chain, EnvelopeRow.problems)
        for seq, state, content, chain, problems in session.execute(wanted.where(EnvelopeRow.id.in_(some))).all():
            written = _written_over(content, chain, registry, found)
            if written is None:
                continue
            if sent_only and state == WAITING:
                left += 1
                continue
            values = {"content": written, "problems": found.clean(problems)}
            session.execute(update(EnvelopeRow).where(EnvelopeRow.seq == seq).values(**values))
    return left


def _written_over(content: str, chain: str, registry: Registry, found: Traces) -> str | None:
    """The text of a command without what is personal in it; None where there is nothing of it."""
    plain = json.loads(content)
    plain.pop("~erased", None)
    kind = registry.commands.get(plain["command"])
    own = WRITTEN.get(plain["command"], ()) if kind is None else (*WRITTEN.get(plain["command"], ()), *kind.personal)
    body = _body(plain["command"], found.clean(plain["body"]), found, own)
    drawn = _without(own, found.clean(plain["drawn"]))
    if (body, drawn) == (plain["body"], plain["drawn"]):
        return None
    return erased_text({**plain, "body": body, "drawn": drawn}, chain)


def _body(command: str, body: dict[str, Any], found: Traces, own: Collection[str]) -> dict[str, Any]:
    """A command that wrote on one of the rows, or saved its fields, without what it wrote there: nothing of its `own` is left."""
    body = _without(own, body)
    if command == "SaveRecord" and isinstance(body.get("fields"), dict):
        fields = {name: _blank(value) if name in found.fields else value for name, value in body["fields"].items()}
        body = {**body, "fields": fields}
    return body


def _without(names: Collection[str], told: dict[str, Any]) -> dict[str, Any]:
    gone = {name: [] if isinstance(told[name], list) else GONE for name in names if told.get(name)}
    return {**told, **gone}


def last_change(session: Session, found: Traces) -> int:
    """The number of the last change of these rows that is known here; 0 where there is none."""
    numbers = [
        session.scalar(select(func.max(ChangeRow.id)).where(ChangeRow.row_id.in_(some))) or 0 for some in _chunks(found.rows)
    ]
    return max(numbers, default=0)


def _drafts(session: Session, found: Traces) -> None:
    hexes = {ident.hex for ident in found.rows} | {str(ident) for ident in found.rows}
    for draft in session.scalars(select(DraftRow)).all():
        if any(one in draft.form for one in hexes) or found.clean(draft.fields) != draft.fields:
            session.delete(draft)


def _scans(session: Session, found: Traces) -> None:
    if not found.words:
        return
    for some in _chunks(found.words, 50):
        told = [column.contains(word, autoescape=True) for word in some for column in (ScanRow.text, ScanRow.said)]
        session.execute(update(ScanRow).where(ScanRow.org_id == found.org_id, or_(*told)).values(text=GONE, said=GONE))


def drop_file(session: Session, org_id: UUID, name: str) -> None:
    """A file's bytes go; its hash stays on the record, and an empty small picture so that nobody asks for it again."""
    for kind in (BlobRow, BlobPart, BlobWay, ThumbRow):
        session.execute(delete(kind).where(kind.org_id == org_id, kind.sha256 == name))
    blobs.keep_thumb(session, org_id, name, b"")


def drop_erased_files(session: Session, org_id: UUID) -> int:
    """Drops the bytes of files whose name was erased elsewhere; how many there were."""
    wanted = select(Attachment.sha256).where(Attachment.org_id == org_id, Attachment.name == GONE)
    here = wanted.where(Attachment.sha256.in_(select(BlobRow.sha256).where(BlobRow.org_id == org_id)))
    names = list(session.scalars(here))
    for name in names:
        drop_file(session, org_id, name)
    return len(names)


def _chunks(of: Iterable[Any], most: int = CHUNK) -> Iterable[list[Any]]:
    listed = list(of)
    return (listed[start : start + most] for start in range(0, len(listed), most))
