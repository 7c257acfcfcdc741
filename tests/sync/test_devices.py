"""A terminal of the hub is known by its key; a revoked one is turned away, a wiped one hands over what waits and is empty."""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.model import Person
from app.assemble import Terminal, make_terminal, open_terminal
from app.kernel import backups
from app.kernel.access import Actor
from app.kernel.attached import AttachFile
from app.kernel.blobs import content_of, keep_file
from app.kernel.dispatch import Station
from app.kernel.files import FileLock
from app.kernel.ids import new_id
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import Discrepancy, EnvelopeRow
from app.kernel.room import ballast_of
from app.kernel.standard import AddNote, SaveRecord
from app.kernel.types import Quantity
from app.parts.model import Part
from app.stock.commands import ReceiveStock
from app.terminals.commands import RevokeTerminal
from app.terminals.model import Terminal as TerminalRow
from app.terminals.model import TerminalSeen
from sync import enrolment, handed, handover, orders, signing
from sync.enrolment import Asked
from sync.hub.devices import Device, Devices, Shut, target_of
from sync.hub.enrolling import invite, invite_first
from sync.hub.gate import Gate
from sync.hub.keys import FILE, HubKeys, hub_keys
from sync.hub.peer import HubPeer
from sync.hub.recovery import Recovered, recover
from sync.pool import Reply
from sync.protocol import Hello, Pull
from sync.terminal import fork, wipe
from sync.terminal import joined as joining
from sync.terminal.enrol import Call, Enrolled, enrol
from sync.terminal.exchange import exchange
from sync.terminal.http import Key
from sync.terminal.identity import Identity, identity, membership
from world import World, refusal

KEEPER = KeyKeeper(KeyFile(lambda: b"this machine"))
TARGET = "/sync/v1/exchange"


class Hub:
    """A hub without HTTP: its keys, what it knows of terminals, and its peer."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.keys = hub_keys(world.app.writer, folder, {})
        self.devices = Devices(world.app, self.keys)
        self.gate = Gate(world.app, self.keys)
        self.peer = HubPeer(world.app, self.devices.reach)

    def line(self) -> Line:
        return Line(self)

    def revoke(self, terminal: UUID, *, wiped: bool = False) -> None:
        self.world.done(RevokeTerminal(terminal=terminal, wipe=wiped, reason="lost"))


class Line:
    """Carries a request to the gate as HTTP would, or loses the answer on the way."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.lost = 0

    def carry(self, method: str, target: str, headers: object, body: bytes, *, poll: bool = False) -> Reply:

        assert (method, target) == ("POST", enrolment.PATH)
        try:
            answered = self.hub.gate.let_in(enrolment.read(Asked, json.loads(body)), "10.0.0.1")
        except Refused as refused:
            told = {"code": refused.problems[0].code, "title": refused.problems[0].sentence, "hint": "Do."}
            return Reply(409, {"content-type": "application/problem+json"}, json.dumps(told).encode())
        if self.lost:
            self.lost -= 1
            raise Trouble("hub.away", "The hub cannot be reached.")
        return Reply(200, {"content-type": "application/json"}, json.dumps(vars(answered)).encode())

    def hurry(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def hub(hub: World, tmp_path: Path) -> Hub:
    return Hub(hub, tmp_path / "hub")


@pytest.fixture
def shop(hub: Hub) -> Hub:
    hub.world.furnish()
    return hub


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "machine" / "terminal.fettle"


def joined(hub: Hub, store: Path, **more: str) -> Enrolled:
    """A machine at `store` enrols with a new code."""
    invited = invite(hub.world.app, hub.keys, hub.world.org, name="Counter")
    return enrol(store, Call("https://hub", invited.code, hub_words=invited.hub_words, **more), keeper=KEEPER, line=hub.line())


def who(terminal: Terminal, store: Path) -> Identity:
    found = identity(terminal.app.read_engine, terminal.app.station, store.parent, KEEPER)
    assert found is not None
    return found


@pytest.fixture
def member(shop: Hub, store: Path) -> Iterator[Terminal]:
    joined(shop, store)
    terminal = open_terminal(store, keeper=KEEPER)
    yield terminal
    if store.exists():
        terminal.close()


def asked(hub: Hub, known: Identity, *, body: bytes = b"x", **changed: str) -> Device:
    """The hub judges a request that a terminal signs now."""
    now = hub.world.app.clock.now_ms()
    headers = signing.sign(known.key.private, "POST", TARGET, now, secrets.token_hex(16), b"x")
    return hub.devices.who({signing.TERMINAL: known.key.terminal_id.hex, **headers, **changed}, "POST", TARGET, body)


# --------------------------------------------------------------------------------------------------------- the hub's keys


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights of files in another way")
def test_the_hub_s_keys_are_its_own_and_stay(hub: Hub) -> None:
    assert stat.S_IMODE((hub.folder / FILE).stat().st_mode) == 0o600
    assert hub_keys(hub.world.app.writer, hub.folder, {}) == hub.keys
    assert [one.name for one in hub.folder.iterdir()] == [FILE], "nothing is left lying about"


def test_another_process_takes_the_keys_from_the_environment(hub: Hub, tmp_path: Path) -> None:
    elsewhere = {"FETTLE_HUB_KEYS": hub.keys.text()}
    assert hub_keys(hub.world.app.writer, tmp_path / "elsewhere", elsewhere) == hub.keys


@pytest.mark.parametrize("text", ["", "{}", '{"signing": "00", "recovery": "00"}', "nonsense"])
def test_lost_or_strange_keys_are_never_made_anew(hub: Hub, tmp_path: Path, text: str) -> None:
    with pytest.raises(Trouble) as trouble:
        hub_keys(hub.world.app.writer, tmp_path / "new", {"FETTLE_HUB_KEYS": text})
    assert trouble.value.problem.code in ("hub.keys", "hub.keys_unreadable")
    assert not (tmp_path / "new" / FILE).exists()


def test_only_the_hub_opens_what_is_sealed_for_it() -> None:
    private, public = handover.recovery_pair()
    sealed = sealed_for(public, b"some work", b"and more")
    assert list(handover.unseal_records(private, BytesIO(sealed))) == [b"some work", b"and more"]
    assert b"some work" not in sealed
    large = bytes(40 << 20)
    assert handover.unseal(private, handover.seal(public, large)) == large
    with pytest.raises(Trouble):
        list(handover.unseal_records(handover.recovery_pair()[0], BytesIO(sealed)))


@given(st.integers(0), st.integers(1, 255))
def test_a_sealed_file_that_was_changed_or_cut_anywhere_is_found_out(place: int, change: int) -> None:
    sealed = sealed_for(PUBLIC, b"some work", b"and more")
    place %= len(sealed)
    for wrong in (sealed[:place], sealed[:place] + bytes([sealed[place] ^ change]) + sealed[place + 1 :]):
        with pytest.raises(Trouble):
            list(handover.unseal_records(PRIVATE, BytesIO(wrong)))


PRIVATE, PUBLIC = handover.recovery_pair()


def sealed_for(public: bytes, *records: bytes) -> bytes:
    out = BytesIO()
    handover.seal_records(public, records, out)
    return out.getvalue()


# --------------------------------------------------------------------------------------------------------- who asks


def test_an_enrolled_terminal_is_known_by_its_signature(shop: Hub, member: Terminal, store: Path) -> None:
    device = asked(shop, who(member, store))
    assert (device.terminal_id, device.org_id) == (member.app.station.id, shop.world.org)
    assert device.reach.org_id == shop.world.org


def test_forged_repeated_and_strange_requests_are_turned_away(shop: Hub, member: Terminal, store: Path) -> None:
    known = who(member, store)
    assert refusal(lambda: asked(shop, known, body=b"y")) == "device.signature"
    assert refusal(lambda: asked(shop, known, **{signing.TERMINAL: new_id().hex})) == "device.unknown"
    assert refusal(lambda: asked(shop, known, **{signing.TERMINAL: "nobody"})) == "device.unknown"
    again = {signing.NONCE: "0" * 32}
    now = shop.world.app.clock.now_ms()
    same = signing.sign(known.key.private, "POST", TARGET, now, "0" * 32, b"x") | again
    assert asked(shop, known, **same)
    assert refusal(lambda: asked(shop, known, **same)) == "device.replayed"


def test_a_terminal_does_not_speak_for_another(shop: Hub, member: Terminal, store: Path, tmp_path: Path) -> None:
    other = joined(shop, tmp_path / "other" / "terminal.fettle")
    known = who(member, store)
    assert refusal(lambda: asked(shop, known, **{signing.TERMINAL: other.terminal.hex})) == "device.signature"


def test_what_is_asked_is_judged_by_path_and_query_as_they_came() -> None:
    assert target_of({"raw_path": b"/sync/v1/wait%20", "path": "/sync/v1/wait ", "query_string": b"after=7"}) == (
        "/sync/v1/wait%20?after=7"
    )
    assert target_of({"path": "/a"}) == "/a"


def test_a_terminal_holds_its_site_and_the_store_rooms_there(shop: Hub, store: Path) -> None:
    world = shop.world
    other = world.save("site", code="N", name="North", zone="Europe/Berlin")
    world.save("warehouse", site_id=other.hex, code="NW", name="North store")
    code = invite(world.app, shop.keys, world.org, site=world.site).code
    ident = enrol(store, Call("https://hub", code), keeper=KEEPER, line=shop.line()).terminal
    reach = shop.devices.reach(ident)
    assert reach is not None
    assert (reach.sites, reach.warehouses, reach.adopting) == ({world.site}, {world.warehouse}, False)
    shop.world.done(SaveRecord(entity="terminal", id=ident, fields={"site_id": [world.site.hex, other.hex]}))
    moved = shop.devices.reach(ident)
    assert moved is not None
    assert moved.sites == {other}, "at once where it was changed"


def test_who_was_heard_of_is_written_down_now_and_then(shop: Hub, member: Terminal, store: Path) -> None:
    device = asked(shop, who(member, store))
    heartbeat = {"waiting": 3, "program": "0.2.0", "disk": 90}
    shop.devices.told(device.terminal_id, [Hello(device.terminal_id.hex, 12, 6, heartbeat=heartbeat)])
    shop.devices.told(device.terminal_id, [Pull(7)])
    shop.world.app.writer.run(shop.devices.write_down)
    with shop.world.session() as session:
        session.info["orgs"] = {shop.world.org}
        seen = session.get_one(TerminalSeen, device.terminal_id)
        assert (seen.number, seen.cursor, seen.waiting, seen.version) == (12, 7, 3, "0.2.0")


@pytest.mark.parametrize(("number", "disk"), [(1, "\0"), (1, float("nan")), (1 << 63, "full")])
def test_what_cannot_be_kept_of_one_terminal_is_no_reason_to_forget_the_others(
    shop: Hub, member: Terminal, store: Path, number: int, disk: object
) -> None:
    device = asked(shop, who(member, store))
    shop.devices.told(device.terminal_id, [Pull(7)])
    for other in (UUID(int=1), UUID(int=(1 << 128) - 1)):
        strange = {"number": number, "heartbeat": {"disk": disk}}
        shop.devices.heard(Device(other, shop.world.org, device.reach), **strange)
    shop.world.app.writer.run(shop.devices.write_down)
    with shop.world.session() as session:
        session.info["orgs"] = {shop.world.org}
        assert [(one.terminal_id, one.cursor) for one in session.query(TerminalSeen)] == [(device.terminal_id, 7)]


# --------------------------------------------------------------------------------------------------------- joining


def test_a_fresh_machine_gets_a_store_of_the_hub_s_organisation(shop: Hub, store: Path) -> None:
    enrolled = joined(shop, store)
    assert (enrolled.fresh, enrolled.name, enrolled.organisation) == (True, "Counter", "Moto Keller")
    terminal = open_terminal(store, keeper=KEEPER)
    assert (terminal.org_id, terminal.app.station.id, terminal.app.station.enrolled) == (shop.world.org, enrolled.terminal, True)
    assert terminal.app.station.zone == "Europe/Berlin"
    exchange(terminal.app, shop.peer)
    rows = World(terminal.app, shop.world.org).rows(Part)
    terminal.close()
    assert len(rows) == 5, "a plain pull brings everything"


def test_the_private_key_is_not_in_the_store_and_a_copied_store_cannot_speak(shop: Hub, store: Path) -> None:
    joined(shop, store)
    terminal = open_terminal(store, keeper=KEEPER)
    known = who(terminal, store)
    terminal.close()
    assert known.key.private not in store.read_bytes()
    KEEPER.drop(store.parent, known.hub.mark)  # what a copy of the store has not
    terminal = open_terminal(store, keeper=KEEPER)
    with pytest.raises(Trouble) as trouble:
        who(terminal, store)
    terminal.close()
    assert trouble.value.problem.code == "device.key"


def test_a_lost_answer_is_asked_for_again_under_the_same_key(shop: Hub, store: Path) -> None:
    line = shop.line()
    line.lost = 2
    code = invite(shop.world.app, shop.keys, shop.world.org).code
    assert enrol(store, Call("https://hub", code), keeper=KEEPER, line=line).fresh
    assert len(shop.world.rows(TerminalRow)) == 1


def test_a_machine_that_is_turned_away_is_as_it_was(shop: Hub, store: Path) -> None:
    with pytest.raises(Refused) as refused:
        enrol(store, Call("https://hub", "0000-0000-0000"), keeper=KEEPER, line=shop.line())
    assert refused.value.problems[0].code == "terminal.code"
    assert not store.exists()
    assert [one for one in store.parent.iterdir() if one.suffix == ".key"] == []


def test_a_strange_machine_in_the_hub_s_place_is_found_out(shop: Hub, store: Path) -> None:
    code = invite(shop.world.app, shop.keys, shop.world.org).code
    call = Call("https://hub", code, hub_words="babab-babab-babab-babab")
    assert refusal(lambda: enrol(store, call, keeper=KEEPER, line=shop.line())) == "enrol.stranger"
    assert not store.exists()


def test_an_empty_hub_takes_over_what_was_set_up_before_there_was_one(hub: Hub, store: Path) -> None:
    world, terminal = worked_alone(store)
    waits = len(world.outbox())
    terminal.close()
    code = invite_first(hub.world.app, hub.keys).code
    enrolled = enrol(store, Call("https://hub", code, name="Counter"), keeper=KEEPER, line=hub.line())
    assert (enrolled.adopts, enrolled.fresh) == (True, False)
    again = open_terminal(store, keeper=KEEPER)
    assert len(World(again.app, world.org).outbox()) == waits, "nothing is lost"
    assert again.app.station.zone == "Europe/Berlin"
    while exchange(again.app, hub.peer).behind:
        pass
    again.close()
    theirs = World(hub.world.app, world.org)
    assert {row.code for row in theirs.rows(Part) if row.org_id == world.org} == {f"PT-{place}" for place in range(5)}
    states = {row.state for row in theirs.rows(EnvelopeRow) if row.terminal_id == enrolled.terminal}
    assert states == {"applied"}


def worked_alone(store: Path) -> tuple[World, Terminal]:
    """A workshop that was set up on one machine, before there was a hub."""

    terminal = make_terminal(store, Station(new_id(), zone="Europe/Berlin"), keeper=KEEPER)
    return World(terminal.app, terminal.org_id).furnish(), terminal


def test_a_hub_of_somebody_else_refuses_and_nothing_is_lost(shop: Hub, store: Path) -> None:
    world, terminal = worked_alone(store)
    before, station = world.outbox(), terminal.app.station
    terminal.close()
    code = invite(shop.world.app, shop.keys, shop.world.org).code
    assert refusal(lambda: enrol(store, Call("https://hub", code), keeper=KEEPER, line=shop.line())) == (
        "terminal.other_organisation"
    )
    again = open_terminal(store, keeper=KEEPER)
    assert (World(again.app, world.org).outbox(), again.app.station, again.org_id) == (before, station, world.org)
    assert membership(again.app.read_engine) is None
    again.close()


def test_a_store_in_which_nothing_was_done_may_join_any_hub(shop: Hub, store: Path) -> None:

    make_terminal(store, keeper=KEEPER).close()
    assert joined(shop, store).fresh
    terminal = open_terminal(store, keeper=KEEPER)
    assert terminal.org_id == shop.world.org
    terminal.close()


# --------------------------------------------------------------------------------------------------- revoked and wiped


def test_a_revoked_terminal_is_turned_away_and_keeps_what_waits(shop: Hub, member: Terminal, store: Path) -> None:
    known = who(member, store)
    worked(shop, member)
    shop.revoke(known.key.terminal_id)
    assert refusal(lambda: asked(shop, known)) == "device.revoked"
    assert refusal(lambda: shop.peer.hello(Hello(known.key.terminal_id.hex, 1, 0))) == "sync.unknown_terminal"
    assert World(member.app, shop.world.org).outbox() == ["ReceiveStock"]


def test_a_revoked_terminal_that_is_enrolled_again_goes_on_where_it_was(shop: Hub, store: Path) -> None:
    joined(shop, store)
    member = open_terminal(store, keeper=KEEPER)
    first = who(member, store)
    worked(shop, member)
    member.close()
    shop.revoke(first.key.terminal_id)
    assert joined(shop, store).terminal == first.key.terminal_id
    terminal = open_terminal(store, keeper=KEEPER)
    assert asked(shop, who(terminal, store))
    assert refusal(lambda: asked(shop, first)) == "device.signature", "its old key is good for nothing"
    assert KEEPER.find_beside(store.parent, first.hub.mark) is None
    exchange(terminal.app, shop.peer)
    assert World(terminal.app, shop.world.org).outbox() == []
    terminal.close()


def worked(shop: Hub, terminal: Terminal) -> None:
    """Somebody receives two brake pads at a terminal that holds what the hub has."""
    world = shop.world
    kim = world.person("Kim", "KEE")
    exchange(terminal.app, shop.peer)
    there = World(terminal.app, world.org)
    there.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2)), terminal.app.current(kim))


def the_order(shop: Hub, known: Identity) -> Refused:
    """What a wiped terminal's line brings: the hub's refusal, with the order in its document."""

    with pytest.raises(Shut) as shut:
        asked(shop, known)
    answer = {"code": "device.wipe", **shut.value.more}
    return Refused(Problem("device.wipe", "{told}", values={"told": "", "answer": answer}))


def test_a_wiped_terminal_hands_over_what_waits_and_leaves_nothing_else(shop: Hub, member: Terminal, store: Path) -> None:
    known, world = who(member, store), shop.world
    worked(shop, member)
    photographed(shop, member)
    shop.revoke(known.key.terminal_id, wiped=True)
    assert wipe.ordered(the_order(shop, known), known)
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    assert list(store.parent.iterdir()) == [file]
    assert b"ReceiveStock" not in file.read_bytes()

    done = taken_in(shop, file)
    assert (done.commands, done.taken, done.doubtful, done.files) == (2, 2, 0, 1)
    with world.session() as session:
        session.info["orgs"] = {world.org}
        assert content_of(session, world.org, sha256(b"a photo").hexdigest()) == b"a photo"
    assert world.on_hand() == Quantity(7)
    again = taken_in(shop, file)
    assert (again.taken, world.on_hand()) == (2, Quantity(7)), "a file that is taken in twice counts once"


class FullDisk:
    """A disk that takes what is sealed only once something else has been given up."""

    def __init__(self, *in_the_way: Path) -> None:
        self.in_the_way = in_the_way

    def __call__(self, key: bytes, records: Iterable[bytes], out: BinaryIO) -> None:
        if any(one.exists() for one in self.in_the_way):
            out.write(b"as much as there is room for")
            raise OSError(errno.ENOSPC, "No space left on device")
        SEALING(key, records, out)


SEALING = handover.seal_records


def filled_up(terminal: Terminal) -> tuple[Path, Path]:
    """The reserve and the folder of backups of a store whose disk is full."""
    store = terminal.store.path
    ballast, folder = ballast_of(store), backups.folder_of(store)
    ballast.write_bytes(b"reserve")
    folder.mkdir(exist_ok=True)
    (folder / f"1{backups.SUFFIX}").write_bytes(b"backup")
    return ballast, folder


@pytest.mark.parametrize("given_up", [1, 2])
def test_on_a_full_disk_the_reserve_and_then_the_backups_make_room_for_what_waits(
    given_up: int, shop: Hub, member: Terminal, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = who(member, store)
    worked(shop, member)
    monkeypatch.setattr(handover, "seal_records", FullDisk(*filled_up(member)[:given_up]))
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    assert list(store.parent.iterdir()) == [file]
    done = taken_in(shop, file)
    assert (done.taken, shop.world.on_hand()) == (1, Quantity(7))


def test_on_a_full_disk_a_terminal_on_which_nothing_waits_is_wiped_too(
    shop: Hub, member: Terminal, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, write = who(member, store), FileLock.write
    ballast, _folder = filled_up(member)

    def written(lock: FileLock, text: str) -> None:
        if ballast.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(lock, text)

    monkeypatch.setattr(FileLock, "write", written)
    assert wipe.wipe(member, known, KEEPER) is None
    assert list(store.parent.iterdir()) == []


def test_where_a_disk_stays_full_nothing_is_removed_that_waits_and_it_is_said(
    shop: Hub, member: Terminal, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = who(member, store)
    worked(shop, member)
    monkeypatch.setattr(handover, "seal_records", FullDisk(store))
    with pytest.raises(Trouble) as trouble:
        wipe.wipe(member, known, KEEPER)
    assert trouble.value.problem.code == "wipe.full"
    assert str(store.parent) in trouble.value.problem.sentence
    assert not list(store.parent.glob("waiting-*"))
    assert World(member.app, shop.world.org).outbox() == ["ReceiveStock"], "it works on, and does it at the next order"
    monkeypatch.undo()
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    assert taken_in(shop, file).taken == 1


def test_a_disk_that_takes_nothing_is_told_as_elsewhere(
    shop: Hub, member: Terminal, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = who(member, store)
    worked(shop, member)
    ballast, _folder = filled_up(member)

    def read_only(*_what: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(handover, "seal_records", read_only)
    with pytest.raises(Trouble) as trouble:
        wipe.wipe(member, known, KEEPER)
    assert trouble.value.problem.code == "store.read_only"
    assert ballast.exists(), "there is room, so nothing makes any"


def test_what_was_done_after_the_revocation_goes_before_people(shop: Hub, member: Terminal, store: Path) -> None:
    known, world = who(member, store), shop.world
    world.person("Kim", "KEE")
    exchange(member.app, shop.peer)
    shop.revoke(known.key.terminal_id, wiped=True)
    there = World(member.app, world.org)
    kim = member.app.current(next(one for one in people(there) if one.name == "Kim"))
    there.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2)), kim)
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    done = taken_in(shop, file)
    assert (done.taken, done.doubtful, world.on_hand()) == (1, 1, Quantity(7)), "it is a fact, and somebody looks at it"
    assert [row.code for row in world.rows(Discrepancy)] == ["terminal.after"]


def test_what_was_done_after_the_revocation_does_so_too_where_the_terminal_was_renamed_since(
    shop: Hub, member: Terminal, store: Path
) -> None:
    known, world = who(member, store), shop.world
    worked(shop, member)
    shop.revoke(known.key.terminal_id)
    there = World(member.app, world.org)
    kim = member.app.current(next(one for one in people(there) if one.name == "Kim"))
    there.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(2)), kim)
    name = world.get(TerminalRow, known.key.terminal_id).name
    world.done(SaveRecord(entity="terminal", id=known.key.terminal_id, fields={"name": [name, "Bench, stolen"]}))
    shop.revoke(known.key.terminal_id, wiped=True)
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    done = taken_in(shop, file)
    assert (done.taken, done.doubtful) == (2, 1), "the first was done before, the second while it was shut out already"


def people(world: World) -> list[Actor]:

    return [Actor(row.id, row.org_id, row.name) for row in world.rows(Person)]


def test_nobody_but_the_hub_orders_a_wipe(shop: Hub, member: Terminal, store: Path) -> None:

    known = who(member, store)
    forger = HubKeys(signing.keypair()[0], handover.recovery_pair()[0])

    def told(answer: object) -> Refused:
        return Refused(Problem("device.wipe", "{told}", values={"told": "", "answer": answer}))

    forged = orders.wipe(forger.signing, known.key.terminal_id, known.public_key)
    other = orders.wipe(shop.keys.signing, new_id(), known.public_key)
    before = orders.wipe(shop.keys.signing, known.key.terminal_id, signing.keypair()[1])
    for order in (forged, other, before, {}, None, {"order": "wipe", "signature": 7}, "wipe"):
        assert not wipe.ordered(told({"order": order}), known)
    assert not wipe.ordered(told(None), known)
    assert wipe.ordered(told({"order": orders.wipe(shop.keys.signing, known.key.terminal_id, known.public_key)}), known)


def photographed(shop: Hub, terminal: Terminal) -> None:
    """Somebody attaches a photo, which no exchange has brought to the hub."""
    there = World(terminal.app, shop.world.org)
    kim = terminal.app.current(next(one for one in people(there) if one.name == "Kim"))
    with terminal.app.writer.sessions() as session:
        name, size = terminal.app.writer.run(keep_file, session, shop.world.org, b"a photo")
        terminal.app.writer.run(session.commit)
    attach = AttachFile(entity="part", id=shop.world.part, name="pads.jpg", size=size, sha256=name)
    there.done(attach, kim)


def taken_in(shop: Hub, file: Path) -> Recovered:
    with file.open("rb") as stream:
        return recover(shop.world.app, shop.devices, stream)


def test_what_is_not_this_hub_s_to_take_in_is_refused(shop: Hub, member: Terminal, store: Path, tmp_path: Path) -> None:
    known = who(member, store)
    worked(shop, member)
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    stranger = Devices(shop.world.app, HubKeys(signing.keypair()[0], handover.recovery_pair()[0]))
    with file.open("rb") as stream, pytest.raises(Trouble):
        recover(shop.world.app, stranger, stream)

    def code(*records: bytes) -> str:
        sealed = BytesIO(sealed_for(shop.keys.recovery_public, *records))
        return refusal(lambda: recover(shop.world.app, shop.devices, sealed))

    head = handed.Head(known.key.terminal_id, shop.world.org, 2, "")
    assert code() == code(b"no commands") == code(b"Hnothing") == "recovery.empty"
    assert code(handed.head(replace(head, terminal=new_id()))) == "recovery.nobody"
    assert code(handed.head(replace(head, organisation=new_id()))) == "recovery.nobody"
    assert code(handed.head(replace(head, first_number=99)), handed.commands(["x"])) == "recovery.gap"
    assert code(handed.head(head), b"Cnonsense") == code(handed.head(head), b"X") == "recovery.empty"


def test_another_process_of_the_hub_learns_of_a_revocation(
    shop: Hub, member: Terminal, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.hub.devices.FRESH", 0.0)  # seconds that it would believe what it knows
    known = who(member, store)
    other = Devices(shop.world.app, shop.keys)
    shop.world.app.notices._listeners.remove(other._changed)  # it hears nothing of what the first one does
    assert other.reach(known.key.terminal_id) is not None
    shop.revoke(known.key.terminal_id)
    assert other.reach(known.key.terminal_id) is None


# ------------------------------------------------------------------------------------------------------- answers that get lost


def invited(shop: Hub) -> Call:
    return Call("https://hub", invite(shop.world.app, shop.keys, shop.world.org).code)


def lost(shop: Hub, store: Path, call: Call) -> None:
    """A machine asks to be let in, and hears nothing, however often."""
    line = shop.line()
    line.lost = 3
    with pytest.raises(Trouble):
        enrol(store, call, keeper=KEEPER, line=line)
    assert not line.lost


def test_a_machine_that_heard_nothing_comes_in_with_the_same_code_later(shop: Hub, store: Path) -> None:
    call = invited(shop)
    lost(shop, store, call)
    enrolled = enrol(store, call, keeper=KEEPER, line=shop.line())
    assert [row.id for row in shop.world.rows(TerminalRow)] == [enrolled.terminal]
    terminal = open_terminal(store, keeper=KEEPER)
    assert asked(shop, who(terminal, store))
    terminal.close()
    assert sorted(one.suffix for one in store.parent.iterdir()) == [".asking", ".fettle", ".key", ".key", ".lock"]


def test_a_machine_may_ask_again_with_its_code_and_a_new_code_is_asked_with_under_a_new_key(shop: Hub, store: Path) -> None:
    call = invited(shop)
    first = enrol(store, call, keeper=KEEPER, line=shop.line())
    assert enrol(store, call, keeper=KEEPER, line=shop.line()) == first
    terminal = open_terminal(store, keeper=KEEPER)
    before = who(terminal, store)
    worked(shop, terminal)
    terminal.close()
    assert not enrol(store, call, keeper=KEEPER, line=shop.line()).fresh, "what it holds stays"
    shop.revoke(first.terminal)
    enrol(store, invited(shop), keeper=KEEPER, line=shop.line())
    terminal = open_terminal(store, keeper=KEEPER)
    assert who(terminal, store).key.terminal_id == first.terminal
    assert who(terminal, store).public_key != before.public_key, "a key that was shut out never comes back"
    terminal.close()


def test_a_new_code_in_the_place_of_one_that_was_never_answered_leaves_no_key_behind(shop: Hub, store: Path) -> None:
    lost(shop, store, invited(shop))
    (before,) = (one for one in store.parent.iterdir() if one.suffix == ".key")
    joined(shop, store)
    terminal = open_terminal(store, keeper=KEEPER)
    assert who(terminal, store).hub.mark.hex() != before.stem
    worked(shop, terminal)
    terminal.close()
    shop.revoke(terminal.app.station.id)
    joined(shop, store)
    assert not before.exists()
    assert len([one for one in store.parent.iterdir() if one.suffix == ".key"]) == 2, "its own and the store's"


def test_a_code_that_is_mistyped_in_between_spoils_nothing(shop: Hub, store: Path) -> None:
    call = invited(shop)
    lost(shop, store, call)
    assert refusal(lambda: enrol(store, replace(call, code="0000-0000-0000"), keeper=KEEPER, line=shop.line())) == "terminal.code"
    assert enrol(store, call, keeper=KEEPER, line=shop.line()).fresh


def test_a_store_that_heard_nothing_keeps_its_work_and_comes_in_later(shop: Hub, store: Path) -> None:
    joined(shop, store)
    member = open_terminal(store, keeper=KEEPER)
    before = who(member, store).key
    worked(shop, member)
    member.close()
    shop.revoke(before.terminal_id)
    call = invited(shop)
    lost(shop, store, call)
    member = open_terminal(store, keeper=KEEPER)
    assert who(member, store).key == before, "it is who it was until it hears"
    member.close()
    enrol(store, call, keeper=KEEPER, line=shop.line())
    member = open_terminal(store, keeper=KEEPER)
    exchange(member.app, shop.peer)
    assert World(member.app, shop.world.org).outbox() == []
    member.close()


def test_a_disk_that_fills_up_once_the_hub_has_let_the_machine_in_costs_no_code(
    shop: Hub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_all: object, **_more: object) -> Terminal:
        raise Trouble("store.full", "The disk is full: nothing of this was saved.")

    call = invited(shop)
    with monkeypatch.context() as patched:
        patched.setattr("sync.terminal.enrol.make_terminal", full)
        with pytest.raises(Trouble):
            enrol(store, call, keeper=KEEPER, line=shop.line())
    assert enrol(store, call, keeper=KEEPER, line=shop.line()).fresh


@pytest.mark.parametrize("place", ["app.kernel.keys.os.write", "sync.terminal.asking.write_whole"])
def test_a_disk_that_is_full_before_the_hub_is_asked_is_called_so(
    shop: Hub, store: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*_all: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    call = invited(shop)
    with monkeypatch.context() as patched:
        patched.setattr(place, full)
        with pytest.raises(Trouble) as told:
            enrol(store, call, keeper=KEEPER, line=shop.line())
    assert told.value.problem.code == "store.full"
    assert list(store.parent.iterdir()) == []
    assert enrol(store, call, keeper=KEEPER, line=shop.line()).fresh


@pytest.mark.parametrize(
    "wrong",
    [{"terminal": "7"}, {"organisation": ""}, {"site": "M"}, {"hub_key": "00"}, {"recovery_key": "x"}, {"zone": "../etc"}],
)
def test_an_answer_that_cannot_be_a_hub_s_is_called_so(shop: Hub, store: Path, wrong: dict[str, str]) -> None:
    class Strange(Line):
        def carry(self, method: str, target: str, headers: object, body: bytes, *, poll: bool = False) -> Reply:
            reply = super().carry(method, target, headers, body, poll=poll)
            return replace(reply, body=json.dumps({**json.loads(reply.body), **wrong}).encode())

    with pytest.raises(Trouble) as told:
        enrol(store, invited(shop), keeper=KEEPER, line=Strange(shop))
    assert told.value.problem.code == "enrol.answer"
    assert not store.exists()


def test_large_commands_that_a_wiped_terminal_hands_over_are_taken_in_too(
    shop: Hub, member: Terminal, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = who(member, store)
    worked(shop, member)
    there = World(member.app, shop.world.org)
    kim = member.app.current(next(one for one in people(there) if one.name == "Kim"))
    for number in range(20):
        there.done(AddNote(entity="part", id=shop.world.part, text=f"{number} " + "x" * 3000), kim)
    shop.revoke(known.key.terminal_id, wiped=True)
    monkeypatch.setattr(handed, "LARGEST", 40_000)
    file = wipe.wipe(member, known, KEEPER)
    assert file is not None
    done = taken_in(shop, file)
    assert (done.commands, done.taken) == (21, 21)


def test_a_terminal_whose_copied_store_got_another_name_obeys_its_hub_without_a_restart(
    shop: Hub, member: Terminal, store: Path
) -> None:
    obeyed: list[Identity] = []
    engine = joining.joined(member, KEEPER, obeyed.append).engine
    worked(shop, member)
    fork.reborn(member.app, HubPeer(shop.world.app, shop.devices.reach, shop.devices.renew))
    now = replace(who(member, store), key=Key(member.app.station.id, who(member, store).key.private))
    shop.revoke(now.key.terminal_id, wiped=True)
    engine._refused(the_order(shop, now))
    engine.close()
    assert obeyed == [now]
    file = wipe.wipe(member, obeyed[0], KEEPER)
    assert file is not None
    assert taken_in(shop, file).taken == 1
