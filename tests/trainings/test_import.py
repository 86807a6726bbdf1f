"""Importing proofs: every line is looked at first, then all are written or none."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from flask import Flask

from labbook.trainings import service
from tests.browsing import Visitor, on_sqlite, token_of
from tests.cast import NOW, Cast
from tests.trainings.conftest import School

PATH = "/sites/tsukuba/trainings/import"
GOOD = "alan@lab.example,laser,2026-11-20,2027-11-20\nBEN@lab.example,laser,2026/11/19\n"


def test_a_dry_run_writes_nothing_and_the_confirmation_all(app: Flask, lab: Cast, school: School) -> None:
    school.laser(valid_days=100)
    mio = Visitor(app, "mio")
    look = mio.post(PATH, table=f"e-mail,training,granted_on,expires_on\n{GOOD}")
    assert look.status_code == 200
    assert school.records("alan") == []
    assert "2行" in look.text.replace(" ", "") or "2 " in look.text
    confirmed = {"csrf_token": token_of(look), "step": "confirm", "table": GOOD}
    assert mio.open(PATH, method="POST", data=confirmed).status_code == 303
    assert school.records("alan") == [(date(2026, 11, 20), date(2027, 11, 20), False)]
    assert school.records("ben")[1] == (date(2026, 11, 19), date(2027, 2, 27), False)
    again = mio.post(PATH, table=GOOD)
    assert again.status_code == 200
    assert 'value="confirm"' not in again.text
    assert service.import_records(lab.actor("mio"), "tsukuba", GOOD, now=NOW) == 0


@on_sqlite
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nobody@lab.example,laser,2026-11-20", "Unknown here"),
        ("sora@lab.example,laser,2026-11-20", "Unknown here"),  # works at the site, for no partner
        ("sam@lab.example,laser,2026-11-20", "Unknown here"),
        ("mio@lab.example,laser,2026-11-20", "Nobody signs off"),
        ("alan@lab.example,nothing,2026-11-20", "no training of this name"),
        ("alan@lab.example,laser,yesterday", "not a date"),
        ("alan@lab.example,laser,0001-01-01", "not a date"),
        ("alan@lab.example,laser,2026-11-24", "still to come"),
        ("alan@lab.example,laser,2026-11-20,then", "expires is not a date"),
        ("alan@lab.example,laser,2026-11-20,2026-11-19", "expire before"),
        ("alan@lab.example,laser", "three or four columns"),
        ("alan@lab.example", "three or four columns"),
        ("ben@lab.example,laser,2026-11-01", "same person"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(lab: Cast, school: School, line: str, sentence: str) -> None:
    table = f"ben@lab.example,laser,2026-11-20\n\n{line}\n"
    one, two = service.look(lab.actor("mio"), "tsukuba", table, now=NOW)
    assert (one.number, one.is_wrong) == (1, False)
    assert (two.number, two.is_wrong) == (3, True)
    assert sentence in two.sentence
    before = school.records("ben")
    with pytest.raises(service.UnfitError):
        service.import_records(lab.actor("mio"), "tsukuba", table, now=NOW)
    assert school.records("ben") == before


@on_sqlite
def test_a_page_with_a_wrong_line_offers_no_confirmation(app: Flask, lab: Cast, school: School) -> None:
    mio = Visitor(app, "mio")
    answer = mio.post(PATH, table=f"{GOOD}dora@lab.example,laser,2026-11-20")
    assert answer.status_code == 422 or "dora" in answer.text
    wrong = mio.post(PATH, table=f"{GOOD}x@lab.example,laser,2026-11-20")
    assert wrong.status_code == 422
    assert 'value="confirm"' not in wrong.text
    assert "x@lab.example" in wrong.text
    forced = mio.post(PATH, table=f"{GOOD}x@lab.example,laser,2026-11-20", step="confirm")
    assert forced.status_code == 409
    assert school.records("alan") == []


@on_sqlite
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (GOOD.encode("utf-8-sig"), 200),
        (GOOD.replace(",", "\t").encode(), 200),
        (GOOD.replace("\n", "\r\n").encode(), 200),
        ("佐藤@lab.example,laser,2026-11-20".encode("cp932"), 422),
        (b"\xff\xfe\x00", 422),
        (b"alan@lab.example,la\x00ser,2026-11-20", 422),
        (b'"alan@lab.example,laser,2026-11-20', 422),
        (b"\n\n", 422),
        (b"a" * 300_000, 413),
    ],
)
def test_a_file_is_utf_8_text(app: Flask, lab: Cast, school: School, content: bytes, status: int) -> None:
    mio = Visitor(app, "mio")
    data = {"csrf_token": mio.good_token(), "table": "", "file": (BytesIO(content), "proofs.csv")}
    answer = mio.open(PATH, method="POST", data=data, content_type="multipart/form-data")
    assert answer.status_code == status
    if content.startswith("佐".encode("cp932")):
        assert "Shift_JIS" in answer.text


@on_sqlite
def test_at_most_a_thousand_lines(lab: Cast, school: School) -> None:
    line = "alan@lab.example,laser,2026-11-20\n"
    assert len(service.look(lab.actor("mio"), "tsukuba", line * 1000, now=NOW)) == 1000
    with pytest.raises(service.UnreadableError):
        service.look(lab.actor("mio"), "tsukuba", line * 1001, now=NOW)


@on_sqlite
@pytest.mark.parametrize(("viewer", "status"), [("sora", 403), ("cora", 403), ("ada", 403), ("dora", 404), (None, 303)])
def test_importing_is_for_the_sites_managers(
    app: Flask, lab: Cast, school: School, viewer: str | None, status: int
) -> None:
    visitor = Visitor(app, viewer)
    assert visitor.get(PATH).status_code == status
    assert visitor.post(PATH, table=GOOD, step="confirm").status_code == status
    assert school.records("alan") == []
