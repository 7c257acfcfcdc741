"""Papers: what is handed out or filed of a job, a quote or a payment, in words; the drawing is done elsewhere."""

from functools import partial

from app.kernel.registry import Capability
from app.kernel.settings import Setting
from app.kernel.words import _

_text = partial(Setting, default="", own=("site",), group=_("Papers"))
HEAD = _text(
    "papers.head", label=_("Head of papers"), help=_("Lines under the name of the shop: address, telephone, tax number.")
)
FOOT = _text("papers.foot", label=_("Foot of papers"), help=_("Lines at the end of each page: bank account, terms."))

capability = Capability(name="papers", settings=(HEAD, FOOT))
