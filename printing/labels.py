"""Labels, the one public door: from a template's name and its fields to dots that were read back, as ZPL, PDF or PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing import pdf, png, zpl
from printing.delivery import deliver
from printing.printers import USUAL, printer
from printing.raster import draw
from printing.readback import prove
from printing.symbols import Asked
from printing.template import Template
from printing.templates import load, names

__all__ = ["MOST_COPIES", "Label", "deliver", "encode", "render", "sheet", "templates"]

MOST_COPIES = 500  # of one label at a time; more is a slip of the finger


@dataclass(frozen=True)
class Label:
    """One finished label: its template, the printer's dots an inch, its dots (0 is ink), and the codes that it holds."""

    template: Template
    dpi: int
    picture: Image.Image
    codes: tuple[Asked, ...]

    def to_zpl(self, copies: int = 1) -> bytes:
        """For a printer that speaks ZPL; Refused outside 1 to MOST_COPIES copies."""
        if not 1 <= copies <= MOST_COPIES:
            message = _("{copies} copies cannot be printed at once.")
            hint = _("Print between 1 and {most} at a time.")
            raise Refused(
                Problem("printing.copies", message, hint=hint, field="copies", values={"copies": copies, "most": MOST_COPIES})
            )
        return zpl.page(self.picture, copies)

    def to_pdf(self) -> bytes:
        """One page, exactly the label's size."""
        return sheet([self])

    def to_png(self) -> bytes:
        """One pixel a dot."""
        return png.page(self.picture, printer(self.dpi).per_mm)


def templates() -> list[Template]:
    """Every template that there is, by name, each with its title, its size and the fields that it needs and may have."""
    return [load(name) for name in names()]


def render(template: str, fields: Mapping[str, str], *, dpi: int = USUAL) -> Label:
    """Draws a label and reads it back; fields that the template does not know are left aside.

    Refused, with what would do instead, for an unknown template, an empty field that it needs, letters that cannot be printed,
    text that does not fit, and a code that would not scan or does not read back.
    """
    made = load(template)
    picture, codes = draw(made, fields, printer(dpi))
    prove(picture, codes)
    return Label(made, dpi, picture, codes)


def sheet(labels: Sequence[Label]) -> bytes:
    """One PDF of many labels, a page each, in this order."""
    return pdf.document(
        pdf.Page(label.picture, printer(label.dpi).per_mm, label.template.width, label.template.height) for label in labels
    )


def encode(labels: Sequence[Label], target: str) -> bytes:
    """The labels in the form that the target wants: `….pdf`, `….png` (one label), `….zpl`, `tcp://…` or `printer://…`."""
    ending = "zpl" if target.startswith(("tcp://", "printer://")) else target.rpartition(".")[2].lower()
    if ending == "pdf":
        return sheet(labels)
    if ending == "zpl":
        return b"".join(label.to_zpl() for label in labels)
    if ending == "png" and len(labels) == 1:
        return labels[0].to_png()
    if ending == "png":
        raise _no_form(_("A PNG holds one label; these are {count}."), _("Save them as a PDF, a page each."), count=len(labels))
    raise _no_form(_("{target} does not say in which form to save labels."), _("End it in .zpl, .pdf or .png."), target=target)


def _no_form(message: str, hint: str, **values: object) -> Refused:
    return Refused(Problem("printing.form", message, hint=hint, field="to", values=values))
