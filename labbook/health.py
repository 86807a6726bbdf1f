"""Whether this process can answer."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from .db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 when the database answers, else 503; for a load balancer, so it says nothing else."""
    try:
        db.session.execute(text("SELECT 1"))
    except DBAPIError:
        db.session.rollback()
        return Response("database away\n", 503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
