"""What nobody types behind an address's question mark, on both databases; and labs that are empty or closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Booking, Closure, RoleGrant, Site
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast

ODD = ("%00", "%ff", "%ed%a0%80", "%F0%9F%94%AC", "%25", "'", "%E2%80%AE", "x" * 3000, "a+" * 1500)
ASKED = (
    "/sites/tsukuba/day?area={}",
    "/sites/tsukuba/week?part=board&area={}",
    "/sites/tsukuba/day?q={}&kind={}&on={}",
    "/day?q={}&on={}",
    "/sites/tsukuba/residencies?from={}&kind={}&q={}",
    "/sites/tsukuba/list?area={}&on={}&detail={}",
    "/now?site={}&area={}",
    "/resources?q={}&kind={}",
    "/resources/tsukuba-hood/now?unit={}&mode={}&partner={}",
    "/resources/tsukuba-hood/said?unit={}&from=2026-11-24T10:00&to=2026-11-24T11:00",
    "/resources/tsukuba-hood/said?from={}&to={}",
    "/find?q={}&what={}",
    "/manifest.webmanifest?lang={}",
    "/?lang={}",
)


def test_what_nobody_types_asks_for_nothing(app: Flask, lab: Cast) -> None:
    alan = Visitor(app, "alan")
    alan.book("tsukuba-hood", "2026-11-24T10:00", "2026-11-24T11:00")
    db.session.remove()
    key = db.session.scalars(select(Booking.key)).one()
    for odd in ODD:
        for path in (*ASKED, f"/bookings/{key}/said?unit={{}}&from={{}}&to={{}}", f"/bookings/{key}/said?unit={{}}"):
            code = alan.get(path.format(*[odd] * 3)).status_code
            assert code in (200, 404 if key in path else 422), f"{path} with {odd[:20]}: {code}"


WHOLE = ("/sites/{}/day", "/sites/{}/week", "/sites/{}/residencies", "/sites/{}/list", "/now?site={}")
FOR_STAFF = ("/sites/{}/labels", "/sites/{}/signs", "/sites/{}/list?detail=full")


@on_sqlite
def test_a_site_with_nothing_in_it_has_all_its_pages(app: Flask, lab: Cast) -> None:
    with app.app_context():
        _found_a_site(lab.people["sora"])
    sora = Visitor(app, "sora")
    for path in ("/", "/day", "/now", "/resources", *(path.format("empty") for path in WHOLE + FOR_STAFF)):
        assert sora.get(path).status_code == 200, path


@transactional
def _found_a_site(person_id: int) -> None:
    site = Site(slug="empty", name=Words("Empty", "空"), zone="Asia/Tokyo", country="JP")
    db.session.add(site)
    db.session.flush()
    db.session.add(RoleGrant(person_id=person_id, role=Role.STAFF, site_id=site.id, starts_on=NOW.date()))


@on_sqlite
def test_where_everything_is_closed_for_weeks_every_page_says_so(app: Flask, lab: Cast) -> None:
    Visitor(app, "alan").post("/favourites/tsukuba-plain")
    with app.app_context():
        _close(lab.sites["tsukuba"])
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    for path in ("/", "/day", *(path.format("tsukuba") for path in WHOLE)):
        assert alan.get(path).status_code == 200, path
    assert "is closed on this day" in alan.get("/sites/tsukuba/day").text
    assert "Nothing is free for you right now" in alan.get("/now?site=tsukuba").text
    here = alan.get("/resources/tsukuba-plain/now")
    assert "Closed" in here.text
    assert 'name="end"' not in here.text
    for path in FOR_STAFF:
        assert sora.get(path.format("tsukuba")).status_code == 200, path


@transactional
def _close(site_id: int) -> None:
    time: dict[str, Any] = {"starts_at": NOW - timedelta(days=9), "ends_at": NOW + timedelta(days=90)}
    db.session.add(Closure(site_id=site_id, reason=Words("Rebuilding", "改装"), **time))
