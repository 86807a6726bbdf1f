"""The style page: all parts of the design beside each other, for those who build pages. Not there in production."""

from __future__ import annotations

import re

from flask import Blueprint, abort, current_app, render_template

from . import tokens
from .files import FOLDER

bp = Blueprint("style", __name__)

_SYMBOL = re.compile(r'<symbol id="([a-z-]+)"')


@bp.get("/style")
def style() -> str:
    """Tokens with the contrast of each pair, icons, controls in each state, messages, empty states."""
    if current_app.config["ENV_NAME"] not in ("development", "demo"):
        abort(404)
    sizes = {name: value for name, value in tokens.tokens().items() if name.startswith(("text-", "space-"))}
    symbols = _SYMBOL.findall((FOLDER / "icons.svg").read_text("utf-8"))
    return render_template(
        "style.html", colours=sorted(tokens.colours()), pairs=tokens.pairs(), sizes=sizes, symbols=symbols
    )
