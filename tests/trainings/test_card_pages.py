"""The eligibility card: one's own, a colleague's, and the one on a resource's page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from labbook.bookings import service as bookings
from labbook.bookings.service import Ask
from labbook.db import db, transactional
from labbook.models import Agreement, Booking, Person, Training
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast, fresh_key
from tests.statements import counted, unlike
from tests.trainings.conftest import School


@on_sqlite
def test_my_card_tells_resource_by_resource_and_what_to_do(app: Flask, lab: Cast, school: School) -> None:
    page = Visitor(app, "alan").get("/card")
    assert page.status_code == 200
    assert 'data-code="training-missing"' in page.text
    assert "/trainings/laser?site=tsukuba#ask" in page.text
    school.session()
    assert "/trainings/laser?site=tsukuba#sessions" in Visitor(app, "alan").get("/card?site=tsukuba").text


@on_sqlite
def test_each_light_has_a_word_and_a_shape(app: Flask, lab: Cast, school: School) -> None:
    school.expire("cora", date(2026, 12, 1))
    text = Visitor(app, "cora").get("/card").text
    for tone, shape, word in (("green", "check", "Ready"), ("amber", "hourglass", "Ready, lapses soon")):
        assert f'light-{tone}"' in text
        assert f"icons.svg#{shape}" in text
        assert word in text
    red = Visitor(app, "alan").get("/card").text
    assert "Not yet" in red
    assert "icons.svg#cross" in red


@on_sqlite
def test_the_card_can_be_searched_and_is_of_one_site(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    assert "共焦点顕微鏡" in hana.get("/card?q=共焦点").text
    assert "/resources/tsukuba-plain" not in hana.get("/card?q=共焦点").text
    assert "/resources/cambridge-scope" in hana.get("/card?site=cambridge").text
    assert "/resources/tsukuba-plain" not in hana.get("/card?site=cambridge").text
    assert '<a href="/card?site=cambridge">' in hana.get("/card").text
    assert Visitor(app, "chika").get("/card?site=cambridge").status_code == 404
    assert hana.get("/card?site=nowhere").status_code == 404
    assert hana.get("/card?q=%00%E2%80%AE&site=tsukuba").status_code == 200


@on_sqlite
def test_a_hidden_resource_is_on_no_strangers_card(app: Flask, lab: Cast) -> None:
    assert "tsukuba-secret" in Visitor(app, "hana").get("/card").text
    assert "tsukuba-secret" not in Visitor(app, "ben").get("/card").text


@pytest.mark.parametrize(
    ("viewer", "whose", "status"),
    [
        ("cora", "alan", 200),  # coordinates the partner
        ("sora", "alan", 200),  # works at the site
        ("alan", "alan", 200),
        ("hana", "alan", 404),  # a colleague without duties
        ("ben", "alan", 404),
        ("chika", "alan", 404),
        ("cora", "ben", 404),  # a rival's
        ("dora", "dora", 404),  # the agreement has ended: no site of theirs
        ("ada", "alan", 403),  # sees people, but their cards are not hers
        ("audrey", "alan", 403),
    ],
)
@on_sqlite
def test_whose_card_one_sees(app: Flask, lab: Cast, school: School, viewer: str, whose: str, status: int) -> None:
    assert Visitor(app, viewer).get(f"/people/{school.key(whose)}/card?site=tsukuba").status_code == status


@on_sqlite
def test_staff_of_another_site_and_strangers_get_no_card(app: Flask, lab: Cast, school: School) -> None:
    path = f"/people/{school.key('chika')}/card"
    assert Visitor(app, "sam").get(f"{path}?site=tsukuba").status_code == 404
    assert Visitor(app, "sam").get(f"{path}?site=cambridge").status_code == 404
    assert Visitor(app).get(f"{path}?site=tsukuba").status_code == 303
    assert Visitor(app, "sora").get("/people/nobody/card?site=tsukuba").status_code == 404


@on_sqlite
def test_a_coordinator_reads_of_somebody_with_two_partners_only_what_is_through_hers(
    app: Flask, lab: Cast, school: School
) -> None:
    @transactional
    def end() -> None:
        ours = Agreement.partner_id == lab.partners["aoba"]
        here = ours & (Agreement.site_id == lab.sites["tsukuba"])
        db.session.execute(update(Agreement).where(here).values(ends_on=date(2026, 12, 1)))

    end()
    path = f"/people/{school.key('two')}/card?site=tsukuba"
    assert 'data-code="agreement-ends"' in Visitor(app, "cora").get(path).text  # Cedar's goes on
    assert 'data-code="agreement-ends"' not in Visitor(app, "two").get("/card?site=tsukuba").text


@on_sqlite
def test_the_steps_on_anothers_card_are_not_the_readers(app: Flask, lab: Cast, school: School) -> None:
    text = Visitor(app, "cora").get(f"/people/{school.key('alan')}/card?site=tsukuba").text
    assert 'data-code="training-missing"' in text
    assert "/trainings/laser" not in text


@on_sqlite
def test_the_page_of_a_resource_shows_its_card(app: Flask, lab: Cast, school: School) -> None:
    path = "/resources/tsukuba-confocal-1"
    assert 'data-code="training"' in Visitor(app, "cora").get(path).text
    missing = Visitor(app, "alan").get(path).text
    assert 'data-code="training-missing"' in missing
    assert "/trainings/laser?site=tsukuba#ask" in missing
    school.expire("ben", date(2026, 11, 1))
    assert "Expired on Sun 1 Nov 2026" in Visitor(app, "ben").get(path).text
    staff = Visitor(app, "sora").get(path).text
    assert "data-code" not in staff
    assert "レーザー講習" in staff


@on_sqlite
def test_the_card_takes_as_many_statements_however_much_there_is(app: Flask, lab: Cast, school: School) -> None:
    hana = Visitor(app, "hana")
    hana.get("/card?site=tsukuba")
    with counted() as few:
        hana.get("/card?site=tsukuba")

    @transactional
    def more() -> None:
        from tests.cast import add_resource

        for number in range(5):
            resource = add_resource(lab.sites["tsukuba"], f"tsukuba-extra-{number}")
            training = Training(slug=f"extra-{number}", level=1, name=resource.name, disuse_days=90)
            db.session.add(training)
            db.session.flush()
            from labbook.models import ResourceTraining

            db.session.add(ResourceTraining(resource_id=resource.id, training_id=training.id))

    more()
    with counted() as many:
        text = hana.get("/card?site=tsukuba").text
    assert "tsukuba-extra-4" in text
    assert len(few) == len(many), unlike(few, many)


@on_sqlite
def test_a_coordinator_does_not_read_when_somebody_last_worked_for_another_partner(app: Flask, lab: Cast) -> None:
    """Two works for Aoba and for Cedar; the last use, for Cedar, keeps the laser training alive."""
    path = f"/people/{_used_for_cedar(lab, days_ago=40, disuse=100)}/card?site=tsukuba"
    day = ("22 Jan 2027", "2027年1月22日")  # 40 days ago and 100 more
    cora, sora, two = (Visitor(app, name).get(path).text for name in ("cora", "sora", "two"))
    assert [any(one in text for one in day) for text in (cora, sora, two)] == [False, True, True]
    assert "Held." in cora
    _disuse(30)
    cora, sora = (Visitor(app, name).get(path).text for name in ("cora", "sora"))
    assert "Held once, and no longer good." in cora
    assert not any(one in cora for one in ("13 Nov 2026", "14 Oct 2026"))
    assert "2026年11月13日" in sora


def _used_for_cedar(lab: Cast, *, days_ago: int, disuse: int) -> str:
    """The key of Two, who used the confocal for Cedar so many days ago."""
    at = NOW - timedelta(days=days_ago)
    ask = Ask("tsukuba-confocal-1", at, at + timedelta(hours=2), lab.partners["cedar"], "Cells")
    bookings.request(lab.actor("two", at), ask, key=fresh_key(), now=at - timedelta(days=1))
    _disuse(disuse)
    return db.session.get_one(Person, lab.people["two"]).key


@transactional
def _disuse(days: int) -> None:
    db.session.execute(update(Booking).values(state="finished"))
    db.session.execute(update(Training).values(disuse_days=days))
