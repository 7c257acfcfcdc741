"""Opener: from a place to its screen, by what is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui.attention.screens import AttentionPage
from ui.first.data import DataPage
from ui.first.screens import SetupPage
from ui.health.screens import HealthPage
from ui.kiosk.screens import LeavePage
from ui.kit.address import AddressPage
from ui.kit.bench import Bench
from ui.kit.board import BoardPage
from ui.kit.declared import Place
from ui.kit.flow import FlowPage
from ui.kit.form import FormPage
from ui.kit.list import ListPage
from ui.kit.page import RecordPage
from ui.kit.photo import PhotoPage
from ui.kit.screen import Screen
from ui.labor.mine import MinePage
from ui.odoo.matching import MatchPage
from ui.odoo.page import OdooPage
from ui.payments.hand_over import HandOverPage
from ui.payments.online import OnlinePage
from ui.payments.pay import PayPage
from ui.quotes.sign import SignPage
from ui.settings.screens import SettingsPage
from ui.shell.home import HomePage
from ui.sync.screens import SyncPage
from ui.work_orders.check_in import CheckInPage

PAGES: Mapping[str, Callable[[Bench, Place], Screen]] = {
    "photo": PhotoPage,
    "check_in": CheckInPage,
    "look": SettingsPage,
    "attention": AttentionPage,
    "sync": SyncPage,
    "setup": SetupPage,
    "data": DataPage,
    "health": HealthPage,
    "pay": PayPage,
    "hand_over": HandOverPage,
    "online": OnlinePage,
    "sign": SignPage,
    "leave": LeavePage,
    "mine": MinePage,
    "odoo": OdooPage,
    "odoo_match": MatchPage,
    "address": AddressPage,
}


def opened(bench: Bench, place: Place) -> Screen:
    """Makes the screen of a place; an unknown one is home."""
    declared = bench.declared
    match place.kind:
        case "list" if found := declared.list_of(place.name):
            return ListPage(bench, place, found)
        case "page" if page := declared.page_of(place.name):
            return RecordPage(bench, place, page)
        case "form":
            form = declared.form_of(place.name)
            entity = form.entity if form else bench.app.registry.entities[place.name]
            return FormPage(bench, place, entity, form)
        case "flow" if flow := declared.flow(place.name):
            return FlowPage(bench, place, flow)
        case "board" if board := declared.board(place.name):
            return BoardPage(bench, place, board)
        case kind if kind in PAGES:
            return PAGES[kind](bench, place)
        case _:
            return HomePage(bench, Place("home"))
