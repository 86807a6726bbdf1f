"""Labels for instruments: a QR code, the name in both languages, and the model."""

from __future__ import annotations

from flask import render_template, request

from ...catalogue.queries import resources_for, site_by_slug
from ...core.permissions import Do, Matter, require
from ...web import language, login_required, signed_in
from ..drawing.labels import SHEETS, USUAL, labels_of, on_sheets
from . import Answer, bp


@bp.get("/sites/<site>/labels")
@login_required
def labels(site: str) -> Answer:
    """The sheets, ready to print; which paper, from which place on and for which resources is chosen in the address."""
    actor = signed_in()
    found = site_by_slug(actor, site)
    require(actor, Do.KEEP_SIGN, Matter(found.id))
    resources = [(one, place) for one, place, at in resources_for(actor) if at.id == found.id]
    area, wanted = request.args.get("area", ""), set(request.args.getlist("resource"))
    here = [(one, place) for one, place in resources if place.slug == area] or resources
    chosen = [(one, place) for one, place in here if not wanted or one.slug in wanted]
    sheet = SHEETS.get(request.args.get("sheet", ""), SHEETS[USUAL])
    first = _place(request.args.get("first", ""), sheet.places)
    return render_template(
        "signs/labels.html",
        site_name=found.name.text(language()),
        site_slug=found.slug,
        sheet=sheet,
        sheets=list(SHEETS.values()),
        first=first,
        area=area if here is not resources else "",
        areas={place.slug: place.name.text(language()) for _, place in resources},
        offered=[(one.slug, one.name.text(language()), one.slug in wanted) for one, _ in here],
        count=len(chosen),
        pages=on_sheets(labels_of(chosen), sheet, first),
    )


def _place(asked: str, places: int) -> int:
    """A place on a sheet, counted from 1; anything else is the first."""
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= 3
    return int(asked) if is_number and 1 <= int(asked) <= places else 1
