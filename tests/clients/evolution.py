"""Evolution's own backend (evolution-data-server), where it is installed: fetches, keeps and repeats as it does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tests.clients.programs import as_seen
from tests.core.ical.parsers import Seen

_SYSTEMS_PYTHON = "/usr/bin/python3"  # the one that Evolution's libraries are installed for
_SCRIPT = Path(__file__).with_name("evolving.py")
_SOURCE = """
[Data Source]
DisplayName=Lab
Enabled=true
Parent=webcal-stub
[Calendar]
BackendName=webcal
Selected=true
[Security]
Method=none
[Authentication]
Host={host}
Port={port}
[WebDAV Backend]
ResourcePath={path}
[Refresh]
Enabled=true
IntervalMinutes=1
[Offline]
StaySynchronized=true
"""


@cache
def is_there() -> bool:
    """Whether this machine has what Evolution's calendars run on."""
    if not (shutil.which("dbus-run-session") and Path(_SYSTEMS_PYTHON).exists()):
        return False
    wanted = "import gi; gi.require_version('ECal', '2.0'); gi.require_version('EDataServer', '1.2')"
    return subprocess.run([_SYSTEMS_PYTHON, "-c", wanted], capture_output=True, check=False).returncode == 0


@dataclass
class Evolution:
    """A person's computer with Evolution, which subscribes to one calendar."""

    folder: Path
    url: str
    running: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        address, sources = urlsplit(self.url), self.folder / "config" / "evolution" / "sources"
        sources.mkdir(parents=True)
        (self.folder / "run").mkdir(mode=0o700)
        source = _SOURCE.format(host=address.hostname, port=address.port, path=address.path)
        (sources / "lab.source").write_text(source.lstrip())
        self.running = subprocess.Popen(
            ["dbus-run-session", "--", _SYSTEMS_PYTHON, _SCRIPT],
            env=_environment(self.folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def synced(self) -> None:
        """Fetch the calendar anew."""
        assert self._asked("refresh") == "true"

    def listed(self) -> list[Seen]:
        """What it lists, 2024 to 2030."""
        return sorted(as_seen(*one) for one in json.loads(self._asked("list")))

    def close(self) -> None:
        """Close it, and with it the session that its services run in."""
        self.running.communicate("", timeout=30)

    def _asked(self, what: str) -> str:
        """One line for one line."""
        asking, answering = self.running.stdin, self.running.stdout
        assert asking is not None and answering is not None
        asking.write(f"{what}\n")
        asking.flush()
        return answering.readline().strip()


def _environment(folder: Path) -> dict[str, str]:
    own = {"HOME": "", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "XDG_DATA_HOME": "data"}
    places = {name: str(folder / place) for name, place in {**own, "XDG_RUNTIME_DIR": "run"}.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**inherited, **places, "GIO_USE_VFS": "local", "GSETTINGS_BACKEND": "memory", "TZ": "UTC"}
