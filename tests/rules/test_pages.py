"""Rule sets on their pages: made, edited, read back, switched off and on, and by whom."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.core.facts import Effect
from labbook.core.limits import KINDS
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.apart import Apart
from labbook.core.limits.bookings import Bookings
from labbook.core.limits.limit import Limit, Put
from labbook.db import db
from labbook.models import Agreement, Partner, RuleSet
from tests.agreements.making import events
from tests.browsing import Visitor, form_of, on_sqlite
from tests.cast import Cast
from tests.rules.setting import NEW, NIGHTS, a_set, add, fields_of, stored, the_set

TWO = Bookings(most=2)


def agreement_key(lab: Cast, partner: str) -> str:
    found = select(Agreement.key).where(
        Agreement.partner_id == lab.partners[partner], Agreement.site_id == lab.sites["tsukuba"]
    )
    return db.session.scalars(found).one()


def filled(kind: type[Limit], partners: list[str]) -> Limit:
    """A limit of a kind in which no field is as it would be by itself."""
    values: dict[str, Any] = {}
    for one in dataclasses.fields(kind):
        asked = one.metadata["asked"]
        values[one.name] = {
            Put.MINUTES: 90,
            Put.NUMBER: 3,
            Put.MONEY: 500,
            Put.CURRENCY: "USD",
            Put.FLAG: not one.default,
            Put.CHOICE: [*asked.labels][-1] if asked.labels else None,
            Put.WHEN: NIGHTS,
            Put.MODES: frozenset(),
            Put.PARTNERS: frozenset(partners),
        }[asked.put]
    return kind(**values)


# --- every kind -------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize("code", KINDS)
def test_every_kind_is_made_edited_and_read_back_unchanged(app: Flask, lab: Cast, code: str) -> None:
    mio, partners = Visitor(app, "mio"), list(db.session.scalars(select(Partner.key).order_by(Partner.id)))[:2]
    key, wanted = a_set(mio), filled(KINDS[code], partners)
    assert mio.get(f"/rules/{key}/limits/new?kind={code}").status_code == 200
    answer = add(mio, key, wanted)
    assert answer.status_code == 303, re.findall(r'class="errors".*?</ul>', answer.text)
    assert stored(key) == [wanted]
    number = the_set(key).limits[0]["id"]
    page = mio.get(f"/rules/{key}/limits/{number}")
    shown = form_of(page, f"/limits/{number}").fields  # of several boxes it knows one, so those are sent as they were
    again = {**shown, **{name: one for name, one in fields_of(wanted).items() if isinstance(one, list)}}
    assert mio.post(f"/rules/{key}/limits/{number}", **{**again, "do": "save"}).status_code == 303
    assert stored(key) == [wanted]
    assert the_set(key).limits[0]["id"] == number
    for name in ("hana", "mio"):
        assert Visitor(app, name).get("/resources/tsukuba-plain/rules").status_code == 200


@on_sqlite
def test_the_page_of_kinds_says_of_each_what_it_is_about(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    page = mio.get(f"/rules/{a_set(mio)}/limits/new").text
    assert all(f"kind={code}" in page for code in KINDS)
    assert mio.get(f"/rules/{a_set(mio)}/limits/new?kind=castle").status_code == 404


# --- making, changing, switching --------------------------------------------------------------------------------------


def test_a_manager_makes_a_set_and_everybody_who_books_reads_it(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    assert "まだ" in mio.get("/sites/tsukuba/rules").text  # an empty page that explains
    key = a_set(mio, resource="tsukuba-plain", starts_on="2026-12-01", ends_on="2027-03-31")
    assert add(mio, key, Allowance(most=720, when=NIGHTS)).status_code == 303
    page = mio.get("/sites/tsukuba/rules").text
    assert "利用規則" in page and "プレートリーダー" in page and "2026年12月1日" in page and "12時間" in page
    read = Visitor(app, "alan").get("/resources/tsukuba-plain/rules").text
    assert read.index('lang="en"', read.index("<main")) < read.index('lang="ja"', read.index("<main"))
    assert "12 h" in read and "12時間" in read and "House rules" in read and "利用規則" in read
    assert "House rules" not in Visitor(app, "alan").get("/resources/tsukuba-hood/rules").text
    assert [one.site_id for one in events("rules-set")] == [lab.sites["tsukuba"]] * 2


def test_a_set_is_switched_off_and_on_and_never_lost(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    add(mio, key, TWO)
    page = mio.get(f"/rules/{key}")
    assert mio.submit(page, "/switch").status_code == 303
    assert not the_set(key).is_active and stored(key) == [TWO]
    assert "House rules" not in Visitor(app, "alan").get("/resources/tsukuba-plain/rules").text
    assert mio.submit(page, "/switch").status_code == 409  # from a page that is out of date
    assert mio.submit(mio.get(f"/rules/{key}"), "/switch").status_code == 303
    assert the_set(key).is_active
    said = mio.get(f"/rules/{key}").text
    assert said.index("オンにしました") < said.index("オフにしました")


@on_sqlite
def test_sets_change_their_scope_and_an_old_page_changes_nothing(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio, area="imaging", kind="equipment", level="2")
    page = mio.get(f"/rules/{key}/edit")
    fields = form_of(page, "/edit").fields
    assert (fields["area"], fields["kind"], fields["level"], fields["name_ja"]) == (
        "imaging", "equipment", "2", "利用規則",
    )  # fmt: skip
    assert mio.submit(page, "/edit", level="", kind="bench").status_code == 303
    assert (the_set(key).level, str(the_set(key).kind)) == (None, "bench")
    answer = mio.submit(page, "/edit", name_ja="別の名前")
    assert answer.status_code == 409 and "別の名前" in answer.text
    assert the_set(key).name.ja == "利用規則"


@on_sqlite
def test_a_limit_is_removed_and_its_id_is_not_used_again(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    add(mio, key, TWO)
    number = the_set(key).limits[0]["id"]
    page = mio.get(f"/rules/{key}")
    assert mio.submit(page, f"/limits/{number}/remove").status_code == 303
    assert stored(key) == []
    assert mio.submit(page, f"/limits/{number}/remove").status_code == 404
    add(mio, key, TWO)
    assert the_set(key).limits[0]["id"] != number


@on_sqlite
def test_a_limit_from_an_old_page_is_not_saved_and_nothing_typed_is_lost(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    old = str(the_set(key).version)
    add(mio, key, TWO)
    answer = add(mio, key, Allowance(most=725, when=NIGHTS), version=old)
    assert answer.status_code == 409
    assert 'value="725 min"' in answer.text and 'value="夜間"' in answer.text and 'value="19:00"' in answer.text
    assert stored(key) == [TWO]


# --- what cannot be read ----------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"most": "a lot"},
        {"most": "12"},
        {"most": "99999999 h"},
        {"span_count": "-3"},
        {"span": "decade"},
        {"when-0-days": ["9"]},
        {"when-0-days": []},
        {"when-0-start": "25:00"},
        {"when-0-end": "9:75"},
        {"when-0-end": ""},
        {"when-0-start": "09:00", "when-0-end": "09:00"},
        {"when-name_en": "a\u202eb"},
        {"version": ""},
        {"effect": ""},
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field_and_kept(app: Flask, lab: Cast, changes: dict[str, Any]) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    answer = add(mio, key, Allowance(most=720, when=NIGHTS), **changes)
    assert answer.status_code == 422
    assert 'class="errors"' in answer.text and 'value="夜間"' in answer.text
    for name in ("most", "when-0-start"):
        if changes.get(name):
            assert f'value="{changes[name]}"' in answer.text
    assert stored(key) == []


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("12 h", 720),
        ("90 min", 90),
        ("1 h 30 min", 90),
        ("1時間30分", 90),
        ("１２時間", 720),
        ("1.5 h", 90),
        ("45分", 45),
    ],
)
def test_lengths_are_typed_as_people_write_them(app: Flask, lab: Cast, typed: str, minutes: int) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    assert add(mio, key, Allowance(most=60), most=typed).status_code == 303
    assert stored(key) == [Allowance(most=minutes)]


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"name_en": "", "name_ja": ""},
        {"starts_on": "2027-01-01", "ends_on": "2026-12-31"},
        {"starts_on": "soon"},
        {"resource": "cambridge-scope"},
        {"kind": "castle"},
        {"level": "7"},
        {"agreement": "0" * 24},
    ],
)
def test_a_set_that_cannot_be_read_is_not_made(app: Flask, lab: Cast, changes: dict[str, str]) -> None:
    answer = Visitor(app, "mio").post(NEW, **{"name_en": "House rules", **changes})
    assert answer.status_code == 422 and 'class="errors"' in answer.text
    assert db.session.scalars(select(RuleSet)).all() == []


# --- who --------------------------------------------------------------------------------------------------------------


@on_sqlite
def test_staff_read_and_managers_change(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    add(mio, key, TWO)
    number = the_set(key).limits[0]["id"]
    changing = [f"/rules/{key}/{verb}" for verb in ("edit", "switch", "limits/new?kind=bookings", f"limits/{number}")]
    changing += [NEW, f"/rules/{key}/limits/{number}/remove"]
    for name, reads, writes in (("sora", 200, 403), ("audrey", 200, 403), ("ada", 200, 403)):
        visitor = Visitor(app, name)
        assert [visitor.get(one).status_code for one in ("/sites/tsukuba/rules", f"/rules/{key}")] == [reads] * 2
        assert {visitor.post(one, version="2", **fields_of(TWO)).status_code for one in changing} == {writes}
    for name in ("hana", "ben", "sam", "dora"):  # strangers, a rival, staff of another site
        visitor = Visitor(app, name)
        assert visitor.get("/sites/tsukuba/rules").status_code in (403, 404)
        assert visitor.get(f"/rules/{key}").status_code == 404
        assert {visitor.post(one, version="2").status_code for one in changing if one != NEW} == {404}
    assert stored(key) == [TWO]
    assert Visitor(app).get(f"/rules/{key}").status_code == 303


@on_sqlite
def test_nobody_grants_their_own_organisation_more(app: Flask, lab: Cast) -> None:
    mio, aoba, birch = Visitor(app, "mio"), agreement_key(lab, "aoba"), agreement_key(lab, "birch")
    assert mio.post(NEW, name_en="Ours", agreement=aoba).status_code == 422  # it is not among the choices
    key = a_set(mio, agreement=birch)
    assert mio.submit(mio.get(f"/rules/{key}/edit"), "/edit", agreement=aoba).status_code == 422
    assert the_set(key).agreement_id is not None


@on_sqlite
def test_what_an_agreement_grants_is_read_by_its_partner_and_staff_alone(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio, name_en="Granted to Birch", name_ja="Birchの利用枠", agreement=agreement_key(lab, "birch"))
    add(mio, key, TWO)
    shown = {
        name: "Birchの利用枠" in Visitor(app, name).get("/resources/tsukuba-plain/rules").text
        for name in ("hana", "ben", "chika", "sora", "mio", "audrey")
    }
    assert shown == {"hana": False, "ben": True, "chika": False, "sora": True, "mio": True, "audrey": True}


@on_sqlite
def test_who_is_kept_apart_is_read_by_staff_alone(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    partners = frozenset(db.session.scalars(select(Partner.key).where(Partner.slug.in_(("aoba", "birch")))))
    key = a_set(mio, name_en="Quiet matter", name_ja="内密")
    add(mio, key, Apart(partners=partners))
    for name in ("hana", "ben", "chika"):
        page = Visitor(app, name).get("/resources/tsukuba-plain/rules").text
        assert "内密" not in page and "Quiet matter" not in page
    page = Visitor(app, "sora").get("/resources/tsukuba-plain/rules").text
    assert "内密" in page and "Birchバイオ" in page


@on_sqlite
def test_the_page_of_rules_is_not_there_for_whom_the_resource_is_not(app: Flask, lab: Cast) -> None:
    assert Visitor(app, "ben").get("/resources/tsukuba-secret/rules").status_code == 404
    assert Visitor(app, "hana").get("/resources/tsukuba-secret/rules").status_code == 200
    assert Visitor(app, "dora").get("/resources/tsukuba-plain/rules").status_code == 404


@on_sqlite
def test_what_follows_and_who_may_waive_is_said(app: Flask, lab: Cast) -> None:
    mio = Visitor(app, "mio")
    key = a_set(mio)
    add(mio, key, dataclasses.replace(TWO, effect=Effect.REVIEW))
    add(mio, key, TWO)
    page = Visitor(app, "alan").get("/resources/tsukuba-plain/rules").text
    assert "Staff decide on anything else." in page
    assert "Anything else is refused. The site&#39;s staff may make an exception." in page
