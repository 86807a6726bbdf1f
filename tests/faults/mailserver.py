"""A real mail server that remembers of each letter who handed it over and when, and that can be in a bad way."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller

from tests.notices.server import free_port


class Mood(StrEnum):
    """How the server is."""

    WELL = "well"
    DOWN = "down"  # nobody listens
    REFUSING = "refusing"  # 451 to every recipient
    SLOW = "slow"  # each letter takes seconds
    CUTTING = "cutting"  # hangs up after a letter's text, which it keeps


@dataclass(frozen=True)
class Arrival:
    """One letter that the server has taken."""

    at: float
    by: str  # the worker, as it named itself
    number: str  # Message-ID
    to: str
    subject: str


@dataclass
class Register:
    """The server, and everything that it has taken."""

    port: int
    pause: float = 1.5  # seconds for a letter when it is slow
    mood: Mood = Mood.WELL
    arrivals: list[Arrival] = field(default_factory=list)
    refused: int = 0
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        """How settings name it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def by_number(self) -> dict[str, list[Arrival]]:
        """What arrived, by Message-ID, each in its order."""
        found = defaultdict(list)
        for one in list(self.arrivals):
            found[one.number].append(one)
        return found

    def become(self, mood: Mood) -> None:
        """Get into another mood."""
        self.mood = mood
        if mood is Mood.DOWN:
            self.stop()
        elif self._controller is None:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    def stop(self) -> None:
        """Close the door."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take or refuse a recipient."""
        if self.mood is Mood.REFUSING:
            self.refused += 1
            return "451 4.3.0 Not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a letter: from now on it is the server's."""
        if self.mood is Mood.SLOW:
            await asyncio.sleep(self.pause)
        mail = message_from_bytes(envelope.content, policy=default)
        said = (str(mail["Message-ID"]), envelope.rcpt_tos[0], str(mail["Subject"]))
        self.arrivals.append(Arrival(time.monotonic(), session.host_name, *said))
        if self.mood is Mood.CUTTING:
            server.transport.abort()
        return "250 OK"


@contextmanager
def register() -> Iterator[Register]:
    """A server that is well, on a free port of this machine."""
    made = Register(free_port())
    made.become(Mood.WELL)
    try:
        yield made
    finally:
        made.stop()
