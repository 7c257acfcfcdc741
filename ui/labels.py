"""What stands on a label: from a row to the fields of its template. Whoever prints gets plain text, and knows no entity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import roles_of
from app.access.model import Person, Role
from app.cores.model import Core
from app.kernel import figures
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.gs1 import has_check_digit
from app.kernel.ids import short
from app.kernel.meanings import Meaning
from app.kernel.scanning import COMMANDS, own_code
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.zones import local_time
from app.organisations.model import Organisation
from app.parties.model import Customer, Vehicle
from app.parts.model import Barcode, Part, PartBin
from app.places.model import Bin, Site, Warehouse
from app.work_orders.model import WorkOrder

Fields = dict[str, str]
CARD, BADGE = "card", "badge"
_ENTITIES = {  # what a template is a label of, where that has another name; the last of an entity's is the one that PRINT prints
    "drop_off": "work_order",
    "wo_tag": "work_order",
    BADGE: "person",
}
_TEMPLATES = {entity: template for template, entity in _ENTITIES.items()}
RETAIL = (8, 12, 13)
HELPS: Mapping[str, str] = {
    "UNDO": _("Takes back the last thing you did."),
    "DONE": _("The job is finished here; the next one may come."),
    "CANCEL": _("Drops what waits; what was booked stays."),
    "ISSUE": _("What is scanned next goes to the job."),
    "RETURN": _("What is scanned next comes back from the job."),
    "DAMAGED": _("The next part is damaged and goes apart."),
    "CORE": _("What is scanned next is an old part that was taken out."),
    "PLUS1": _("One more of the part before it."),
    "MINUS1": _("One less of the part before it."),
    "PRINT": _("Prints the label of what is open."),
    "SIGNOUT": _("Ends your work at this terminal."),
    "BREAK": _("Your break begins, or is over. A job does that, too."),
    "OUT": _("You go home: your clock stops."),
    "CONFIRM": _("Yes: what is proposed is right."),
    "CARDS": _("Opens what waits for your decision."),
    "NEXT": _("Shows the next card that waits for you."),
}


def entity_of(template: str) -> str:
    """The entity whose label a template is."""
    return _ENTITIES.get(template, template)


def template_of(entity: str) -> str:
    """The template of an entity's label, whether there is one or not."""
    return _TEMPLATES.get(entity, entity)


def fields(session: Session, row: Entity, badge: str = "") -> Fields:
    """The text of a row's label; `badge` is the code of a person's new badge."""
    return _MAKERS.get(type(row), _declared)(session, row) | ({"scan": badge} if badge else {})


def card_fields(meaning: Meaning) -> Fields:
    """The text of a command's or quantity's card, from what its code means."""
    if meaning.kind == "quantity":
        return {"word": meaning.shown, "scan": meaning.text, "help": say(_("So many of the part before it, or of the next one."))}
    return {"word": say(COMMANDS[meaning.command]), "scan": meaning.text, "help": say(HELPS.get(meaning.command, ""))}


def _scan(row: Entity) -> str:
    return own_code(row.__about__.scan, short(row.id))


def _declared(_session: Session, row: Entity) -> Fields:
    """What any entity can put on its label: its own code, and its fields by their names."""
    told = {name: _told(field, getattr(row, name)) for name, field in fields_of(type(row)).items() if not field.secret}
    return told | {"scan": _scan(row) if row.__about__.scan else ""}


def _told(field: Field, value: Any) -> str:
    if value is None or field.kind in ("link", "data", "extras"):
        return ""
    if field.kind == "choice":
        return say(dict(field.choices).get(value, value))
    return figures.day(value) if field.kind == "day" else str(value)


def _part(session: Session, part: Part) -> Fields:
    here = select(Bin.code).join(PartBin, PartBin.bin_id == Bin.id).where(PartBin.part_id == part.id, PartBin.retired.is_(False))
    codes = select(Barcode.code).where(Barcode.part_id == part.id, Barcode.quantity == Quantity(1), Barcode.retired.is_(False))
    ean = next((code for code in session.scalars(codes.order_by(Barcode.code)) if _is_retail(code)), "")
    bin = session.scalars(here.order_by(PartBin.fixed.desc(), Bin.code).limit(1)).first()
    return {"code": part.code, "name": part.name, "scan": _scan(part), "unit": part.unit, "bin": bin or "", "ean": ean}


def _is_retail(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in RETAIL and has_check_digit(code)


def _bin(session: Session, bin: Bin) -> Fields:
    warehouse = session.get(Warehouse, bin.warehouse_id)
    kind = "" if bin.kind == "pick" else say(dict(fields_of(Bin)["kind"].choices)[bin.kind])
    return {"code": bin.code, "scan": _scan(bin), "name": kind, "warehouse": warehouse.name if warehouse else ""}


def _order(session: Session, order: WorkOrder) -> Fields:
    customer = _linked(session, Customer, order.customer_id)
    vehicle = _linked(session, Vehicle, order.vehicle_id)
    site = session.get(Site, order.site_id)
    return {
        "number": order.number,
        "scan": _scan(order),
        "short": order.number,
        "customer": customer.name if customer else "",
        "vehicle": " ".join(filter(None, (vehicle.make, vehicle.model))) if vehicle else "",
        "plate": (vehicle.plate or "") if vehicle else "",
        "problem": order.what,
        "due": _local(order.promised, site) if order.promised else "",
        **_ticket(session, order, site),
    }


def _ticket(session: Session, order: WorkOrder, site: Site | None) -> Fields:
    """What the customer takes along says besides: who has their vehicle, since when, and what it showed."""
    shop = session.get(Organisation, order.org_id)
    here = local_time(order.made_at, site.zone if site else "UTC")
    return {
        "shop": " · ".join(dict.fromkeys(one.name for one in (shop, site) if one is not None)),
        "received": say(_("Handed in {when}"), when=figures.moment(here)),
        "odometer": say(_("{km} km"), km=order.odometer) if order.odometer is not None else "",
        "ready": say(_("Ready: {when}"), when=_local(order.promised, site)) if order.promised else "",
    }


def _local(moment: datetime, site: Site | None) -> str:
    return figures.moment(local_time(moment, site.zone if site else "UTC"))


def _core(session: Session, core: Core) -> Fields:
    part, order = _linked(session, Part, core.part_id), _linked(session, WorkOrder, core.order_id)
    return {
        "number": core.number,
        "scan": _scan(core),
        "word": say(core.__about__.label),
        "part": part.name if part else "",
        "order": order.number if order else "",
        "due": figures.day(core.due) if core.due else "",
    }


def _linked(session: Session, entity: Any, ident: UUID | None) -> Any:
    return session.get(entity, ident) if ident else None


def _person(session: Session, person: Person) -> Fields:
    codes = [role.code for role in roles_of(session, person)]
    roles = session.scalars(select(Role.name).where(Role.code.in_(codes), Role.org_id == person.org_id).order_by(Role.name))
    shop = session.get(Organisation, person.org_id)
    return {"name": person.name, "role": ", ".join(dict.fromkeys(roles)), "shop": shop.name if shop else ""}


_MAKERS: Mapping[type[Entity], Callable[[Session, Any], Fields]] = {
    Part: _part,
    Bin: _bin,
    WorkOrder: _order,
    Person: _person,
    Core: _core,
}
