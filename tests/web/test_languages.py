"""No page is half in one language: on Japanese pages stands no English that does not say so, and the reverse.

Nor do English marks stand behind Japanese words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import available_timezones

import pytest
from flask import Flask

from labbook.db import db
from tests.browser.lab import Served, planted
from tests.browser.pages import Place, places, rules_of_pages
from tests.browsing import Visitor
from tests.web.reading import left_of, pieces_of, typed

RULES = rules_of_pages()
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
HALF_WIDTH = re.compile("[\u3040-\u30ff\u3400-\u9fff][:,;!?](?= |$)")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z’'-]+")
# What Japanese writes in Latin letters: names of programs and formats, of keys, units, zones and standards.
# fmt: off
LATIN = [  # phrases before their words
    "Outlook on the web", "calendar.google.com", "vdirsyncer discover", "vdirsyncer sync", "vdirsyncer", "khal list",
    "khal", "[general]", "LabBook", "OpenID", "OpenDocument", "PowerPoint", "Office", "Outlook", "Google", "Webcal",
    "iCloud", "iCal", "ICSx5", "DAVx5", "JSON Lines", "Cookie", "iPhone", "iPad", "Mac", "Android", "Windows", "iOS",
    "macOS", "Linux", "Chrome", "Firefox", "Safari", "Edge", "Thunderbird", "KOrganizer", "Evolution", "Word",
    "Excel", "Web", "GxP", "Part", "Shift_JIS", "Escape", "Esc", "Enter", "Shift", "Page", "Home", "End", "Letter",
    "kB", "qPCR", "half-day", "min", "mo", "ics", "ifb", "Aa",
]
# fmt: on
_LATIN = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, LATIN))})(?![A-Za-z])")

# Pages that are made in one language, whoever opens them: for walls, and for phones without a network.
OF_ONE_LANGUAGE = ("/signs/", "/offline/")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The lab with everything in it."""
    with planted(tmp_path_factory.mktemp("languages")) as served:
        yield served


@pytest.fixture(scope="module")
def names(served: Served) -> tuple[list[str], list[str]]:
    """What may stand on a page of either language because somebody has typed it so; longest first."""
    with served.app.app_context():
        alone, both = typed()
        db.session.remove()
    japanese = {text for text in both if not JAPANESE.search(text)}
    english = {text for text in both if JAPANESE.search(text)}
    alone |= {zone.replace("_", " ") for zone in available_timezones()}
    english_pages, japanese_pages = alone | japanese, alone | english
    return sorted(english_pages, key=len, reverse=True), sorted(japanese_pages, key=len, reverse=True)


def foreign(page: str, language: str, names: list[str]) -> list[str]:
    """Pieces of a page that are in the other language and do not say so."""
    found = []
    for piece in pieces_of(page):
        if piece.lang != language:
            continue
        rest = left_of(piece.text, names)
        if language == "en":
            words = JAPANESE.findall(rest)
        else:
            words = [word for word in ENGLISH.findall(_LATIN.sub(" ", rest)) if not word.isupper()]
            words += HALF_WIDTH.findall(piece.text)
        if words:
            found.append(f"{piece.text[:120]!r} ({' '.join(words[:6])})")
    return found


def look(served: Served, place: Place, names: tuple[list[str], list[str]]) -> list[str]:
    """What is in the wrong language on a page, read in both."""
    told = []
    for language, known in zip(("en", "ja"), names, strict=True):
        path = f"{place.path}{'&' if '?' in place.path else '?'}lang={language}"
        with served.app.app_context():
            answer = served.visitor(place.viewer).get(path)
        assert answer.status_code == 200, path
        if f'<html lang="{language}"' not in answer.text:
            assert place.path.startswith(OF_ONE_LANGUAGE), path
            continue
        told += [f"{place} in {language}: {one}" for one in foreign(answer.text, language, known)]
    return told


@pytest.mark.parametrize("rule", RULES)
def test_a_page_is_all_in_its_language(served: Served, names: tuple[list[str], list[str]], rule: str) -> None:
    place = next(places(served, rule), None)
    assert place is not None, f"nobody in the lab has a page at {rule}"
    found = look(served, place, names)
    assert not found, "\n".join(found)


@pytest.mark.soak
@pytest.mark.parametrize("rule", RULES)
def test_a_page_is_all_in_its_language_for_everybody(
    served: Served, names: tuple[list[str], list[str]], rule: str
) -> None:
    found = [one for place in places(served, rule) for one in look(served, place, names)]
    assert not found, "\n".join(dict.fromkeys(found))


def test_what_is_in_the_wrong_language_is_found() -> None:
    """The looking is worth something."""
    ja = '<html lang="ja"><p title="Close it">休止</p><p lang="en">Fine</p><p>Send をください</p><b>Big Two</b></html>'
    assert len(foreign(ja, "ja", ["Big Two"])) == 2
    en = '<html lang="en"><p>Sent <span lang="ja">送信</span></p><input placeholder="検索"><p>佐藤 hears</p></html>'
    assert len(foreign(en, "en", ["佐藤"])) == 1


def test_pages_of_errors_are_all_in_their_language(app: Flask) -> None:
    visitor = Visitor(app)
    for path in ("/nothing-here", "/sign-in/code"):
        for language in ("en", "ja"):
            page = visitor.get(f"{path}?lang={language}", follow_redirects=True).text
            assert f'<html lang="{language}"' in page
            assert not foreign(page, language, []), path
