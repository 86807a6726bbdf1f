"""Settings. The environment is read here and nowhere else; README.md lists every variable."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEVELOPMENT_KEY = "development-key-not-for-production"
SHORTEST_KEY = 32
SHORTEST_PASSWORD = 8
ROLES = ("scientist", "coordinator", "staff", "manager", "administrator", "auditor")
SECRETS = ("LABBOOK_SECRET_KEY", "LABBOOK_OIDC_CLIENT_SECRET")


class SettingError(Exception):
    """A setting is missing or would be unsafe in production; the message says what to set."""


@dataclass(frozen=True)
class Setting:
    """One LABBOOK_* variable: its default and what it means."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("LABBOOK_ENV", "production", "production, or demo/development on your own machine only."),
    Setting("LABBOOK_DATABASE_URL", "sqlite:///labbook.db", "SQLAlchemy URL: sqlite:///file or postgresql+psycopg://…"),
    Setting("LABBOOK_SECRET_KEY", "", "At least 32 random characters; signs sessions and blurs busy entries."),
    Setting("LABBOOK_BASE_URL", "", "The address people use, as in https://labbook.example; every link comes from it."),
    Setting("LABBOOK_TRUSTED_PROXIES", "0", "How many reverse proxies stand in front and set X-Forwarded-*."),
    Setting("LABBOOK_HOST", "127.0.0.1", "The address that labbook serve listens on."),
    Setting("LABBOOK_PORT", "8000", "The port that labbook serve listens on."),
    Setting("LABBOOK_PROCESSES", "2", "Web processes."),
    Setting("LABBOOK_THREADS", "8", "Threads of each web process."),
    Setting("LABBOOK_WORKER", "yes", "Whether labbook serve also runs the background worker: yes or no."),
    Setting("LABBOOK_SESSION_IDLE_HOURS", "12", "A session ends after this many hours without use."),
    Setting("LABBOOK_SESSION_DAYS", "14", "A session ends after this many days in any case."),
    Setting("LABBOOK_PASSWORD_LENGTH", "15", "The fewest characters of a new password; 8 at least."),
    Setting("LABBOOK_SECOND_FACTOR_FOR", "", "Roles that must have a second factor, as in staff,manager."),
    Setting("LABBOOK_OIDC_ISSUER", "", "An OpenID Connect provider to sign in by, as in https://login.example."),
    Setting("LABBOOK_OIDC_CLIENT_ID", "", "How that provider knows LabBook."),
    Setting("LABBOOK_OIDC_CLIENT_SECRET", "", "The secret that proves it to that provider."),
    Setting("LABBOOK_OIDC_NAME", "OpenID", "What the sign-in page calls that provider."),
    Setting("LABBOOK_INVITATION_DAYS", "7", "An invitation's link opens nothing after this many days."),
    Setting("LABBOOK_OFFER_HOURS", "4", "Freed time is kept so long for whoever waits; less when it begins soon."),
    Setting(
        "LABBOOK_SMTP_URL",
        "",
        "Where mail goes out: smtp://user:password@host:587?starttls=1, smtps://…, file:///folder. Without it, "
        "letters are kept as .eml files in mail/, beside the SQLite file or where LabBook was started.",
    ),
    Setting("LABBOOK_MAIL_FROM", "LabBook <labbook@localhost>", "The sender of every mail."),
    Setting("LABBOOK_MAIL_TRIES", "14", "A letter is given up after so many tries; 14 take about two days."),
    Setting("LABBOOK_PROPOSAL_HOURS", "48", "A proposed time is kept so long; less when it begins soon."),
    Setting("LABBOOK_ATTACHMENT_MB", "5", "The largest file that may be attached to a question or an answer."),
    Setting("LABBOOK_SERIES_DATES", "60", "The most dates of one series."),
    Setting("LABBOOK_SERIES_DATES_STAFF", "400", "The same for those who work at its site."),
    Setting("LABBOOK_KEEP_BOOKINGS_MONTHS", "36", "Months after its end that a booking keeps its words."),
    Setting("LABBOOK_KEEP_AUDIT_MONTHS", "84", "Months that details of the trail are kept; events and seals stay."),
    Setting("LABBOOK_KEEP_LETTERS_DAYS", "30", "Days for which sent letters are kept."),
    Setting("LABBOOK_KEEP_SESSIONS_DAYS", "30", "Days for which sessions that are over are kept."),
    Setting("LABBOOK_KEEP_TRIES_DAYS", "30", "Days for which tries to sign in are kept."),
    Setting("LABBOOK_KEEP_LINKS_DAYS", "30", "Days for which links that are used or over are kept."),
    Setting("LABBOOK_LOG_LEVEL", "INFO", "Level of the program's own log."),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """The application's configuration. Raises SettingError when a production start would be unsafe."""
    value = {one.name: environ.get(one.name, "") or one.default for one in SETTINGS}
    is_production = value["LABBOOK_ENV"] == "production"
    if is_production:
        _refuse_unsafe(value, environ)
    base_url = value["LABBOOK_BASE_URL"].rstrip("/") or f"http://127.0.0.1:{value['LABBOOK_PORT']}"
    is_https = base_url.startswith("https://")
    return {
        "ENV_NAME": value["LABBOOK_ENV"],
        "SECRET_KEY": value["LABBOOK_SECRET_KEY"] or DEVELOPMENT_KEY,
        "SQLALCHEMY_DATABASE_URI": _absolute(value["LABBOOK_DATABASE_URL"]),
        "BASE_URL": base_url,
        "TRUSTED_PROXIES": _number(value, "LABBOOK_TRUSTED_PROXIES"),
        "HOST": value["LABBOOK_HOST"],
        "PORT": _number(value, "LABBOOK_PORT"),
        "PROCESSES": _number(value, "LABBOOK_PROCESSES"),
        "THREADS": _number(value, "LABBOOK_THREADS"),
        "RUNS_WORKER": value["LABBOOK_WORKER"] == "yes",
        "SESSION_IDLE_HOURS": _number(value, "LABBOOK_SESSION_IDLE_HOURS"),
        "SESSION_DAYS": _number(value, "LABBOOK_SESSION_DAYS"),
        "PASSWORD_LENGTH": _at_least(SHORTEST_PASSWORD, value, "LABBOOK_PASSWORD_LENGTH"),
        "SECOND_FACTOR_FOR": _roles(value["LABBOOK_SECOND_FACTOR_FOR"]),
        **_provider(value),
        "SERIES_DATES": _at_least(1, value, "LABBOOK_SERIES_DATES"),
        "SERIES_DATES_STAFF": _at_least(1, value, "LABBOOK_SERIES_DATES_STAFF"),
        "INVITATION_DAYS": _number(value, "LABBOOK_INVITATION_DAYS"),
        "OFFER_HOURS": _at_least(1, value, "LABBOOK_OFFER_HOURS"),
        "PROPOSAL_HOURS": _at_least(1, value, "LABBOOK_PROPOSAL_HOURS"),
        "ATTACHMENT_MB": _at_least(1, value, "LABBOOK_ATTACHMENT_MB"),
        "MAIL_TRIES": _at_least(1, value, "LABBOOK_MAIL_TRIES"),
        "SMTP_URL": value["LABBOOK_SMTP_URL"] or _mail_folder(_absolute(value["LABBOOK_DATABASE_URL"])),
        "MAIL_FROM": value["LABBOOK_MAIL_FROM"],
        **{name.removeprefix("LABBOOK_"): _at_least(1, value, name) for name in value if "_KEEP_" in name},
        "LOG_LEVEL": value["LABBOOK_LOG_LEVEL"],
        "IS_PRODUCTION": is_production,
        "SESSION_COOKIE_NAME": "__Host-labbook" if is_https else "labbook",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": 256 * 1024,
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_TIME_LIMIT": None,
        # Pages that show a secret send no Referer. What it would tell is told by Sec-Fetch-Site and Origin, which are
        # checked before anything is read, and no other host can set a cookie whose name begins with __Host-.
        "WTF_CSRF_SSL_STRICT": False,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": "UTC",
        "CLOCK": None,
    }


def prepare_demo(port: int) -> None:
    """Set what the demo needs for this process and its children: its own database file, this machine only."""
    folder = Path(".demo").resolve()
    folder.mkdir(exist_ok=True)
    demo = {
        "LABBOOK_ENV": "demo",
        "LABBOOK_DATABASE_URL": os.environ.get("LABBOOK_DATABASE_URL") or f"sqlite:///{folder / 'labbook.db'}",
        "LABBOOK_SMTP_URL": os.environ.get("LABBOOK_SMTP_URL") or f"file://{folder / 'mail'}",
        "LABBOOK_HOST": "127.0.0.1",
        "LABBOOK_PORT": str(port),
        "LABBOOK_BASE_URL": f"http://127.0.0.1:{port}",
    }
    os.environ.update(demo)


def shown(environ: Mapping[str, str] = os.environ) -> list[tuple[Setting, str]]:
    """Every setting with the value in force; what is secret is only said to be set or not."""
    return [(one, _blurred(one.name, environ.get(one.name, "") or one.default)) for one in SETTINGS]


def _blurred(name: str, value: str) -> str:
    if name in SECRETS:
        return "(set)" if value else "(not set)"
    before, at, after = value.rpartition("@")
    scheme, slashes, _ = before.partition("://")
    return f"{scheme}{slashes}…{at}{after}" if name in ("LABBOOK_DATABASE_URL", "LABBOOK_SMTP_URL") and at else value


def new_key() -> str:
    """A key fit for LABBOOK_SECRET_KEY."""
    return secrets.token_urlsafe(48)


def _refuse_unsafe(value: Mapping[str, str], environ: Mapping[str, str]) -> None:
    key = value["LABBOOK_SECRET_KEY"]
    if len(key) < SHORTEST_KEY or key == DEVELOPMENT_KEY:
        raise SettingError(
            f"LABBOOK_SECRET_KEY is missing or shorter than {SHORTEST_KEY} characters. A fresh one: {new_key()}"
        )
    if not value["LABBOOK_BASE_URL"]:
        raise SettingError(
            "LABBOOK_BASE_URL is missing: set the address that people use, as in https://labbook.example"
        )
    if environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):
        raise SettingError("FLASK_DEBUG is set: debug mode never runs in production. Unset it.")


def _number(value: Mapping[str, str], name: str) -> int:
    try:
        return int(value[name])
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {value[name]!r}") from None


def _at_least(least: int, value: Mapping[str, str], name: str) -> int:
    number = _number(value, name)
    if number < least:
        raise SettingError(f"{name} must be {least} or more, not {number}")
    return number


def _roles(listed: str) -> frozenset[str]:
    roles = frozenset(filter(None, (one.strip() for one in listed.split(","))))
    if unknown := sorted(roles - set(ROLES)):
        raise SettingError(f"LABBOOK_SECOND_FACTOR_FOR names no role of ours: {', '.join(unknown)}")
    return roles


def _provider(value: Mapping[str, str]) -> dict[str, str]:
    issuer = value["LABBOOK_OIDC_ISSUER"]
    for name in ("LABBOOK_OIDC_CLIENT_ID", "LABBOOK_OIDC_CLIENT_SECRET"):
        if issuer and not value[name]:
            raise SettingError(f"{name} is missing: without it nobody can sign in by {issuer}")
    if issuer and value["LABBOOK_ENV"] == "production" and not issuer.startswith("https://"):
        raise SettingError("LABBOOK_OIDC_ISSUER must begin with https:// in production")
    return {
        name: value[f"LABBOOK_{name}"] for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME")
    }


def _mail_folder(database_url: str) -> str:
    """Where letters are kept when there is no mail server: beside the SQLite file, or where the program was started."""
    file = Path(database_url.removeprefix("sqlite:///")) if database_url.startswith("sqlite:///") else Path("-")
    return (file.parent.resolve() / "mail").as_uri()


def _absolute(url: str) -> str:
    """A relative SQLite file is meant from where the program was started, not from Flask's instance folder."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and url != "sqlite:///:memory:":
        return prefix + str(Path(url.removeprefix(prefix)).resolve())
    return url
