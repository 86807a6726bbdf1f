"""LabBook: the booking system of an open-innovation lab."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from . import cli, engines, models  # noqa: F401 - migrations need every table
from .agreements.views import bp as agreements_bp
from .bookings.views import bp as bookings_bp
from .catalogue.views import bp as catalogue_bp
from .db import READING, db
from .desk.views import bp as desk_bp
from .feeds.views import Polls
from .feeds.views import bp as feeds_bp
from .health import bp as health_bp
from .home.views import bp as home_bp
from .messages.views import bp as messages_bp
from .notices.views import bp as notices_bp
from .people.views import bp as people_bp
from .pocket.views import bp as pocket_bp
from .reports.views import bp as reports_bp
from .rules.views import bp as rules_bp
from .settings import config
from .signs.views import bp as signs_bp
from .trainings.views import bp as trainings_bp
from .waiting.views import bp as waiting_bp
from .web import (
    Sessions,
    babel,
    context,
    csrf,
    errors,
    files,
    headers,
    language,
    login,
    logs,
    packing,
    prefix,
    robots,
    style,
)

HERE = Path(__file__).parent
BLUEPRINTS = (
    people_bp,
    catalogue_bp,
    bookings_bp,
    agreements_bp,
    trainings_bp,
    feeds_bp,
    messages_bp,
    notices_bp,
    reports_bp,
    rules_bp,
    waiting_bp,
    desk_bp,
    signs_bp,
    pocket_bp,
    home_bp,
    health_bp,
    robots.bp,
    style.bp,
)

zoneinfo.reset_tzpath(())  # the rules of time zones come from the pinned tzdata, for pages and feeds alike


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The WSGI application: configuration, extensions, blueprints, errors and commands."""
    app = Flask(__name__, static_folder=None, template_folder=str(_beside("templates")))
    app.config.update(config.read())
    app.config.update(overrides or {})
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.session_interface = Sessions()
    _connect(app)
    Migrate(app, db, directory=str(_beside("migrations")))
    csrf.init_app(app)
    login.init_app(app, add_context_processor=False)  # it would ask the database for error pages too
    babel.init_app(app, locale_selector=language)
    for part in (packing, headers, errors, context, logs, files):
        part.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.install(app)
    app.wsgi_app = Polls(app)  # type: ignore[method-assign]
    if below := prefix.prefix_of(app.config["BASE_URL"]):
        app.wsgi_app = prefix.Prefix(app.wsgi_app, below)  # type: ignore[method-assign]
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]
    return app


def _connect(app: Flask) -> None:
    """Two engines on the one database: `db.engine` writes, the one named READING cannot."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engines.options_for(url)
    app.config["SQLALCHEMY_BINDS"] = {READING: {"url": url, **engines.options_for(url, reads=True)}}
    db.init_app(app)
    with app.app_context():
        engines.watch(db.engine)
        engines.forbid_writing(db.engines[READING])


def _beside(name: str) -> Path:
    """A folder that lies at the top of a checkout, and inside the package once installed from a wheel."""
    inside = HERE / name
    return inside if inside.is_dir() else HERE.parent / name
