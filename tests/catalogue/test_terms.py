"""The standing terms of a resource: its managers change them, and what cannot be true is refused beside its field."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.catalogue import service
from labbook.core.amount import Amount
from labbook.core.deciding import AtDeadline
from labbook.core.hours import Cover
from labbook.core.language import Words
from labbook.core.limits.length import Length
from labbook.core.permissions import ForbiddenError
from labbook.core.terms import Asks
from labbook.db import db
from labbook.models import Event, Hold, Resource
from tests.bookings.ruling import rule
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import NOW, Cast

PATH = "/resources/tsukuba-plain/terms"


def stored(slug: str = "tsukuba-plain") -> Resource:
    """The resource as it stands in the database."""
    db.session.remove()
    return db.session.scalars(select(Resource).where(Resource.slug == slug)).one()


def happened() -> list[Any]:
    """What was changed, as history keeps it."""
    db.session.remove()
    events = db.session.scalars(select(Event).where(Event.code == "resource-set").order_by(Event.id))
    return [one.detail.body for one in events]


def save(visitor: Visitor, path: str = PATH, **changes: str) -> Any:
    """Open the page, change some fields and save."""
    return visitor.submit(visitor.get(path), path, **changes)


MODES = {"modes-0-en": "Fixed samples", "modes-0-ja": "固定試料", "modes-1-en": "Live imaging", "modes-1-ja": "ライブ"}


def test_a_manager_changes_what_a_resource_demands(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert PATH in mio.get("/resources/tsukuba-plain").text
    wanted = {"longest": "6 h", "before": "10min", "notice": "２時間", "shares_buffers": "y", "biosafety": "2", **MODES}
    assert save(mio, **wanted).headers["Location"] == PATH
    now = stored()
    assert (now.longest, now.buffer_before, now.notice) == tuple(map(Amount.parse, ("6 h", "10 min", "2 h")))
    assert (now.shares_buffers, now.biosafety, now.by_day, now.version) == (True, 2, False, 2)
    assert [one.slug for one in now.kinds_of_work] == ["fixed-samples", "live-imaging"]
    [said] = happened()
    assert said["before"]["longest"] == "480 minute" and said["after"]["longest"] == "360 minute"
    assert set(said["after"]) == {"longest", "before", "notice", "shares_buffers", "biosafety", "modes"}
    page = Visitor(app, "alan").get("/resources/tsukuba-plain").text
    for words in ("6 h", "Samples up to biosafety level 2.", "For Fixed samples, Live imaging: say which."):
        assert words in page


def test_the_new_terms_count_for_new_bookings_and_leave_the_others_as_they_are(app: Flask, lab: Cast) -> None:
    hana, mio = Visitor(app, "hana"), Visitor(app, "mio")
    assert hana.book("tsukuba-plain", "2026-11-24T10:00", "2026-11-24T16:00").status_code == 303
    held = db.session.execute(select(Hold.starts_at, Hold.ends_at)).all()
    assert save(mio, longest="2 h", before="1 h", after="0 min").status_code == 303
    db.session.remove()
    assert db.session.execute(select(Hold.starts_at, Hold.ends_at)).all() == held
    assert hana.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T16:00").status_code == 409
    assert hana.book("tsukuba-plain", "2026-11-25T10:00", "2026-11-25T12:00").status_code == 303


@on_sqlite
def test_saving_the_same_changes_nothing(app: Flask, lab: Cast) -> None:
    assert save(Visitor(app, "mio")).status_code == 303
    assert stored().version == 1
    assert happened() == []


def test_a_page_that_is_out_of_date_changes_nothing(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    old = mio.get(PATH)
    assert mio.submit(old, PATH, longest="6 h").status_code == 303
    answer = mio.submit(old, PATH, longest="4 h")
    assert answer.status_code == 409
    assert stored().longest == Amount.parse("6 h")
    assert form_of(answer, PATH).fields["longest"] == "4 h"  # what was typed is kept
    assert mio.submit(answer, PATH).status_code == 303  # having looked
    assert stored().longest == Amount.parse("4 h")


@on_sqlite
@pytest.mark.parametrize(
    ("name", "status"),
    [("sora", 403), ("sam", 403), ("hana", 403), ("ben", 403), ("ada", 403), ("audrey", 403), ("dora", 404)],
)
def test_it_is_for_the_managers_of_the_site_alone(app: Flask, lab: Cast, name: str, status: int) -> None:
    visitor = Visitor(app, name)
    assert visitor.get(PATH).status_code == status
    assert visitor.post(PATH, slot="1 h", version="1").status_code == status
    assert stored().version == 1
    assert PATH not in visitor.get("/resources/tsukuba-plain").text


@on_sqlite
def test_other_sites_and_hidden_resources(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "mio").get("/resources/cambridge-scope/terms").status_code == 403
    assert Visitor(app, "mio").get("/resources/nothing/terms").status_code == 404
    assert Visitor(app, "mio").get("/resources/tsukuba-secret/terms").status_code == 200
    assert Visitor(app, "ben").get("/resources/tsukuba-secret/terms").status_code == 404


BENCH, DAYTIME = "/resources/tsukuba-bench/terms", "/resources/tsukuba-daytime/terms"


@on_sqlite
@pytest.mark.parametrize(
    ("path", "changes", "sentence"),
    [
        (PATH, {"slot": "0 min"}, "Enter more than nothing."),
        (PATH, {"shortest": "0 h"}, "Enter more than nothing."),
        (PATH, {"longest": "0 min"}, "Enter more than nothing."),
        (PATH, {"slot": "soon"}, "Give a length, as in 30 min, 4 h, 1 d or 12 mo."),
        (PATH, {"horizon": ""}, "Give a length, as in 30 min, 4 h, 1 d or 12 mo."),
        (PATH, {"horizon": "-3 d"}, "Give a length, as in 30 min, 4 h, 1 d or 12 mo."),
        (PATH, {"horizon": "9999999 mo"}, "At most ten years, please."),
        (PATH, {"slot": "50 min"}, "enter a length that divides a day evenly."),
        (PATH, {"shortest": "9 h"}, "The shortest booking is longer than the longest."),
        (PATH, {"shortest": "45 min"}, "This is not a whole number of steps of the grid, 30 min each."),
        (PATH, {"longest": "100 min"}, "This is not a whole number of steps of the grid, 30 min each."),
        (
            PATH,
            {"slot": "1 mo", "shortest": "45 min"},
            "This is not a whole number of steps of the grid, 1 month each.",
        ),
        (PATH, {"notice": "31 d"}, "the notice is longer than one may book ahead."),
        (PATH, {"notice": "30 d", "horizon": "1 mo"}, "the notice is longer than one may book ahead."),
        (DAYTIME, {"slot": "2 h", "shortest": "10 h", "longest": "10 h"}, "No opening hour of this resource holds"),
        (DAYTIME, {"slot": "6 h", "shortest": "12 h", "longest": "12 h"}, "No opening hour of this resource holds"),
        (
            DAYTIME,
            {"cover": "ends", "slot": "2 h", "shortest": "10 h", "longest": "14 h"},
            "No opening hour of this resource holds",
        ),
        (BENCH, {"slot": "2 h"}, "It is booked by the day"),
        (BENCH, {"longest": "48 h"}, "It is booked by the day"),
        (PATH, {"cover": "most"}, "Choose one from the list."),
        (PATH, {"asks": ""}, "Choose one of them."),
        (PATH, {"biosafety": "9"}, "Choose one from the list."),
        (PATH, {"modes-0-ja": "固定試料"}, "Give the name in English too: letters or digits."),
        (PATH, {"modes-0-en": "Live", "modes-3-en": "ＬＩＶＥ"}, "This kind of work is named twice."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    app: Flask, lab: Cast, path: str, changes: dict[str, str], sentence: str
) -> None:
    mio = Visitor(app, "mio")
    mio.post("/language", language="en")
    answer = save(mio, path, **changes)
    assert answer.status_code == 422
    name = next(name for name in reversed(changes) if name not in ("longest", "horizon") or len(changes) == 1)
    field = {"tsukuba-daytime": "slot"}.get(path.split("/")[2], name)
    if name.startswith("modes-0-ja"):
        field = "modes-0-en"
    assert f'id="{field}-errors"' in answer.text
    assert sentence in answer.text.split(f'id="{field}-errors"')[1].split("</ul>")[0]
    assert form_of(answer, path).fields.items() >= {k: v for k, v in changes.items() if k in TYPED}.items()
    assert happened() == []


TYPED = {"slot", "shortest", "longest", "notice", "horizon", "modes-0-ja", "modes-3-en"}


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"cover": "ends", "slot": "1 h", "shortest": "24 h", "longest": "24 h"},  # from a day's hours into the next
        {"slot": "1 h", "shortest": "9 h", "longest": "9 h"},
        {"cover": "none", "slot": "1 d", "shortest": "1 d", "longest": "7 d"},
    ],
)
def test_what_opening_hours_do_allow_is_saved(app: Flask, lab: Cast, changes: dict[str, str]) -> None:
    assert save(Visitor(app, "mio"), DAYTIME, **changes).status_code == 303


@on_sqlite
def test_a_kind_of_work_keeps_its_slug_when_it_is_renamed(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert save(mio, **MODES).status_code == 303
    new = {"modes-0-en": "Slides", "modes-2-en": "Fixed samples", "modes-2-ja": ""}
    assert save(mio, **new).status_code == 303
    assert [(one.slug, one.name.en) for one in stored().kinds_of_work] == [
        ("fixed-samples", "Slides"),
        ("live-imaging", "Live imaging"),
        ("fixed-samples-2", "Fixed samples"),
    ]
    assert save(mio, **{"modes-1-en": "", "modes-1-ja": ""}).status_code == 303
    assert [one.slug for one in stored().kinds_of_work] == ["fixed-samples", "fixed-samples-2"]


@on_sqlite
def test_six_kinds_of_work_and_no_more(app: Flask, lab: Cast) -> None:
    assert (
        save(Visitor(app, "mio"), **{f"modes-{number}-en": f"Work {number}" for number in range(9)}).status_code == 303
    )
    assert len(stored().kinds_of_work) == 6


@on_sqlite
def test_whether_it_is_booked_by_the_day_is_not_for_the_page_to_change(app: Flask, lab: Cast) -> None:
    assert save(Visitor(app, "mio"), by_day="y", site_id="2", is_hidden="y", slug="other").status_code == 303
    assert (stored().by_day, stored().is_hidden, stored().version) == (False, False, 1)


@on_sqlite
def test_it_is_all_said_in_japanese(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    mio.post("/language", language="ja")
    page = mio.get(PATH).text
    for words in (
        "プレートリーダーの利用条件",
        "すでにある予約は変わりません",
        "選べる作業の種類",
        "同じ人が続けて予約する場合は共有する",
    ):
        assert words in page
    answer = save(mio, shortest="9 h", **MODES)
    assert "最短が最長を超えています。" in answer.text
    assert "長さを入力してください" in save(mio, slot="いつか").text
    assert save(mio, longest="6時間", notice="半日", **MODES).status_code == 422
    assert save(mio, longest="6時間", notice="1半日", **MODES).status_code == 303
    assert "作業の種類（固定試料、ライブ）を指定して予約してください。" in mio.get("/resources/tsukuba-plain").text


@on_sqlite
@pytest.mark.parametrize("name", ["sora", "ada", "cora"])
def test_the_service_itself_asks_who_it_is(app: Flask, lab: Cast, name: str) -> None:
    amounts = {one: Amount.parse("1 h") for one in service.AMOUNTS}
    deciding = service.Deciding(16, AtDeadline.STAY, two_steps=False)
    draft = service.TermsDraft(amounts, False, Cover.NONE, Asks.NEVER, True, None, Words(), (), deciding)
    with pytest.raises(ForbiddenError):
        service.set_terms(lab.actor(name), "tsukuba-plain", draft, version=1, now=NOW)
    assert stored().version == 1


@on_sqlite
def test_a_kind_of_work_that_rules_name_is_not_taken_out(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert save(mio, **MODES).status_code == 303
    rule("tsukuba-plain", Length(longest=120, modes=frozenset({"live-imaging"})), name="Gentle work")
    refused = save(mio, **{"modes-1-en": "", "modes-1-ja": ""})
    assert refused.status_code == 422
    assert "利用規則" in refused.text  # the set by its name, in the reader's language
    assert [one.slug for one in stored().kinds_of_work] == ["fixed-samples", "live-imaging"]
    assert save(mio, **{"modes-0-en": "", "modes-0-ja": ""}).status_code == 303  # no rule names this one


def test_a_manager_says_in_what_time_and_in_how_many_steps_staff_decide(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert save(mio, decide_hours="8", at_deadline="decline", two_steps="y").status_code == 303
    now = stored()
    assert (now.decide_hours, now.at_deadline, now.two_steps) == (8, "decline", True)
    assert happened()[-1]["after"] == {"decide_hours": 8, "at_deadline": "decline", "two_steps": True}
    page = form_of(mio.get(PATH), PATH).fields
    assert (page["decide_hours"], page["at_deadline"], page["two_steps"]) == ("8", "decline", "y")


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"decide_hours": "0"}, "1から200までの時間数を入力してください。"),
        ({"decide_hours": "201"}, "1から200までの時間数を入力してください。"),
        ({"decide_hours": "soon"}, "時間数を入力してください。"),
        ({"at_deadline": "forget"}, ""),
        ({"at_deadline": "approve", "two_steps": "y"}, "2人で判断する設備では自動承認にできません。"),
    ],
)
def test_no_impossible_time_to_decide_is_kept(app: Flask, lab: Cast, wanted: dict[str, str], said: str) -> None:
    refused = save(Visitor(app, "mio"), **wanted)
    assert refused.status_code == 422 and said in refused.text
    assert (stored().decide_hours, stored().at_deadline, stored().version) == (16, "stay", 1)


@on_sqlite
def test_a_resource_is_found_by_the_tags_that_a_manager_gives_it(app: Flask, lab: Cast) -> None:
    mio, ben = Visitor(app, "mio"), Visitor(app, "ben")
    assert save(mio, tags_en="Absorbance,  ELISA", tags_ja="吸光度、きゅうこうど, 吸光度").status_code == 303
    assert stored().tags == Words("Absorbance, ELISA", "吸光度, きゅうこうど")
    assert happened()[-1]["after"] == {"tags": {"en": "Absorbance, ELISA", "ja": "吸光度, きゅうこうど"}}
    for query in ("elisa", "ＥＬＩＳＡ", "吸光度", "キュウコウド", "ｷｭｳｺｳﾄﾞ", "absorbance plain"):
        assert "/resources/tsukuba-plain" in ben.get("/resources", query_string={"q": query}).text, query
    page = ben.get("/resources/tsukuba-plain").text
    assert ">Absorbance</a>" in page
    assert 'href="/resources?q=ELISA"' in page
    assert form_of(mio.get(PATH), PATH).fields["tags_ja"] == "吸光度, きゅうこうど"
    assert save(mio, tags_en="", tags_ja="").status_code == 303
    assert "/resources/tsukuba-plain" not in ben.get("/resources?q=elisa").text


@on_sqlite
@pytest.mark.parametrize("tags", ["x" * 41, ",".join(f"tag {n}" for n in range(21)), "a\u202eb", "x," * 300])
def test_tags_are_few_and_short_and_hide_nothing(app: Flask, lab: Cast, tags: str) -> None:
    answer = save(Visitor(app, "mio"), tags_en=tags)
    assert answer.status_code == 422
    assert stored().tags == Words()
    assert 'id="tags_en-errors"' in answer.text
