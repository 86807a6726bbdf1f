"""Who saw or changed a partner's bookings, for its coordinators and for auditors."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for

from ...core.permissions import Actor, Do, ForbiddenError, Matter, Role, may, require
from ...web import language, login_required, now, signed_in
from .. import queries, service
from ..pages import trail as pages
from . import Answer, bp
from .trail import FILES, file


@bp.get("/trail/ours")
@login_required
def our_trail() -> Answer:
    """To the trail of the partner that one coordinates, or to a choice between several."""
    actor = signed_in()
    led = _led_by(actor)
    if not led:
        raise ForbiddenError
    found = queries.partners_of(led)
    if len(found) == 1:
        return redirect(url_for(".partner_trail", key=found[0].key))
    named = [(one.name.text(language()), url_for(".partner_trail", key=one.key)) for one in found]
    return render_template("reports/our_trails.html", partners=named)


def _led_by(actor: Actor) -> list[int]:
    coordinated = sorted(partner for partner, role in actor.partners if role is Role.COORDINATOR)
    return [one for one in coordinated if may(actor, Do.SEE_PARTNER_TRAIL, Matter(partner_id=one))]


@bp.get("/trail/partner/<key>")
@login_required
def partner_trail(key: str) -> Answer:
    """Who saw or changed the partner's bookings, newest first; the look itself is recorded before it is shown."""
    actor, words = signed_in(), language()
    partner = queries.partner_by_key(actor, key)
    service.look_at_partner_trail(actor, partner.id, now=now())
    until, skip = _from()
    rows = queries.partner_trail(partner.id, until=until, skip=skip, most=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    older = ""
    if len(rows) > len(shown):
        at, passed = queries.onward(shown, until, skip)
        older = url_for(".partner_trail", key=key, until=at.astimezone(UTC).isoformat(), skip=passed)
    may_export = may(actor, Do.EXPORT_TRAIL, Matter(partner_id=partner.id))
    return render_template(
        "reports/partner_trail.html",
        partner=partner.name.text(words),
        lines=[pages.line(one, words, for_partner=True) for one in shown],
        older=older,
        exports={name: url_for(f".partner_trail_{name}", key=key) for name in FILES} if may_export else {},
    )


def _from() -> tuple[datetime | None, int]:
    """From where the page goes on; what makes no sense is the beginning."""
    try:
        until = datetime.fromisoformat(request.args.get("until", ""))
        skip = int(request.args.get("skip", "0"))
    except ValueError:
        return None, 0
    if until.tzinfo is None or not 2000 <= until.year <= 2100 or not 0 <= skip < 1_000_000:
        return None, 0
    return until, skip


@bp.get("/trail/partner/<key>/export.csv")
@login_required
def partner_trail_csv(key: str) -> Answer:
    """The same as a table for spreadsheets."""
    return _exported(key, "csv")


@bp.get("/trail/partner/<key>/export.jsonl")
@login_required
def partner_trail_jsonl(key: str) -> Answer:
    """The same for programs."""
    return _exported(key, "jsonl")


def _exported(key: str, kind: str) -> Answer:
    actor, words = signed_in(), language()
    partner = queries.partner_by_key(actor, key)
    require(actor, Do.EXPORT_TRAIL, Matter(partner_id=partner.id))
    service.export_trail(actor, {}, partner_id=partner.id, now=now())
    records = (pages.record(one, words, for_partner=True) for one in queries.whole_partner_trail(partner.id))
    return file(kind, f"labbook-trail-{partner.slug}-{now().astimezone(UTC):%Y-%m-%d}", records)
