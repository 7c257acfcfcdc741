"""What lies on the shelves of the demo workshop: parts for eight motorcycles, and what every job needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.gs1 import has_check_digit

MODELS = (
    ("996", "Ducati 996"),
    ("GS12", "BMW R 1250 GS"),
    ("MT07", "Yamaha MT-07"),
    ("CB5", "Honda CB500F"),
    ("SV65", "Suzuki SV650"),
    ("Z900", "Kawasaki Z900"),
    ("D39", "KTM 390 Duke"),
    ("T120", "Triumph Bonneville T120"),
)
FITTED = (  # made for one model: code, name, category, unit, cost in cents, minimum
    ("BRK-PF", "Brake pads front", "Brakes", "set", 2150, 2),
    ("BRK-PR", "Brake pads rear", "Brakes", "set", 1790, 2),
    ("BRK-DF", "Brake disc front", "Brakes", "pcs", 8900, 1),
    ("BRK-LV", "Brake lever", "Brakes", "pcs", 1640, 1),
    ("FLT-OI", "Oil filter", "Filters", "pcs", 620, 4),
    ("FLT-AI", "Air filter", "Filters", "pcs", 1480, 2),
    ("CLU-KT", "Clutch plates", "Drive", "set", 7450, 1),
    ("CLU-CB", "Clutch cable", "Drive", "pcs", 1320, 1),
    ("CLU-LV", "Clutch lever", "Drive", "pcs", 1540, 1),
    ("CHN-KT", "Chain and sprockets", "Drive", "set", 10900, 1),
    ("SPK-PL", "Spark plug", "Engine", "pcs", 890, 4),
    ("GSK-VC", "Valve cover gasket", "Engine", "pcs", 1830, 1),
    ("GSK-EX", "Exhaust gasket", "Engine", "pcs", 540, 2),
    ("FRK-SL", "Fork seals", "Chassis", "pair", 2260, 1),
    ("BRG-WF", "Wheel bearing front", "Chassis", "pcs", 1270, 2),
    ("BRG-WR", "Wheel bearing rear", "Chassis", "pcs", 1390, 2),
    ("MIR-LH", "Mirror left", "Body", "pcs", 2780, 1),
    ("IND-FR", "Indicator front", "Electrics", "pcs", 1150, 2),
    ("BAT-12", "Battery 12 V", "Electrics", "pcs", 5400, 1),
)
USUAL = (  # for every model: code, name, category, unit, cost in cents, minimum, pieces in a pack
    ("OIL-10W40", "Engine oil 10W-40, 1 l", "Fluids", "pcs", 780, 12, 12),
    ("OIL-5W40", "Engine oil 5W-40, 1 l", "Fluids", "pcs", 990, 12, 12),
    ("OIL-15W50", "Engine oil 15W-50, 1 l", "Fluids", "pcs", 1040, 6, 12),
    ("OIL-FORK10", "Fork oil SAE 10, 1 l", "Fluids", "pcs", 1120, 4, 0),
    ("OIL-GEAR", "Gear oil 75W-90, 1 l", "Fluids", "pcs", 1260, 4, 0),
    ("FLD-DOT4", "Brake fluid DOT 4, 250 ml", "Fluids", "pcs", 410, 10, 10),
    ("FLD-DOT51", "Brake fluid DOT 5.1, 250 ml", "Fluids", "pcs", 560, 6, 10),
    ("FLD-COOL", "Coolant, ready to use, 1 l", "Fluids", "pcs", 520, 8, 0),
    ("FLD-CLEAN", "Brake cleaner spray 500 ml", "Fluids", "pcs", 290, 12, 12),
    ("LUB-CHAIN", "Chain lube spray 400 ml", "Fluids", "pcs", 640, 6, 12),
    ("LUB-COPPER", "Copper paste 100 g", "Fluids", "pcs", 480, 3, 0),
    ("LUB-GREASE", "Bearing grease 400 g", "Fluids", "pcs", 590, 3, 0),
    ("WSH-CU10", "Copper washer 10 mm", "Hardware", "pcs", 12, 40, 50),
    ("WSH-CU12", "Copper washer 12 mm", "Hardware", "pcs", 14, 40, 50),
    ("WSH-AL14", "Aluminium washer 14 mm", "Hardware", "pcs", 16, 40, 50),
    ("WSH-M6", "Washer M6", "Hardware", "pcs", 3, 80, 100),
    ("WSH-M8", "Washer M8", "Hardware", "pcs", 4, 80, 100),
    ("BLT-M5X16", "Socket screw M5 × 16", "Hardware", "pcs", 9, 50, 100),
    ("BLT-M6X20", "Socket screw M6 × 20", "Hardware", "pcs", 11, 50, 100),
    ("BLT-M6X40", "Flange bolt M6 × 40", "Hardware", "pcs", 18, 50, 50),
    ("BLT-M8X25", "Socket screw M8 × 25", "Hardware", "pcs", 19, 50, 50),
    ("BLT-M8X60", "Flange bolt M8 × 60", "Hardware", "pcs", 34, 30, 50),
    ("BLT-M10X30", "Flange bolt M10 × 30", "Hardware", "pcs", 46, 20, 25),
    ("BLT-BANJO10", "Banjo bolt M10 × 1.0", "Hardware", "pcs", 240, 8, 10),
    ("BLT-BANJO12", "Banjo bolt M10 × 1.25", "Hardware", "pcs", 260, 8, 10),
    ("BLT-DISC", "Brake disc bolt M8", "Hardware", "pcs", 130, 20, 10),
    ("NUT-M6", "Lock nut M6", "Hardware", "pcs", 8, 60, 100),
    ("NUT-M8", "Lock nut M8", "Hardware", "pcs", 12, 60, 100),
    ("NUT-AXLE", "Axle nut M20", "Hardware", "pcs", 380, 4, 0),
    ("PIN-SPLIT", "Split pin 3.2 × 40", "Hardware", "pcs", 5, 40, 100),
    ("CLP-HOSE12", "Hose clip 12 to 22 mm", "Hardware", "pcs", 60, 20, 10),
    ("TIE-200", "Cable tie 200 mm", "Hardware", "pcs", 3, 100, 100),
    ("FUS-10", "Blade fuse 10 A", "Electrics", "pcs", 15, 20, 25),
    ("FUS-15", "Blade fuse 15 A", "Electrics", "pcs", 15, 20, 25),
    ("FUS-30", "Blade fuse 30 A", "Electrics", "pcs", 18, 10, 25),
    ("BLB-H4", "Bulb H4 60/55 W", "Electrics", "pcs", 430, 6, 10),
    ("BLB-H7", "Bulb H7 55 W", "Electrics", "pcs", 460, 6, 10),
    ("BLB-P21", "Bulb P21/5 W", "Electrics", "pcs", 90, 10, 10),
    ("WIR-15BK", "Wire 1.5 mm² black", "Electrics", "m", 60, 20, 0),
    ("HSE-FUEL6", "Fuel hose 6 mm", "Engine", "m", 240, 5, 0),
    ("HSE-BRAKE", "Steel brake hose 700 mm", "Brakes", "pcs", 1980, 2, 0),
    ("TYR-12070", "Tyre 120/70 ZR 17 front", "Tyres", "pcs", 9800, 2, 0),
    ("TYR-18055", "Tyre 180/55 ZR 17 rear", "Tyres", "pcs", 12900, 2, 0),
    ("TYR-16060", "Tyre 160/60 ZR 17 rear", "Tyres", "pcs", 11400, 2, 0),
    ("TUB-17", "Inner tube 17 inch", "Tyres", "pcs", 890, 3, 0),
    ("VLV-TR412", "Tyre valve TR412", "Tyres", "pcs", 70, 20, 25),
    ("WGT-5", "Balance weight 5 g", "Tyres", "pcs", 9, 100, 100),
    ("GRP-STD", "Handlebar grips", "Body", "pair", 940, 2, 0),
)
S1_PARTS = ("BRK-PF-996", "BRK-DF-996", "FLD-DOT4", "BLT-BANJO10", "WSH-CU10")
S2_PART = "BLT-M6X20"


@dataclass(frozen=True)
class Item:
    """One kind of part: `least` is its minimum, `pack` the pieces in a closed pack (0: sold singly), `place` counts from 0."""

    place: int
    code: str
    name: str
    category: str
    unit: str
    cost: int
    least: int
    pack: int = 0

    @property
    def price(self) -> int:
        """Cents: a usual margin, ending in ,90 where it is a sum that people look at."""
        marked_up = self.cost * 9 // 5
        return marked_up if marked_up < 500 else marked_up // 100 * 100 + 90

    @property
    def most(self) -> int:
        return max(self.least * 4, self.least + 4, self.pack * 3)

    @property
    def ean(self) -> str:
        """From GS1's range for numbers inside a company, so that no real product is meant."""
        return checked(f"29{7000000000 + self.place * 137:010d}")

    @property
    def pack_ean(self) -> str:
        """The number of the closed pack: GTIN-14 with a leading 1."""
        return checked("1" + self.ean[:-1])


def checked(digits: str) -> str:
    """The digits with their GS1 check digit behind them."""
    return next(whole for last in "0123456789" if has_check_digit(whole := digits + last))


def items() -> list[Item]:
    """Every part of the workshop, in a fixed order."""
    return [Item(place, *row) for place, row in enumerate(_rows())]


def _rows() -> Iterator[tuple[str, str, str, str, int, int, int]]:
    yield from USUAL
    for model, bike in MODELS:
        for code, name, category, unit, cost, least in FITTED:
            yield f"{code}-{model}", f"{name} {bike}", category, unit, cost, least, 0
