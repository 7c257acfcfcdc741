"""What the hub tells those who watch over it, and that the rules and the board ask for nothing that it does not tell."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from wired import Client

from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from sync.hub.logs import JsonLines, correlation
from sync.hub.main import Hub, asgi
from world import World

HOUSE = Path(__file__).resolve().parents[2] / "packaging" / "hub"
_NAME = re.compile(r"fettle_[a-z_]+")


@pytest.fixture
def client(hub: World, postgres: object, tmp_path: Path) -> Iterator[Client]:
    hub.furnish()
    hub.done(IssuePart(order=hub.order, part=hub.part, bin=hub.bin, quantity=Quantity(9), reason="They are here"))
    made = Hub.open(str(hub.app.read_engine.url.render_as_string(hide_password=False)), tmp_path)
    try:
        yield Client(asgi(made))
    finally:
        made.close()


def told(client: Client) -> dict[str, float]:
    """Every number by its name and labels."""
    lines = client.ask("GET", "/metrics").text.splitlines()
    found = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(number) for name, number in found}


def test_requests_are_counted_by_route_and_never_by_what_a_stranger_types(client: Client) -> None:
    client.ask("GET", "/health")
    client.ask("GET", "/nothing/here/1234")
    numbers = told(client)
    assert numbers['fettle_requests_total{method="GET",route="/health",status="200"}'] == 1
    assert numbers['fettle_requests_total{method="GET",route="other",status="404"}'] == 1
    assert not any("1234" in name for name in numbers)


def test_jobs_by_state_and_open_cards_are_told(client: Client) -> None:
    numbers = told(client)
    assert sum(many for name, many in numbers.items() if name.startswith('fettle_records{entity="work_order"')) == 1
    assert numbers["fettle_conflicts_open"] >= 0
    assert numbers["fettle_feed_head"] > 0
    assert numbers['fettle_commands{state="parked"}'] == 0


@pytest.mark.parametrize("file", ["prometheus/rules.yml", "grafana/board.json"])
def test_rules_and_board_ask_only_for_what_the_hub_tells(client: Client, file: str) -> None:
    client.ask("GET", "/health")
    known = set(_NAME.findall(client.ask("GET", "/metrics").text))
    known |= {name.removesuffix("_total") for name in known}
    asked = set(_NAME.findall((HOUSE / file).read_text("utf-8")))
    assert asked
    assert asked <= known, asked - known


def test_the_board_is_one_that_grafana_reads() -> None:
    board = json.loads((HOUSE / "grafana/board.json").read_text("utf-8"))
    assert {"title", "panels", "schemaVersion", "uid"} <= board.keys()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_a_line_of_the_log_is_json_with_what_finds_the_request_again() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    token = correlation.set("trace-1")
    try:
        record = logging.LogRecord("sync.hub", logging.WARNING, "", 0, "%s waits", ("It",), None)
        handler.emit(record)
    finally:
        correlation.reset(token)
    line = json.loads(out.getvalue())
    assert (line["message"], line["level"], line["correlation_id"], line["service"]) == (
        "It waits",
        "warning",
        "trace-1",
        "fettle-hub",
    )
    assert line["timestamp"].endswith("+00:00")
