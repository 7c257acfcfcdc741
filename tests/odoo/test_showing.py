"""A record that came from Odoo says so on its page, whoever mapped it and whenever."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.odoo.model import OdooLink, link_id
from app.odoo.notes import NoteInOdoo
from app.odoo.records import OdooMapping
from sync.odoo.showing import show
from world import World

URL = "https://odoo.example/"


def mapped(world: World, row: UUID, entity: str = "part", name: str = "[PT-0] Brake pads", number: int = 41) -> None:
    """The bridge knows which record of Odoo's it is."""
    kept = OdooMapping(
        org_id=world.org,
        entity=entity,
        row_id=row,
        model="product.product",
        number=number,
        name=name,
        mark="",
        at=world.app.clock.now(),
    )
    write(world, lambda session: session.add(kept))


def write(world: World, does: Any) -> None:
    def written() -> None:
        with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
            does(session)
            session.commit()

    world.app.writer.run(written)


def test_what_came_from_odoo_says_its_name_there_and_its_page(anywhere: World) -> None:
    world = anywhere.furnish()
    mapped(world, world.part)
    assert show(world.app, world.org, URL) == 1
    link = world.get(OdooLink, link_id(world.part))
    assert (link.name, link.state, link.entity) == ("[PT-0] Brake pads", "there", "part")
    assert link.address == "https://odoo.example/web#id=41&model=product.product&view_type=form"
    assert show(world.app, world.org, URL) == 0, "it is told once"


def test_another_name_there_is_told_and_what_is_stuck_stays_so(world: World) -> None:
    mapped(world, world.part)
    mapped(world, world.order, "work_order", "WH/RO/7", 7)
    show(world.app, world.org, URL)
    world.done(NoteInOdoo(links=[{"entity": "work_order", "row_id": world.order.hex, "state": "stuck"}]))
    write(world, lambda session: session.execute(update(OdooMapping).values(name="Another")))
    assert show(world.app, world.org, URL) == 1
    assert [world.get(OdooLink, link_id(row)).state for row in (world.part, world.order)] == ["there", "stuck"]
    assert world.get(OdooLink, link_id(world.part)).name == "Another"


def test_of_movements_and_of_another_organisation_s_records_nobody_is_told(world: World) -> None:
    mapped(world, world.bin, "stock_line")
    other = World(world.app).furnish()
    mapped(other, other.part)
    assert show(world.app, world.org, URL) == 0


def test_many_are_told_some_at_a_time(world: World) -> None:
    for count, part in enumerate(world.parts):
        mapped(world, part, number=count)
    assert [show(world.app, world.org, URL, most=3) for _pass in range(3)] == [3, 2, 0]
