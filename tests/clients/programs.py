"""vdirsyncer and khal, as people run them: fetched by the one, listed by the other. `make soak` puts them in place."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.core.ical.parsers import Seen, seen

BIN = Path(__file__).parents[2] / ".cache" / "clients" / "bin"
_FIELDS = ("start-long", "end-long", "all-day", "title", "location", "uid")
_VDIRSYNCER = """
[general]
status_path = "{folder}/status/"
[pair lab]
a = "here"
b = "there"
collections = null
conflict_resolution = "b wins"
[storage here]
type = "filesystem"
path = "{folder}/held/"
fileext = ".ics"
[storage there]
type = "http"
url = "{url}"
"""
_KHAL = """
[calendars]
[[lab]]
path = {folder}/held/
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


@dataclass(frozen=True)
class Desktop:
    """A person's computer, which subscribes to one calendar and keeps it in a folder."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        if not (BIN / "khal").exists():
            pytest.fail("vdirsyncer and khal are not there: `make soak` fetches them", pytrace=False)
        (self.folder / "held").mkdir(parents=True)
        (self.folder / "vdirsyncer").write_text(_VDIRSYNCER.format(folder=self.folder, url=self.url))
        (self.folder / "khal").write_text(_KHAL.format(folder=self.folder))
        self._run("vdirsyncer", "-c", "vdirsyncer", "discover")

    def synced(self) -> None:
        """Fetch the calendar anew."""
        self._run("vdirsyncer", "-c", "vdirsyncer", "sync")

    def close(self) -> None:
        """Nothing of it goes on running."""

    @property
    def files(self) -> dict[str, bytes]:
        """What lies in the folder: one file for each UID."""
        return {one.name: one.read_bytes() for one in (self.folder / "held").glob("*.ics")}

    def listed(self) -> list[Seen]:
        """What khal lists, 2024 to 2030; of a day without a time it tells the last one, not the one after it."""
        fields = [word for name in _FIELDS for word in ("--json", name)]
        said = self._run("khal", "-c", "khal", "list", *fields, "2024-01-01", "2556d")
        found = {tuple(one[name] for name in _FIELDS) for line in said.splitlines() for one in json.loads(line)}
        return sorted(
            as_seen(start, _day_after(end) if is_day == "True" else end, is_day == "True", title, place)
            for start, end, is_day, title, place, _ in found
        )

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [BIN / program, *words],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (program, done.stdout, done.stderr)
        assert "error" not in done.stderr.lower() and "critical" not in done.stderr.lower(), done.stderr
        return done.stdout


def as_seen(start: str, end: str, is_day: bool, title: str, place: str) -> Seen:
    """What a program lists, with times by the clock of UTC such as 2026-11-24 10:00."""
    if is_day:
        return seen(date.fromisoformat(start), date.fromisoformat(end), title, place)
    first, last = (datetime.strptime(at + "Z", "%Y-%m-%d %H:%M%z").astimezone(UTC) for at in (start, end))
    return seen(first, last, title, place)


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
