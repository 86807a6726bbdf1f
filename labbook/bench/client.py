"""One client: keeps its connection and cookies, and takes the time from the first byte sent to the last received."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlencode

from .lab import PASSWORD

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    seconds: float
    headers: HTTPMessage
    body: bytes


class Client:
    """A connection to one server."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=300)
        self.connection.connect()
        self.token = ""
        self.cookies: dict[str, str] = {}

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return self._send("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """Send a form with the page's CSRF token."""
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})

    def sign_in(self, name: str, page: str) -> None:
        """Start a session, and take the CSRF token from a page with a form. Raises RuntimeError when it fails."""
        self._take_token("/sign-in")
        answer = self.post("/sign-in", {"email": f"{name}@bench.example", "password": PASSWORD, "next": "/"})
        if answer.status != 303:
            raise RuntimeError(f"signing in answered {answer.status}")
        self._take_token(page)

    def _take_token(self, page: str) -> None:
        found = _TOKEN.search(self.get(page).body.decode())
        if found is None:
            raise RuntimeError(f"{page} has no form")
        self.token = found.group(1)

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        start = time.perf_counter()
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        received = response.read()
        seconds = time.perf_counter() - start
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, seconds, response.headers, received)
