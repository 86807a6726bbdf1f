"""A signed-in person over one kept-alive connection; the standard library only, so that the client costs little."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CODE = re.compile(r'class="finding effect-refuse" data-code="([^"]+)"')
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HANGS = 60.0  # seconds after which an answer will not come any more


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds after it was asked for."""

    status: int
    location: str
    text: str
    seconds: float

    @property
    def said_yes(self) -> bool:
        """True for the redirect that follows a success."""
        return self.status == 303

    @property
    def refusals(self) -> set[str]:
        """The codes of the findings that refuse."""
        return set(_CODE.findall(self.text))


class Client:
    """One browser session."""

    def __init__(self, port: int, session: str, partner: str = "") -> None:
        self.partner = partner  # the key of the partner that this person books for
        self._connection = HTTPConnection("127.0.0.1", port, timeout=HANGS)
        self._cookies: dict[str, str] = {"labbook": session}
        self._token = self._token_on("/feeds")

    @contextmanager
    def tabs(self, number: int) -> Iterator[list[Client]]:
        """Tabs of the same browser: the same session over connections of their own."""
        made = [copy(self) for _ in range(number)]
        for one in made:
            one._cookies = dict(self._cookies)
            one._connection = HTTPConnection(self._connection.host, self._connection.port, timeout=HANGS)
        yield made
        for one in made:
            one.close()

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, /, **fields: str | list[str]) -> Answer:
        """Send a form with the session's CSRF token. Never sent twice."""
        return self._ask("POST", path, urlencode({"csrf_token": self._token, **fields}, doseq=True))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _token_on(self, path: str) -> str:
        self._token = ""
        found = _TOKEN.search(self.get(path).text)
        assert found is not None, path
        return found.group(1)

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {**({"Cookie": cookie} if cookie else {}), **(_FORM if body else {})}
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(response.status, response.headers.get("Location", ""), text, seconds)


def at_once(sends: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Send everything at the same moment; the answers in the same order."""
    barrier = Barrier(len(sends))

    def run(send: Callable[[], Answer]) -> Answer:
        barrier.wait()
        return send()

    with ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(run, sends))
