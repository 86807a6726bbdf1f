"""Finding a time: what is offered is legal, rivals learn nothing, and the page says what stands in the way."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.bookings.facts import Whose, facts_for
from labbook.bookings.many import facts_of_many, units_among
from labbook.catalogue import queries as catalogue
from labbook.core.interval import Interval
from labbook.core.rules import judge
from labbook.db import db, transactional
from labbook.models import Resource
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.statements import counted

HOUR = timedelta(hours=1)


def offered(text: str) -> list[str]:
    """The links to forms, in the page's order."""
    return [one.replace("&amp;", "&") for one in re.findall(r'href="(/resources/[\w-]+/book\?[^"]+)"', text)]


@pytest.mark.parametrize("name", ["hana", "alan", "ben", "two"])
def test_facts_of_many_are_those_of_each(app: Flask, lab: Cast, name: str) -> None:
    actor = lab.actor(name)
    whose = Whose(actor.person_id, min(actor.partner_ids), asks_anew=True)
    rows = [(one, site) for one, _, site in catalogue.resources_for(actor)]
    units = units_among([one.id for one, _ in rows])
    many = facts_of_many(
        rows, whose=whose, units=units, window=Interval(NOW - 50 * 24 * HOUR, NOW + 300 * 24 * HOUR), now=NOW
    )
    for resource, site in rows:
        for hours in (1, 30, 15 * 24):
            wanted = Interval(NOW + hours * HOUR, NOW + (hours + 1) * HOUR)
            one = facts_for(resource, site, wanted, whose=whose, units=units[resource.id], now=NOW)
            for unit in units[resource.id]:
                bulk = replace(many[resource.id].on(unit), wanted=wanted)
                assert judge(bulk) == judge(one.on(unit)), resource.slug


def test_each_offer_is_booked_at_once_by_its_link(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "ben")
    assert visitor.book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T12:00").status_code == 303
    page = visitor.get("/find?what=resource:tsukuba-plain&length=2&unit=h")
    links = offered(page.text)
    assert page.status_code == 200
    assert len(links) == 10
    assert "from=2026-11-23T12:30&to=2026-11-23T14:30" in links[0]
    assert "outcome-approved" in visitor.get(links[0]).text


@on_sqlite
def test_another_partners_booking_only_makes_the_time_unavailable(app: Flask, lab: Cast) -> None:
    assert (
        Visitor(app, "hana").book("tsukuba-plain", "2026-11-23T10:00", "2026-11-23T12:00", title="Zebra").status_code
        == 303
    )
    page = Visitor(app, "ben").get(
        "/find?what=resource:tsukuba-plain&length=2&unit=h&begins=10:00&ends=12:00&last=2026-11-23"
    )
    assert not offered(page.text)
    assert "Someone else holds this time" in page.text
    assert "Zebra" not in page.text
    assert "Aoba" not in page.text


@on_sqlite
def test_what_one_may_not_see_does_not_exist(app: Flask, lab: Cast) -> None:
    assert "tsukuba-secret" in Visitor(app, "hana").get("/find").text
    assert "tsukuba-secret" not in Visitor(app, "ben").get("/find").text
    answers = [Visitor(app, "ben").get(f"/find?what=resource:{slug}") for slug in ("tsukuba-secret", "tsukuba-nothing")]
    assert [one.status_code for one in answers] == [422, 422]


@on_sqlite
@pytest.mark.parametrize("name", ["dora", "sora", "ada"])
def test_whoever_cannot_book_is_told_so(app: Flask, lab: Cast, name: str) -> None:
    assert Visitor(app, name).get("/find").status_code == 403


@on_sqlite
def test_a_missing_training_is_said_with_how_many(app: Flask, lab: Cast) -> None:
    page = Visitor(app, "alan").get("/find?what=kind:equipment&site=tsukuba")
    assert "Laser sign-off" in page.text
    assert "1 of 7" in page.text
    assert "tsukuba-confocal-1/book" not in page.text


@on_sqlite
def test_two_resources_an_hour_apart_are_one_set(app: Flask, lab: Cast) -> None:
    ask = "/find?what=resource:tsukuba-plain&length=2&unit=h&what2=resource:tsukuba-hood&length2=1&unit2=h&after2=60"
    links = offered(Visitor(app, "ben").get(ask).text)
    assert len(links) == 20
    assert "tsukuba-plain/book?from=2026-11-23T09:00&to=2026-11-23T11:00" in links[0]
    assert links[0].endswith("&also=tsukuba-hood:60:60")
    assert links[1] == links[0]  # both lead to the form in which they are booked together
    form = Visitor(app, "ben").get(links[0]).text
    assert "All 2 are free together" in form


@on_sqlite
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("length=0", "Enter more than nothing."),
        ("length=x", "Give a whole number."),
        ("unit=weeks", "Choose one from the list."),
        ("first=2026-12-02&last=2026-12-01", "must not come before"),
        ("first=2026-12-01&last=2027-12-01", "At most 62 days"),
        ("begins=10:00&ends=10:00", "another time than the first"),
        ("length=3&unit=h&begins=10:00&ends=12:00", "shorter than what is needed"),
        ("first=0001-01-01", "between the years"),
        ("partner=nobody", "Choose one from the list."),
        ("what2=resource:tsukuba-hood&after2=99999", "from 0 to 1440"),
    ],
)
def test_bad_input_is_said_beside_the_field(app: Flask, lab: Cast, bad: str, said: str) -> None:
    page = Visitor(app, "ben").get(f"/find?what=resource:tsukuba-plain&{bad}")
    assert page.status_code == 422
    assert said in page.text


@on_sqlite
def test_statements_do_not_grow_with_the_resources(app: Flask, lab: Cast) -> None:
    visitor, sent = Visitor(app, "ben"), []
    for what in ("resource:tsukuba-plain", "kind:equipment&site=tsukuba"):
        visitor.get(f"/find?what={what}")
        with counted() as statements:
            assert visitor.get(f"/find?what={what}").status_code == 200
        sent.append(len(statements))
    assert sent[0] <= sent[1] <= sent[0] + 1  # what is booked first of some resources is asked for once


@on_sqlite
def test_a_resources_page_leads_to_its_times_for_whoever_may_book(app: Flask, lab: Cast) -> None:
    link = "/find?what=resource:tsukuba-plain"
    assert link in Visitor(app, "ben").get("/resources/tsukuba-plain").text
    assert "/find?" not in Visitor(app, "sora").get("/resources/tsukuba-plain").text
    assert len(offered(Visitor(app, "ben").get(link).text)) == 10


@on_sqlite
def test_the_partner_that_was_chosen_is_chosen_in_the_form_too(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "two")
    keys = re.findall(r'<option[^>]* value="([\w-]+)"', visitor.get("/find").text.partition('name="partner"')[2])[:2]
    assert len(set(keys)) == 2
    for key in keys:
        link = offered(visitor.get(f"/find?what=resource:tsukuba-plain&partner={key}").text)[0]
        assert f"&partner={key}" in link
        chosen = re.search(r'<option selected value="([\w-]+)"', visitor.get(link).text.partition('name="partner"')[2])
        assert chosen is not None
        assert chosen[1] == key
    assert visitor.get("/resources/tsukuba-plain/book?partner=nobody").status_code == 200


@on_sqlite
def test_only_what_is_fit_for_the_sample_is_offered(app: Flask, lab: Cast) -> None:
    visitor = Visitor(app, "ben")
    assert "BSL-2" not in visitor.get("/find").text
    fit_for(lab, "tsukuba-plain", 2)
    fit_for(lab, "tsukuba-hood", 1)
    assert "BSL-2" in visitor.get("/find").text
    links = offered(visitor.get("/find?what=resource:tsukuba-plain&biosafety=2").text)
    assert len(links) == 10
    assert "&biosafety=2" in links[0]
    assert '<option selected value="2">BSL-2' in visitor.get(links[0]).text
    page = visitor.get("/find?what=resource:tsukuba-hood&biosafety=2")
    assert not offered(page.text)
    assert "BSL-1" in page.text.partition("What stood in the way")[2]
    assert visitor.get("/find?what=resource:tsukuba-hood&biosafety=9").status_code == 422


@transactional
def fit_for(lab: Cast, slug: str, level: int) -> None:
    """Samples up to this level may be brought there."""
    db.session.scalars(select(Resource).where(Resource.slug == slug)).one().biosafety = level
