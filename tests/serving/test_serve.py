"""`labbook` as an operator uses it: real processes on a real port."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest

from labbook.settings import config

ROOT = Path(__file__).parents[2]
KEY = "k" * 40


def environment(**settings: str) -> dict[str, str]:
    """The environment of an operator's shell."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LABBOOK_", "FLASK_"))}
    return {**plain, "PYTHONPATH": str(ROOT), **settings}


def labbook(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "labbook", *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`labbook serve` until the end of the block."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "labbook", "serve"],
        cwd=folder,
        env=environment(LABBOOK_PORT=str(port), **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def wait_for(url: str, seconds: float = 60) -> HTTPResponse:
    """The first answer of a server that is starting."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer: HTTPResponse = urllib.request.urlopen(url, timeout=5)
            return answer
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def test_an_operator_migrates_serves_and_stops(tmp_path: Path) -> None:
    settings = {
        "LABBOOK_SECRET_KEY": KEY,
        "LABBOOK_BASE_URL": "https://labbook.example",
        "LABBOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}",
        "LABBOOK_PROCESSES": "2",
    }
    migrated = labbook("db", "upgrade", cwd=tmp_path, **settings)
    assert migrated.returncode == 0, migrated.stderr
    with serving(tmp_path, **settings) as (url, process):
        with wait_for(f"{url}/healthz") as answer:
            assert answer.status == 200
            assert answer.headers["Strict-Transport-Security"]
        misled = urllib.request.Request(
            f"{url}/healthz", headers={"SCRIPT_NAME": "/elsewhere", "PATH_INFO": "/nowhere"}
        )
        with urllib.request.urlopen(misled, timeout=5) as answer:
            assert answer.status == 200
        with wait_for(f"{url}/sign-in") as page:
            cookie = page.headers["Set-Cookie"]
            assert cookie.startswith("__Host-labbook=")
            assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Domain" not in cookie
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert labbook("audit", "verify", cwd=tmp_path, **settings).returncode == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "LABBOOK_SECRET_KEY"),
        ({"LABBOOK_SECRET_KEY": "short", "LABBOOK_BASE_URL": "https://labbook.example"}, "LABBOOK_SECRET_KEY"),
        ({"LABBOOK_SECRET_KEY": KEY}, "LABBOOK_BASE_URL"),
        ({"LABBOOK_SECRET_KEY": KEY, "LABBOOK_BASE_URL": "https://x.example", "FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        (
            {"LABBOOK_SECRET_KEY": KEY, "LABBOOK_BASE_URL": "https://x.example", "LABBOOK_PORT": "many"},
            "LABBOOK_PORT",
        ),
    ],
)
def test_an_unsafe_production_start_is_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(config.SettingError, match=said):
        config.read(settings)


def test_serve_itself_is_refused_without_a_key(tmp_path: Path) -> None:
    done = labbook("serve", cwd=tmp_path)
    assert done.returncode != 0
    assert "LABBOOK_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_is_refused_on_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    done = labbook(
        "serve", cwd=tmp_path, LABBOOK_SECRET_KEY=KEY, LABBOOK_BASE_URL="https://labbook.example", LABBOOK_PORT="1"
    )
    assert done.returncode != 0
    assert "labbook db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


# The demo lab before anybody has booked anything: its accounts are what is refused.
_FURNISH = """
from datetime import UTC, datetime
from labbook import create_app
from labbook.demo.load import _furnish
with create_app().app_context():
    _furnish(datetime.now(UTC))
"""


def test_production_refuses_the_demo_accounts(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / ".demo").mkdir()
    shutil.copy(sqlite_template, tmp_path / ".demo" / "labbook.db")
    furnished = subprocess.run(
        [sys.executable, "-c", _FURNISH],
        env=environment(LABBOOK_ENV="demo", LABBOOK_DATABASE_URL=f"sqlite:///{tmp_path / '.demo' / 'labbook.db'}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert furnished.returncode == 0, furnished.stderr
    done = labbook(
        "serve",
        cwd=tmp_path,
        LABBOOK_SECRET_KEY=KEY,
        LABBOOK_BASE_URL="https://labbook.example",
        LABBOOK_DATABASE_URL=f"sqlite:///{tmp_path / '.demo' / 'labbook.db'}",
    )
    assert done.returncode != 0
    assert "demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_shows_every_setting_and_no_secret(tmp_path: Path) -> None:
    done = labbook(
        "check",
        cwd=tmp_path,
        LABBOOK_SECRET_KEY=KEY,
        LABBOOK_BASE_URL="https://labbook.example",
        LABBOOK_DATABASE_URL="postgresql+psycopg://labbook:hunter2@localhost/none",
    )
    assert done.returncode == 0, done.stderr
    assert all(setting.name in done.stdout for setting in config.SETTINGS)
    assert KEY not in done.stdout
    assert "hunter2" not in done.stdout


def test_a_new_lab_adds_its_first_administrator(sqlite_template: Path, tmp_path: Path) -> None:
    """Nobody is there yet who could invite: the command prints the link, and the link sets the password."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'new.db')}"
    settings = {"LABBOOK_ENV": "development", "LABBOOK_DATABASE_URL": url, "LABBOOK_PROCESSES": "1"}
    words = ("people", "add-administrator", "Ada@New-Lab.example", "--family-name=Adams", "--given-name=Ada")
    first, again = (labbook(*words, cwd=tmp_path, **settings) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert (again.returncode, again.stdout) == (1, "")
    link = first.stdout.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/reset/\S{32}", link)
    with (
        serving(tmp_path, **settings) as (address, _),
        wait_for(link.replace("http://127.0.0.1:8000", address)) as answer,
    ):
        page = answer.read().decode()
    assert 'autocomplete="new-password"' in page
