"""The house is built as the design says: who imports whom, one commit, no clock in core, small files, plain names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.imports import name_of, objections
from tests.house.tree import ROOT, sources, tracked

PYTHON = sources(".py")
TOP = {
    *("labbook", "migrations", "templates", "tests", "config.py", "pyproject.toml", "README.md"),
    *("LICENSE", "Makefile", "hatch_build.py", "package.json", "package-lock.json", "requirements", "tools"),
}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
CLOCKS = {"now", "utcnow", "today"}
LONGEST = 300


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_imports_go_downwards(path: Path) -> None:
    assert objections(name_of(path), text(path), path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("labbook.core.rules", "import sqlalchemy"),
        ("labbook.core.rules", "import icalendar"),
        ("labbook.core.rules", "from labbook.models import site"),
        ("labbook.models.site", "def f():\n    from flask import current_app"),
        ("labbook.bookings.queries", "from labbook.people import queries"),
        ("labbook.bookings.queries", "from labbook.bookings.forms import BookForm"),
        ("labbook.bookings.service", "if TYPE_CHECKING:\n    from labbook.feeds.service import make"),
        ("labbook.bookings.service", "from labbook.web import now"),
        ("labbook.bookings.service", "from flask_login import current_user"),
        ("labbook.bookings.forms", "from labbook.models.site import Site"),
        ("labbook.bookings.views", "from labbook.db import db"),
        ("labbook.bookings.views", "from labbook.feeds.forms import FeedForm"),
        ("labbook.bookings.board", "import flask"),
        ("labbook.bookings.board", "from . import queries"),
        ("labbook.bookings.service", "from labbook.waiting.service import serve"),
        ("labbook.waiting.queries", "from labbook.bookings.service import request"),
        ("labbook.waiting.service.answering", "import flask"),
        ("labbook.api.views", "from ..models.site import Site"),
        ("labbook.demo.lab", "import flask"),
        ("labbook.web", "from labbook import create_app"),
        ("labbook.web", "import labbook.cli"),
        ("labbook.web", "import config"),
    ],
)
def test_the_table_refuses(module: str, code: str) -> None:
    assert objections(module, code) != []


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("labbook.core.ical", "import icalendar"),
        ("labbook.bookings.service", "from labbook.people.queries import person"),
        ("labbook.bookings.views", "from labbook.bookings.service import request"),
        ("labbook.waiting.service.answering", "from labbook.bookings.service import request"),
        ("labbook.bookings.views", "from .forms import BookForm"),
        ("labbook.feeds.views", "import labbook.people.service"),
        ("labbook.cli", "from labbook.models.site import Site\nimport config, click"),
    ],
)
def test_the_table_allows(module: str, code: str) -> None:
    assert objections(module, code) == []


def test_only_db_commits() -> None:
    assert [str(path) for path in PYTHON if ".commit(" in text(path)] in ([], ["labbook/db.py"])


def test_only_config_reads_the_environment() -> None:
    assert [str(path) for path in PYTHON if re.search(r"\bos\.(environ|getenv)\b|from os import", text(path))] == []


def clock_reads(code: str) -> list[str]:
    """Where the code asks what time it is. A fact may be called `now`; nothing may be asked for it."""
    nodes = list(ast.walk(ast.parse(code)))
    asked = [node.func for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    named = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).split(".")[-1] in {"date", "datetime"}
    ]
    clocks = {f"{node.lineno}: {ast.unparse(node)}" for node in [*asked, *named] if node.attr in CLOCKS}
    modules = {
        f"{node.lineno}: {ast.unparse(node)}"
        for node in nodes
        if (isinstance(node, ast.Import) and "time" in {alias.name for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module == "time")
    }
    return sorted(clocks | modules)


@pytest.mark.parametrize("path", [path for path in PYTHON if path.parts[1] == "core"], ids=str)
def test_core_reads_no_clock(path: Path) -> None:
    assert clock_reads(text(path)) == []


@pytest.mark.parametrize(
    "code", ["datetime.now(UTC)", "dt.date.today()", "field(default_factory=datetime.utcnow)", "import time"]
)
def test_a_clock_is_noticed(code: str) -> None:
    assert clock_reads(code) != []


def test_names_say_something() -> None:
    assert [str(path) for path in PYTHON if VAGUE & {path.stem, *path.parent.parts}] == []


def test_files_are_small() -> None:
    lengths = {str(path): len(text(path).splitlines()) for path in sources(".py", ".js")}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_the_top_level_is_the_fixed_one() -> None:
    names = {path.split("/")[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} - TOP == set()
