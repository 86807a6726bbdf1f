"""Child processes: migrations, and gunicorn as `labbook serve` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..serve import APPLICATION, gunicorn_command
from .cases import SERIES_DATES

SETUP = "gunicorn gthread, 1 process × 4 threads, options as `labbook serve`"
STARTS_WITHIN_SECONDS = 30
_KEY = "a-key-that-only-the-bench-knows-0123456789"


def settings(url: str, port: int = 8000) -> dict[str, str]:
    """The environment of a production start on this database."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "LABBOOK_ENV": "production",
        "LABBOOK_SECRET_KEY": _KEY,
        "LABBOOK_DATABASE_URL": url,
        "LABBOOK_SERIES_DATES": str(SERIES_DATES),
        "LABBOOK_BASE_URL": f"http://127.0.0.1:{port}",
    }


def migrate(url: str) -> None:
    """Bring an empty database to the newest revision. Raises RuntimeError with what was said."""
    command = [sys.executable, "-m", "flask", "--app", "labbook:create_app", "db", "upgrade"]
    done = subprocess.run(command, env=settings(url), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr)


@contextmanager
def served(factory: str, *arguments: str, url: str = "sqlite://") -> Iterator[int]:
    """Serve a factory of labbook.bench.serve and give the port. Raises RuntimeError when it does not come up."""
    port = _free_port()
    config = {"HOST": "127.0.0.1", "PORT": port, "PROCESSES": 1, "THREADS": 4, "TRUSTED_PROXIES": 0}
    made = f"labbook.bench.serve:{factory}({', '.join(map(repr, arguments))})"
    command = [made if part == APPLICATION else part for part in _of(config)]
    with tempfile.TemporaryFile() as log:
        web = subprocess.Popen(command, env=settings(url, port), stdout=log, stderr=log)  # noqa: S603
        try:
            if not _is_up(port, web):
                log.seek(0)
                raise RuntimeError(log.read().decode())
            yield port
        finally:
            web.terminate()
            web.wait()


def _of(config: dict[str, object]) -> list[str]:
    # The client's pauses between two measurements must not cost it its connection.
    # Nor must the server make room for a new process in the middle of one.
    return [*gunicorn_command(config), "--keep-alive=75", "--max-requests=0"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _is_up(port: int, web: subprocess.Popen[bytes]) -> bool:
    """Wait until the port answers; False when the process has ended or takes too long."""
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up and web.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
