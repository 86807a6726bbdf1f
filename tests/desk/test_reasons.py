"""The reasons that a site gives often when it declines: kept by its staff, read by each requester in their language."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.reasons import reason_from, reason_of
from labbook.db import db
from labbook.models import CannedReason, Event
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast

LIST = "/sites/tsukuba/reasons"
LATE = {"words_en": "The core is closed that week.", "words_ja": "その週は休業です。"}
WANTED = "2026-11-24T10:00", "2026-11-24T11:00"


def kept() -> list[CannedReason]:
    db.session.remove()
    return list(db.session.scalars(select(CannedReason).order_by(CannedReason.position)))


def put(sora: Visitor, **words: str) -> CannedReason:
    """A reason on the list of Tsukuba."""
    assert sora.submit(sora.get(LIST), LIST, **words).status_code == 303
    return kept()[-1]


def asked(app: Flask, name: str = "alan") -> str:
    location: str = Visitor(app, name).book("tsukuba-asked", *WANTED, title="Run 7").headers["Location"]
    return location


def test_a_requester_reads_a_reason_of_the_list_in_their_own_language_whoever_chose_it(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    reason, page = put(sora, **LATE), asked(app)
    form = sora.get(page)
    assert "その週は休業です。" in form.text  # sora reads Japanese
    assert sora.submit(form, "/decline", canned=reason.key, reason="Ask for May.").status_code == 303
    alan = Visitor(app, "alan")
    told = alan.get(page).text
    assert "The core is closed that week.\nAsk for May." in told
    assert "その週は休業です。" not in told
    alan.post("/language", language="ja")
    assert "その週は休業です。\nAsk for May." in alan.get(page).text


@on_sqlite
def test_a_reason_of_the_list_is_reason_enough(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    reason, page = put(sora, **LATE), asked(app)
    assert sora.submit(sora.get(page), "/decline", canned="", reason="").status_code == 422
    assert sora.submit(sora.get(page), "/decline", canned=reason.key, reason="").status_code == 303


@on_sqlite
def test_what_was_declined_keeps_its_words_when_the_list_changes(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    reason, page = put(sora, **LATE), asked(app)
    sora.submit(sora.get(page), "/decline", canned=reason.key)
    one = f"{LIST}/{reason.key}"
    assert sora.submit(sora.get(one), one, words_en="Never.", words_ja="いつでも不可です。").status_code == 303
    assert kept()[0].words == Words("Never.", "いつでも不可です。")
    assert sora.submit(sora.get(LIST), f"{one}/remove").status_code == 303
    assert kept() == []
    assert "The core is closed that week." in Visitor(app, "alan").get(page).text
    db.session.remove()
    assert list(db.session.scalars(select(Event.code).where(Event.code == "reasons-set"))) == ["reasons-set"] * 3


@on_sqlite
@pytest.mark.parametrize("canned", ["0" * 24, "x", "\x00", "cambridge"])
def test_a_reason_that_is_not_on_the_sites_list_declines_nothing(app: Flask, lab: Cast, canned: str) -> None:
    db.session.remove()
    sora, sam = Visitor(app, "sora"), Visitor(app, "sam")
    put(sora, **LATE)
    there = "/sites/cambridge/reasons"
    assert sam.submit(sam.get(there), there, **LATE).status_code == 303
    key = kept()[-1].key if canned == "cambridge" else canned
    page = asked(app)
    assert sora.submit(sora.get(page), "/decline", canned=key).status_code == 409
    db.session.remove()
    assert "booking-decline" not in set(db.session.scalars(select(Event.code)))


@on_sqlite
@pytest.mark.parametrize(
    "words",
    [
        {**LATE, "words_ja": ""},
        {**LATE, "words_en": " \n"},
        {**LATE, "words_en": "x" * 401},
        {**LATE, "words_ja": "a\u202eb"},
    ],
)
def test_a_reason_is_in_both_languages_and_of_sensible_length(app: Flask, lab: Cast, words: dict[str, str]) -> None:
    sora = Visitor(app, "sora")
    answer = sora.submit(sora.get(LIST), LIST, **words)
    assert answer.status_code == 422
    assert "errors" in answer.text
    assert kept() == []


@on_sqlite
def test_the_list_is_kept_by_staff_of_the_site_alone(app: Flask, lab: Cast) -> None:
    reason = put(Visitor(app, "sora"), **LATE)
    for name, status in (("hana", 403), ("ben", 403), ("ada", 403), ("sam", 403), ("mio", 200)):
        visitor = Visitor(app, name)
        for path in (LIST, f"{LIST}/{reason.key}"):
            assert visitor.get(path).status_code == status, name
    assert Visitor(app, "dora").get(LIST).status_code == 404  # who does not see the site
    elsewhere = Visitor(app, "sam").get(f"/sites/cambridge/reasons/{reason.key}")
    assert elsewhere.status_code == 404
    assert LATE["words_en"] not in elsewhere.text


@on_sqlite
def test_an_old_page_changes_nothing_and_what_comes_first_is_chosen_by_staff(app: Flask, lab: Cast) -> None:
    sora = Visitor(app, "sora")
    put(sora, **LATE)
    second = put(sora, words_en="Ask somebody.", words_ja="誰かに聞いてください。")
    one = f"{LIST}/{second.key}"
    old = sora.get(one)
    assert sora.submit(old, one, words_en="Ask us.").status_code == 303
    stale = sora.submit(old, one, words_en="Ask them.")
    assert stale.status_code == 409
    assert "Ask them." in stale.text
    assert sora.submit(sora.get(LIST), f"{one}/remove", version="1").status_code == 409
    assert sora.submit(sora.get(LIST), f"{one}/first").status_code == 303
    assert [row.words.en for row in kept()] == ["Ask us.", LATE["words_en"]]


@on_sqlite
def test_the_list_does_not_grow_without_end(app: Flask, lab: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbook.desk.service.reasons.MOST_REASONS", 1)
    sora = Visitor(app, "sora")
    put(sora, **LATE)
    assert sora.submit(sora.get(LIST), LIST, **LATE).status_code == 409
    assert len(kept()) == 1


def test_a_reason_that_was_typed_alone_stays_as_it_was_typed() -> None:
    assert reason_from(None, "Broken.") == "Broken."
    assert reason_of({"reason": "Broken."}, "ja") == "Broken."
    chosen = Words("Late.", "遅い。")
    assert reason_from(chosen, "") == {"en": "Late.", "ja": "遅い。"}
    assert reason_of({"reason": reason_from(chosen, "Sorry.")}, "ja") == "遅い。\nSorry."
    assert reason_of({}, "en") == ""
