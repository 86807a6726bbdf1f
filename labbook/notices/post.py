"""The way out for letters: an SMTP server or a folder, named by one URL."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from threading import Timer
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 20  # for each answer of the server
LETTER_SECONDS = 240  # for one letter in all, however slowly the server takes it
CLOSING = 421  # the server says that it closes the connection (RFC 5321 section 4.2.3)

# A server that refuses by its own rules ("relaying denied") or for its own state says nothing about the address.
_NOT_THE_ADDRESS = re.compile(rb"\s*5\.(?!1\.|2\.)\d")
_THE_ADDRESS = re.compile(rb"\s*5\.[12]\.\d")


class PostError(Exception):
    """A letter could not be handed over; it is tried again later."""


class RefusedError(PostError):
    """The address takes no mail, and will not: there is no use in trying again."""


class LostError(PostError):
    """The connection is gone: this letter may have been taken or not, and the others need not be tried now."""


class Post(Protocol):
    """What takes letters."""

    def send(self, message: EmailMessage) -> None:
        """Hand one letter over. Raises PostError, RefusedError, or LostError when no other letter can follow."""


class Folder:
    """Puts every letter into a folder as an .eml file: where there is no mail server."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: EmailMessage) -> None:
        """Write it under its Message-ID, readable by its owner alone: it may hold a secret link."""
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self.path / f"{name}.eml", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(message.as_bytes(policy=SMTP))
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise LostError(f"{type(error).__name__}: {error}") from error


class Server:
    """One connection to a mail server, for one round of letters."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self.connection = connection

    def send(self, message: EmailMessage) -> None:
        """Send it; the server has taken it when this returns."""
        try:
            with _within(LETTER_SECONDS, self.connection):
                self.connection.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise _kind_of(error)(_said(error)) from error


def _said(error: smtplib.SMTPException | OSError) -> str:
    """The server's own words, else what happened."""
    code, said = _answer(error)
    return f"{code} {said.decode(errors='replace')}" if code else f"{type(error).__name__}: {error}"


def _kind_of(error: smtplib.SMTPException | OSError) -> type[PostError]:
    """What a failure means for this letter and for those after it."""
    code, said = _answer(error)
    if code == CLOSING or isinstance(error, smtplib.SMTPServerDisconnected):
        return LostError
    if isinstance(error, smtplib.SMTPRecipientsRefused) and 500 <= code <= 599 and not _NOT_THE_ADDRESS.match(said):
        return RefusedError
    if isinstance(error, smtplib.SMTPDataError) and _THE_ADDRESS.match(said):
        return RefusedError
    return PostError if isinstance(error, smtplib.SMTPException) else LostError


def _answer(error: smtplib.SMTPException | OSError) -> tuple[int, bytes]:
    """Code and words of the server's answer, 0 when it gave none. Each letter has one recipient."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()), (0, b""))
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return error.smtp_code, said if isinstance(said, bytes) else said.encode()
    return 0, b""


@contextmanager
def _within(seconds: float, connection: smtplib.SMTP) -> Iterator[None]:
    """Cut the connection when it takes longer: a claim on a letter ends, and then another worker sends it."""

    def cut() -> None:
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


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
    try:
        if parts.scheme == "smtp" and parse_qs(parts.query).get("starttls") == ["1"]:
            connection.starttls(context=tls)
        if parts.username:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection
