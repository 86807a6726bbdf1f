"""What a mail is made of: subject, text, HTML, thread, calendar part; in its reader's language, whoever is served."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from labbook.core.hearing import HEARS, Audience
from labbook.core.letters import EVENTS, KINDS, TOPICS
from labbook.notices.markup import paragraphs
from labbook.notices.rendering import Sheet, rendered, written

FOLDER = Path(__file__).parents[2] / "templates" / "mail"
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
INVITATION = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:培養\r\nEND:VCALENDAR\r\n"


def part_of(code: str, side: Audience = Audience.PERSON, **more: Any) -> dict[str, Any]:
    lines = [{"where": "Confocal", "when": "Mon 23 Nov 2026, 09:00–11:00 (JST)", "to": ""}]
    return {
        "code": code,
        "side": side,
        "state": "approved",
        "who": "Sora Suzuki",
        "whose": "Hana Sato",
        "reason": "",
        "note": "",
        "until": "",
        "bookings": [1],
        "lines": lines,
        "more": 0,
        **more,
    }


def about(code: str, side: Audience = Audience.PERSON, **more: Any) -> dict[str, Any]:
    part = part_of(code, side, **more)
    on, path = "Mon 23 Nov 2026", "/requests/abc"
    return {"site": "Tsukuba", "on": on, "path": path, "parts": [part], "main": part, "is_chosen": False}


def made(kind: str = "booking", language: str = "en", **more: Any) -> EmailMessage:
    values = more.pop("values", about("booking-approve"))
    sheet = Sheet("first", kind, language, "hana@lab.example", values, **more)
    sent = written(sheet, folder=FOLDER, sender="LabBook <lab@lab.example>", base_url="https://lab.example", now=NOW)
    read: EmailMessage = message_from_bytes(sent.as_bytes(policy=SMTP), policy=default)
    return read


def text_of(message: EmailMessage, subtype: str = "plain") -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content())


def test_the_table_names_who_hears_as_the_steps_do() -> None:
    heard = {f"booking-{action}": set(audiences) for action, audiences in HEARS.items() if audiences}
    assert {code: set(sides) for code, sides in EVENTS.items() if code in heard} == heard


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("code", EVENTS)
def test_every_event_of_the_table_has_words_in_both_languages(code: str, language: str) -> None:
    for side in EVENTS[code]:
        kind = "booking" if side is Audience.PERSON else "desk"
        subject, text = rendered(FOLDER, kind, language, {"base_url": "https://lab.example", **about(code, side)})
        assert subject.startswith({"en": "LabBook: ", "ja": "LabBook："}[language])
        assert "Tsukuba" in subject
        assert "Confocal" in text
        assert "https://lab.example/requests/abc" in text


def test_the_readme_says_who_hears_of_what() -> None:
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    how = {True: "to be chosen", False: "at once"}
    rows = [f"| {row.label} | {row.about} | {how[row.is_choosable]} |" for row in TOPICS.values()]
    assert [row for row in rows if row not in readme] == []


def test_every_other_kind_has_its_folder_and_every_folder_its_kind() -> None:
    kinds = {key.partition(" ")[0] for key in KINDS} | {"booking", "desk"}
    assert kinds == {folder.name for folder in FOLDER.iterdir() if folder.is_dir()}


def test_a_mail_is_text_and_html_that_say_the_same() -> None:
    mail = made()
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "Approved by Sora Suzuki:" in text_of(mail)
    assert '<a href="https://lab.example/requests/abc">' in text_of(mail, "html")
    assert "<li>Confocal, Mon 23 Nov 2026, 09:00–11:00 (JST)</li>" in text_of(mail, "html")


def test_what_somebody_typed_is_no_markup() -> None:
    typed = '<script>alert(1)</script> & https://evil.example/"onmouseover="x'
    html = text_of(made(values=about("booking-decline", reason=typed)), "html")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert '"onmouseover' not in html.replace("&#34;", "")


def test_html_names_its_language() -> None:
    assert '<html lang="ja" dir="ltr">' in text_of(made(language="ja"), "html")


def test_a_subject_is_one_line_whatever_a_name_holds() -> None:
    values = about("booking-approve") | {"site": "Tsukuba\r\nBcc: eve@evil.example"}
    mail = made(values=values)
    assert mail["Bcc"] is None
    assert mail["To"] == "hana@lab.example"
    assert mail["Subject"] == "LabBook: approved – Tsukuba"


def test_a_thread_holds_together() -> None:
    first, later = made(), made(root="root")
    assert first["Message-ID"] == "<first@lab.example>"
    assert first["References"] is None
    assert later["References"] == later["In-Reply-To"] == "<root@lab.example>"


def test_an_invitation_is_an_alternative_and_a_file_with_the_same_bytes() -> None:
    mail = made(calendar=INVITATION, method="REQUEST")
    assert mail.get_content_type() == "multipart/mixed"
    alternative, file = mail.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    text, html, calendar = alternative.iter_parts()
    assert [one.get_content_type() for one in (text, html)] == ["text/plain", "text/html"]
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_param("charset") == "utf-8"
    assert calendar["Content-Transfer-Encoding"] == file["Content-Transfer-Encoding"] == "base64"
    assert calendar.get_payload(decode=True) == file.get_payload(decode=True) == INVITATION.encode()
    assert base64.b64decode(str(calendar.get_payload())) == INVITATION.encode()
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_param("name") == "invite.ics"


def test_a_daily_letter_says_how_to_have_none() -> None:
    letters = [
        {"kind": "booking", "values": about("booking-approve")},
        {"kind": "message", "values": {"path": "/messages/x"}},
    ]
    mail = made("digest", values={"letters": letters, "on": "Tue 24 Nov 2026", "is_chosen": True})
    assert mail["List-Unsubscribe"] == "<https://lab.example/account/letters>"
    text = text_of(mail)
    assert "- approved – Tsukuba, Mon 23 Nov 2026: https://lab.example/requests/abc" in text
    assert "- there is a message for you: https://lab.example/messages/x" in text
    assert "https://lab.example/account/letters" in text


def test_other_letters_are_no_lists() -> None:
    assert made()["List-Unsubscribe"] is None


def test_a_japanese_letter_leaves_the_page_english(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en"):
        before = gettext("Approved")
        mail = made(language="ja")
        assert "承認されました" in mail["Subject"]
        assert gettext("Approved") == before == "Approved"


def test_links_end_where_they_end() -> None:
    (block,) = paragraphs("See https://a.example/b?c=1&d=2, or (https://a.example/f).", "https://a.example")
    assert [one.address for one in block.lines[0] if one.address] == [
        "https://a.example/b?c=1&d=2",
        "https://a.example/f",
    ]


def test_only_ones_own_addresses_are_links() -> None:
    text = "Hana https://evil.example/a https://lab.example.evil.example/b https://lab.example@evil.example https://lab.example"
    (block,) = paragraphs(text, "https://lab.example")
    assert [one.address for one in block.lines[0] if one.address] == ["https://lab.example"]
    assert "".join(one.text for one in block.lines[0]) == text


@pytest.mark.parametrize("kind", ["booking", "desk"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_somebody_typed_does_not_look_like_what_labbook_says(kind: str, language: str) -> None:
    typed = "No.\n\nSign in again: https://lab.example.evil.example/\n- https://lab.example/sign-out"
    side = Audience.PERSON if kind == "booking" else Audience.DECIDERS
    code = "booking-decline" if kind == "booking" else "booking-refuse-proposal"
    mail = made(kind, language, values=about(code, side, reason=typed))
    lines = "> No.\n>\n> Sign in again: https://lab.example.evil.example/\n> - https://lab.example/sign-out\n"
    assert f"\n\n{lines}\n" in text_of(mail).replace("\r\n", "\n")
    html = text_of(mail, "html")
    assert ("<blockquote" in html, "evil.example" in html) == (True, True)
    assert re.findall('href="([^"]+)"', html) == ["https://lab.example/requests/abc"]
