"""Doors: whether a place is open to the person who wants to go there, said before the first scan and not after the third."""

from __future__ import annotations

from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.declared import Place


def barred(bench: Bench, place: Place) -> str:
    """Why this person may not work in a flow, and what to do; empty where they may."""
    flow = bench.declared.flow(place.name) if place.kind == "flow" else None
    if flow is None or bench.can(flow.runs.needs):
        return ""
    return say(_("“{work}” is not among your tasks. Ask a colleague who finds it on their home screen."), work=say(flow.title))
