"""A sign on the wall: what it tells everybody who passes, and what it never tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, true, update
from werkzeug.test import TestResponse

from labbook.core.language import Words
from labbook.core.links import LinkKind
from labbook.core.permissions import ForbiddenError, NotFoundError
from labbook.db import db, transactional
from labbook.models import Area, Closure, Event, Resource, ResourceLink, Sign
from labbook.signs import service
from labbook.signs.service import Wanted
from labbook.web.pictures import qr_code
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, add_resource
from tests.conftest import Clock
from tests.statements import counted, unlike

HERE = "/sites/tsukuba/signs"
PLAIN = Wanted("Door", "en", resource="tsukuba-plain")
IMAGING = Wanted("Wall", "en", area="imaging")


def put_up(lab: Cast, wanted: Wanted = PLAIN, who: str = "sora") -> str:
    """A sign; the secret of its link."""
    token = service.make(lab.actor(who), "tsukuba", wanted, now=NOW)
    db.session.remove()
    return token


def seen(app: Flask, token: str, query: str = "") -> TestResponse:
    """What a tablet gets."""
    return Visitor(app).get(f"/signs/{token}{query}")


def words_of(page: TestResponse) -> str:
    """The text of a page, on one line."""
    text = re.sub(r"<svg.*?</svg>", "", page.text.partition("<main")[2], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text.partition(">")[2])).split())


def one() -> Sign:
    db.session.remove()
    return db.session.scalars(select(Sign)).one()


def happened() -> list[str]:
    db.session.remove()
    return list(db.session.scalars(select(Event.code).where(Event.subject == "sign").order_by(Event.id)))


# --- what it tells ----------------------------------------------------------------------------------------------------


def test_a_door_tells_until_when_and_never_whose_it_is_nor_how_many(app: Flask, lab: Cast) -> None:
    hana, token = Visitor(app, "hana"), put_up(lab)
    for start, end in (("09:00", "10:00"), ("10:30", "11:30")):  # with the buffers the two touch
        booked = hana.book(
            "tsukuba-plain", f"2026-11-23T{start}", f"2026-11-23T{end}", title="Quokka", purpose="Wombat"
        )
        assert booked.status_code == 303
    page = seen(app, token)
    assert page.status_code == 200
    text = words_of(page)
    assert text.startswith("Tsukuba 09:00 Monday, 23 November 2026 JST, UTC+9 Plate reader プレートリーダー")
    assert "In use until 11:45" in text
    assert "10:" not in text  # where one ends and the next begins
    for secret in ("Quokka", "Wombat", "佐藤", "Aoba", "hana", booked.headers["Location"].rpartition("/")[2]):
        assert secret not in page.text


@on_sqlite
def test_a_tablet_gets_no_cookie_and_is_not_remembered_by_anybody(app: Flask, lab: Cast) -> None:
    page = seen(app, put_up(lab))
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "csrf" not in page.text


@on_sqlite
def test_free_today_then_taken_is_told_in_advance(app: Flask, lab: Cast) -> None:
    token = put_up(lab)
    Visitor(app, "ben").book("tsukuba-plain", "2026-11-23T13:00", "2026-11-23T14:00")
    text = words_of(seen(app, token))
    assert "Free until 12:45" in text
    assert "12:45–14:15 In use" in text
    assert "from 14:15 Free" in text


@on_sqlite
def test_it_speaks_its_own_language_whatever_the_tablet_does(app: Flask, lab: Cast) -> None:
    token = put_up(lab, Wanted("ドア", "ja", resource="tsukuba-plain"))
    page = Visitor(app).get(f"/signs/{token}", headers={"Accept-Language": "en"})
    assert '<html lang="ja"' in page.text
    assert "空き" in page.text
    assert '<small lang="en">Plate reader</small>' in page.text
    assert "Free" not in words_of(page)


@on_sqlite
def test_closed_is_closed_and_its_reason_is_for_members(app: Flask, lab: Cast) -> None:
    _close()
    text = words_of(seen(app, put_up(lab)))
    assert "Closed until 12:00" in text
    assert "Meerkat" not in text
    workshop = words_of(seen(app, put_up(lab, Wanted("Door", "en", resource="tsukuba-daytime"))))
    assert "Closed until 12:00" in workshop
    assert "12:00–18:00 Free" in workshop
    assert "18:00–tomorrow 09:00 Closed" in workshop


@transactional
def _close(start: datetime = NOW - timedelta(hours=1), hours: float = 4, site_id: int | None = None) -> None:
    area = db.session.scalars(select(Area).where(Area.site_id == site_id if site_id else true())).first()
    assert area is not None
    db.session.add(
        Closure(
            site_id=area.site_id,
            area_id=area.id,
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
            reason=Words("Meerkat", ""),
        )
    )


@on_sqlite
def test_of_several_pieces_it_counts_what_is_free(app: Flask, lab: Cast) -> None:
    token = put_up(lab, Wanted("Door", "en", resource="tsukuba-hood"))
    for name in ("hana", "ben"):
        assert Visitor(app, name).book("tsukuba-hood", "2026-11-23T09:00", "2026-11-23T10:00").status_code == 303
    assert "Free 1/3 for days to come" in words_of(seen(app, token))
    assert Visitor(app, "alan").book("tsukuba-hood", "2026-11-23T09:00", "2026-11-23T09:30").status_code == 303
    assert "In use 0/3 until 09:45" in words_of(seen(app, token))


@on_sqlite
def test_its_code_leads_to_what_is_so_now(app: Flask, lab: Cast) -> None:
    with app.test_request_context():
        door = qr_code(f"{app.config['BASE_URL']}/resources/tsukuba-plain/now")
        wall = qr_code(f"{app.config['BASE_URL']}/now?site=tsukuba&area=imaging")
    assert str(door) in seen(app, put_up(lab)).text
    assert str(wall) in seen(app, put_up(lab, IMAGING)).text


# --- areas, and what is hidden ----------------------------------------------------------------------------------------


def test_the_sign_of_an_area_leaves_out_what_is_hidden_from_anybody(app: Flask, lab: Cast) -> None:
    page = seen(app, put_up(lab, IMAGING))
    for name in ("Confocal", "Plate reader", "Sequencer", "Cell sorter", "Hood", "Bench", "Workshop"):
        assert name in words_of(page)
    assert "ecret" not in page.text
    assert "秘密" not in page.text


def test_what_is_hidden_gets_no_sign_and_a_sign_ends_when_its_resource_is_hidden(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    form = sora.get(HERE)
    assert "tsukuba-secret" not in form.text
    sent = sora.submit(form, HERE, about="resource:tsukuba-secret")
    assert sent.status_code == 422
    with pytest.raises(NotFoundError):
        service.make(lab.actor("sora"), "tsukuba", Wanted("x", "en", resource="tsukuba-secret"), now=NOW)
    with pytest.raises(NotFoundError):
        service.make(lab.actor("sora"), "tsukuba", Wanted("x", "en", resource="cambridge-scope"), now=NOW)
    token = put_up(lab)
    _hide("tsukuba-plain")
    page = seen(app, token)
    assert page.status_code == 410
    assert "Plate reader" not in page.text
    assert "表示できる内容がありません" in sora.get(HERE).text


@transactional
def _hide(slug: str) -> None:
    db.session.execute(update(Resource).where(Resource.slug == slug).values(is_hidden=True))


@on_sqlite
def test_many_resources_come_page_after_page_round_and_round(app: Flask, lab: Cast) -> None:
    _fill(lab)
    token = put_up(lab, IMAGING)
    pages = [seen(app, token, f"?page={number}").text for number in (0, 1, 2, 3)]
    assert [page.count("<li class") for page in pages] == [8, 8, 3, 8]
    assert pages[0] == pages[3]
    assert 'data-next="1"' in pages[0]
    assert 'data-next="0"' in pages[2]
    for odd in ("?page=-1", "?page=x", "?page=9999999999", "?page=%00", "?look=<script>"):
        assert seen(app, token, odd).status_code == 200
    assert 'class="look-dark"' in seen(app, token, "?look=dark").text
    assert "<script>" not in seen(app, token, "?look=<script>").text


@transactional
def _fill(lab: Cast) -> None:
    for number in range(12):
        add_resource(lab.sites["tsukuba"], f"tsukuba-more-{number}", name=Words(f"More {number}", ""), pieces=2)


def test_a_sign_asks_the_database_as_often_for_many_resources_as_for_few(app: Flask, lab: Cast) -> None:
    token = put_up(lab, IMAGING)
    seen(app, token)  # written down that it was seen
    with counted() as few:
        assert seen(app, token).status_code == 200
    _fill(lab)
    for name in ("hana", "ben", "chika"):
        Visitor(app, name).book("tsukuba-hood", "2026-11-23T09:00", "2026-11-23T10:00")
    with counted() as many:
        assert seen(app, token).status_code == 200
    assert len(few) == len(many) <= 8, unlike(few, many)


# --- its life ---------------------------------------------------------------------------------------------------------


def test_staff_put_it_up_and_read_its_link_once(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    made = sora.submit(sora.get(HERE), HERE, about="area:imaging", name="", language="ja")
    assert made.status_code == 201
    found = re.search(r'value="(\S+)/signs/([\w-]+)"', made.text)
    assert found is not None
    assert found.group(1) == app.config["BASE_URL"]
    sign = one()
    assert (sign.name, sign.language, sign.resource_id) == ("イメージング", "ja", None)
    assert found.group(2) not in sign.token_hash
    assert seen(app, found.group(2)).status_code == 200
    listed = sora.get(HERE).text
    assert "イメージング" in listed
    assert found.group(2) not in listed
    assert happened() == ["sign-made"]


def test_a_new_link_ends_the_old_one_and_taking_it_down_can_be_undone(app: Flask, lab: Cast) -> None:
    sora, old = Visitor(app, "sora"), put_up(lab)
    key = one().key
    seen(app, old)
    renewed = sora.submit(sora.get(HERE), f"{HERE}/{key}/renew")
    found = re.search(r'/signs/([\w-]+)"', renewed.text.partition("made-url")[2])
    assert found is not None
    new = found.group(1)
    assert one().seen_at is None, "no tablet has the new link yet"
    assert [seen(app, token).status_code for token in (old, new)] == [404, 200]
    assert one().seen_at == NOW
    assert sora.submit(sora.get(HERE), f"{HERE}/{key}/end").status_code == 303
    assert "元に戻す" in sora.get(HERE).text  # beside the message that says it
    ended = seen(app, new)
    assert ended.status_code == 410
    assert "This sign has ended" in words_of(ended)
    assert "data-sign" in ended.text
    assert sora.post(f"{HERE}/{key}/renew").status_code == 303  # says that it was taken down, and makes no link
    assert sora.post(f"{HERE}/{key}/end").status_code == 303  # twice is as good as once
    sora.get(HERE)  # what was said is not said again
    assert sora.submit(sora.get(HERE), f"{HERE}/{key}/again").status_code == 303
    assert seen(app, new).status_code == 200
    assert happened() == ["sign-made", "sign-renewed", "sign-ended", "sign-resumed"]


@on_sqlite
def test_long_after_it_was_taken_down_it_is_not_there(app: Flask, lab: Cast, clock: Clock) -> None:
    put_up(lab)
    key = one().key
    service.end(lab.actor("sora"), "tsukuba", key, now=NOW)
    clock.now = NOW + timedelta(days=31)
    sora = Visitor(app, "sora")
    assert "Door" not in sora.get(HERE).text
    assert sora.post(f"{HERE}/{key}/again").status_code == 404


@on_sqlite
def test_it_can_be_called_otherwise(app: Flask, lab: Cast) -> None:
    sora, token = Visitor(app, "sora"), put_up(lab)
    path = f"{HERE}/{one().key}"
    assert sora.submit(sora.get(path), path, name=" ").status_code == 422
    assert sora.submit(sora.get(path), path, name="x" * 61).status_code == 422
    assert sora.submit(sora.get(path), path, name="a\u202eb").status_code == 422
    assert sora.submit(sora.get(path), path, name="  Window ", language="ja").status_code == 303
    assert (one().name, one().language) == ("Window", "ja")
    assert '<html lang="ja"' in seen(app, token).text
    sora.submit(sora.get(path), path, name="Window", language="ja")
    assert happened() == ["sign-made", "sign-set"]


def test_when_its_tablet_last_asked_is_known_to_the_hour(app: Flask, lab: Cast, clock: Clock) -> None:
    token = put_up(lab)
    assert one().seen_at is None
    seen(app, token)
    assert one().seen_at == NOW
    clock.now = NOW + timedelta(minutes=59)
    seen(app, token)
    assert one().seen_at == NOW
    clock.now = NOW + timedelta(minutes=60)
    assert seen(app, token).status_code == 200
    assert one().seen_at == clock.now
    clock.now += timedelta(hours=5)
    assert "5時間前から更新していません" in Visitor(app, "sora").get(HERE).text


@on_sqlite
def test_what_is_no_link_is_told_so_and_learns_nothing(app: Flask, lab: Cast) -> None:
    put_up(lab)
    for token in ("x", "a" * 5000, one().key, one().token_hash, "%2e%2e"):
        answer = seen(app, token)
        assert answer.status_code == 404
        assert "Plate reader" not in answer.text
        assert "Set-Cookie" not in answer.headers


@on_sqlite
@pytest.mark.parametrize(("name", "code"), [("hana", 403), ("ben", 403), ("sam", 403), ("dora", 404), ("ada", 403)])
def test_only_staff_of_the_site_keep_its_signs(app: Flask, lab: Cast, name: str, code: int) -> None:
    put_up(lab)
    key = one().key
    visitor = Visitor(app, name)
    assert visitor.get(HERE).status_code == code
    for path in (HERE, *(f"{HERE}/{key}{end}" for end in ("", "/renew", "/end", "/again"))):
        assert visitor.post(path).status_code == code
    with pytest.raises((ForbiddenError, NotFoundError)):
        service.renew(lab.actor(name), "tsukuba", key, now=NOW)
    assert happened() == ["sign-made"]


@on_sqlite
def test_a_sign_of_another_site_is_not_there(app: Flask, lab: Cast) -> None:
    put_up(lab)
    assert Visitor(app, "sam").post(f"/sites/cambridge/signs/{one().key}/end").status_code == 404


@on_sqlite
def test_a_site_has_so_many_signs_and_no_more(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_SIGNS", 1)
    put_up(lab)
    sora = Visitor(app, "sora")
    again = sora.submit(sora.get(HERE), HERE, about="area:imaging", name="Kept")
    assert again.status_code == 409
    assert 'value="Kept"' in again.text
    service.end(lab.actor("sora"), "tsukuba", one().key, now=NOW)
    ended = one().key
    assert sora.submit(sora.get(HERE), HERE, about="area:imaging").status_code == 201
    assert sora.post(f"{HERE}/{ended}/again").status_code == 303
    assert db.session.scalars(select(Sign.ended_at).where(Sign.key == ended)).one() is not None, "it has no place"


@on_sqlite
def test_what_contains_something_that_is_in_use_is_in_use(app: Flask, lab: Cast) -> None:
    @transactional
    def contain() -> None:
        ids = {one.slug: one.id for one in db.session.scalars(select(Resource))}
        inside = {"resource_id": ids["tsukuba-plain"], "other_id": ids["tsukuba-confocal-1"]}
        db.session.add(ResourceLink(**inside, kind=LinkKind.CONTAINS))

    contain()
    token = put_up(lab)
    assert "Free" in words_of(seen(app, token))
    hana = Visitor(app, "hana")
    assert hana.book("tsukuba-confocal-1", "2026-11-23T09:00", "2026-11-23T11:00").status_code == 303
    assert "In use until 11:15" in words_of(seen(app, token))


@on_sqlite
def test_where_an_hour_comes_twice_it_says_which(app: Flask, lab: Cast, clock: Clock) -> None:
    token = service.make(lab.actor("sam"), "cambridge", Wanted("Door", "en", resource="cambridge-scope"), now=NOW)
    db.session.remove()
    _close(datetime(2027, 11, 7, 6, 30, tzinfo=UTC), 1.5, lab.sites["cambridge"])  # the second half past one
    clock.now = datetime(2027, 11, 7, 4, 30, tzinfo=UTC)
    text = words_of(seen(app, token))
    assert text.startswith("Cambridge 00:30 Sunday, 7 November 2027 EDT, UTC−4")
    assert "Free until 01:30 EST" in text
    assert "01:30 EST–03:00 Closed" in text
    clock.now = datetime(2027, 11, 7, 7, 0, tzinfo=UTC)
    assert "Cambridge 02:00 Sunday, 7 November 2027 EST, UTC−5" in words_of(seen(app, token))
