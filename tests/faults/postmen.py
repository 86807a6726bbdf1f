"""Workers in processes of their own, started from one that has read the program already, so that many can die quickly.

Each is what `labbook worker` is: the application by its settings, and round after round of all duties. What differs is
said in `Haste`, and that each names itself to the mail server by its process.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.faults.server import KEY

_FROM = multiprocessing.get_context("forkserver")
_FROM.set_forkserver_preload(["labbook.worker", "tests.faults.postmen"])


@dataclass(frozen=True)
class Haste:
    """How much sooner than in earnest something is done again; None: as in earnest."""

    rounds: float | None = None  # seconds between two rounds of a worker: 15 in earnest
    first_pause: float | None = None  # seconds until the second try: 60 in earnest, doubled each time
    timeout: float | None = None  # seconds that each answer of the mail server may take: 20 in earnest


@dataclass
class Crew:
    """Workers that work at one database and send by one mail server."""

    url: str
    post: str
    log: Path
    haste: Haste = Haste()
    at_work: list[BaseProcess] = field(default_factory=list)
    killed: dict[str, float] = field(default_factory=dict)  # by the name that the mail server knows, when

    def start(self, number: int = 1) -> None:
        """So many more."""
        for _ in range(number):
            one = _FROM.Process(target=_work, args=(self.url, self.post, str(self.log), self.haste), daemon=True)
            one.start()
            self.at_work.append(one)

    def kill(self, index: int) -> None:
        """kill -9 of one of them; it is gone when this returns."""
        one = self.at_work.pop(index)
        one.kill()
        one.join()
        assert one.exitcode == -9, f"it had ended by itself: {one.exitcode}\n{self.log.read_text()[-3000:]}"
        self.killed[name_of(one.pid or 0)] = time.monotonic()

    def kill_all(self) -> None:
        """kill -9 of every one."""
        while self.at_work:
            self.kill(0)


@contextmanager
def crew(url: str, post: str, log: Path, haste: Haste = Haste()) -> Iterator[Crew]:
    """Workers, of whom none is left afterwards."""
    made = Crew(url, post, log, haste)
    try:
        yield made
    finally:
        for one in made.at_work:
            one.kill()
            one.join()


def name_of(number: int) -> str:
    """How the worker of a process names itself to the mail server."""
    return f"worker-{number}.lab.example"


def _work(url: str, post: str, log: str, haste: Haste) -> None:
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(out, stream)
    from labbook import create_app, worker
    from labbook.notices import post as way_out
    from labbook.notices.service import sending

    socket.getfqdn = lambda name="": name_of(os.getpid())
    if haste.rounds is not None:
        worker.EVERY_SECONDS = haste.rounds  # type: ignore[assignment]
    if haste.first_pause is not None:
        sending.FIRST_PAUSE = timedelta(seconds=haste.first_pause)
    if haste.timeout is not None:
        way_out.TIMEOUT_SECONDS = haste.timeout  # type: ignore[assignment]
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": url,
            "SECRET_KEY": KEY,
            "SMTP_URL": post,
            "MAIL_FROM": "LabBook <labbook@lab.example>",
            "BASE_URL": "https://labbook.lab.example",
        }
    )
    with app.app_context():
        worker.forever(threading.Event())
