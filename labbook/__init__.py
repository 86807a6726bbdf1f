"""LabBook: the booking system of an open-innovation lab."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from . import models  # noqa: F401 - so that migrations see every table
from .db import db, engine_options

HERE = Path(__file__).parent


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The WSGI application: configuration, extensions, blueprints, errors and commands."""
    app = Flask(__name__, template_folder=str(_beside("templates")))
    app.config.update(_settings())
    app.config.update(overrides or {})
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    db.init_app(app)
    Migrate(app, db, directory=str(_beside("migrations")), compare_type=True)
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, proxies, proxies)  # type: ignore[method-assign]
    return app


def _beside(name: str) -> Path:
    """A folder that lies at the top of a checkout, and inside the package once installed from a wheel."""
    inside = HERE / name
    return inside if inside.is_dir() else HERE.parent / name


def _settings() -> dict[str, object]:
    try:
        import config
    except ImportError:  # installed from a wheel
        from . import config  # type: ignore[attr-defined,no-redef]
    return config.read()
