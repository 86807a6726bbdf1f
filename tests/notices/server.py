"""A real mail server for tests, which does what it is told to letters."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

OK = "250 OK"


@dataclass
class Mailbox:
    """What arrived, and how the server answers: `recipient` and `data` are asked with each letter's address."""

    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)
    recipient: Callable[[str], str] = lambda address: OK
    data: Callable[[str], str] = lambda address: OK
    cuts_after_data: bool = False
    pause: float = 0.0  # seconds before a letter is answered for
    port: int = 0

    @property
    def url(self) -> str:
        """How settings name this server."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take or refuse a recipient."""
        answer = self.recipient(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take or refuse a letter."""
        await asyncio.sleep(self.pause)
        answer = self.data(envelope.rcpt_tos[0])
        if answer == OK:
            self.recipients += envelope.rcpt_tos
            self.were_encrypted.append(server.transport.get_extra_info("cipher") is not None)
            self.arrived.append(message_from_bytes(envelope.content, policy=default))
        if self.cuts_after_data:
            server.transport.abort()
        return answer


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailbox]:
    """A server on a free port of this machine; `options` are those of aiosmtpd."""
    box = Mailbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """What a letter says, as plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
