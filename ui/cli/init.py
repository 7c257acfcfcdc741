"""`fettle init`: an empty store becomes a workshop with its first administrator, as the first screens of the window do it."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE, FAILED

if TYPE_CHECKING:
    from app.access.founding import Founder, Shop
    from ui.cli.beginning import EmptyPlace


def add(verbs: Any) -> None:
    parser = verbs.add_parser("init", help="begin a workshop on an empty store, with its first administrator")
    parser.add_argument("name", metavar="NAME", help="what the workshop is called")
    parser.add_argument("--admin", metavar="NAME", default="", help="who looks after people; their PIN is in FETTLE_PIN")
    parser.add_argument(
        "--user-name", metavar="USER", default="", help="what they are called by --as (default: made of the name)"
    )
    parser.add_argument("--badge", action="store_true", help="make them a badge too, and tell its code this once")
    parser.add_argument("--language", choices=("en", "de"), default="en", help="the language they read (default: en)")
    parser.add_argument("--site", metavar="NAME", default="", help="where this machine stands (default: NAME)")
    parser.add_argument("--code", default="M", help="what job numbers begin with (default: M)")
    parser.add_argument("--zone", default="", metavar="ZONE", help="such as Europe/Berlin (default: this machine's)")
    parser.add_argument("--currency", default="EUR", help="three letters (default: EUR)")
    parser.add_argument("--without-tax", action="store_true", help="prices are meant without tax")
    parser.add_argument("--tax", default="", metavar="PERCENT", help="the usual rate of tax, such as 19 (default: none)")
    parser.add_argument("--printer", default="", metavar="TARGET", help="where labels are printed, such as tcp://192.168.1.50")
    parser.add_argument("--parts", metavar="FILE", help="the catalogue: .csv, .xlsx or .ndjson")
    parser.add_argument("--stock", metavar="FILE", help="opening stock: part, bin and quantity")


def run(args: argparse.Namespace) -> int:
    """What was done stands, also where a later step is refused; the same call goes on with what is lacking."""
    from app.access.founding import somebody_is_there
    from app.kernel.problems import Refused
    from ui.cli.beginning import EmptyPlace
    from ui.cli.opening import back_up, store_path

    path = store_path(args.store)
    with closing(EmptyPlace(path)) as place:
        if place.begin().people:
            raise Refused(somebody_is_there())
        told: dict[str, Any] = {"store": str(path)}
        place.found(_shop(args))
        if args.printer:
            place.keep_printer(args.printer)
        if args.admin:
            told |= _appoint(place, args)
        worst = max(_bring(place, "part", args.parts), _bring(place, "stock_line", args.stock))
        back_up(place.terminal)
    out.line(told)
    _advise(told)
    return worst


def _shop(args: argparse.Namespace) -> Shop:
    from app.access.founding import Shop
    from ui.cli.beginning import machine_zone

    zone = args.zone or machine_zone()
    return Shop(args.name, args.site, args.code, zone, args.currency, not args.without_tax, args.tax.strip())


def _appoint(place: EmptyPlace, args: argparse.Namespace) -> dict[str, Any]:
    """The PIN is drawn where none was given; it, the badge's code and the recovery code are told this once."""
    from app.access.badges import badge_code
    from app.access.founding import Founder, username_of
    from app.access.newcomers import new_pin

    given = os.environ.get("FETTLE_PIN", "")
    pin, badge = given or new_pin(), badge_code()[0] if args.badge else ""
    founder: Founder = Founder(args.admin, pin, args.user_name, badge, args.language)
    told = {"username": username_of(founder), "recovery": place.appoint(founder)}
    return told | ({} if given else {"pin": pin}) | ({"badge": badge} if badge else {})


def _bring(place: EmptyPlace, entity: str, file: str | None) -> int:
    if not file:
        return DONE
    came = place.bring(entity, Path(file), lambda _lines: None)
    out.word(_("{file}: {made} made, {changed} changed, {refused} refused."), file=file, **vars(came))
    if came.first:
        out.word(came.first)
    return FAILED if came.refused else DONE


def _advise(told: dict[str, Any]) -> None:
    if "recovery" in told:
        out.word(_("Write the recovery code down and lock it away: it is shown this once, and kept nowhere."))
    else:
        out.word(_("Nobody can sign in yet: run it again with --admin NAME, or open the window."))
