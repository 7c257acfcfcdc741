"""Attached files: the record travels at once, its photo after it, in pieces, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from fastapi import FastAPI
from PIL import Image
from replay_world import LEFT, ORG, Trio
from starlette.requests import Request
from wired import KEYS, Client, Through

from app.kernel import blobs
from app.kernel.attached import blob
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.standard import AttachFile
from app.work_orders.model import WorkOrder
from sync.files import PIECE, WHOLE, Files
from sync.hub.allowance import Allowance
from sync.hub.file_routes import FilesOf, in_turn, router, routes
from sync.hub.files import HubFiles
from sync.terminal.file_line import HttpFiles
from sync.terminal.files import Carrier
from sync.terminal.http import HttpPeer, Key


def photo(number: int = 0, edge: int = 900) -> bytes:
    """A picture of `edge` × `edge` noise, which no format makes small."""
    noise = Image.effect_noise((edge, edge), 90 + number)
    out = BytesIO()
    noise.save(out, "PNG")
    return out.getvalue()


class Line:
    """The way to the hub's files, which may be cut after so many calls."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.left = 10**9
        self.calls: list[str] = []
        self.sent = 0

    def _go(self, name: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise Trouble("hub.away", "cut")
        self.calls.append(name)

    def known(self, names: Sequence[str]) -> Mapping[str, int]:
        self._go("known")
        return self.files.known(names)

    def put(self, name: str, start: int, content: bytes) -> int:
        self._go("put")
        self.sent += len(content)
        return self.files.put(name, start, content)

    def put_small(self, name: str, content: bytes) -> None:
        self._go("put_small")
        self.files.put_small(name, content)

    def get(self, name: str, start: int) -> bytes:
        self._go("get")
        return self.files.get(name, start)

    def get_small(self, names: Sequence[str]) -> Mapping[str, bytes]:
        self._go("get_small")
        return self.files.get_small(names)


class Yard:
    """A trio whose left terminal attaches photos."""

    def __init__(self, trio: Trio) -> None:
        self.trio = trio
        self.line = Line(HubFiles(trio.hub.app, ORG))
        self.carrier = Carrier(trio.left.app, ORG, self.line)

    def attach(self, content: bytes, name: str = "photo.jpg") -> str:
        sha, size = blobs.take_in(self.trio.left.app.writer, ORG, content)
        order = self.trio.left.all(WorkOrder)[0].id
        ann = self.trio.person("Ann")
        self.trio.left.done(AttachFile(entity="work_order", id=order, name=name, sha256=sha, size=size), ann)
        return sha

    def carry(self, carrier: Carrier | None = None) -> int:
        steps = 0
        while (carrier or self.carrier).step():
            steps += 1
        return steps

    def at_hub(self, name: str) -> bytes | None:
        with self.trio.hub.session() as session:
            return blobs.content_of(session, ORG, name)


@pytest.fixture
def yard(trio: Trio) -> Yard:
    return Yard(trio)


def test_photos_go_up_after_their_commands_small_pictures_first(yard: Yard) -> None:
    photos = [photo(1), photo(2)]
    names = [yard.attach(content) for content in photos]
    yard.trio.quiesce()
    yard.carry()
    assert [yard.at_hub(name) for name in names] == photos
    assert yard.line.calls[:2] == ["put_small", "put_small"]
    assert yard.carry() == 0


def test_a_photo_whose_command_has_not_arrived_waits_and_goes_up_after_the_next_exchange(yard: Yard) -> None:
    content = photo()
    name = yard.attach(content)
    yard.carry()
    assert yard.at_hub(name) is None
    yard.trio.quiesce()
    yard.carrier.again()
    yard.carry()
    assert yard.at_hub(name) == content


def test_a_cut_line_goes_on_where_it_stopped(yard: Yard) -> None:
    content = photo(edge=1600)
    name = yard.attach(content)
    yard.trio.quiesce()
    yard.line.left = 4
    with pytest.raises(Trouble):
        yard.carry()
    assert yard.at_hub(name) is None
    yard.line.left = 10**9
    yard.carry(Carrier(yard.trio.left.app, ORG, yard.line))  # the program was started again
    assert yard.at_hub(name) == content
    assert yard.line.sent == len(content)
    assert len(content) > 2 * PIECE


def test_a_terminal_whose_disk_is_short_sends_its_photos_and_fetches_none_until_there_is_room(yard: Yard) -> None:
    mine, theirs, short = photo(1), photo(2), [True]
    sent = yard.attach(mine)
    yard.trio.quiesce()
    yard.carry(Carrier(yard.trio.left.app, ORG, yard.line, lambda: short[0]))
    assert yard.at_hub(sent) == mine
    yard.attach(theirs)
    yard.trio.quiesce()
    yard.carry()
    line = Line(HubFiles(yard.trio.hub.app, ORG))
    right = Carrier(yard.trio.right.app, ORG, line, lambda: short[0])
    yard.carry(right)
    assert line.calls == [], "nothing was asked for"
    short[0] = False
    yard.carry(right)
    assert "get_small" in line.calls


def test_the_other_terminal_shows_the_small_picture_and_fetches_the_photo_when_somebody_opens_it(yard: Yard) -> None:
    content = photo(edge=1600)
    name = yard.attach(content)
    yard.trio.quiesce()
    yard.carry()
    right = yard.trio.right.app
    carrier = Carrier(right, ORG, HubFiles(yard.trio.hub.app, ORG))
    yard.carry(carrier)
    with yard.trio.right.session() as session:
        small = blobs.thumb_of(session, ORG, name)
        assert small
        assert Image.open(BytesIO(small)).size == (256, 256)
        assert blobs.content_of(session, ORG, name) is None
    right.writer.run(_want, yard.trio.right.app, name)
    yard.carry(carrier)
    with yard.trio.right.session() as session:
        assert blobs.content_of(session, ORG, name) == content


def _want(app: object, name: str) -> None:
    with app.writer.sessions() as session:  # type: ignore[attr-defined]
        blobs.mark(session, ORG, name, "wanted")
        session.commit()


def test_bytes_that_are_not_the_file_are_refused_and_asked_for_anew(yard: Yard) -> None:
    content = photo()
    name = yard.attach(content)
    yard.trio.quiesce()
    hub = HubFiles(yard.trio.hub.app, ORG)
    with pytest.raises(Refused) as refused:
        hub.put(name, 0, b"x" * len(content))
    assert _code(refused.value.problems[0]) == "file.damaged"
    assert hub.known([name]) == {name: 0}
    yard.carry()
    assert yard.at_hub(name) == content


def _code(problem: Problem) -> str:
    return problem.code


def test_a_record_that_tells_a_wrong_size_holds_up_nobody_s_photo(yard: Yard) -> None:
    content = photo()
    name = yard.attach(content)
    order, ben = yard.trio.right.all(WorkOrder)[0].id, yard.trio.person("Ben")
    with pytest.raises(AssertionError):  # at a terminal one has the file whose size one tells
        yard.trio.right.done(AttachFile(entity="work_order", id=order, name="x.jpg", sha256=name, size=len(content) + 9), ben)
    lie = AttachFile(entity="work_order", id=order, name="x.jpg", sha256=name, size=len(content) + 9)
    yard.trio.left.run(lie, yard.trio.person("Ann"))
    yard.trio.quiesce()
    yard.carry()
    assert yard.at_hub(name) == content


def test_the_hub_takes_and_gives_only_what_a_record_of_the_same_organisation_names(yard: Yard) -> None:
    name = yard.attach(photo())
    yard.trio.quiesce()
    yard.carry()
    others = HubFiles(yard.trio.hub.app, UUID(int=ORG.int + 1))
    with pytest.raises(Refused):
        others.get(name, 0)
    with pytest.raises(Refused):
        others.put("0" * 64, 0, b"x")
    assert others.get_small([name]) == {}
    assert HubFiles(yard.trio.hub.app, ORG).known([name]) == {name: WHOLE}


def test_a_text_has_no_small_picture_and_is_not_asked_for_again(yard: Yard) -> None:
    yard.attach(b"torque 25 Nm", "note.txt")
    yard.trio.quiesce()
    yard.carry()
    carrier = Carrier(yard.trio.right.app, ORG, HubFiles(yard.trio.hub.app, ORG))
    assert yard.carry(carrier) == 1
    assert yard.carry(carrier) == 0


def test_files_go_over_http_as_they_go_in_one_process(yard: Yard) -> None:
    left, right = photo(edge=1600), b"torque 25 Nm"
    names = [yard.attach(left), yard.attach(right, "note.txt")]
    yard.trio.quiesce()
    app = FastAPI()
    app.include_router(routes(let_in(yard), lambda: 0))
    peer = HttpPeer(Through(Client(app)), Key(LEFT, KEYS[LEFT][0]), lambda: 0)
    yard.carry(Carrier(yard.trio.left.app, ORG, HttpFiles(peer)))
    assert [yard.at_hub(name) for name in names] == [left, right]
    other = Carrier(yard.trio.right.app, ORG, HttpFiles(peer))
    yard.trio.right.app.writer.run(_want, yard.trio.right.app, names[0])
    yard.carry(other)
    with yard.trio.right.session() as session:
        assert blobs.content_of(session, ORG, names[0]) == left
        assert blobs.thumb_of(session, ORG, names[0])
    with pytest.raises((Refused, Trouble)):
        HttpFiles(peer).put("..%2f" * 12, 0, b"x")
    with pytest.raises((Refused, Trouble)):
        HttpFiles(peer).put(names[0], 0, b"x" * (PIECE + 1))


def test_a_file_that_is_too_large_is_not_taken_in(yard: Yard) -> None:
    with pytest.raises(Refused):
        yard.attach(b"0" * (blobs.MOST + 1))


def test_an_empty_file_arrives_and_holds_up_no_photo_behind_it(yard: Yard) -> None:
    empty, content = yard.attach(b"", "empty.txt"), photo()
    name = yard.attach(content)
    yard.trio.quiesce()
    for _piece in range(20):
        yard.carrier.step()
    assert (yard.at_hub(empty), yard.at_hub(name)) == (b"", content)
    assert not yard.carrier.step()
    carrier = Carrier(yard.trio.right.app, ORG, HubFiles(yard.trio.hub.app, ORG))
    yard.trio.right.app.writer.run(_want, yard.trio.right.app, empty)
    yard.carry(carrier)
    with yard.trio.right.session() as session:
        assert blobs.content_of(session, ORG, empty) == b""


def test_no_more_of_a_file_is_kept_than_it_has_bytes(yard: Yard) -> None:
    content = photo(edge=1600)
    name = yard.attach(content)
    yard.trio.quiesce()
    hub = HubFiles(yard.trio.hub.app, ORG)
    reached = hub.put(name, 0, content[:1000])
    assert [hub.put(name, start, content[:1000]) for start in (0, 1, 500, 999, 1001)] == [reached] * 5
    with yard.trio.hub.session() as session:
        assert [len(part.content) for part in session.query(blobs.BlobPart)] == [1000]
    yard.carry()
    assert yard.at_hub(name) == content


def test_nobody_puts_another_small_picture_in_the_place_of_the_first(yard: Yard) -> None:
    name = yard.attach(photo())
    yard.trio.quiesce()
    yard.carry()
    hub = HubFiles(yard.trio.hub.app, ORG)
    before = hub.get_small([name])
    hub.put_small(name, blobs.small_picture(photo(9)))
    assert hub.get_small([name]) == before


def let_in(yard: Yard) -> FilesOf:
    async def files_of(_request: Request, _body: bytes) -> HubFiles:
        return HubFiles(yard.trio.hub.app, ORG)

    return files_of


def over_http(yard: Yard) -> HttpFiles:
    app = FastAPI()
    app.include_router(routes(let_in(yard), lambda: 0))
    return HttpFiles(HttpPeer(Through(Client(app)), Key(LEFT, KEYS[LEFT][0]), lambda: 0))


def test_a_terminal_that_asks_for_files_without_pause_is_told_to_wait(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.file_routes.REQUESTS", 0.01)  # however slow this machine is, no second one is due
    device = SimpleNamespace(terminal_id=LEFT, org_id=ORG)
    devices = SimpleNamespace(asking=lambda _request, _body: device)
    app = FastAPI()
    app.include_router(router(cast(Any, SimpleNamespace(app=yard.trio.hub.app, devices=devices))))
    client = Client(app)
    assert client.ask("POST", "/sync/v1/files", b"[]").status_code == 200
    late = client.ask("POST", "/sync/v1/files", b"[]")
    assert (late.status_code, late.json()["code"]) == (429, "wire.too_often")
    assert int(late.headers["retry-after"]) >= 1


def test_whoever_asks_for_one_piece_after_the_other_is_held_back_and_not_refused() -> None:
    async def asked_three_times(requests: Allowance) -> None:
        for _piece in range(3):
            await in_turn(requests, LEFT)

    asyncio.run(asked_three_times(Allowance(rate=500, room=1)))
    with pytest.raises(Refused) as refused:
        asyncio.run(asked_three_times(Allowance(rate=0.1, room=1)))
    assert refused.value.problem.values["seconds"] == 10


def steps(carrier: Carrier, most: int = 60) -> int:
    """Carries until there is nothing more to do; that it comes to an end is the point."""
    for count in range(most):
        if not carrier.step():
            return count
    raise AssertionError("it goes on for ever")


def test_a_file_that_its_only_record_makes_longer_than_it_is_stops_nobody(yard: Yard) -> None:
    content = b"torque 25 Nm"
    name, _size = blob(content)
    lied(yard, content, len(content) + 9)
    picture = photo()
    other = yard.attach(picture, "photo.png")
    yard.trio.quiesce()
    steps(yard.carrier)
    assert (yard.at_hub(name), yard.at_hub(other)) == (None, picture)


def lied(yard: Yard, content: bytes, size: int) -> None:
    """A record tells another size than its file has."""
    app = yard.trio.left.app

    def keep() -> tuple[str, int]:
        with app.writer.sessions() as session:
            kept = blobs.keep_file(session, ORG, content)
            session.commit()
            return kept

    name, _size = app.writer.run(keep)
    order = yard.trio.left.all(WorkOrder)[0].id
    lie = AttachFile(entity="work_order", id=order, name="x.txt", sha256=name, size=size)
    yard.trio.left.done(lie, yard.trio.person("Ann"))


def test_a_file_that_the_hub_will_not_have_holds_up_no_other(yard: Yard) -> None:
    lied(yard, b"torque 25 Nm", 3)
    picture = photo()
    name = yard.attach(picture, "photo.png")
    yard.trio.quiesce()
    steps(Carrier(yard.trio.left.app, ORG, over_http(yard)))
    assert yard.at_hub(name) == picture


def test_a_file_that_comes_wrong_from_the_hub_holds_up_no_other(yard: Yard) -> None:
    names = [yard.attach(photo(number), f"{number}.png") for number in range(2)]
    yard.trio.quiesce()
    yard.carry()
    right = yard.trio.right.app
    for name in names:
        right.writer.run(_want, right, name)

    class Wrong(Line):
        def get(self, name: str, start: int) -> bytes:
            content = super().get(name, start)
            return bytes(len(content)) if name == min(names) else content

    steps(Carrier(right, ORG, Wrong(HubFiles(yard.trio.hub.app, ORG))))
    with yard.trio.right.session() as session:
        assert blobs.whole(session, ORG, names) == {max(names)}


def test_an_empty_file_whose_record_makes_it_longer_is_offered_now_and_then_and_not_for_ever(yard: Yard) -> None:
    lied(yard, b"", 9)
    yard.trio.quiesce()
    steps(yard.carrier)
    yard.carrier.again()
    steps(yard.carrier)


def test_a_small_picture_that_a_cut_line_lost_goes_again(yard: Yard) -> None:
    name = yard.attach(photo())
    yard.trio.quiesce()
    yard.line.left = 0
    with pytest.raises(Trouble):
        yard.carrier.step()
    yard.line.left = 10**9
    steps(yard.carrier)
    with yard.trio.hub.session() as session:
        assert blobs.thumb_of(session, ORG, name)


def test_a_file_that_somebody_waits_for_goes_up_from_whoever_else_has_it(yard: Yard) -> None:
    content = b"torque 25 Nm"
    name = yard.attach(content, "note.txt")
    yard.trio.quiesce()
    right = yard.trio.right
    right.app.writer.run(_want, right.app, name)  # and the left one never comes back
    blobs.take_in(right.app.writer, ORG, content)
    right.done(
        AttachFile(entity="work_order", id=right.all(WorkOrder)[0].id, name="x.txt", sha256=name, size=len(content)),
        yard.trio.person("Ben"),
    )
    yard.trio.quiesce()
    steps(Carrier(right.app, ORG, HubFiles(yard.trio.hub.app, ORG)))
    assert yard.at_hub(name) == content
