"""How work is done at the demo workshop: procedures for each of its eight motorcycles, some for all, and packages of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from app.demo.catalogue import MODELS
from app.demo.stage import Stage
from app.kernel.standard import SaveMany

APART = 10  # places between two steps


class Step(NamedTuple):
    """What is done, with what, what is dangerous, and the torque in newton metres (0: nothing is tightened)."""

    what: str
    tools: str = ""
    hazard: str = ""
    torque: int = 0


class Kind(NamedTuple):
    """Work of one kind: `fitted` are families of the model's own parts, `usual` parts of all models with how many of each; of
    what is only sometimes needed the number is below zero."""

    code: str
    name: str
    tenths: int
    fitted: tuple[str, ...]
    usual: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]


LIFT = Step("Lift the wheel off the ground and secure the motorcycle", "Stand, wheel chock", "It may tip over")
RIDE = Step("Ride it for five minutes and look at the work once more", hazard="Brakes grip only after some stops")
KINDS = (
    Kind("OIL", "Change oil and filter", 10, ("FLT-OI",), (("OIL-10W40", 4), ("WSH-AL14", 1)), (
        Step("Warm the engine up and drain the oil", "Drip tray, 17 mm socket", "The oil and the exhaust are hot"),
        Step("Renew the filter, its gasket oiled", "Filter wrench"),
        Step("Tighten the drain plug on a new washer", "Torque wrench 3/8″", torque=24),
        Step("Fill the oil up and read its level after a minute"),
    )),
    Kind("BPF", "Renew front brake pads", 12, ("BRK-PF",), (("FLD-CLEAN", 1), ("FLD-DOT4", -1)), (
        Step("Take the callipers off and push the pistons back", "Piston tool", "Brake dust: do not breathe it in"),
        Step("Clean the callipers and put the new pads in", "Brake cleaner", "Brake cleaner burns easily"),
        Step("Tighten the callipers", "Torque wrench 1/2″", torque=38),
        Step("Pump the lever until it is firm; top the fluid up", hazard="Without this the first stop fails"),
        RIDE,
    )),
    Kind("BPR", "Renew rear brake pads", 10, ("BRK-PR",), (("FLD-CLEAN", 1), ("LUB-COPPER", 1)), (
        LIFT,
        Step("Renew the pads and grease their pins", "Copper paste", "Brake dust: do not breathe it in"),
        Step("Tighten the calliper", "Torque wrench 3/8″", torque=25),
        RIDE,
    )),
    Kind("CHN", "Renew chain and sprockets", 18, ("CHN-KT",), (("LUB-CHAIN", 1), ("PIN-SPLIT", 1), ("NUT-AXLE", -1)), (
        LIFT,
        Step("Open the chain and renew both sprockets", "Chain tool", "Chips: wear glasses"),
        Step("Tighten the front sprocket", "Torque wrench 1/2″", torque=108),
        Step("Rivet the new chain and set its slack to 30 mm", "Chain tool"),
        Step("Tighten the axle nut and put a new split pin in", "Torque wrench 1/2″", torque=100),
    )),
    Kind("PLG", "Renew plugs and air filter", 15, ("SPK-PL", "FLT-AI"), (), (
        Step("Take tank and air box off", "Tray for the screws", "Petrol burns easily"),
        Step("Tighten the new plugs into the cold engine", "Plug socket, torque wrench 1/4″", torque=12),
        Step("Clean the air box and put the new filter in"),
    )),
    Kind("WHL", "Renew front wheel bearings", 16, ("BRG-WF",), (("LUB-GREASE", 1), ("NUT-AXLE", -1)), (
        LIFT,
        Step("Pull the old bearings and drive the new ones in straight", "Bearing puller, heater", "Parts are hot"),
        Step("Tighten the axle", "Torque wrench 1/2″", torque=72),
        Step("Turn the wheel by hand: it runs quietly and without play"),
        RIDE,
    )),
)  # fmt: skip
FOR_ALL = (  # code, name, tenths of an hour, fixed price in cents, steps
    ("FAULTS", "Read the fault memory", 3, 2900, (Step("Connect the reader and note every fault", "Diagnostic reader"),)),
    ("WASH", "Wash and dry", 5, 1900, (Step("Cover exhaust and switches, then wash", "Washing place"),)),
    ("TYRES", "Look at tyres and their pressure", 2, 0, (
        Step("Measure the tread of both tyres", "Tread gauge"), Step("Set the pressure of both tyres cold", "Tyre gauge"),
    )),
)  # fmt: skip
PACKAGES = (  # code, name, the model's own procedures and those for all
    ("INS", "Yearly inspection", ("OIL", "PLG"), ("FAULTS", "TYRES")),
    ("BRK", "Brakes front and rear", ("BPF", "BPR"), ()),
)
Rows = Iterator[tuple[str, dict[str, Any]]]


def describe(stage: Stage) -> None:
    """Five commands: the procedures, their steps and parts, and the packages with what is in them."""

    def hex_of(entity: str) -> Callable[[str], str]:
        return lambda code: stage.ident(entity, code).hex

    procedure, part, package = hex_of("procedure"), hex_of("part"), hex_of("package")
    for entity, rows in (
        ("procedure", _procedures()),
        ("procedure_step", _steps(procedure)),
        ("procedure_part", _parts(procedure, part)),
        ("package", _packages()),
        ("package_item", _held(package, procedure)),
    ):
        stage.do(SaveMany(entity=entity, rows=[{"id": stage.ident(entity, name).hex, **fields} for name, fields in rows]))


def _procedures() -> Rows:
    for suffix, bike in MODELS:
        make, _blank, model = bike.partition(" ")
        for kind in KINDS:
            code = f"{kind.code}-{suffix}"
            yield code, {"code": code, "name": kind.name, "make": make, "model": model, "hours": f"{kind.tenths / 10}"}
    for code, name, tenths, price, _steps_of_it in FOR_ALL:
        yield code, {"code": code, "name": name, "hours": f"{tenths / 10}", **({"price": price} if price else {})}


def _steps(procedure: Callable[[str], str]) -> Rows:
    for number, (suffix, _bike) in enumerate(MODELS):
        for kind in KINDS:
            yield from _numbered(f"{kind.code}-{suffix}", kind.steps, procedure, number)
    for code, _name, _tenths, _price, steps in FOR_ALL:
        yield from _numbered(code, steps, procedure, 0)


def _numbered(code: str, steps: tuple[Step, ...], procedure: Callable[[str], str], number: int) -> Rows:
    """The steps of one procedure; each model has torques of its own."""
    for place, step in enumerate(steps, start=1):
        torque = {"torque": str(step.torque + step.torque * number // 40), "tolerance": "4"} if step.torque else {}
        fields = {"what": step.what, "tools": step.tools, "hazard": step.hazard, **torque}
        yield f"{code} {place}", {"procedure_id": procedure(code), "place": place * APART, **fields}


def _parts(procedure: Callable[[str], str], part: Callable[[str], str]) -> Rows:
    for suffix, _bike in MODELS:
        for kind in KINDS:
            wanted = [*((f"{family}-{suffix}", 1) for family in kind.fitted), *kind.usual]
            for code, count in wanted:
                fields = {"part_id": part(code), "quantity": str(abs(count)), "optional": count < 0}
                yield f"{kind.code}-{suffix} {code}", {"procedure_id": procedure(f"{kind.code}-{suffix}"), **fields}


def _packages() -> Rows:
    for suffix, bike in MODELS:
        for code, name, _own, _all in PACKAGES:
            yield f"{code}-{suffix}", {"code": f"{code}-{suffix}", "name": f"{name} {bike}"}


def _held(package: Callable[[str], str], procedure: Callable[[str], str]) -> Rows:
    for suffix, _bike in MODELS:
        for code, _name, own, for_all in PACKAGES:
            held = [*(f"{one}-{suffix}" for one in own), *for_all]
            for place, one in enumerate(held, start=1):
                fields = {"procedure_id": procedure(one), "place": place * APART}
                yield f"{code}-{suffix} {one}", {"package_id": package(f"{code}-{suffix}"), **fields}
