"""The label of a product (一品一码): what it is, its code to scan, the telephone; to print and stick on."""

from __future__ import annotations

import segno
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.desk.documents import Document, Pairs, Paragraph, Picture
from anlan.prevent.holdings.models import Product

_MODULE = 10
"""Width of one square of the code in the drawing's own units; it says nothing of its size on paper."""


def drawing(address: str) -> str:
    """The code as an SVG in the middle third of the width, so that a scanner reads it from an arm's length and the sheet is not filled by it."""
    code = segno.make(address, error="m")
    side = code.symbol_size(border=4)[0] * _MODULE
    inner = code.svg_inline(scale=_MODULE, border=4, dark="#000", light="#fff", omitsize=True)
    placed = inner.replace("<svg", f'<svg x="{side}" y="0" width="{side}" height="{side}"', 1)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {3 * side} {side}" width="{3 * side}" height="{side}">{placed}</svg>'


def document(product: Product, address: str) -> Document:
    """The label."""
    rows = (
        (_("CAS 号"), product.cas or "—"),
        (_("UN 号"), product.un or "—"),
        (_("危险货物类别"), product.hazard_class or "—"),
        (_("规格或浓度"), product.specification or "—"),
        (_("24小时应急电话"), product.phone),
        (_("企业"), product.enterprise.name),
        (_("一品一码"), product.code),
    )
    words = _("扫码查看危险性和应急措施，不需要登录。")
    return Document(
        title=product.name,
        blocks=(Picture(drawing(address), caption=words), Pairs(rows), Paragraph(product.hazards)),
        organ=_("危险化学品一品一码"),
        language="en" if get_language() == "en" else "zh",
    )


def dialled(phone: str) -> str:
    """A telephone number as a link dials it: digits and a leading plus."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")
