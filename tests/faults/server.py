"""A real LabBook server in processes of its own: gunicorn with several processes and threads."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from labbook.serve import APPLICATION

TOP = Path(__file__).parents[2]
REAL = APPLICATION
TEST_BUILD = "tests.faults.unguarded:create_app()"
KEY = "a-key-that-only-tests-know-0123456789"
PROCESSES, THREADS = 3, 8
PATIENCE = 60.0  # seconds until a server must answer; a loaded machine starts slowly


@contextmanager
def served(
    url: str, log: Path, target: str = REAL, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[int, ...]]:
    """Serve the database at `url` by several processes, and give the port of each.

    A port of its own for each, because of several that listen on one port the idlest takes nearly all connections
    that stay open, and the others look on. Raises RuntimeError with the log when one does not come up.
    """
    environment = {**_inherited(), **_environment(url), **(settings or {})}
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))
        started = [stack.enter_context(_process(target, environment, out)) for _ in range(PROCESSES)]
        for port, process in started:
            _await(port, process, log)
        yield tuple(port for port, _ in started)


@contextmanager
def _process(target: str, environment: dict[str, str], out: IO[bytes]) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        command = [sys.executable, "-m", "gunicorn", f"--bind=fd://{listener.fileno()}", "--workers=1"]
        command += [f"--threads={THREADS}", "--worker-class=gthread", "--keep-alive=600", "--graceful-timeout=2"]
        command += ["--no-control-socket", "--log-level=warning", target]
        process = subprocess.Popen(
            command, cwd=TOP, env=environment, pass_fds=[listener.fileno()], stdout=out, stderr=subprocess.STDOUT
        )
        try:
            yield int(listener.getsockname()[1]), process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LABBOOK_")}


def _environment(url: str) -> dict[str, str]:
    return {
        "LABBOOK_ENV": "development",
        "LABBOOK_DATABASE_URL": url,
        "LABBOOK_SECRET_KEY": KEY,
    }


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not come up: {log.read_text()}")
