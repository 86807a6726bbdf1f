"""The sign itself: for tablets, which have neither account nor cookie."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_babel import force_locale

from ...core.tokens import token_hash
from ...web import language, now
from ...web.pictures import qr_code
from ...web.prefix import outside
from .. import queries, service
from ..drawing.face import face_of
from . import bp

_LONGEST_TOKEN = 100
_LOOKS = ("light", "dark")  # whatever the tablet itself prefers


@bp.get("/signs/<token>")
def sign(token: str) -> Response:
    """The sign's present state; 404 for an unknown link, 410 for a sign that has ended or has nothing to show.

    All of them are such pages as sign.js takes over into the one that the tablet shows.
    """
    found = queries.door(token_hash(token)) if len(token) <= _LONGEST_TOKEN else None
    if found is None:
        return _told("signs/ended.html", 404, language(), is_known=False)
    if service.is_due(found.sign, now()):
        service.note_seen(found.sign.id, now=now())
        found = queries.door(token_hash(token)) or found
    if found.sign.ended_at is not None or not found.resources:
        return _told("signs/ended.html", 410, found.sign.language, is_known=True)
    words = found.sign.language
    with force_locale(words):
        face = face_of(found, _page(), now=now(), language=words)
    path = f"/resources/{face.rows[0].slug}/now"
    if face.is_area:
        path = f"/now?site={face.site_slug}&area={face.area_slug}"
    picture = qr_code(outside(path))
    return _told("signs/sign.html", 200, words, face=face, other="en" if words == "ja" else "ja", picture=picture)


def _page() -> int:
    asked = request.args.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 3 else 0


def _told(template: str, code: int, words: str, **values: object) -> Response:
    look = request.args.get("look", "")
    with force_locale(words):
        body = render_template(template, language=words, look=look if look in _LOOKS else "", **values)
    response = make_response(body, code)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
