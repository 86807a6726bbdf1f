"""The way out for letters: an SMTP server or a folder, named by one URL."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20


class PostError(Exception):
    """A letter could not be handed over; it is tried again later."""


class LostError(PostError):
    """The connection is gone: this letter may have been taken or not, and the others need not be tried now."""


class Post(Protocol):
    """What takes letters."""

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over. Raises PostError, or LostError when no other letter can follow."""


class Folder:
    """Puts every letter into a folder as an .eml file: for the demo, and for trying LabBook without a mail server."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: EmailMessage) -> None:
        """Write it under its Message-ID, readable by its owner alone: it may hold a secret link."""
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self.path / f"{name}.eml"
            file.touch(mode=0o600)
            file.write_bytes(message.as_bytes(policy=SMTP))
        except OSError as error:
            raise LostError(f"{type(error).__name__}: {error}") from error


class Server:
    """One connection to a mail server, for one round of letters."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self.connection = connection

    def send(self, message: EmailMessage) -> None:
        """Send it; the server has taken it when this returns."""
        try:
            self.connection.send_message(message)
        except smtplib.SMTPServerDisconnected as error:
            raise LostError(f"{type(error).__name__}: {error}") from error
        except smtplib.SMTPException as error:
            raise PostError(f"{type(error).__name__}: {error}") from error
        except OSError as error:
            raise LostError(f"{type(error).__name__}: {error}") from error


@contextmanager
def opened(url: str) -> Iterator[Post]:
    """The way out that `url` names: smtp://user:password@host:port (with ?starttls=1), smtps://…, or file:///folder.

    Raises PostError when the server cannot be reached.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        yield Folder(Path(unquote(parts.path)))
        return
    try:
        connection = _connected(parts)
    except (smtplib.SMTPException, OSError) as error:
        raise PostError(f"{type(error).__name__}: {error}") from error
    try:
        yield Server(connection)
    finally:
        connection.close()


def _connected(parts: SplitResult) -> smtplib.SMTP:
    host, tls = parts.hostname or "localhost", ssl.create_default_context()
    if parts.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        connection = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
        if parse_qs(parts.query).get("starttls") == ["1"]:
            connection.starttls(context=tls)
    if parts.username:
        connection.login(unquote(parts.username), unquote(parts.password or ""))
    return connection
