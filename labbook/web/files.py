"""Our style sheets, scripts and pictures, at addresses that name their version, so that browsers keep them for good.

The version is one hash over all of them, and stands as a folder in the address: what one file says of another by a
relative address is then of the same version.
"""

from __future__ import annotations

import functools
import hashlib
import mimetypes
import os.path
import re
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from . import packing

FOLDER = Path(__file__).parents[1] / "static"
FOR_GOOD = "public, max-age=31536000, immutable"
_TEXT = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/manifest+json"})
_EFFORT = 9
_VENDOR = FOLDER / "vendor"
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?:(?!\*/).|\n)*\*/[ \t]*)$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)

mimetypes.add_type("text/javascript", ".js")  # some systems know it by another name


def install(app: Flask) -> None:
    """Serve the files; `url_for('static', filename=…)` gives the address with the version."""
    app.add_url_rule("/static/<version>/<path:filename>", "static", _file)
    app.url_defaults(_with_version)


@functools.cache
def version() -> str:
    """The hash over all files that are served."""
    whole = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:12]


def _with_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static":
        values.setdefault("version", version())


def _file(version: str, filename: str) -> Response:
    """One file. Of another version than asked for, as after an upgrade, it is sent, but not kept."""
    kind, body, small = _read(filename)
    is_small = small is not None and packing.is_wanted(request.environ)
    response = Response(small if is_small else body, mimetype=kind)
    response.headers["Cache-Control"] = FOR_GOOD if version == _current() else "no-cache"
    if small is not None:
        response.vary.add("Accept-Encoding")
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    return response


def for_the_way(script: str) -> str:
    """A script of ours without what only its readers need, a quarter of its bytes; each line keeps its number."""
    bare = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), script)
    return _INDENT.sub("", bare)


_current = version  # the parameter of the address hides the name


@functools.lru_cache(maxsize=256)
def _read(filename: str) -> tuple[str, bytes, bytes | None]:
    """Its type, its bytes, and the same packed if it is text. Raises NotFound."""
    path = safe_join(str(FOLDER), filename)
    if path is None or not os.path.isfile(path) or Path(path).name.startswith("."):  # noqa: PTH113 - Path's own raises for a name that is too long
        raise NotFound
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    body = Path(path).read_bytes()
    if kind == "text/javascript" and _VENDOR not in Path(path).parents:
        body = for_the_way(body.decode()).encode()
    return kind, body, packing.packed(body, effort=_EFFORT) if kind in _TEXT else None
