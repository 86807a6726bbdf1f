"""As a rival, a former partner, a former member, staff of another site, or nobody: no road leads to Aoba's marks."""

from __future__ import annotations

import secrets
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labbook.db import db
from labbook.models import Letter, Person
from labbook.notices.service import Office, send_due
from tests.browsing import Visitor, on_sqlite
from tests.cast import NOW, Cast
from tests.privacy.crawl import METHODS, Asked, Prowler, fields_of, rows_of
from tests.privacy.marks import FOR_STAFF_ELSEWHERE, FOREIGN, READERS
from tests.privacy.planting import Plants, rows, told
from tests.privacy.reading import like, read_by, spelled
from tests.privacy.routes import Who

STRANGERS = (None, "ben", "bea", "dora", "fay", "sam")
OWN_TABLES = ("sign_in", "try", "event", "event_detail", "letter", "notice", "one_time_link", "join_request")
REPO = Path(__file__).parents[2]


def hidden_from(plants: Plants, viewer: str | None) -> list[str]:
    """The words that this viewer must never read."""
    words = {what: word for what, word in plants.marks.items() if viewer != "sam" or what not in FOR_STAFF_ELSEWHERE}
    if viewer == "fay":  # for whom she worked is hers to know
        words = {what: word for what, word in words.items() if not what.startswith("the partner's")}
    bookings = plants.of(*(name for name in plants.names if viewer != "sam" or name != "Cambridge"))
    return sorted({*words.values(), *bookings})


def test_there_are_more_than_forty_marks_and_none_is_part_of_another(app: Flask, lab: Cast, plants: Plants) -> None:
    assert plants.marks.keys() == READERS.keys()
    words = list(plants.marks.values())
    assert len(set(words)) == len(words) >= 40
    alike = [(one, two) for one in words for two in words if one != two and one in two]
    assert alike == []


# Void without this: those whose business it is do find the marks, by the same ways.


@on_sqlite
def test_those_whose_business_it_is_find_every_mark_that_has_a_page(app: Flask, lab: Cast, plants: Plants) -> None:
    unread = {what: readers.split() for what, readers in READERS.items() if readers}
    for name in sorted({name for readers in unread.values() for name in readers}):
        found = b"".join(read_by(visitor := Visitor(app, name)).values())
        if name == "hana":
            found += spelled(visitor.get(f"/feeds/{plants.token}/mine.ics"))
        for what in [what for what, readers in unread.items() if name in readers]:
            if told([plants.marks[what]], found):
                unread[what].remove(name)
    assert {what: readers for what, readers in unread.items() if readers} == {}


@pytest.mark.parametrize("viewer", STRANGERS)
def test_no_link_leads_a_stranger_to_a_mark(app: Flask, lab: Cast, plants: Plants, viewer: str | None) -> None:
    pages = read_by(Visitor(app, viewer))
    assert len(pages) > (30 if viewer in ("ben", "bea", "sam") else 8)
    words = hidden_from(plants, viewer)
    assert {path: found for path, page in pages.items() if (found := told(words, page))} == {}


@on_sqlite
@pytest.mark.parametrize("viewer", STRANGERS)
def test_no_route_with_any_method_tells_or_changes_anything(
    app: Flask, lab: Cast, plants: Plants, viewer: str | None
) -> None:
    prowler, words = Prowler(app, viewer), hidden_from(plants, viewer)
    if viewer == "sam":  # who may act at Cambridge
        for kind, keys in (("request", plants.requests), ("booking", plants.bookings)):
            plants.keys_of[kind].remove(keys["Cambridge"])
        prowler.instead["training"] = "none"  # a training that is good at every site is theirs too
    his = ("training_record", "flag") if viewer == "sam" else ()  # Aoba's people work at Cambridge too: his to train
    before, faults, count = rows(*OWN_TABLES, *his), [], 0
    methods = METHODS if viewer in (None, "ben") else ("GET", "POST")
    for asked in prowler.asked_everything(plants, methods):
        count += 1
        if found := asked.told(words):
            faults.append(f"{asked}: {found}")
        if not is_as_expected(asked, viewer, plants):
            faults.append(f"{asked}, which is for {asked.row.who}")
    assert faults == []
    assert count > 100
    assert touched(before, rows(*OWN_TABLES, *his), lab.people.get(viewer or "")) == []


FOR_OTHERS = (Who.STAFF, Who.MANAGER, Who.COORDINATOR, Who.DUTY)


def is_as_expected(asked: Asked, viewer: str | None, plants: Plants) -> bool:
    """Whether the status is one that a stranger may get, by whom the route is for."""
    code, who = asked.answer.status_code, asked.row.who
    if asked.method == "OPTIONS" or code == 405:
        return code == (200 if asked.method == "OPTIONS" else 405) and asked.method != asked.row.method
    if viewer is None and who not in (Who.PUBLIC, Who.TOKEN, Who.ALL):
        return code == 303 and asked.answer.headers["Location"].startswith("/sign-in")
    return code in may_be(asked, viewer, plants)


def may_be(asked: Asked, viewer: str | None, plants: Plants) -> set[int]:
    """The statuses that are no fault."""
    if asked.row.who is Who.TOKEN:
        return {404, 410}
    if viewer == "sam" and plants.at_home_of_sam & set(asked.keys):
        return {200, 303, 403, 404, 409, 422}
    if asked.is_foreign:
        return {404}
    if asked.row.who in FOR_OTHERS and viewer not in ("bea", "sam"):
        return {403, 404}
    return {200, 201, 302, 303, 403, 404, 409, 422, 429}


def touched(before: dict[str, Any], after: dict[str, Any], viewer_id: int | None) -> list[tuple[str, Any]]:
    """Rows that went, changed or came, other than the viewer's own feeds and person."""
    found = []
    for table, kept in before.items():
        gone, new = set(map(repr, kept)) - set(map(repr, after[table])), after[table]
        found += [(table, row) for row in kept if repr(row) in gone and not (table == "person" and row[0] == viewer_id)]
        known = set(map(repr, kept))
        column = db.metadata.tables[table].columns.keys()
        for row in new:
            values = dict(zip(column, row, strict=True))
            own = viewer_id in (values.get("person_id"), values.get("id") if table == "person" else None)
            if repr(row) not in known and not (own and viewer_id is not None):
                found.append((table, row))
    return found


@on_sqlite
@pytest.mark.parametrize("viewer", ["ben", "bea", "dora", "fay"])
def test_what_is_anothers_and_what_is_nobodys_answer_alike(app: Flask, lab: Cast, plants: Plants, viewer: str) -> None:
    prowler, fields, count = Prowler(app, viewer), fields_of(plants), 0
    for row in rows_of(app):
        if not set(row.kinds) & FOREIGN:
            continue
        theirs = tuple(plants.keys_of[kind][0] for kind in row.kinds)
        nobodys = tuple(unknown() if kind in FOREIGN else plants.keys_of[kind][0] for kind in row.kinds)
        one, two = (prowler.asked(row, row.method, keys, fields) for keys in (theirs, nobodys))
        assert one.answer.status_code == 404
        assert without_keys(one) == without_keys(two), one
        count += 1
    assert count > 8


def unknown() -> str:
    """A key such as things have, of nothing."""
    return secrets.token_hex(12)


def without_keys(asked: Asked) -> str:
    """The whole answer without what was asked for and what is new at each look."""
    text = like(asked.answer, asked.path)
    for key in asked.keys:
        text = text.replace(key, "…")
    return text


@on_sqlite
def test_the_letters_to_a_rival_tell_nothing(app: Flask, lab: Cast, plants: Plants, tmp_path: Path) -> None:
    db.session.remove()
    rivals = [lab.people[name] for name in ("ben", "bea", "dora", "fay")]
    addresses = set(db.session.scalars(select(Person.email).where(Person.id.in_(rivals))))
    waits = (Letter.sent_at.is_(None), Letter.given_up_at.is_(None))
    due = db.session.scalars(select(Letter).where(*waits)).all()
    expected = [one.address for one in due]
    db.session.remove()
    office = Office(
        f"file://{tmp_path}", "LabBook <labbook@lab.example>", "https://lab.example", REPO / "templates/mail"
    )
    assert send_due(office, now=NOW) == len(expected)
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in tmp_path.glob("*.eml")]
    assert sorted(str(one["To"]) for one in letters) == sorted(expected)
    for letter in letters:
        if str(letter["To"]) in addresses:
            parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
            assert len(parts) >= 2
            assert told(hidden_from(plants, "ben"), "\n".join([letter["Subject"], *parts]).encode()) == []
