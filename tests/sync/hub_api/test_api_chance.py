"""Whatever is sent to whatever route, the hub answers in words; it never breaks."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.capabilities import registry
from app.kernel.entity import fields_of
from sync.hub.api import operations
from sync.hub.api.asking import OPS
from sync.hub.api.document import example_of
from sync.hub.api.operations import Operation

WHOLE = registry()
EVERY = [one for one in operations(WHOLE) if one.name not in ("log_out", "change_pin", "end_login", "log_in", "do_ChangePin")]
ODD = ("part", "work_order", "state", "0199c0de-7a1b-7c2d-8e3f-40516273849a", "1e9", "-3", "٣", "\x00", "' or 1=1", "2026-02-30")
WORDS = st.one_of(st.text(max_size=40), st.sampled_from(ODD))
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def bodies(draw: Any, operation: Operation) -> Any:
    """A body that is nearly right: its example, with some fields replaced, left out or added."""
    if operation.body is None:
        return None
    body = dict(example_of({**operation.body, "required": list(operation.body["properties"])}))
    for name in draw(st.lists(st.sampled_from(sorted(operation.body["properties"])), max_size=3)) if body else ():
        body[name] = draw(PLAIN)
    return {**body, **draw(st.dictionaries(WORDS, PLAIN, max_size=1))} if draw(st.booleans()) else body


def filters(operation: Operation) -> list[str]:
    """Filters over what the rows have, each way there is."""
    entity = WHOLE.entities.get(operation.tag)
    names = [*fields_of(entity), "made_at", "id"] if entity is not None else ["name", "code", "at", "quantity", "x"]
    return [f"{name}[{op}]" for name in names for op in (*OPS, "empty")]


@st.composite
def addresses(draw: Any, operation: Operation, known: list[str]) -> str:
    names = [one.name for one in operation.takes if one.place == "query"] + filters(operation)
    said = draw(st.lists(st.tuples(st.sampled_from(names), WORDS), max_size=2))
    path = operation.path.replace("{id}", quote(draw(st.one_of(st.sampled_from(known), WORDS)), safe="") or "x")
    return path + "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in said)


def test_nothing_that_is_sent_breaks_the_hub(served: Any) -> None:
    world = served.world
    known = [str(one) for one in (world.part, world.bin, world.order, world.site, world.org)]
    nora = served.caller(served.people["nora"])

    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def send(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(EVERY))
        path = data.draw(addresses(operation, known))
        told = nora(operation.method, path, data.draw(bodies(operation)))
        assert told.status_code < 500, f"{operation.name}: {told.text[:400]}"
        assert told.status_code < 400 or told.json()["code"], operation.name

    send()
