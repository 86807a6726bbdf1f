"""Pictures that are drawn into a page."""

from __future__ import annotations

from io import BytesIO

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """A QR code as SVG for the page; dark on light in any colour scheme, or cameras would not read it."""
    made = BytesIO()
    segno.make(text, error="m").save(
        made,
        kind="svg",
        xmldecl=False,
        svgns=True,
        border=4,
        light="#fff",
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
    return Markup(made.getvalue().decode())  # noqa: S704 - made by us, and the text stands in it as squares only
