"""The command: a fresh database each, filled, served, measured, one table."""

from __future__ import annotations

import os
import platform
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click
from sqlalchemy import URL, create_engine, make_url, text

from .feeds import Figure, Served, feeds
from .load import load
from .measure import Line, measured
from .rates import CLIENTS
from .server import SETUP, migrate, served
from .table import table, table_of_feeds


@click.command("bench")
@click.option("--resources", default=200, show_default=True, help="How many resources, over four sites.")
@click.option("--bookings", default=100_000, show_default=True, help="How many bookings, over a year.")
@click.option("--entries", default=1_000, show_default=True, help="How many entries a measured feed has.")
@click.option("--large", default=10_000, show_default=True, help="How many the largest has.")
@click.option("--rounds", default=100, show_default=True, help="How often each row is measured.")
@click.option("--database", type=click.Choice(["both", "sqlite", "postgresql"]), default="both", show_default=True)
@click.option("--postgres", envvar="LABBOOK_BENCH_POSTGRES", help="URL of a PostgreSQL server; else one of its own.")
@click.option("--only", type=click.Choice(["pages", "feeds"]), help="Measure these alone.")
def command(rounds: int, database: str, postgres: str | None, only: str | None, **sizes: int) -> None:
    """Measure pages, requests and feeds of a large lab, as multiples of an empty Flask view under the same server."""
    found: list[_Run] = []
    load_before = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="labbook-bench-files-")))
        empty_port = stack.enter_context(served("empty", str(folder)))
        for kind, context in (("sqlite", _sqlite()), ("postgresql", _postgresql(postgres))):
            if database in ("both", kind):
                with context as url:
                    found.append(_bench(url, empty_port, folder, rounds=rounds, only=only, sizes=sizes))
    about = "{bookings} bookings of {resources} resources; one client, {rounds} rounds in turns, after warming up."
    click.echo("\n" + about.format(rounds=rounds, **sizes))
    click.echo(f"{SETUP}; Python {platform.python_version()}. Targets follow the empty view and the bare commit.\n")
    if only != "feeds":
        click.echo(table(line for one in found for line in one.lines))
    if only != "pages":
        click.echo(f"\nFeeds; requests per second by {CLIENTS} clients at once.\n")
        click.echo(table_of_feeds(figure for one in found for figure in one.figures))
    # Whoever else uses the processors makes long answers longer and hardly touches the empty view.
    click.echo(f"\nLoad of the machine before: {load_before:.1f} on {os.cpu_count()} processors; quiet is below 0.5.")


class _Run(NamedTuple):
    """What one database gave."""

    lines: list[Line]
    figures: list[Figure]


def _bench(url: URL, empty_port: int, folder: Path, *, rounds: int, only: str | None, sizes: Mapping[str, int]) -> _Run:
    shown = url.render_as_string(hide_password=False)
    start = time.monotonic()
    migrate(shown)
    engine = create_engine(url)
    try:
        lab, dealt = load(engine, now=datetime.now(UTC), **sizes)
    except ValueError as error:
        raise click.UsageError(f"These sizes do not fit each other: {error}") from error
    finally:
        engine.dispose()
    click.echo(f"{url.get_backend_name()}: filled in {time.monotonic() - start:.0f} s", err=True)
    with served("application", url=shown) as port:
        there = Served(url.get_backend_name(), port, empty_port, folder)
        pages = measured(lab, dealt, url, port=port, empty_port=empty_port, rounds=rounds) if only != "feeds" else []
        return _Run(pages, feeds(lab, dealt, there, rounds=rounds) if only != "pages" else [])


@contextmanager
def _sqlite() -> Iterator[URL]:
    with tempfile.TemporaryDirectory(prefix="labbook-bench-") as folder:
        yield make_url(f"sqlite:///{Path(folder) / 'labbook.db'}")


@contextmanager
def _postgresql(server: str | None) -> Iterator[URL]:
    """A database of its own on the server that is given, else on one that lives as long as this run."""
    with ExitStack() as stack:
        if server is None:
            server = stack.enter_context(_own_server())
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        name = f"labbook_bench_{uuid.uuid4().hex[:8]}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield admin.url.set(database=name)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            admin.dispose()


@contextmanager
def _own_server() -> Iterator[str]:
    """A throw-away server that keeps what it has acknowledged; it comes with the development packages."""
    try:
        from tests import pgtmp  # noqa: PLC0415 - in a checkout only
    except ImportError:
        raise click.UsageError("Give --postgres, or --database sqlite: only a checkout has its own server.") from None
    try:
        with pgtmp.cluster(durable=True) as url:
            yield url
    except RuntimeError as error:
        raise click.ClickException(f"PostgreSQL: {error}") from error
