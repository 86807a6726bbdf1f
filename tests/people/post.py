"""Letters as they arrive: the worker's round of sending, into a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from labbook.db import db
from labbook.notices.service import send_due
from labbook.worker import office
from tests.conftest import Clock
from tests.notices.server import text_of

_LINK = re.compile(r"https?://[^/\s]+(/\S+)")


@dataclass
class Mail:
    """A letter that arrived."""

    to: str
    subject: str
    text: str

    @property
    def path(self) -> str:
        """Where its first link leads, as a path of ours."""
        found = _LINK.search(self.text)
        assert found is not None, self.text
        return found.group(1)


@dataclass
class Postbox:
    """Where letters arrive."""

    folder: Path
    clock: Clock

    def collect(self) -> list[Mail]:
        """Let the worker send what is due, and take it out of the box."""
        db.session.remove()
        send_due(office(), now=self.clock.now)
        db.session.remove()
        found = []
        for file in sorted(self.folder.glob("*.eml")):
            message = message_from_bytes(file.read_bytes(), policy=default)
            found.append(Mail(str(message["To"]), str(message["Subject"]), text_of(message)))
            file.unlink()
        return found

    def only(self, to: str) -> Mail:
        """The one letter that has come for this address."""
        (mail,) = [one for one in self.collect() if one.to == to]
        return mail
