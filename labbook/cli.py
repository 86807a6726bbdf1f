"""The `labbook` command; thin, calls services."""

from __future__ import annotations

import json
import signal
import sys
import threading
from datetime import UTC, datetime

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext
from flask_migrate import upgrade

from .models import Person
from .settings import config


def install(app: Flask) -> None:
    """Enter the commands that need the application."""
    for command in (serve, worker, audit, people, feeds, retention, check):
        app.cli.add_command(command)


@click.command()
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="The port to listen on.")
@click.option("--fill-only", is_flag=True, help="Fill the database and print the accounts, but do not serve.")
def demo(port: int, fill_only: bool) -> None:
    """Fill a lived-in demo lab and serve it on this machine."""
    from . import create_app, serve

    config.prepare_demo(port)
    app = create_app()
    with app.app_context():
        from .demo import accounts, load
        from .demo.people import DEMO_PASSWORD

        upgrade()
        summary = load(datetime.now(UTC))
        click.echo(f"\nLabBook demo: {summary}\n")
        for account in accounts("en"):
            click.echo(f"  {account.role:<34} {account.email:<46} {account.name}")
        click.echo(f"\n  Password of every account: {DEMO_PASSWORD}")
        click.echo(f"  Open http://127.0.0.1:{port}  (Ctrl+C stops it)\n")
    if not fill_only:
        sys.exit(serve.run(app.config))


@click.command()
@with_appcontext
def serve() -> None:
    """Serve with gunicorn and one background worker, by settings; migrate first with `labbook db upgrade`."""
    from . import serve as server
    from .startup import refuse_unsafe_start

    refuse_unsafe_start()
    sys.exit(server.run(current_app.config))


@click.command()
@click.option("--once", "only_once", is_flag=True, help="One round, then stop.")
@with_appcontext
def worker(only_once: bool) -> None:
    """What happens without anybody asking: bookings begin, end and expire; the trail is sealed."""
    from .worker import forever, once

    if only_once:
        once()
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    forever(stop)


@click.group()
def audit() -> None:
    """The trail of everything that happened."""


@audit.command("seal")
@with_appcontext
def audit_seal() -> None:
    """Seal the events that no seal covers yet."""
    from .db import present
    from .reports.service import seal

    total = 0
    while count := seal(now=present()):
        total += count
    click.echo(f"{total} events sealed")


@audit.command("verify")
@click.option("--seal", "mailed", multiple=True, metavar="DIGEST", help="A seal as a letter has told it; repeatable.")
@with_appcontext
def audit_verify(mailed: tuple[str, ...]) -> None:
    """Check seals and details; exits with 1 when anything was changed."""
    from .reports.service import verify

    found = verify(mailed)
    click.echo(f"{found.seals} seals over {found.events} events")
    click.echo(f"{found.unsealed} events not sealed yet, {found.erased} details erased")
    for fault in found.faults:
        click.echo(f"FAULT: {fault}", err=True)
    sys.exit(1 if found.faults else 0)


@click.group()
def people() -> None:
    """The first administrator; a person's account, second factor and data."""


@people.command("add-administrator")
@click.argument("address")
@click.option("--family-name", prompt=True)
@click.option("--given-name", prompt=True)
@click.option("--language", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@with_appcontext
def people_add_administrator(address: str, family_name: str, given_name: str, language: str) -> None:
    """Add an administrator, and print the link with which they choose their password (good for a day)."""
    from .db import present
    from .people.service.founding import ForeignLettersError, KnownAddressError, add_administrator

    try:
        token = add_administrator(address, family_name, given_name, language=language, now=present())
    except KnownAddressError:
        raise click.ClickException(f"somebody has the address {address} already") from None
    except ForeignLettersError:
        raise click.ClickException(f"{address} holds letters other than plain ones") from None
    click.echo(f"{current_app.config['BASE_URL']}/reset/{token}")


def _person(address: str) -> Person:
    from .people.queries import person_by_email

    found = person_by_email(address.strip().lower())
    if found is None:
        raise click.ClickException(f"nobody has the address {address}")
    return found


@people.command("close")
@click.argument("address")
@click.option("--reason", prompt=True, help="Kept in the trail.")
@with_appcontext
def people_close(address: str, reason: str) -> None:
    """Close one person's account, at once; their roles stay noted."""
    from .db import present
    from .people.service.closing import close_by_command
    from .people.service.inviting import AnsweredError
    from .people.service.roles import LastAdministratorError

    try:
        count = close_by_command(_person(address), reason=reason, now=present())
    except AnsweredError:
        raise click.ClickException("the account is closed already") from None
    except LastAdministratorError:
        raise click.ClickException("this is the lab's only administrator: give the role to somebody else") from None
    click.echo(f"closed; {count} bookings that lie ahead are suspended")


@people.command("reopen")
@click.argument("address")
@with_appcontext
def people_reopen(address: str) -> None:
    """Open a closed account again, with the roles that it has."""
    from .db import present
    from .people.service.closing import reopen_by_command
    from .people.service.inviting import AnsweredError, NoPlaceLeftError

    try:
        reopen_by_command(_person(address), now=present())
    except AnsweredError:
        raise click.ClickException("the account is open, or the person was erased") from None
    except NoPlaceLeftError:
        raise click.ClickException("a partner of this person has no place left") from None
    click.echo("opened again")


@people.command("remove-factor")
@click.argument("address")
@with_appcontext
def people_remove_factor(address: str) -> None:
    """Remove the second factor of somebody who has lost it with the recovery codes; their sessions end."""
    from .db import present
    from .people.service.inviting import AnsweredError
    from .people.service.lost_factors import remove_factor_by_command

    try:
        remove_factor_by_command(_person(address), now=present())
    except AnsweredError:
        raise click.ClickException("this person has no second factor") from None
    click.echo("removed")


@people.command("export")
@click.argument("address")
@with_appcontext
def people_export(address: str) -> None:
    """Print everything about one person as JSON."""
    from .db import present
    from .people.service.own_data import export_data_of

    click.echo(json.dumps(export_data_of(_person(address), now=present()), ensure_ascii=False, indent=1))


@people.command("erase")
@click.argument("address")
@click.confirmation_option(prompt="Their name, words and access go for good. Erase this person?")
@with_appcontext
def people_erase(address: str) -> None:
    """Erase one person's data; bookings and the trail stay, without a name."""
    from .db import present
    from .people.service.erasing import StillBookedError, erase_by_command

    try:
        erase_by_command(_person(address), now=present())
    except StillBookedError as error:
        raise click.ClickException(f"{error.count} bookings lie ahead: cancel or withdraw them first") from None
    click.echo("erased")


@click.group()
def feeds() -> None:
    """Everybody's calendar feeds; their links are kept nowhere."""


@feeds.command("list")
@click.argument("address", required=False)
@click.option("--revoked", is_flag=True, help="Those that were revoked too.")
@with_appcontext
def feeds_list(address: str | None, revoked: bool) -> None:
    """List feeds, of everybody or of one person: key, whose, what of, since when, and who fetched it last."""
    from .feeds.kept import all_feeds

    for feed, email in all_feeds(_person(address).id if address else None, revoked=revoked):
        about = f"{feed.scope} ({feed.detail})  made {feed.created_at:%Y-%m-%d}"
        at, by = feed.fetched_at, feed.client or "?"
        fetched = f"fetched {at:%Y-%m-%d %H:%M} by {by}" if at else "never fetched"
        click.echo(f"{feed.key}  {email}  {about}  {fetched}{'  REVOKED' if feed.revoked_at else ''}")


@feeds.command("revoke")
@click.argument("keys", nargs=-1)
@click.option("--person", "address", metavar="ADDRESS", help="All feeds of this person.")
@with_appcontext
def feeds_revoke(keys: tuple[str, ...], address: str | None) -> None:
    """Revoke feeds by their keys, or all of one person, at once."""
    from .core.permissions import NotFoundError
    from .db import present
    from .feeds.kept import all_feeds
    from .feeds.service.making import revoke_by_command

    theirs = [one.feed.key for one in all_feeds(_person(address).id)] if address else []
    try:
        click.echo(f"{revoke_by_command({*keys, *theirs}, now=present())} feeds revoked")
    except NotFoundError:
        raise click.ClickException("there is no feed with that key; none was revoked") from None


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@with_appcontext
def retention(dry_run: bool) -> None:
    """Remove what was kept long enough, by the LABBOOK_KEEP_… settings; the worker does it once a day."""
    from .db import present
    from .reports.service import Keep, due, remove_due

    keep = Keep.of(current_app.config)
    counted = due(keep, now=present()) if dry_run else remove_due(keep, now=present())
    for name, count in counted.items():
        click.echo(f"{count:>8} {name}{' would go' if dry_run else ' removed'}")


@click.command()
@with_appcontext
def check() -> None:
    """Print every setting with its value in force; secrets are not shown."""
    for setting, value in config.shown():
        click.echo(f"{setting.name}={value}\n    {setting.meaning}")


def main() -> None:
    """The console script."""
    from . import create_app
    from .bench import command as bench

    group = FlaskGroup(create_app=create_app, name="labbook", load_dotenv=False, add_version_option=False)
    group.add_command(demo)
    group.add_command(bench)
    try:
        group()
    except config.SettingError as error:
        click.echo(f"labbook: {error}", err=True)
        sys.exit(2)
