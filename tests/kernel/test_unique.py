"""What is unique in a workshop: two parts, people or jobs never share a name, and no record takes over another's id."""

from __future__ import annotations

from replays import late

from app.kernel.clock import stamp_ms
from app.kernel.ids import new_id
from app.kernel.records import Discrepancy
from app.kernel.standard import Retire, SaveMany, SaveRecord
from app.parties.model import Customer
from app.parts.model import Part
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from world import World


def test_a_job_that_took_a_number_elsewhere_stays_and_someone_puts_the_two_together(world: World) -> None:
    now = stamp_ms(world.get(WorkOrder, world.order).stamp)
    drawn = {"number:work_order:M": 4711}
    done = [late(world, CreateOrder(site=world.site, what=what), now + 1000, **drawn) for what in ("Chain", "Clutch")]
    assert [one.verdict for one in done] == ["applied", "questioned"]
    first, second = sorted((row for row in world.rows(WorkOrder) if row.id != world.order), key=lambda row: row.what)
    assert first.number == second.number
    (card,) = world.rows(Discrepancy)
    assert (card.code, card.detail["row_id"], card.detail["other_id"]) == ("record.taken", second.id.hex, first.id.hex)


def test_an_edit_that_takes_a_code_elsewhere_is_refused(world: World) -> None:
    taken = SaveRecord(entity="part", id=world.part, fields={"code": ["PT-0", "PT-1"]})
    assert late(world, taken, stamp_ms(world.get(Part, world.part).stamp) + 1000).verdict == "refused"
    assert world.get(Part, world.part).code == "PT-0"


def test_a_code_whose_record_is_out_of_use_is_free(world: World) -> None:
    world.done(Retire(entity="part", id=world.save("part", code="Z-1", name="Old pads")))
    world.save("part", code="Z-1", name="New pads")
    assert world.codes(SaveRecord(entity="part", fields={"code": [None, "Z-1"], "name": [None, "Again"]})) == ["record.taken"]


def test_a_record_never_takes_the_id_of_another_kind_of_record(world: World) -> None:
    found = world.app.find("brake pads", world.actor)
    one = SaveRecord(entity="customer", id=world.part, fields={"name": [None, "Same id"]})
    many = SaveMany(entity="customer", rows=[{"name": "Fine"}, {"id": world.part.hex, "name": "Same id"}])
    assert world.codes(one) == world.codes(many) == ["record.id_taken"]
    assert world.rows(Customer) == []
    assert world.app.find("brake pads", world.actor) == found
    assert world.save("customer", id=new_id(), name="Her own id")
