"""Where one goes on to after signing in: a path of ours, whatever spelling another address comes in."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import redirect
from hypothesis import given
from hypothesis import strategies as st

from labbook.web import safe_next

OURS = "https://lab.example/sign-in"


def where_a_browser_goes(location: str) -> str:
    """The host that a browser ends up at from a page of ours, by the rules that browsers share.

    They drop tabs and line ends, trim blanks and controls, and read a backslash as a slash (WHATWG URL standard).
    """
    cleaned = "".join(char for char in location if char not in "\t\r\n").strip("".join(map(chr, range(33))))
    return urlsplit(urljoin(OURS, cleaned.replace("\\", "/"))).netloc


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/bookings",
        "/sites/tsukuba/day?on=2026-11-24",
        "/resources/tsukuba-confocal-1/book?from=2026-11-24T09:00&to=2026-11-24T10:30&unit=a#top",
        "/resources?q=共焦点",
        "/resources?q=https://elsewhere.example",
        "/a:b",
        "/%2F/elsewhere.example",
        "/@elsewhere.example",
    ],
)
def test_a_path_of_ours_is_gone_on_to(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//elsewhere.example",
        "///elsewhere.example",
        "////elsewhere.example/path",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "\\/elsewhere.example",
        "/path\\..\\..\\elsewhere.example",
        "https://elsewhere.example",
        "https:elsewhere.example",
        "https:/elsewhere.example",
        "HTTPS://elsewhere.example",
        "http://lab.example@elsewhere.example",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "mailto:a@elsewhere.example",
        "/\t/elsewhere.example",
        "/\n/elsewhere.example",
        "/\r\n/elsewhere.example",
        "\t//elsewhere.example",
        "\t/path",
        " /path",
        " //elsewhere.example",
        "/path\r\nSet-Cookie: a=b",
        "/path\x00",
        "/\u2028/elsewhere.example",
        "/\u202egnp.exe",
        "/\ud800",
        "%2F%2Felsewhere.example",
        "%09//elsewhere.example",
        "／／elsewhere.example",
        "elsewhere.example",
        "bookings",
        "?next=/",
        "#top",
        ".//elsewhere.example",
        "//[",
        "//\u2100.example",
    ],
)
def test_anything_else_leads_home(target: str | None) -> None:
    assert safe_next(target) == "/"
    assert safe_next(target, "/bookings") == "/bookings"


PIECES = (
    *("/", "\\", "//", "\t", "\n", "\r", "\x00", " ", ".", "..", ":", "@", "?", "#", "[", "]"),
    *("%2f", "%5c", "%09", "／", "⁄", "\u2028", "\u202e", "path", "ﾊﾟｽ"),
    *("javascript:", "https:", "http://", "elsewhere.example", "lab.example"),
)
spellings = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@given(spellings | st.text())
def test_no_spelling_leads_elsewhere(target: str) -> None:
    chosen = safe_next(target, "/home")
    assert chosen in (target, "/home")
    assert where_a_browser_goes(chosen) == "lab.example"
    assert where_a_browser_goes(redirect(chosen).location) == "lab.example"


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=30))
def test_a_path_that_we_would_write_ourselves_is_always_kept(text: str) -> None:
    target = "/resources?q=" + quote(text)
    assert safe_next(target) == target


def test_the_browser_of_these_tests_does_go_elsewhere() -> None:
    for target in ("//elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example", " //elsewhere.example"):
        assert where_a_browser_goes(target) == "elsewhere.example"
