"""What the bridge's user has to be allowed in Odoo, and no more: groups of Odoo's own, and single rights besides."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.words import _

READ, WRITE, CREATE = "read", "write", "create"
ALL = (READ, WRITE, CREATE)
VERBS = {READ: _("read"), WRITE: _("change"), CREATE: _("make")}


@dataclass(frozen=True)
class Need:
    """What must be allowed on a model, and the module in which Odoo has it. `records` is what people call them."""

    model: str
    module: str
    records: str
    rights: tuple[str, ...] = ALL


NEEDS = (
    Need("res.partner", "base", _("customers and suppliers")),
    Need("res.users", "base", _("users"), (READ,)),
    Need("res.company", "base", _("companies"), (READ,)),
    Need("ir.model.data", "base", _("external names"), (READ,)),
    Need("uom.uom", "uom", _("units"), (READ,)),
    Need("product.product", "product", _("products")),
    Need("stock.warehouse", "stock", _("warehouses"), (READ,)),
    Need("stock.location", "stock", _("stock locations")),
    Need("stock.lot", "stock", _("lots and serial numbers")),
    Need("stock.quant", "stock", _("stock"), (READ,)),
    Need("stock.picking", "stock", _("transfers")),
    Need("stock.picking.type", "stock", _("kinds of transfer"), (READ,)),
    Need("stock.move", "stock", _("movements of stock")),
    Need("repair.order", "repair", _("repair orders")),
    Need("sale.order", "sale", _("sales orders")),
    Need("account.move", "account", _("invoices")),
    Need("account.payment", "account", _("payments")),
    Need("account.journal", "account", _("journals"), (READ,)),
    Need("account.tax", "account", _("taxes"), (READ,)),
)

GROUPS = (
    "base.group_user",
    "stock.group_stock_user",
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice",
    "product.group_product_manager",
    "base.group_partner_manager",
)
"""Odoo's own groups that the bridge's user is in: those of a clerk who keeps stock, sells and writes invoices."""

SINGLE = (("ir.model.data", (READ,)), ("stock.location", ALL))
"""What these groups lack: a clerk's next group would be that of an administrator, who may do far more."""

ADMINISTRATOR = "base.group_system"
