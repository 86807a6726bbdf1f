"""`labbook serve`: gunicorn and one background worker as child processes, started together and stopped together."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import create_app

RESTART_AFTER_SECONDS = 5
APPLICATION = "labbook.serve:application()"


def application() -> Flask:
    """The application as each process of the web server loads it: what stays for good is not looked through again and
    again for garbage, which at a large answer took as long as the answer.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def gunicorn_command(config: Mapping[str, Any]) -> list[str]:
    """The web server, by settings."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        APPLICATION,
        f"--bind={config['HOST']}:{config['PORT']}",
        f"--workers={config['PROCESSES']}",
        f"--threads={config['THREADS']}",
        "--worker-class=gthread",
        "--timeout=60",
        "--graceful-timeout=20",
        "--max-requests=20000",
        "--max-requests-jitter=2000",
        "--limit-request-line=4094",
        "--forwarded-allow-ips=" + ("*" if config["TRUSTED_PROXIES"] else "127.0.0.1"),
        "--forwarder-headers=",  # where LabBook is comes from its settings, and from no header that a client may send
        "--log-level=warning",
        "--no-control-socket",
    ]


WORKER_COMMAND = [sys.executable, "-m", "labbook", "worker"]


def run(config: Mapping[str, Any]) -> int:
    """Serve until told to stop (SIGTERM, SIGINT) or the web server ends; its exit code. A dead worker is restarted."""
    stop = threading.Event()
    web = subprocess.Popen(gunicorn_command(config))  # noqa: S603 - our own command
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    worker = _start_worker(config)
    while not stop.wait(1) and web.poll() is None:
        if worker is not None and worker.poll() is not None and not stop.wait(RESTART_AFTER_SECONDS):
            worker = _start_worker(config)
    children = [child for child in (web, worker) if child is not None]
    for child in children:
        child.send_signal(signal.SIGTERM)
    for child in children:
        child.wait()
    return 0 if stop.is_set() else web.returncode


def _start_worker(config: Mapping[str, Any]) -> subprocess.Popen[bytes] | None:
    return subprocess.Popen(WORKER_COMMAND) if config["RUNS_WORKER"] else None  # noqa: S603 - our own command
