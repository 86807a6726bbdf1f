"""Who may import whom below labbook/: the table of the design as data, and the reading of the code against it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

SLICES = frozenset(
    [
        "catalogue",
        "people",
        "agreements",
        "trainings",
        "bookings",
        "feeds",
        "messages",
        "notices",
        "reports",
        "rules",
        "waiting",
        "desk",
        "home",
        "pocket",
        "signs",
    ]
)
WEB = frozenset({"babel", "flask", "flask_babel", "flask_login", "flask_wtf", "jinja2", "markupsafe", "werkzeug"})
SIGNING_IN = "authlib cryptography joserfc pyotp requests zxcvbn"
EVERYBODY = frozenset({"*"})


@dataclass(frozen=True)
class Layer:
    """What a layer may import, besides the standard library."""

    ours: frozenset[str] = frozenset()  # layers, of whichever slice
    own: frozenset[str] = frozenset()  # layers of the same slice only
    theirs: frozenset[str] = frozenset()  # packages of others


def layer(ours: str = "", own: str = "", theirs: str | frozenset[str] = "") -> Layer:
    packages = theirs if isinstance(theirs, frozenset) else frozenset(theirs.split())
    return Layer(frozenset(ours.split()), frozenset(own.split()), packages)


TABLE = {
    "core": layer("core", theirs="dateutil holidays"),
    "ical": layer("core ical", theirs="dateutil icalendar"),
    "db": layer("core db", theirs="sqlalchemy flask_sqlalchemy"),
    "models": layer("core db models", theirs="sqlalchemy"),
    "queries": layer("core ical db models", own="queries", theirs="sqlalchemy"),
    # Services of any slice flag bookings, which ends what waits to become of them.
    "flags": layer("core db models queries", own="service", theirs="sqlalchemy"),
    "service": layer(
        "core ical db models queries flags",
        own="service",
        theirs=f"argon2 dateutil jinja2 sqlalchemy {SIGNING_IN}",
    ),
    # The waiting list's service stands above that of bookings: what was waited for is booked the one way.
    "above": layer("core ical db models queries service", own="above", theirs="sqlalchemy"),
    "forms": layer("core web", own="forms", theirs="flask_babel flask_wtf wtforms"),
    "pages": layer("core web pages", theirs="flask_babel"),
    "drawing": layer("core ical web queries service above pages drawing", own="forms", theirs=WEB),
    "views": layer(
        "core ical web queries flags service above pages drawing",
        own="forms views",
        theirs=WEB | {"itsdangerous"},
    ),
    "web": layer("core db queries web", theirs=WEB | {"segno", "sqlalchemy", "wtforms"}),
    "demo": layer("core ical db models queries service above demo", theirs="dateutil sqlalchemy"),
    "edge": Layer(EVERYBODY, EVERYBODY, EVERYBODY),
}

ROOMS = {  # the first name below labbook/ that is no slice
    **{name: name for name in ("core", "db", "models", "web", "demo")},
    **dict.fromkeys(("__main__", "bench", "cli", "health", "serve", "settings", "startup", "worker"), "edge"),
    "api": "views",
    "column_types": "db",
    "engines": "db",
    "lookup": "db",
    "config": "config",
}
PLACES = {  # the first name below a slice; any other module there serves the service
    **{name: name for name in ("queries", "forms", "views", "pages")},
    "accounts": "queries",
    "calendars": "queries",
    "kept": "queries",
    "working": "queries",
    "deadline": "drawing",
    "named": "queries",
    "groups": "queries",
    "charges": "queries",
    "booked": "queries",
    "bookers": "queries",
    "scheduled": "queries",
    "offered": "queries",
    "links": "queries",
    "besides": "queries",
    "link_forms": "forms",
    "linked_pages": "pages",
    "room_forms": "forms",
    "room_pages": "drawing",
    "board": "pages",
    "narrowing": "pages",
    "agenda": "drawing",
    "window": "pages",
    "verdicts": "pages",
    "drawing": "drawing",
    "months": "pages",
    "half_days": "forms",
    "renewals": "queries",
    "renewing_forms": "forms",
    "linked_times": "forms",
    "residencies": "views",
    "flags": "flags",
    "flag_forms": "forms",
    "decision_forms": "forms",
    "reason_forms": "forms",
    "about": "drawing",
    "about_pages": "pages",
    "declined": "drawing",
    "comparing": "drawing",
    "remark_forms": "forms",
    "inbox": "drawing",
    "inbox_forms": "forms",
    "rows": "drawing",
    "sifting": "pages",
    "remarks": "drawing",
    "finding_forms": "forms",
    "more_forms": "forms",
    "series_forms": "forms",
    "series_pages": "drawing",
    "unit_forms": "forms",
    "units": "queries",
    "bookable": "queries",
    "beside": "queries",
    "dated": "drawing",
    "exceptions": "pages",
    "timeline": "pages",
    "afterwards": "pages",
    "changes": "pages",
    "change_forms": "forms",
    "proposal_forms": "forms",
    "proposals": "drawing",
    "closing_forms": "forms",
    "closings": "queries",
    "chosen": "queries",
    "choice_forms": "forms",
    "closed": "queries",
    "closing_pages": "pages",
    "imported": "queries",
    "near": "drawing",
    "at_hand": "drawing",
    "favourites": "queries",
    "import_pages": "drawing",
}


def layer_of(module: str) -> str:
    """The layer of a dotted module name of ours. Raises LookupError for one that the table does not place."""
    below = module.split(".")[1:]
    if not below:
        return "edge"
    if below[:2] == ["core", "ical"]:
        return "ical"
    if below[1:2] == ["service"] and below[0] in ("waiting", "desk"):
        return "above"
    if below[0] in SLICES:
        return PLACES.get(below[1], "service") if len(below) > 1 else "service"
    if below[0] not in ROOMS:
        raise LookupError(f"{module} has no layer: place it in tests/house/imports.py")
    return ROOMS[below[0]]


def imported(module: str, code: str, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that the code imports, wherever in it: functions and TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node, is_package)
            for alias in node.names:
                name = f"{origin}.{alias.name}"
                yield node.lineno, name if _exists(name) else origin


def _origin(module: str, node: ast.ImportFrom, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    up = node.level - 1 if is_package else node.level
    parts = module.split(".")
    return ".".join([*parts[: len(parts) - up], *filter(None, [node.module])])


def _exists(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path.is_dir() and module.startswith("labbook."))


def objections(module: str, code: str, is_package: bool = False) -> list[str]:
    """One line for each import that the table does not allow."""
    mine = layer_of(module)
    return [
        f"{module}:{line} ({mine}) imports {name}"
        for line, name in imported(module, code, is_package)
        if not _is_allowed(module, TABLE[mine], name)
    ]


def _is_allowed(module: str, rules: Layer, name: str) -> bool:
    top = name.partition(".")[0]
    if rules.theirs == EVERYBODY or top in sys.stdlib_module_names:
        return True
    if top not in {"labbook", "config"}:
        return top in rules.theirs
    target = layer_of(name) if top == "labbook" else "config"
    return target in rules.ours or (target in rules.own and _home(name) == _home(module))


def _home(module: str) -> str:
    return ".".join(module.split(".")[:2])


def name_of(path: Path) -> str:
    """labbook/core/interval.py → labbook.core.interval"""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
