"""Calendars that poll, in a process of its own, so that their work is not taken from those who book.

Each subscriber keeps a connection and remembers the tags of its feeds, as calendar programs do. The process begins with
the JSON that `polling` sends it, goes on until its input ends, and then tells what it was answered.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path

TOP = Path(__file__).parents[2]
PATIENCE = 60.0


@dataclass
class Polled:
    """What the subscribers were answered; known only after they have stopped."""

    answers: Counter[str] = field(default_factory=Counter)  # by status, or by what went wrong
    slowest: float = 0.0  # seconds

    @property
    def wrong(self) -> dict[str, int]:
        """Answers that no calendar should get."""
        return {what: count for what, count in self.answers.items() if what not in ("200", "304")}


@contextmanager
def polling(ports: Sequence[int], feeds: Sequence[Sequence[str]], every: float) -> Iterator[Polled]:
    """While this lasts each subscriber asks for each of its feeds every so many seconds, the first time at once."""
    found = Polled()
    command = [sys.executable, "-m", "tests.faults.subscribers"]
    with subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps({"ports": ports, "feeds": feeds, "every": every}) + "\n")
        child.stdin.flush()
        try:
            yield found
        finally:
            out, _ = child.communicate(timeout=PATIENCE)
            told = json.loads(out)
            found.answers, found.slowest = Counter(told["answers"]), told["slowest"]


def _subscribe(port: int, feeds: Sequence[str], every: float, over: threading.Event, found: Polled) -> None:
    tags: dict[str, str] = {}
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    pause = every / len(feeds)
    over.wait(random.uniform(0, pause))  # they are not in step
    for path in cycle(feeds):
        began = time.monotonic()
        try:
            connection.request("GET", path, headers={"If-None-Match": tags[path]} if path in tags else {})
            answer = connection.getresponse()
            answer.read()
            tags[path] = answer.headers.get("ETag", "")
            found.answers[str(answer.status)] += 1
        except (OSError, HTTPException) as error:
            found.answers[type(error).__name__] += 1
            connection.close()
        taken = time.monotonic() - began
        found.slowest = max(found.slowest, taken)
        if over.wait(max(0.0, pause - taken)):
            break
    connection.close()


def _run() -> None:
    told, over, found = json.loads(sys.stdin.readline()), threading.Event(), Polled()
    subscribers = [
        threading.Thread(target=_subscribe, args=(port, feeds, told["every"], over, found))
        for port, feeds in zip(cycle(told["ports"]), told["feeds"], strict=False)
    ]
    for one in subscribers:
        one.start()
    sys.stdin.read()
    over.set()
    for one in subscribers:
        one.join()
    print(json.dumps({"answers": found.answers, "slowest": found.slowest}))


if __name__ == "__main__":
    _run()
