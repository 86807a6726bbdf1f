"""The calendar part of a mail, byte by byte: whatever people typed, it is whole, and says who invites whom to what."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.core.ical import Entry, Method, Party, Status, event_of, invitation, written_in
from tests.core.ical.parsers import agreed, events_of
from tests.core.ical.reading import entry, unfolded

DESK = Party("LabBook", "labbook@lab.example")
HANA = Party("佐藤 花", "hana@lab.example")
anything = st.text(st.characters(exclude_categories=()))  # surrogates and control characters too


def told(one: Entry, method: Method = Method.REQUEST, *, to: Party = HANA, by: Party = DESK) -> str:
    return invitation(method, [event_of(one, written_in(one))], organizer=by, attendee=to, language="en")


def test_it_says_how_it_is_meant_before_all_else() -> None:
    lines = unfolded(told(entry()).encode())
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[2].startswith("PRODID:-//LabBook//")
    assert lines[4] == "METHOD:REQUEST"
    assert lines[-1] == "END:VCALENDAR"
    assert [line for line in lines if line.startswith("BEGIN:V")][1:] == ["BEGIN:VTIMEZONE", "BEGIN:VEVENT"]


def test_it_asks_for_no_answer() -> None:
    lines = unfolded(told(entry()).encode())
    assert "ORGANIZER;CN=LabBook:mailto:labbook@lab.example" in lines
    assert "X-MICROSOFT-DISALLOW-COUNTER:TRUE" in lines
    [attendee] = [line for line in lines if line.startswith("ATTENDEE")]
    assert attendee.endswith(";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:hana@lab.example")
    assert not {"VALARM", "REPLY", "COUNTER"} & set(re.split(r"[:;=]", "\n".join(lines)))


def test_what_is_cancelled_says_so_in_every_way() -> None:
    text = told(replace(entry(), status=Status.CANCELLED), Method.CANCEL)
    lines = unfolded(text.encode())
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"} <= set(lines)
    assert any(line.startswith("SUMMARY:[CANCELLED] ") for line in lines)


@settings(max_examples=150, deadline=None)
@given(title=anything, name=anything, note=anything)
def test_no_text_can_break_it(title: str, name: str, note: str) -> None:
    one = replace(entry(summary=title), description=note, location=note)
    text = told(one, to=Party(name, "hana@lab.example"), by=Party(title, "labbook@lab.example"))
    lines = unfolded(text.encode())
    assert len([line for line in lines if line.startswith(("BEGIN:VEVENT", "ATTENDEE", "ORGANIZER"))]) == 3
    [event] = events_of(text)
    assert str(event["ATTENDEE"]) == "mailto:hana@lab.example"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(event["ORGANIZER"]) == "mailto:labbook@lab.example"


@pytest.mark.parametrize(
    "title", ["A, B; C\\new\nand C:\\New", "共焦点顕微鏡で細胞を観察🧫🔬" * 15, "👩‍🔬 " * 40 + "end", "x" * 400]
)
def test_titles_read_back_everywhere_as_they_were_typed(title: str) -> None:
    one = replace(entry(summary=title), location=title)
    unfolded(told(one).encode())
    [[shown]] = agreed([told(one)])
    assert (shown.summary, shown.location) == (title, title)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Tanner, Toby; PhD: lab", "Tanner, Toby; PhD: lab"),
        ('Toby "T" Tanner', "Toby T Tanner"),
        ("Toby\\", "Toby"),
        ("Toby^nTanner", "Toby nTanner"),
        ("Toby\r\nATTENDEE:mailto:eve@lab.example", "Toby ATTENDEE:mailto:eve@lab.example"),
    ],
)
def test_names_read_back_and_smuggle_nothing_in(typed: str, read: str) -> None:
    [event] = events_of(told(entry(), to=Party(typed, "toby@lab.example")))
    assert event["ATTENDEE"].params["CN"] == read
    assert not isinstance(event["ATTENDEE"], list)


def test_an_address_is_one_whatever_is_in_it() -> None:
    [event] = events_of(told(entry(), to=Party("", "o'hara+lab/a%b@lab.example")))
    assert str(event["ATTENDEE"]) == "mailto:o'hara+lab/a%25b@lab.example"
    assert "CN" not in event["ATTENDEE"].params
