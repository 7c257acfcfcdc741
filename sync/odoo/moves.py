"""Movements of stock on their way to Odoo: many transfers in one load, posted together, and read back as done before they count.

Every movement bears our external id, so that one whose answer was lost is found again and never posted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.odoo.model import HUMAN, RETRY
from sync.odoo import splitting
from sync.odoo.batch import Batch
from sync.odoo.errors import Verdict
from sync.odoo.map import MODULE, Value
from sync.odoo.sending import numbers_of
from sync.odoo.splitting import Item

MODEL, LINE = "stock.picking", "stock.move"
MOST = 50  # movements of one transfer: a page that people still read, and no slower than longer ones


@dataclass(frozen=True)
class Posting:
    """One movement as Odoo shall post it. `name` is its external id without the module; `group` is what shares a transfer."""

    name: str
    product: int
    quantity: Quantity
    unit: int
    out_of: int
    into: int
    kind: int  # Odoo's kind of transfer
    group: str
    origin: str
    lot: int | None = None

    @property
    def alike(self) -> tuple[Any, ...]:
        """Odoo would make one movement of two such in one transfer, and our second one would be gone."""
        return self.product, self.out_of, self.into, self.unit, self.lot


@dataclass(frozen=True)
class Posted:
    """A movement as it was read back."""

    number: int
    done: bool
    transfer: int
    out_of: int
    into: int
    quantity: float


def post(batch: Batch, postings: Sequence[Posting]) -> tuple[dict[str, Posted], dict[str, Verdict]]:
    """Posts what is not there yet; the movements that are done, and what stands against the others."""
    there = read(batch, [one.name for one in postings])
    bad: dict[str, Verdict] = {}
    missing = [one for one in postings if one.name not in there]
    transfers = [one.transfer for one in there.values() if not one.done and one.transfer]
    made = _made(batch, missing, bad)
    refused = _validated(batch, list(dict.fromkeys([*transfers, *made])))
    open_ones = [one.name for one in postings if one.name not in bad and not (one.name in there and there[one.name].done)]
    found = there | read(batch, open_ones)
    undone = [one for one in postings if one.name in found and not found[one.name].done]
    later = {number: verdict for number, verdict in refused.items() if verdict.kind == RETRY}
    bad.update({one.name: later[found[one.name].transfer] for one in undone if found[one.name].transfer in later})
    alone = [one for one in undone if one.name not in bad]
    if alone:
        found |= _alone(batch, alone, bad)
    return {name: one for name, one in found.items() if one.done}, bad | _unposted(postings, found, bad)


def _made(batch: Batch, postings: Sequence[Posting], bad: dict[str, Verdict]) -> list[int]:
    """Loads transfers; of one that Odoo does not take each movement goes by itself."""
    numbers, refused = _loaded(batch, grouped(postings))
    singly = [[one] for key in refused for one in _of(postings, key)]
    if not singly:
        return numbers
    more, still = _loaded(batch, singly)
    bad.update({name: verdict for (name, *_more), verdict in still.items()})
    return [*numbers, *more]


def _loaded(batch: Batch, groups: Iterable[Sequence[Posting]]) -> tuple[list[int], dict[tuple[str, ...], Verdict]]:
    found, bad = splitting.load(batch.odoo, MODEL, [_item(group) for group in groups])
    return list(found.values()), bad


def _of(postings: Sequence[Posting], names: tuple[str, ...]) -> list[Posting]:
    wanted = set(names)
    return [one for one in postings if one.name in wanted]


def _validated(batch: Batch, transfers: Sequence[int]) -> dict[int, Verdict]:
    return splitting.press(batch.odoo, MODEL, "button_validate", transfers)


def _alone(batch: Batch, postings: Sequence[Posting], bad: dict[str, Verdict]) -> dict[str, Posted]:
    """What did not go together goes each in a transfer of its own: then it is known which one Odoo does not post."""
    numbers, refused = splitting.load(batch.odoo, MODEL, [_item([one]) for one in postings])
    bad.update({name: verdict for (name, *_more), verdict in refused.items()})
    failed = _validated(batch, list(numbers.values()))
    bad.update({name: failed[number] for (name, *_more), number in numbers.items() if number in failed})
    return read(batch, [one.name for one in postings])


def _unposted(postings: Sequence[Posting], found: Mapping[str, Posted], bad: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Odoo said nothing against it, and yet it is not done."""
    problem = Problem("odoo.not_posted", _("Odoo took the movement in and did not post it."), hint=_LOOK)
    left = [one.name for one in postings if one.name not in bad and not (one.name in found and found[one.name].done)]
    return dict.fromkeys(left, Verdict(HUMAN, problem))  # type: ignore[arg-type]


_LOOK = _("Open the transfer in Odoo and post it there, then try again here.")


# --------------------------------------------------------------------------------------------------- what is there


def read(batch: Batch, names: Sequence[str]) -> dict[str, Posted]:
    """The movements that stand in Odoo under these names."""
    numbers = numbers_of(batch, LINE, names)
    fields = ["state", "picking_id", "location_id", "location_dest_id", "quantity"]
    wanted = list(numbers.values())
    rows: dict[int, Posted] = {}
    for start in range(0, len(wanted), splitting.AT_ONCE):
        found = batch.odoo.call(LINE, "read", wanted[start : start + splitting.AT_ONCE], fields=fields)
        rows |= {row["id"]: _posted(row) for row in found}
    return {name: rows[number] for name, number in numbers.items() if number in rows}


def _posted(row: Mapping[str, Any]) -> Posted:
    transfer = row["picking_id"][0] if row["picking_id"] else 0
    places = row["location_id"][0], row["location_dest_id"][0]
    return Posted(row["id"], row["state"] == "done", transfer, *places, row["quantity"])


# ------------------------------------------------------------------------------------------------------- as transfers


def grouped(postings: Iterable[Posting]) -> list[list[Posting]]:
    """What shares a transfer: the same group, at most so many, and never two alike."""
    open_ones: dict[tuple[Any, ...], list[list[Posting]]] = {}
    made: list[list[Posting]] = []
    for one in postings:
        same = open_ones.setdefault((one.kind, one.group, one.lot is None), [])
        fits = next((some for some in same if len(some) < MOST and all(one.alike != other.alike for other in some)), None)
        if fits is None:
            fits = []
            same.append(fits)
            made.append(fits)
        fits.append(one)
    return made


def _item(group: Sequence[Posting]) -> Item:
    first = group[0]
    cells: dict[str, Value] = {
        "id": f"{MODULE}.of_{first.name}",
        "picking_type_id/.id": first.kind,
        "location_id/.id": first.out_of,
        "location_dest_id/.id": first.into,
        "origin": first.origin,
    }
    return Item(tuple(one.name for one in group), cells, tuple(_line(one) for one in group))


def _line(one: Posting) -> dict[str, Value]:
    """The quantity is said to be done already: what left the bin has left it, whatever Odoo thinks was there."""
    cells: dict[str, Value] = {
        "move_ids/id": f"{MODULE}.{one.name}",
        "move_ids/product_id/.id": one.product,
        "move_ids/product_uom_qty": str(one.quantity),
        "move_ids/product_uom/.id": one.unit,
        "move_ids/location_id/.id": one.out_of,
        "move_ids/location_dest_id/.id": one.into,
        "move_ids/picked": True,
    }
    if one.lot is None:
        return cells | {"move_ids/quantity": str(one.quantity)}
    return cells | {f"move_ids/move_line_ids/{name}": value for name, value in _of_lot(one).items()}


def _of_lot(one: Posting) -> dict[str, Value]:
    return {
        "id": f"{MODULE}.lot_{one.name}",
        "product_id/.id": one.product,
        "product_uom_id/.id": one.unit,
        "lot_id/.id": one.lot,
        "quantity": str(one.quantity),
        "location_id/.id": one.out_of,
        "location_dest_id/.id": one.into,
        "picked": True,
    }
