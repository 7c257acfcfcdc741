"""What people ask about terminals: which there are, where, and when each was last heard of."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.words import _
from app.places.model import Site, Warehouse
from app.terminals.codes import fingerprint
from app.terminals.model import Terminal, TerminalSeen

READ = "terminals.read"


def terminals(_asking: Asking, *, terminal: UUID | None = None) -> Ask:
    statement = (
        select(
            Terminal.id.label("id"),
            Terminal.name.label("name"),
            Site.name.label("site"),
            Warehouse.name.label("warehouse"),
            Terminal.state.label("state"),
            TerminalSeen.at.label("seen"),
            TerminalSeen.waiting.label("waiting"),
            TerminalSeen.version.label("version"),
            Terminal.place_no.label("place_no"),
            Terminal.public_key.label("words"),
        )
        .outerjoin(Site, Site.id == Terminal.site_id)
        .outerjoin(Warehouse, Warehouse.id == Terminal.warehouse_id)
        .outerjoin(TerminalSeen, TerminalSeen.terminal_id == Terminal.id)
        .where(Terminal.retired.is_(False))
    )
    columns = (
        Column("name", _("Name")),
        Column("site", _("Site"), empty=True),
        Column("warehouse", _("Only this store room"), empty=True),
        Column("state", _("State"), "choice"),
        Column("seen", _("Last seen"), "moment", empty=True),
        Column("waiting", _("Waiting"), "number", empty=True),
        Column("version", _("Version"), empty=True),
        Column("place_no", _("Place in number ranges"), "number"),
        Column("words", _("Words of its key")),
    )
    reads = frozenset({"terminal", "site", "warehouse"})
    statement = statement.where(Terminal.id == terminal) if terminal else statement
    return Ask(statement, columns, order="name", reads=reads, told=_told)


def _told(rows: list[Row]) -> list[Row]:
    """The key as the four words that the machine shows too."""
    return [{**row, "words": fingerprint(bytes.fromhex(row["words"]))} for row in rows]


QUERIES = (Query("terminals", terminals, READ, _("The terminals of the hub, and when each was last heard of.")),)
