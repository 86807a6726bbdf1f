"""From a letter to the mail: templates/mail/<kind>/<language>.txt, whose first line is the subject, as text and HTML.

All words are in the templates of the reader's language: nothing here asks what language a page is served in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from .markup import paragraphs, quoted

CHOICES = "/account/letters"  # where people choose what they are written


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that one mail is made from."""

    key: str
    kind: str
    language: str
    address: str
    values: Mapping[str, Any]
    root: str = ""  # the key of the first letter of its thread
    calendar: str | None = None
    method: str = ""  # of the calendar part


def written(sheet: Sheet, *, folder: Path, sender: str, base_url: str, now: datetime) -> EmailMessage:
    """The mail with all its parts. Raises TemplateError, MessageError, ValueError, LookupError for what can be none."""
    values = {"base_url": base_url, **sheet.values}
    subject, text = rendered(folder, sheet.kind, sheet.language, values)
    if values.get("is_chosen"):
        text += "\n" + _file(folder, f"_foot_{sheet.language}.txt", values)
    message = mail(subject, text, key=sheet.key, sender=sender, to=sheet.address, base_url=base_url, now=now)
    if sheet.root:
        message["In-Reply-To"] = message["References"] = _message_id(sheet.root, base_url)
    if sheet.kind == "digest":
        message["List-Unsubscribe"] = f"<{base_url}{CHOICES}>"
    frame = {"language": sheet.language, "subject": subject, "paragraphs": paragraphs(text, base_url)}
    message.add_alternative(_file(folder, "_frame.html", frame), subtype="html")
    if sheet.calendar:
        _enclose(message, sheet.calendar, sheet.method)
    return message


def rendered(folder: Path, kind: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject, on one line whatever its values hold, and text of a letter in its reader's language."""
    if kind == "digest":
        values = {**values, "lines": [_line(folder, one, language, values) for one in values["letters"]]}
    subject, _, body = _file(folder, f"{kind}/{language}.txt", values).partition("\n")
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"


def _line(folder: Path, letter: Mapping[str, Any], language: str, values: Mapping[str, Any]) -> dict[str, str]:
    """One letter within a daily one: its subject, and where to read more."""
    subject, _ = rendered(folder, letter["kind"], language, {"base_url": values["base_url"], **letter["values"]})
    return {"subject": re.sub("^LabBook[:：] *", "", subject), "path": letter["values"].get("path", "/")}


def mail(subject: str, body: str, *, key: str, sender: str, to: str, base_url: str, now: datetime) -> EmailMessage:
    """The message (RFC 5322), with a stable Message-ID; Auto-Submitted keeps holiday replies away (RFC 3834).

    Raises ValueError or MessageError when `to` is not one address.
    """
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _message_id(key, base_url)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def _message_id(key: str, base_url: str) -> str:
    return f"<{key}@{urlsplit(base_url).hostname}>"


def _enclose(message: EmailMessage, calendar: str, method: str) -> None:
    """The invitation twice, with the same bytes: among the alternatives (RFC 6047 section 2.4), and as a file.

    In base64, so that its line ends survive every relay.
    """
    content = calendar.encode()
    part = EmailMessage()
    part.set_content(content, "text", "calendar", cte="base64", params={"method": method, "charset": "utf-8"})
    message.attach(part)
    message.add_attachment(
        content, "application", "ics", cte="base64", filename="invite.ics", params={"name": "invite.ics"}
    )


@lru_cache(maxsize=4)
def _templates(folder: Path) -> Environment:
    # Plain text: nothing is escaped, because nothing is markup; but for the frame of the HTML part, which is. A missing
    # value is a mistake of ours, never a gap.
    environment = Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=select_autoescape(["html"])
    )
    environment.filters["quoted"] = quoted
    return environment


def _file(folder: Path, name: str, values: Mapping[str, Any]) -> str:
    return _templates(folder).get_template(name).render(values)
