"""Asking to be trained: one open wish, read by staff and nobody else."""

from __future__ import annotations

import pytest
from flask import Flask

from labbook.core.permissions import ForbiddenError
from labbook.trainings import service
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.trainings.conftest import School

PAGE = "/trainings/laser?site=tsukuba"


def test_a_wish_reaches_the_staff_of_the_site(app: Flask, lab: Cast, school: School) -> None:
    alan = Visitor(app, "alan")
    answer = alan.submit(alan.get(PAGE), "ask?site=tsukuba", note="Tuesdays suit")
    assert answer.status_code == 303
    assert school.wishes("alan") == [True]
    assert {name for name, _ in school.letters("training-asked")} == {"sora", "mio"}
    assert "Tuesdays suit" in Visitor(app, "sora").get("/sites/tsukuba/trainings").text
    assert "It is asked for" in alan.get(PAGE).text
    assert 'data-code="training-missing"' in alan.get("/card").text
    assert "Under way" in alan.get("/card").text


def test_there_is_one_open_wish(app: Flask, lab: Cast, school: School) -> None:
    alan = Visitor(app, "alan")
    page = alan.get(PAGE)
    assert alan.submit(page, "ask?site=tsukuba").status_code == 303
    again = alan.submit(page, "ask?site=tsukuba")
    assert again.status_code == 409
    assert "You have asked for this training already." in again.text
    assert school.wishes("alan") == [True]


@on_sqlite
def test_what_one_holds_for_good_is_not_asked_for(lab: Cast) -> None:
    with pytest.raises(service.ClashError):
        service.ask(lab.actor("hana"), "tsukuba", "laser", partner_id=None, note="", now=NOW)


@on_sqlite
def test_a_note_that_is_too_long_is_said_and_kept(app: Flask, lab: Cast, school: School) -> None:
    alan = Visitor(app, "alan")
    answer = alan.submit(alan.get(PAGE), "ask?site=tsukuba", note="x" * 501)
    assert answer.status_code == 422
    assert "At most 500 characters" in answer.text
    assert "x" * 501 in answer.text
    assert school.wishes("alan") == []


@on_sqlite
@pytest.mark.parametrize(("viewer", "status"), [("sora", 403), ("sam", 403), ("ada", 403), ("dora", 404), (None, 303)])
def test_it_is_for_people_of_partners(app: Flask, lab: Cast, school: School, viewer: str | None, status: int) -> None:
    visitor = Visitor(app, viewer)
    assert visitor.post("/trainings/laser/ask?site=tsukuba", partner="", note="").status_code == status


@on_sqlite
def test_no_field_asks_for_another_partner_or_person(app: Flask, lab: Cast, school: School) -> None:
    ben = Visitor(app, "ben")
    answer = ben.post("/trainings/laser/ask?site=tsukuba", partner="aoba", person="1", note="")
    assert answer.status_code == 422
    assert school.wishes("ben") == []
    with pytest.raises(ForbiddenError):
        service.ask(lab.actor("alan"), "tsukuba", "laser", partner_id=lab.partners["birch"], note="", now=NOW)


@on_sqlite
def test_without_a_token_nothing_is_asked(app: Flask, lab: Cast, school: School) -> None:
    answer = Visitor(app, "alan").open("/trainings/laser/ask?site=tsukuba", method="POST", data={"note": ""})
    assert answer.status_code == 400
    assert school.wishes("alan") == []


@on_sqlite
def test_a_training_of_hidden_resources_alone_is_hidden_too(app: Flask, lab: Cast, school: School) -> None:
    from sqlalchemy import select

    from labbook.core.language import Words
    from labbook.db import db, transactional
    from labbook.models import Resource, ResourceTraining, Training

    @transactional
    def demand() -> None:
        secret = Training(slug="secret-suite", level=2, name=Words("Secret suite", ""))
        db.session.add(secret)
        db.session.flush()
        resource = db.session.scalars(select(Resource).where(Resource.slug == "tsukuba-secret")).one()
        db.session.add(ResourceTraining(resource_id=resource.id, training_id=secret.id))
        operator = Training(slug="operator", level=3, name=Words("Operator", ""))
        db.session.add(operator)

    demand()
    assert Visitor(app, "hana").get("/trainings/secret-suite?site=tsukuba").status_code == 200
    for viewer, slug in (("ben", "secret-suite"), ("sam", "secret-suite"), ("hana", "operator"), ("hana", "nothing")):
        assert Visitor(app, viewer).get(f"/trainings/{slug}?site=tsukuba").status_code == 404
