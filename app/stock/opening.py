"""Opening stock: what lay in the bins when a workshop began with the program, counted once for each part and bin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.bulk import by_id, chunks, placed, too_many
from app.kernel.commands import MANY_ROWS, Authority, Command
from app.kernel.entity import Field, fields_of
from app.kernel.exchange.intake import Settled, Values
from app.kernel.filling import Key, read_value
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.work import Work
from app.parts.model import Part
from app.parts.rules import whole_pieces
from app.places.model import Bin
from app.stock.commands import StockMoved, ledger_line
from app.stock.model import StockLine
from app.stock.rules import booked_already, none_at_least

Place = tuple[UUID, UUID]  # a part in a bin


@dataclass(frozen=True, kw_only=True)
class OpenStock(Command):
    """What lay in the bins at the beginning: up to 2,000 counts of a part in a bin, none of which was ever booked before."""

    label = _("Opening stock counted")
    about = MANY_ROWS
    needs = "stock.count"
    authority = Authority.FACT
    rows: list[Any] = dataclass_field(default_factory=list)  # {"part", "bin", "quantity", "lots": {lot: quantity}}
    reason: str = ""


@dataclass(frozen=True)
class Opening:
    """One count of an opening."""

    part: UUID
    bin: UUID
    quantity: Quantity
    lots: Mapping[str, Any]


def open_stock(do: OpenStock, work: Work) -> None:
    too_many(do.rows)
    openings = [_opening(plain, place) for place, plain in enumerate(do.rows)]
    at_hand = by_id(work.session, Part, {one.part for one in openings}), by_id(work.session, Bin, {one.bin for one in openings})
    booked = counts_of(work.session, openings)
    lines, problems = [], []
    for place, one in enumerate(openings):
        try:
            lines.append(_counted(work, one, booked, do.reason, str(place)))
        except Refused as refused:
            problems += [placed(problem, place) for problem in refused.problems]
    if problems:
        raise Refused(*problems)
    del at_hand  # until here, so that the session knew each part and bin without asking for it
    work.session.flush()
    for line in lines:
        work.emit(StockMoved(line=line))


def _opening(plain: Any, place: int) -> Opening:
    declared = fields_of(StockLine)
    try:
        return Opening(
            read_value(replace(declared["part_id"], name="part"), plain["part"]),
            read_value(replace(declared["bin_id"], name="bin"), plain["bin"]),
            read_value(declared["quantity"], plain["quantity"]),
            dict(plain.get("lots") or {}),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        hint = _("Give each count as an object with its part, bin and quantity.")
        raise Refused(placed(Problem("stock.no_count", _("This is not a count."), hint=hint), place)) from None
    except Refused as refused:
        raise Refused(*(placed(problem, place) for problem in refused.problems)) from None


def _counted(work: Work, one: Opening, booked: Mapping[Place, Any], reason: str, slot: str) -> StockLine:
    part, bin = work.get(Part, one.part), work.get(Bin, one.bin)
    work.check(
        none_at_least(one.quantity),
        whole_pieces(part, one.quantity),
        booked_already(part.title, bin.title) if (one.part, one.bin) in booked else None,
    )
    return ledger_line(work, part, bin, one.quantity, kind="count", reason=reason_of(reason, one.lots), slot=slot)


def reason_of(reason: str, lots: Mapping[str, Any]) -> str:
    """What the ledger says of an opening: why, and which lots were in it."""
    named = ", ".join(f"{lot} ({quantity})" for lot, quantity in lots.items())
    whole = ": ".join(filter(None, (reason, named)))
    return whole if len(whole) <= 255 else whole[:254] + "…"


def counts_of(session: Session, places: Iterable[Any]) -> dict[Place, set[Quantity]]:
    """What was ever counted of these parts in these bins; empty where something else was booked, absent where nothing was."""
    wanted = {(one.part, one.bin) for one in places}
    found: dict[Place, set[Quantity]] = {}
    columns = StockLine.part_id, StockLine.bin_id, StockLine.kind, StockLine.quantity
    for some in chunks(part for part, _bin in wanted):
        for part, bin, kind, quantity in session.execute(select(*columns).where(StockLine.part_id.in_(some))):
            if (part, bin) in wanted:
                found.setdefault((part, bin), set()).update({quantity} if kind == "count" else ())
    return found


class OpeningIntake:
    """Rows of a file as opening stock: a part, a bin, maybe a lot, and how many. Lots in one bin are added up."""

    entity = "stock_line"
    needed = natural = ("part_id", "bin_id", "quantity")
    grant = "stock.count"

    def __init__(self) -> None:
        declared = fields_of(StockLine)
        self.fields: Mapping[str, Field] = {name: declared[name] for name in ("part_id", "bin_id", "lot", "quantity")}

    def read(self, plain: Values) -> Values:
        read = {name: read_value(self.fields[name], value) for name, value in plain.items()}
        problem = none_at_least(read["quantity"])
        if problem is not None:
            raise Refused(replace(problem, field="quantity"))
        return read

    def key(self, read: Values) -> Key:
        return read["part_id"], read["bin_id"], read.get("lot") or ""

    def group(self, read: Values) -> Key:
        return read["part_id"], read["bin_id"]

    def merged(self, rows: Sequence[tuple[Values, Values]]) -> tuple[Values, Values, Problem | None]:
        total = sum((read["quantity"] for _plain, read in rows), Quantity())
        lots = {read["lot"]: str(read["quantity"]) for _plain, read in rows if read.get("lot")}
        plain = {"part": rows[0][0]["part_id"], "bin": rows[0][0]["bin_id"], "quantity": str(total)}
        return plain | ({"lots": lots} if lots else {}), {**rows[0][1], "quantity": total}, _added_up(lots) if lots else None

    def settle(self, session: Session, _org_id: UUID, rows: Sequence[Values]) -> list[Settled]:
        """An opening that was booked before stays as it is, whatever came after it."""
        openings = [Opening(read["part_id"], read["bin_id"], read["quantity"], {}) for read in rows]
        counted = counts_of(session, openings)
        return [Settled(new_id(), False, one.quantity in counted.get((one.part, one.bin), ())) for one in openings]

    def command(self, rows: Sequence[Values]) -> Command:
        counts = [{name: value for name, value in row.items() if name != "id"} for row in rows]
        return OpenStock(rows=counts, reason=say(_("Opening stock")))


def _added_up(lots: Mapping[str, str]) -> Problem:
    return Problem(
        "stock.lots_added",
        _("Balances do not tell lots apart yet: these lots are one count, which names them: {lots}."),
        field="lot",
        blocks=False,
        values={"lots": ", ".join(lots)[:200]},
    )
