"""What a label says is read from the declaration, so that a new kind of thing has a label as soon as it has a template."""

from __future__ import annotations

import pytest

from app.kernel.entity import Entity
from app.kernel.ids import short
from app.kernel.scanning import own_code
from app.parts.model import Barcode
from app.places.model import Site, Warehouse
from app.work_orders.model import WorkOrder
from ui.labels import entity_of, fields, template_of
from world import World


def label(world: World, entity: type[Entity], ident: object) -> dict[str, str]:
    with world.session() as session:
        return fields(session, session.get_one(entity, ident))


def test_a_thing_without_words_of_its_own_says_its_fields_as_people_read_them(world: World) -> None:
    assert label(world, Warehouse, world.warehouse) == {
        "code": "WH",
        "name": "Store room",
        "policy": "Ask why",
        "site_id": "",
        "scan": own_code("WH", short(world.warehouse)),
    }


def test_what_has_no_code_of_its_own_has_a_label_that_opens_nothing(world: World) -> None:
    assert label(world, Site, world.site)["scan"] == ""


def test_a_quantity_is_written_with_its_point(world: World) -> None:
    code = world.save("barcode", part_id=world.part.hex, code="4006381333931", quantity="2.5")
    assert label(world, Barcode, code)["quantity"] == "2.5"


@pytest.mark.parametrize(
    ("template", "entity"), [("part", "part"), ("wo_tag", "work_order"), ("badge", "person"), ("bin", "bin")]
)
def test_a_template_is_named_after_its_thing_or_says_of_which(template: str, entity: str) -> None:
    assert (entity_of(template), template_of(entity)) == (template, entity)[::-1]


def test_a_job_keeps_the_words_that_were_made_for_it(world: World) -> None:
    assert label(world, WorkOrder, world.order)["problem"] == "Front brake"
