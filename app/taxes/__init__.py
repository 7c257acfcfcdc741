"""Taxes: the codes by which lines are taxed, their rates by the day they hold from, and which one a line takes."""

from app.kernel.registry import Capability
from app.kernel.settings import Setting
from app.kernel.words import _
from app.taxes.model import TaxCode
from app.taxes.queries import QUERIES
from app.taxes.rules import DEFAULT, code_is_given, holds_alone, percent_counts

CODE = Setting(
    DEFAULT,
    "",
    _("Usual tax code"),
    _("The code for parts and services that name none of their own. Empty is no tax."),
    group=_("Taxes"),
)

capability = Capability(
    name="taxes",
    entities=(TaxCode,),
    queries=QUERIES,
    settings=(CODE,),
    rules={TaxCode: (code_is_given, percent_counts, holds_alone)},
)
