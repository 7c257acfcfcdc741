"""`fettle label`: draws labels, reads them back, and saves them or sends them to a printer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ui.cli import out
from ui.cli.out import DONE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.kernel.commands import Command
    from app.kernel.meanings import Meaning
    from printing.labels import Label
    from ui.cli.opening import Opened
    from ui.labels import Fields

GRANT = "labels.print"


def add(verbs: Any) -> None:
    parser = verbs.add_parser("label", help="print or save labels")
    parser.add_argument("template", metavar="TEMPLATE", help="a name in resources/labels: part, bin, wo_tag, badge, card")
    parser.add_argument(
        "codes",
        nargs="+",
        metavar="CODE",
        help="what a scan could say: a number, a code; a user name for a badge, UNDO or 10 for a card",
    )
    parser.add_argument(
        "--to", required=True, metavar="TARGET", help="out.zpl, out.pdf, out.png, tcp://host:9100 or printer://NAME"
    )
    parser.add_argument("--dpi", type=int, default=203, help="the printer's dots an inch: 203 or 300")


def run(args: argparse.Namespace) -> int:
    from app.kernel.access import denied
    from app.kernel.problems import Refused
    from printing.labels import deliver, encode, render
    from printing.templates import load
    from ui.cli.opening import opened

    load(args.template)
    with opened(args) as here:
        if not here.app.can(here.actor, GRANT):
            raise Refused(denied(here.actor, GRANT))
        if args.template == "badge":
            return _badges(here, args)
        labels: list[Label] = [render(args.template, _fields(here, args.template, code), dpi=args.dpi) for code in args.codes]
        deliver(encode(labels, args.to), args.to)
    return _said(args)


def _said(args: argparse.Namespace) -> int:
    out.line({"template": args.template, "codes": args.codes, "to": args.to})
    return DONE


# ------------------------------------------------------------------------------------------------------- what is printed


def _fields(here: Opened, template: str, code: str) -> Fields:
    from ui.labels import CARD, card_fields, entity_of, fields

    if template == CARD:
        return card_fields(_card(here, code))
    entity = here.app.registry.entity(entity_of(template)).__tablename__
    meaning = here.app.meaning(code, here.actor, (entity,))
    with here.app.read(here.actor) as session:
        return fields(session, _row(here, session, meaning, entity))


def _card(here: Opened, code: str) -> Meaning:
    """A card by its scan's text, its command's word, or its number."""
    from app.kernel.problems import Problem, Refused
    from app.kernel.scanning import COMMANDS, own_code
    from app.kernel.words import _

    text = code
    for kind in ("CM", "QT"):
        try:
            text = own_code(kind, code)
        except ValueError:
            continue
    meaning = here.app.meaning(text, here.actor)
    if meaning.kind in ("command", "quantity"):
        return meaning
    message, hint = _("There is no card {code}."), _("Use a number from 1 to 999, or one of: {words}.")
    raise Refused(
        Problem("cli.no_card", message, hint=hint, field="code", values={"code": code[:40], "words": ", ".join(COMMANDS)})
    )


def _row(here: Opened, session: Session, meaning: Meaning, entity: str) -> Any:
    from app.kernel.problems import Problem, Refused
    from app.kernel.words import _

    if meaning.match is not None and meaning.problem is None:
        return session.get(here.app.registry.entities[entity], meaning.match.id)
    if meaning.problem is not None:
        raise Refused(meaning.problem)
    titles = ", ".join(one.title for one in meaning.matches)
    message, hint = _("{code} can mean more than one thing: {titles}."), _("Scan or type the code that only one of them has.")
    raise Refused(Problem("cli.ambiguous", message, hint=hint, field="code", values={"code": meaning.shown, "titles": titles}))


# ---------------------------------------------------------------------------------------------------------------- badges


def _badges(here: Opened, args: argparse.Namespace) -> int:
    """New badges: drawn first, then given, then printed; one that could not be printed is taken back."""
    from app.kernel.problems import Refused, Trouble
    from printing.labels import deliver, encode, render

    drawn = [_badge(here, username) for username in args.codes]
    data = encode([render("badge", fields, dpi=args.dpi) for fields, _give in drawn], args.to)
    given = [undo for _fields, give in drawn if give is not None and (undo := _given(here, give)) is not None]
    try:
        deliver(data, args.to)
    except (Trouble, Refused):
        for undo in given:
            here.app.run(undo, here.actor)
        raise
    return _said(args)


def _given(here: Opened, give: Command) -> Command | None:
    """Gives a badge; what takes it back again."""
    return give.undone_by(here.app.run(give, here.actor).or_refused().id)


def _badge(here: Opened, username: str) -> tuple[Fields, Command | None]:
    """The fields of somebody's badge, and the command that gives it to them. Only a demo knows the badge they have already."""
    from app.access.badges import badge_code
    from app.access.commands import GiveBadge
    from app.access.model import Person
    from app.kernel import meta
    from ui.cli.opening import person_called
    from ui.labels import fields

    who = person_called(here.terminal, username)
    with here.app.read(here.actor) as session:
        person = session.get_one(Person, who.id)
        if meta.demo_host(here.app.read_engine):
            from app.demo.folk import badge_text

            return fields(session, person, badge_text(person.username)), None
        text, code_hash = badge_code()
        return fields(session, person, text), GiveBadge(person=who.id, code_hash=code_hash)
