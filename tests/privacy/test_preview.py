"""Staff see the lab as a partner's people see it: to the byte, for a while, changing nothing, and on record."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.bookings import service
from labbook.bookings.service import Ask
from labbook.db import db, transactional
from labbook.models import Agreement, Event, EventDetail, Partner, Project, RoleGrant
from labbook.web.public import ALIKE
from tests.browsing import Visitor, forms_of, on_sqlite, steady
from tests.cast import NOW, Cast, fresh_key
from tests.conftest import Clock
from tests.privacy.planting import Plants, rows, told
from tests.privacy.reading import spelled

BANNER = re.compile(r'<aside class="preview".*?</aside>\n?', re.S)
TOP = re.compile(r'<details class="person menu" data-popup>.*?</details>', re.S)  # name, address, and one's own entries
_COOKIE = re.compile(r"Set-Cookie: [^\n]*\n")
SAID = "You see LabBook as"


def key_of(lab: Cast, partner: str) -> str:
    """A partner's key."""
    db.session.remove()
    return db.session.get_one(Partner, lab.partners[partner]).key


def previewing(app: Flask, lab: Cast, name: str, partner: str) -> Visitor:
    """Somebody on the staff, after having begun a preview."""
    visitor = Visitor(app, name)
    page = visitor.get("/preview")
    answer = visitor.submit(page, "/preview", partner=key_of(lab, partner))
    assert answer.status_code == 303, answer.text
    return visitor


def looks() -> list[tuple[str, int | None, int | None, int | None]]:
    """The recorded looks: what, by whom, at whose, where."""
    db.session.remove()
    codes = ("previewed-as", "preview-ended", "request-looked-at", "schedule-looked-at")
    found = select(Event.code, Event.actor_id, Event.partner_id, Event.site_id).where(Event.code.in_(codes))
    rows_found = db.session.execute(found.order_by(Event.id))
    return [(code, actor, partner, site) for code, actor, partner, site in rows_found]


def plain(text: str) -> str:
    """A page without the banner, the reader's name, and what differs at each look."""
    return TOP.sub("", BANNER.sub("", steady(text)))


@pytest.mark.parametrize(
    "path",
    [
        "/sites/tsukuba/day?on=2026-11-24",
        "/sites/tsukuba/day?on=2026-11-26",  # with the booking of the joint project
        "/sites/tsukuba/week?on=2026-11-24",
        "/sites/tsukuba/residencies",
        "/resources?q=a",
    ],
)
def test_a_preview_is_to_the_byte_what_the_partners_people_see(
    app: Flask, lab: Cast, plants: Plants, path: str
) -> None:
    """Chika is a scientist of Cedar, has no bookings of her own, and reads Japanese like Sora of the staff."""
    chika = Visitor(app, "chika")
    sora = previewing(app, lab, "sora", "cedar")
    own = Visitor(app, "sora").get(path).text
    seen, real = sora.get(path).text, chika.get(path).text
    assert BANNER.search(seen) and not BANNER.search(real)
    assert plain(seen) == plain(real)
    assert plain(seen) != plain(own)


@on_sqlite
def test_staff_see_the_partners_own_bookings_in_full_and_all_others_as_busy(
    app: Flask, lab: Cast, plants: Plants
) -> None:
    day = "/sites/tsukuba/day?on=2026-11-24"
    as_aoba = previewing(app, lab, "sora", "aoba")
    assert set(plants.words["Approved"][:1]) <= set(told(plants.all, spelled(as_aoba.get(day))))
    as_birch = previewing(app, lab, "sora", "birch")
    assert told(plants.all, spelled(as_birch.get(day))) == []
    request_path = f"/requests/{plants.requests['Approved']}"
    assert as_aoba.get(request_path).status_code == 200
    assert as_birch.get(request_path).status_code == 404
    assert as_birch.get("/resources/tsukuba-secret").status_code == 404
    assert as_aoba.get("/resources/tsukuba-secret").status_code == 200


@on_sqlite
def test_what_a_joint_project_does_at_another_site_stays_closed_to_whoever_looks(
    app: Flask, lab: Cast, plants: Plants
) -> None:
    """Chika of Cedar may open it wherever it is; Sora works at Tsukuba only."""
    project, start = db.session.scalars(select(Project.key)).one(), NOW + timedelta(days=4)
    there, here = (
        service.request(
            lab.actor("alan"),
            Ask(slug, start, start + timedelta(hours=1), lab.partners["aoba"], "Together", "", "", project),
            key=fresh_key(),
            now=NOW,
        )
        for slug in ("cambridge-scope", "tsukuba-hood")
    )
    assert [Visitor(app, "chika").get(f"/requests/{key}").status_code for key in (there, here)] == [200, 200]
    sora = previewing(app, lab, "sora", "cedar")
    assert [sora.get(f"/requests/{key}").status_code for key in (there, here)] == [404, 200]


def test_beginning_opening_and_ending_are_on_record_under_the_real_name(app: Flask, lab: Cast, plants: Plants) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    assert sora.get(f"/requests/{plants.requests['Approved']}").status_code == 200
    assert sora.post("/preview/end").status_code == 303
    who = (lab.people["sora"], lab.partners["aoba"], lab.sites["tsukuba"])
    assert looks() == [("previewed-as", *who), ("request-looked-at", *who), ("preview-ended", *who)]
    body = db.session.scalars(
        select(EventDetail.body).join(Event, Event.id == EventDetail.event_id).where(Event.code == "previewed-as")
    ).one()
    assert body == {"until": (NOW + timedelta(minutes=30)).isoformat()}
    assert SAID not in sora.get("/bookings").text
    assert "利用機関" not in (BANNER.search(sora.get("/inbox").text) or [""])[0]


@on_sqlite
def test_nothing_can_be_changed_meanwhile(app: Flask, lab: Cast, plants: Plants) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    sora.token = ""
    day = sora.get("/sites/tsukuba/day?on=2026-11-24")
    token = next(form.fields["csrf_token"] for form in forms_of(day.text) if "csrf_token" in form.fields)
    before = rows()
    for path in (
        f"/requests/{plants.requests['Waiting']}/approve",
        f"/requests/{plants.requests['Waiting']}/decline",
        f"/bookings/{plants.bookings['Approved']}/cancel",
        "/resources/tsukuba-plain/book",
        "/resources/tsukuba-plain/findings",
        "/messages/new",
        "/feeds",
        "/language",
        "/preview",
        "/sign-in",
    ):
        answer = sora.open(path, method="POST", data={"csrf_token": token, "version": "1", "reason": "x"})
        assert answer.status_code == 403, path
        assert "プレビュー中は閲覧のみ可能です。" in answer.text
    for method in ("PUT", "PATCH", "DELETE"):
        assert sora.open("/feeds", method=method, headers={"X-CSRFToken": token}).status_code in (403, 405)
    assert rows() == before


@on_sqlite
def test_what_is_somebodys_own_is_not_part_of_it(app: Flask, lab: Cast, plants: Plants) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    asked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint in ALIKE:
            continue
        answer = sora.get(rule.rule)
        asked += 1
        if rule.endpoint in ("home.home", "bookings.mine", "catalogue.resources", "pocket.now"):
            assert answer.status_code in (200, 302), rule
        else:
            assert answer.status_code == 404, rule
            assert "プレビューの対象外です" in answer.text
            assert BANNER.search(answer.text), rule
    assert asked > 8
    assert told(plants.of(*plants.names), spelled(sora.get("/bookings"))) == []  # nobody's own are nobody's


@on_sqlite
def test_it_ends_by_itself_after_half_an_hour(app: Flask, lab: Cast, clock: Clock) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    path = "/sites/tsukuba/day?on=2026-11-24"
    clock.now = NOW + timedelta(minutes=29)
    assert BANNER.search(sora.get(path).text)
    clock.now = NOW + timedelta(minutes=30)
    page = sora.get(path)
    assert page.status_code == 200
    assert "プレビューは終了しました。" in page.text
    assert not BANNER.search(page.text)
    assert sora.get("/inbox").status_code == 200


@on_sqlite
def test_a_step_taken_on_a_page_of_a_preview_that_is_over_is_refused(app: Flask, lab: Cast, clock: Clock) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    sora.token = ""
    day = sora.get("/sites/tsukuba/day?on=2026-11-24")
    token = next(form.fields["csrf_token"] for form in forms_of(day.text) if "csrf_token" in form.fields)
    clock.now = NOW + timedelta(minutes=31)
    answer = sora.open("/feeds", method="POST", data={"csrf_token": token})
    assert answer.status_code == 403
    assert sora.get("/feeds").status_code == 200


ENDS = {
    "the role": lambda lab: update(RoleGrant).where(RoleGrant.person_id == lab.people["sora"]).values(ended_at=NOW),
    "the agreement": lambda lab: (
        update(Agreement).where(Agreement.partner_id == lab.partners["aoba"]).values(ended_at=NOW)
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_with_the_right_on_the_very_next_request(app: Flask, lab: Cast, plants: Plants, end: str) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    request_path = f"/requests/{plants.requests['Approved']}"
    assert sora.get(request_path).status_code == 200

    @transactional
    def happen() -> None:
        db.session.execute(ENDS[end](lab))

    happen()
    answer = sora.get(request_path)
    assert answer.status_code == (404 if end == "the role" else 200)  # from now on as Sora may by herself
    assert not BANNER.search(answer.text)
    assert not BANNER.search(sora.get("/resources").text)


@on_sqlite
@pytest.mark.parametrize("name", ["hana", "ben", "cora", "ada", "audrey", "dora"])
def test_only_staff_may(app: Flask, lab: Cast, name: str) -> None:
    visitor = Visitor(app, name)
    assert visitor.get("/preview").status_code == 403
    assert visitor.post("/preview", partner=key_of(lab, "birch")).status_code == 403
    assert "/preview" not in visitor.get("/resources").text
    assert looks() == []
    assert Visitor(app).get("/preview").status_code == 303


@on_sqlite
@pytest.mark.parametrize(("name", "partner"), [("sam", "cedar"), ("sora", "dover"), ("sora", "nobody")])
def test_a_partner_without_an_agreement_at_ones_own_site_cannot_be_chosen(
    app: Flask, lab: Cast, name: str, partner: str
) -> None:
    visitor = Visitor(app, name)
    key = "0" * 24 if partner == "nobody" else key_of(lab, partner)
    assert key not in visitor.get("/preview").text
    answer = visitor.post("/preview", partner=key)
    assert answer.status_code == 422
    assert not BANNER.search(visitor.get("/resources").text)
    assert looks() == []


@on_sqlite
def test_staff_of_one_site_preview_that_site_alone(app: Flask, lab: Cast, plants: Plants) -> None:
    sam = previewing(app, lab, "sam", "aoba")
    assert sam.get("/sites/tsukuba/day?on=2026-11-24").status_code == 404
    page = spelled(sam.get("/sites/cambridge/day?on=2026-11-24"))
    assert told(plants.words["Cambridge"][:1], page) != []
    assert told(plants.of("Approved", "Waiting", "Hidden"), page) == []
    assert sam.get(f"/requests/{plants.requests['Approved']}").status_code == 404


@on_sqlite
def test_who_is_staff_and_scientist_sees_only_the_previewed_partner(app: Flask, lab: Cast, plants: Plants) -> None:
    mio = previewing(app, lab, "mio", "birch")
    assert told(plants.all, spelled(mio.get("/sites/tsukuba/day?on=2026-11-24"))) == []
    assert mio.get(f"/requests/{plants.requests['Approved']}").status_code == 404


@on_sqlite
def test_signing_out_works_and_the_next_one_to_sign_in_is_in_no_preview(app: Flask, lab: Cast) -> None:
    sora = previewing(app, lab, "sora", "aoba")
    assert sora.submit(sora.get("/resources"), "/sign-out").status_code == 303
    assert sora.get("/resources").status_code == 303
    sora.token = ""
    answer = sora.post("/sign-in", email="ben@lab.example", password="correct horse battery staple", next="/")
    assert answer.status_code == 303
    assert not BANNER.search(sora.get("/resources").text)


@on_sqlite
def test_a_calendar_does_not_care_about_previews(app: Flask, lab: Cast, plants: Plants) -> None:
    sora = previewing(app, lab, "sora", "birch")
    path = f"/feeds/{plants.token}/mine.ics"
    seen, plain_answer = sora.get(path), Visitor(app).get(path)
    assert seen.data == plain_answer.data
    assert _COOKIE.sub("", spelled(seen).decode()) == _COOKIE.sub("", spelled(plain_answer).decode())
