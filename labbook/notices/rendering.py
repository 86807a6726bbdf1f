"""From a letter to the mail: templates/mail/<kind>/<language>.txt, whose first line is the subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@lru_cache(maxsize=4)
def _templates(folder: Path) -> Environment:
    # Plain text: nothing is escaped, because nothing is markup. A missing value is a mistake of ours, never a gap.
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False)  # noqa: S701


def rendered(folder: Path, kind: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject, on one line whatever its values hold, and text of a letter in its reader's language."""
    text = _templates(folder).get_template(f"{kind}/{language}.txt").render(values)
    subject, _, body = text.partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


def mail(subject: str, body: str, *, key: str, sender: str, to: str, base_url: str, now: datetime) -> EmailMessage:
    """The message (RFC 5322), with a stable Message-ID; Auto-Submitted keeps holiday replies away (RFC 3834).

    Raises ValueError or MessageError when `to` is not one address.
    """
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{key}@{urlsplit(base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
