"""LabBook as an app: what a phone needs to install it, and what it may keep for when there is no network."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any, cast

from flask import Response, current_app, g, jsonify, render_template, url_for
from flask_babel import force_locale, gettext
from flask_login import current_user
from werkzeug.exceptions import NotFound

from ...catalogue import queries as catalogue
from ...core.language import LANGUAGES
from ...web import (
    SignedIn,
    actor_or_none,
    files,
    language,
    linked_language,
    login_required,
    now,
    sentences,
    signed_in,
    times,
)
from ..icons import png
from ..mine import own_ahead
from . import Answer, bp

A_DAY_MS = 86400 * 1000
_ICONS = {"icon-192": (192, False), "icon-512": (512, False), "mask-512": (512, True), "touch-180": (180, True)}
_OFFLINE_FILES = ("app.css", "css/forms.css", "css/pocket.css", "offline.js")
_WORKER = Path(files.FOLDER, "sw.js")


@bp.app_context_processor
def whose() -> dict[str, Any]:
    """By what pages tell one person's phone from another's; empty when nobody is signed in, None when it is unknown."""
    if "plain_error" in g:
        return {"pocket_of": None}
    return {"pocket_of": _mark(cast(SignedIn, current_user).session.actor.person_id) if actor_or_none() else ""}


def _mark(person_id: int) -> str:
    """A name for a person that says nothing of them, and that nobody else can work out."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, f"pocket {person_id}".encode(), "sha256").hex()[:24]


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """What the app is called and looks like (W3C Web Application Manifest); browsers ask without a cookie.

    Its language goes by the address alone, since caches keep it for everybody.
    """
    words = linked_language() or "en"
    with force_locale(words):
        said = _manifest(words)
    response = Response(json.dumps(said, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _manifest(words: str) -> dict[str, Any]:
    root = url_for("people.sign_in").removesuffix("sign-in")
    purposes = {"icon-192": "any", "icon-512": "any", "mask-512": "maskable"}
    icons = [
        {
            "src": url_for(".icon", name=name),
            "sizes": f"{_ICONS[name][0]}x{_ICONS[name][0]}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, purpose in purposes.items()
    ]
    shortcuts = [
        {"name": gettext("Free now"), "url": url_for(".now")},
        {"name": gettext("My bookings"), "url": url_for("bookings.mine")},
    ]
    return {
        "id": root,
        "name": "LabBook",
        "short_name": "LabBook",
        "description": gettext("Benches, instruments and rooms of the lab: free now, mine next."),
        "lang": words,
        "start_url": root,
        "scope": root,
        "display": "standalone",
        "background_color": "#f6f9fa",
        "theme_color": "#0b4a58",
        "icons": icons,
        "shortcuts": shortcuts,
    }


@bp.get("/icons/<name>.png")
def icon(name: str) -> Response:
    """The app's icon, drawn when it is first asked for."""
    if name not in _ICONS:
        raise NotFound
    size, fills = _ICONS[name]
    response = Response(png(size, fills=fills), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=604800"
    return response


@bp.get("/sw.js")
def worker() -> Response:
    """The service worker, at the top so that it may answer for every page, with the addresses that it needs."""
    constants = {
        "RELEASE": files.version(),
        "OFFLINE": {one: url_for(".offline", lang=one) for one in LANGUAGES},
        "FILES": [f"{url_for('static', filename=name)}?offline" for name in _OFFLINE_FILES],
        "MINE": url_for(".mine"),
        "SIGN_OUT": url_for("people.sign_out"),
        "ELSEWHERE": [url_for("people.sign_in").removesuffix("sign-in") + one for one in ("signs/", "feeds/")],
    }
    said = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items())
    response = Response(said + _WORKER.read_text(encoding="utf-8"), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/offline/<lang>")
def offline(lang: str) -> Answer:
    """The page that a phone shows without a network: the same for everybody, in a language of its own.

    What was fetched in a session is not shown any more once no session of then can last.
    """
    if lang not in LANGUAGES:
        raise NotFound
    with force_locale(lang):
        oldest = current_app.config["SESSION_DAYS"] * A_DAY_MS
        return render_template("pocket/offline.html", language=lang, oldest_ms=oldest)


@bp.get("/now/mine.json")
@login_required
def mine() -> Answer:
    """One's own bookings ahead, as a phone keeps them: in words already, and of nobody else."""
    actor, words, at = signed_in(), language(), now()
    rows = own_ahead(actor, at)
    places = catalogue.places(row.unit_id for row in rows)
    sites = catalogue.sites_for(actor)
    home = next((one for one in sites if one.id == actor.home_site_id), sites[0] if sites else None)
    bookings = []
    for row in rows:
        place = places[row.unit_id]
        bookings.append(
            {
                "title": row.title,
                "resource": " ".join(filter(None, (place.resource.text(words), place.unit))),
                "when": times.when(row.time, place.zoneinfo, words, by_day=row.by_day),
                "zone": times.zone_label(place.zoneinfo, row.time.start),
                "state": sentences.state_label(row.state),
                "ends": row.time.end.isoformat(),
            }
        )
    said_at = times.moment(at, home.zoneinfo, words) if home else at.isoformat(timespec="minutes")
    return jsonify(who=_mark(actor.person_id), at=said_at, bookings=bookings)
