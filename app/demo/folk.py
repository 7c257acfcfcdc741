"""Who works at the demo workshop, and who brings it work."""

from __future__ import annotations

from hashlib import sha256
from random import Random
from typing import NamedTuple
from uuid import UUID

from app.demo.catalogue import MODELS
from app.kernel.ids import short
from app.kernel.scanning import own_code

PIN = "407192"  # of everybody in the demo, which is no secret


class Worker(NamedTuple):
    """Somebody with a role; `username` also tells their badge."""

    username: str
    name: str
    role: str


WORKERS = (
    Worker("nora", "Nora Keller", "ADM"),
    Worker("tomas", "Tomas Berg", "MGR"),
    Worker("ines", "Ines Moreau", "SUP"),
    Worker("kim", "Kim Larsen", "KEE"),
    Worker("wade", "Wade Okoye", "WHS"),
    Worker("maria", "Maria Rossi", "MEC"),
    Worker("jonas", "Jonas Weber", "MEC"),
    Worker("ali", "Ali Demir", "MEC"),
    Worker("anna", "Anna Novak", "ADV"),
    Worker("hale", "Quentin Hale", "QCI"),
    Worker("petra", "Petra Lind", "PLN"),
    Worker("carla", "Carla Diaz", "CAS"),
    Worker("finn", "Finn Olsen", "FIN"),
    Worker("vera", "Vera Roy", "VIE"),
    Worker("sam", "Sam Reyes", "ADV"),
)
HOST, KEEPER, ADVISER, MANAGER, CASHIER = "nora", "kim", "anna", "tomas", "carla"
ALONE = "sam"  # on Saturdays, when nobody else is here
ALSO = ((ALONE, "MEC"), (ALONE, "KEE"), (ALONE, "CAS"))  # roles that somebody has besides their own
MECHANICS = tuple(worker.username for worker in WORKERS if worker.role == "MEC")
FIRST = ("Lena", "Paul", "Sofia", "Max", "Emma", "Luis", "Mila", "Ben", "Clara", "Noah", "Zoe", "Emil", "Ida", "Oskar", "Ruth")
LAST = ("Schmidt", "Hansen", "Costa", "Nowak", "Fischer", "Marino", "Dupont", "Jansen", "Kowalski", "Lehmann", "Svensson")
STREETS = ("Mill Lane", "Station Road", "Park Street", "Harbour Way", "Church Hill", "Garden Row")
TOWNS = (("20095", "Hamburg"), ("10115", "Berlin"), ("50667", "Cologne"), ("80331", "Munich"), ("04109", "Leipzig"))
PLATES = ("HH", "B", "K", "M", "L")


def badge_text(username: str) -> str:
    """What the badge of somebody in the demo says; the same in every demo, so that printed badges go on working."""
    code = sha256(f"fettle demo badge {username}".encode()).digest()[:16]
    return own_code("US", short(UUID(bytes=code)))


class Customer(NamedTuple):
    """Somebody with motorcycles: each is its plate, model, year and odometer."""

    name: str
    phone: str
    street: str
    zip: str
    city: str
    vehicles: tuple[tuple[str, str, int, int], ...]


def customers(count: int = 40) -> list[Customer]:
    """People of our own making, the same each time."""
    dice = Random("customers")  # noqa: S311 - the same people every time, nothing to hide
    return [_customer(dice, number) for number in range(count)]


def _customer(dice: Random, number: int) -> Customer:
    name = f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]}"
    zip, city = dice.choice(TOWNS)
    bikes = range(1 + (number % 4 == 0))
    vehicles = tuple(
        (
            f"{dice.choice(PLATES)}-{dice.choice('ABEKMRST')}{dice.choice('CDFHJLNP')} {100 + number * 10 + bike}",
            dice.choice(MODELS)[1],
            dice.randint(1999, 2025),
            dice.randint(2, 60) * 1000,
        )
        for bike in bikes
    )
    return Customer(name, f"+49 170 555{number:04d}", f"{dice.choice(STREETS)} {dice.randint(1, 90)}", zip, city, vehicles)
