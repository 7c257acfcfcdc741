"""Shots of what people see of Odoo: how it stands, what is stuck, what is matched, and where stock differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.demo import Stage, tour_jobs
from app.kernel.access import system
from app.kernel.types import millis
from app.odoo.model import OdooMatch
from app.odoo.notes import NoteInOdoo
from app.stock.model import Balance
from ui.kit.declared import Place

if TYPE_CHECKING:
    from ui.shots import Camera

PAGE = "https://odoo.example/odoo/repair/7"
TAXES = ("19 % USt", "7 % USt", "0 % USt, EU")


def tell_of_odoo(stage: Stage) -> None:
    """One job stands in Odoo, one is stuck for a tax that nobody matched, and a bin is counted otherwise there."""
    (there, stuck), now = tour_jobs(stage), millis(stage.app.clock.now())
    letter = {
        "entity": "work_order", "row_id": stuck.hex, "subject": "M-1019 Chain kit", "verdict": "mapping", "code": "odoo.tax",
        "said": "Nobody has said yet what the tax “{code}” is in Odoo.", "hint": "Match it, then it goes by itself.",
        "detail": {"code": "V19"}, "since": now - 5 * 3_600_000, "tries": 2,
    }  # fmt: skip
    health = {"database": "moto-keller", "url": "https://odoo.example", "version": "19.0", "state": "in_step", "waiting": 3}
    links = [
        {"entity": "work_order", "row_id": there.hex, "name": "WH/RO/00007", "address": PAGE, "state": "there", "at": now},
        {"entity": "work_order", "row_id": stuck.hex, "state": "stuck"},
    ]
    note = NoteInOdoo(
        health={**health, "told_at": now, "answered_at": now, "sent_at": now, "taken_at": now},
        links=links,
        letters=[letter],
        things=[{"kind": "tax", "number": count, "name": name} for count, name in enumerate(TAXES, start=1)],
        matches=[{"kind": "tax", "ours": "V19", "ours_title": "V19, 19 %"}],
        differences=[_difference(stage)],
    )
    stage.app.run(note, system(stage.org)).or_refused()


def _difference(stage: Stage) -> dict[str, Any]:
    with stage.app.read(stage.host) as session:
        wanted = select(Balance.part_id, Balance.bin_id, Balance.on_hand).order_by(Balance.part_id, Balance.bin_id).limit(1)
        part, bin, held = session.execute(wanted).one()
    return {"part_id": part.hex, "bin_id": bin.hex, "ours": held.thousandths, "theirs": held.thousandths - 2000}


def shoot_odoo(camera: Camera) -> None:
    """What is no declared screen: how it stands, the choice of a match, and a page's address as a code."""
    bench = camera.window.floor.bench
    with bench.app.read(bench.actor) as session:
        match: UUID | None = session.scalars(select(OdooMatch.id).limit(1)).first()
    camera.go(Place("odoo"), "in odoo")
    camera.go(Place("odoo_match", "odoo_match", match), "match with odoo")
    camera.go(Place("address", given={"address": PAGE, "title": "WH/RO/00007"}), "page in odoo as a code")
