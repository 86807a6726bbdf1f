"""Files have addresses that name their version, and are kept by browsers for good; pages come packed."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask, url_for

from labbook.web import files, packing
from labbook.web.public import ALIKE
from tests.browsing import Visitor, on_sqlite
from tests.cast import Cast


def address(app: Flask, filename: str) -> str:
    """A file's address of today."""
    with app.test_request_context():
        return url_for("static", filename=filename)


@on_sqlite
def test_a_file_of_this_version_is_kept_for_good_and_one_of_another_is_not(app: Flask, lab: Cast) -> None:
    now = Visitor(app).get(address(app, "app.css"))
    assert (now.status_code, now.mimetype) == (200, "text/css")
    assert now.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    before = Visitor(app).get("/static/000000000000/app.css")
    assert (before.data, before.headers["Cache-Control"]) == (now.data, "no-cache")


@on_sqlite
def test_a_file_asks_for_no_session(app: Flask, lab: Cast) -> None:
    answer = Visitor(app, "ben").get(address(app, "app.css"))
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"


@on_sqlite
@pytest.mark.parametrize("path", ["a" * 300, "css/" + "a" * 300, "a/" * 2000, "css/", "../sw.js", "..%2fdb.py", "x"])
def test_what_is_no_file_of_ours_is_not_there(app: Flask, lab: Cast, path: str) -> None:
    assert Visitor(app).get(f"/static/0/{path}").status_code == 404


@on_sqlite
def test_scripts_find_one_another_within_their_version(app: Flask, lab: Cast) -> None:
    for path in files.FOLDER.glob("*.js"):
        assert re.findall(r"from '(?!\./)", path.read_text()) == [], path.name


def test_a_script_goes_out_without_its_comments_and_each_line_keeps_its_number() -> None:
    script = "// why\nimport { a } from './a.js';\n/** A\n  * b */\nif (a) {\n  a(); // at once\n  b('// c');\n}\n"
    assert files.for_the_way(script) == (
        "\nimport { a } from './a.js';\n\n\nif (a) {\na(); // at once\nb('// c');\n}\n"
    )
    for path in files.FOLDER.glob("*.js"):
        text = path.read_text()
        assert text.count("\n") == files.for_the_way(text).count("\n")
        odd = [line for line in text.splitlines() if line.count("`") % 2]
        assert odd == [], f"{path.name}: indents belong to a text of several lines"


def test_what_moves_bookings_on_a_board_is_small() -> None:
    scripts = ("axis.js", "board.js", "drag.js", "hand.js", "keys.js")
    sent = {one: files.for_the_way((files.FOLDER / one).read_text()).encode() for one in scripts}
    sizes = {one: len(packing.packed(body, effort=9)) for one, body in sent.items()}
    assert sum(sizes.values()) < 11_500, sizes


@on_sqlite
@pytest.mark.parametrize(
    "path", ["..%2fsettings.py", "../settings.py", "vendor/.stamp", "css", "", "none.css", "css/%00"]
)
def test_nothing_else_is_sent(app: Flask, lab: Cast, path: str) -> None:
    assert Visitor(app).get(f"/static/{files.version()}/{path}").status_code == 404


@on_sqlite
@pytest.mark.parametrize("path", ["/sites/tsukuba/day", "/resources", "/static/old/app.css"])
@pytest.mark.parametrize(
    ("wanted", "is_packed"), [("gzip, br", True), ("gzip;q=0", False), ("br", False), ("", False), ("*", False)]
)
def test_text_comes_packed_for_those_who_ask_for_it(
    app: Flask, lab: Cast, path: str, wanted: str, is_packed: bool
) -> None:
    plain = Visitor(app, "ben").get(path)
    answer = Visitor(app, "ben").get(path, headers={"Accept-Encoding": wanted})
    assert ("Content-Encoding" in answer.headers) is is_packed
    assert "Accept-Encoding" in answer.headers["Vary"]
    body = gzip.decompress(answer.data) if is_packed else answer.data
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert len(body) == len(plain.data)
    assert len(answer.data) < len(plain.data) or not is_packed


def test_how_long_a_packed_page_is_does_not_tell_what_is_in_it() -> None:
    body = b"a page" * 500
    lengths = {len(packing.lengthened(body)) for _ in range(200)}
    assert len(lengths) > 20
    assert {gzip.decompress(packing.lengthened(body)) for _ in range(20)} == {body}


@on_sqlite
def test_what_is_short_or_no_text_is_not_packed(app: Flask, lab: Cast) -> None:
    for path in ("/healthz", "/robots.txt"):
        assert "Content-Encoding" not in Visitor(app).get(path, headers={"Accept-Encoding": "gzip"}).headers


@on_sqlite
def test_what_is_answered_alike_is_answered_alike(app: Flask, lab: Cast) -> None:
    """Of each of its routes without parts the same bytes in the same language, signed in or not, and no cookie."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in ALIKE]
    assert {rule.endpoint for rule in rules} == ALIKE
    for path in (*(rule.rule for rule in rules if not rule.arguments), "/offline/ja", "/icons/icon-192.png"):
        nobody, ben = (visitor.get(f"{path}?lang=ja") for visitor in (Visitor(app), Visitor(app, "ben")))
        assert (ben.status_code, ben.data) == (nobody.status_code, nobody.data), path
        assert "Set-Cookie" not in ben.headers, path
