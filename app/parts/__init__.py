"""Parts: what is kept, under which codes, and how many one scan stands for. Unknown codes are taught, not cursed."""

from app.kernel.cards import Master
from app.kernel.finding import Lead
from app.kernel.registry import Capability
from app.kernel.settings import Setting
from app.kernel.words import _
from app.parts.commands import TeachCode, teach_code
from app.parts.finders import FINDERS
from app.parts.model import Barcode, Part, PartBin
from app.parts.queries import QUERIES
from app.parts.rules import (
    barcode_is_not_ours,
    barcode_means_nothing_else,
    code_is_shaped,
    levels_are_amounts,
    levels_rise,
    name_is_there,
    pack_is_some,
    retail_code_is_whole,
    tax_code_is_known,
)

MASTER = Setting(
    "parts.master",
    "hub",
    _("Where parts are kept"),
    _("With odoo, names, units and prices are changed there and come here by themselves; new parts can be drafted here."),
    choices=("hub", "odoo"),
    words={"hub": _("Here"), "odoo": _("In Odoo")},
    group=_("Parts"),
)
KEPT_THERE = ("code", "name", "names", "description", "category", "unit", "mpn", "cost", "price")

capability = Capability(
    name="parts",
    entities=(Part, Barcode, PartBin),
    anywhere=(Barcode,),  # a code is taught where the part is unpacked
    handlers={TeachCode: teach_code},
    queries=QUERIES,
    finders=FINDERS,
    leads=(Lead(Part.code), Lead(Part.name), Lead(Part.mpn), Lead(Barcode.code, Barcode.part_id, least=4)),
    settings=(MASTER,),
    masters={Part: Master("Odoo", KEPT_THERE, MASTER.key)},
    rules={
        Part: (code_is_shaped, name_is_there, levels_are_amounts, levels_rise, tax_code_is_known),
        Barcode: (barcode_is_not_ours, barcode_means_nothing_else, pack_is_some, retail_code_is_whole),
    },
)
