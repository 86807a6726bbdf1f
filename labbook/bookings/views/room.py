"""Making room on alike units: which bookings would change unit, and one click that lets them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from ...catalogue.queries import resource_by_slug
from ...core.interval import Interval
from ...core.lifecycle import OPEN
from ...core.permissions import Actor, Do, Matter, may, require
from ...web import language, login_required, now, signed_in, times
from .. import service
from ..linked_times import linked_time
from ..room import room_for
from ..room_forms import RoomForm
from ..room_pages import RoomOffer, room_offer
from . import Answer, bp


@bp.get("/resources/<slug>/room")
@login_required
def room(slug: str) -> Answer:
    """Whether there is room at a time that a link names, and who would change unit for it."""
    actor = signed_in()
    resource, site = resource_by_slug(actor, slug)
    require(actor, Do.REARRANGE, Matter(site.id))
    return _page(resource, site, linked_time(request.args, site.zoneinfo))


@bp.post("/resources/<slug>/room")
@login_required
def make_room(slug: str) -> Answer:
    """Let them change unit: 303 to the request that waits for it, or to the form with the unit that is free now."""
    actor = signed_in()
    resource, site = resource_by_slug(actor, slug)
    require(actor, Do.REARRANGE, Matter(site.id))
    form = RoomForm()
    time = form.time
    if not form.validate() or time is None:
        return _page(resource, site, time), 422
    try:
        unit = service.make_room(
            actor, slug, time, seen=form.seen.data or "", booking_key=form.booking.data or "", now=now()
        )
    except service.NoRoomError:
        flash(gettext("There is no room then, however the bookings are laid."), "error")
        return _page(resource, site, time), 409
    except service.StaleError:
        flash(gettext("Others would have to change unit now. Look at it once more."), "error")
        return _page(resource, site, time), 409
    flash(gettext("There is room now. Everybody whose booking changed unit is told."), "message")
    return redirect(_onward(slug, site, time, unit, form.booking.data or ""), 303)


def _onward(slug: str, site: Any, time: Interval, unit: str, booking: str) -> str:
    if booking:
        return url_for(".request_page", key=service.request_key_of(signed_in(), booking))
    start, end = (at.astimezone(site.zoneinfo).isoformat(timespec="minutes")[:16] for at in (time.start, time.end))
    return url_for(".book", slug=slug, unit=unit, exact=1, to=end) + f"&from={start}"


def _page(resource: Any, site: Any, time: Interval | None) -> str:
    words = language()
    found = room_for(resource, site, time, now=now()) if time is not None else None
    return render_template(
        "bookings/room.html",
        slug=resource.slug,
        name=resource.name.text(words),
        site_name=site.name.text(words),
        when=times.when(time, site.zoneinfo, words, by_day=resource.by_day) if time else "",
        zone_label=times.zone_label(site.zoneinfo, time.start) if time else "",
        offer=room_offer(found, resource.slug, time, site.zoneinfo, words) if found and time else None,
        book_url=_onward(resource.slug, site, time, found.unit.key, "") if found and time else "",
    )


def room_for_request(actor: Actor, found: Any, words: str) -> RoomOffer | None:
    """For whoever decides on a request whose time is taken: who would change unit so that it is not."""
    if not may(actor, Do.REARRANGE, Matter(found.site_id)):
        return None
    waits = next((one for one in found.bookings if _wants_room(one)), None)
    if waits is None:
        return None
    resource, site = service.place_of(waits)
    plan = room_for(resource, site, waits.time, now=now(), but=waits)
    return room_offer(plan, resource.slug, waits.time, site.zoneinfo, words, booking=waits.key) if plan else None


def _wants_room(booking: Any) -> bool:
    is_open = booking.state in OPEN and booking.starts_at > now()
    return bool(is_open and not booking.holds_time and not booking.unit_is_fixed)
