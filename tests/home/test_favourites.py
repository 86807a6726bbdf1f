"""The star beside a resource: who keeps what, and that it is nobody else's business."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import select, update

from labbook.db import db, transactional
from labbook.models import Favourite, Person, Resource
from tests.browsing import Visitor, forms_of, on_sqlite
from tests.cast import Cast

PLAIN, SECRET = "tsukuba-plain", "tsukuba-secret"


def kept() -> list[tuple[int, str]]:
    """Everybody's favourites."""
    db.session.remove()
    rows = db.session.execute(select(Favourite.person_id, Resource.slug).join(Resource).order_by(Resource.slug))
    return [(row.person_id, row.slug) for row in rows]


def test_a_star_is_kept_and_dropped_and_twice_is_as_good_as_once(app: Flask, lab: Cast) -> None:
    hana = Visitor(app, "hana")
    for _ in range(2):
        answer = hana.post(f"/favourites/{PLAIN}", next="/resources?q=plate")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/resources?q=plate#{PLAIN}")
        assert kept() == [(lab.people["hana"], PLAIN)]
    hana.post("/favourites/tsukuba-hood")
    for _ in range(2):
        assert hana.post(f"/favourites/{PLAIN}/remove").headers["Location"] == f"/resources/{PLAIN}#{PLAIN}"
        assert kept() == [(lab.people["hana"], "tsukuba-hood")]


@on_sqlite
@pytest.mark.parametrize("page", ["/resources", f"/resources/{PLAIN}"])
def test_a_page_shows_one_s_own_stars_and_a_button_that_turns_each(app: Flask, lab: Cast, page: str) -> None:
    hana, alan = Visitor(app, "hana"), Visitor(app, "alan")
    keep, drop = f'formaction="/favourites/{PLAIN}"', f'formaction="/favourites/{PLAIN}/remove"'
    before = hana.get(page)
    assert keep in before.text
    form = next(one for one in forms_of(before.text) if "next" in one.fields and not one.action)
    assert hana.open(f"/favourites/{PLAIN}", method="POST", data=form.fields).headers["Location"].startswith(page)
    assert drop in hana.get(page).text
    assert keep in alan.get(page).text


@on_sqlite
def test_a_hidden_resource_and_one_that_does_not_exist_are_the_same(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    for slug in (SECRET, "tsukuba-nothing"):
        for path in (f"/favourites/{slug}", f"/favourites/{slug}/remove"):
            assert ben.post(path).status_code == 404
    assert kept() == []


@on_sqlite
def test_nothing_is_kept_without_a_session_a_token_or_by_a_link_elsewhere(app: Flask, lab: Cast) -> None:
    assert Visitor(app).post(f"/favourites/{PLAIN}").headers["Location"].startswith("/sign-in")
    hana = Visitor(app, "hana")
    assert hana.open(f"/favourites/{PLAIN}", method="POST").status_code == 400
    assert hana.get(f"/favourites/{PLAIN}").status_code in (404, 405)
    assert kept() == []
    away = hana.post(f"/favourites/{PLAIN}", next="//evil.example/")
    assert away.headers["Location"] == f"/resources/{PLAIN}#{PLAIN}"


@on_sqlite
def test_one_s_own_data_tell_of_favourites_and_erasing_takes_them(app: Flask, lab: Cast) -> None:
    hana, ben = Visitor(app, "hana"), Visitor(app, "ben")
    hana.post(f"/favourites/{PLAIN}")
    ben.post(f"/favourites/{PLAIN}")
    told = json.loads(hana.get("/account/data/labbook.json").data)
    assert [one["resource"] for one in told["favourites"]] == [PLAIN]
    ada = Visitor(app, "ada")
    key = _key(lab.people["hana"])
    assert ada.post(f"/people/{key}/erase").status_code == 303
    assert kept() == [(lab.people["ben"], PLAIN)]


@on_sqlite
def test_who_leaves_the_lab_s_partners_keeps_no_star_on_what_they_no_longer_see(app: Flask, lab: Cast) -> None:
    ben = Visitor(app, "ben")
    ben.post(f"/favourites/{PLAIN}")
    _hide()
    assert ben.post(f"/favourites/{PLAIN}/remove").status_code == 404
    assert "Plate reader" not in ben.get("/").text


def _key(person_id: int) -> str:
    db.session.remove()
    return db.session.get_one(Person, person_id).key


@transactional
def _hide() -> None:
    db.session.execute(update(Resource).where(Resource.slug == PLAIN).values(is_hidden=True))
