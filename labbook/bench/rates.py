"""How many small answers a server gives in a second: several clients ask at once, each over a connection it keeps."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from selectors import EVENT_READ, DefaultSelector

CLIENTS = 4  # as many as the server has threads
_END = b"\r\n\r\n"  # these answers have no body


class Poll:
    """The same request, again and again. Raises RuntimeError when an answer does not begin as it should."""

    def __init__(self, stack: ExitStack, port: int, path: str, status: int, **headers: str) -> None:
        said = {"Host": f"127.0.0.1:{port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = (f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()))
        self._request = "\r\n".join(lines).encode() + _END
        self._begins = f"HTTP/1.1 {status} ".encode()
        self._clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(CLIENTS)
        ]

    def per_second(self, seconds: float) -> float:
        """How many answers came, over some seconds."""
        count, start = 0, time.perf_counter()
        with DefaultSelector() as waiting:
            for client in self._clients:
                waiting.register(client, EVENT_READ, client)
                client.sendall(self._request)
            while waiting.get_map():
                is_over = time.perf_counter() - start >= seconds
                for ready, _ in waiting.select():
                    client = ready.data
                    self._read(client)
                    count += 1
                    if is_over:
                        waiting.unregister(client)
                    else:
                        client.sendall(self._request)
        return count / (time.perf_counter() - start)

    def _read(self, client: socket.socket) -> None:
        received = client.recv(65536)
        while not received.endswith(_END) and (more := client.recv(65536)):
            received += more
        if not received.startswith(self._begins) or not received.endswith(_END):
            raise RuntimeError(f"instead of {self._begins.decode()}: {received[:2000].decode(errors='replace')}")
