"""The design: whoever sees little can read it, sizes come from the tokens, and each page loads what it uses."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from labbook.web import tokens
from labbook.web.files import FOLDER
from labbook.web.tokens import Colour
from tests.browsing import Visitor
from tests.house.tree import ROOT

SHEETS = sorted(FOLDER.glob("css/*.css"))
EVERYWHERE = {"forms", "parts"}  # but for the boards, which do without the parts


@pytest.mark.parametrize("pair", tokens.pairs(), ids=lambda pair: f"{pair.ink} on {pair.ground}")
def test_every_ink_is_clear_on_every_ground_in_light_and_in_dark(pair: tokens.Pair) -> None:
    assert min(pair.light, pair.dark) >= pair.least


def test_every_colour_is_measured_or_only_an_ornament() -> None:
    measured = {name for ink, grounds, _ in tokens.PAIRS for name in (ink, *grounds)}
    assert set(tokens.colours()) == measured | tokens.ORNAMENTS


def test_contrast_is_measured_as_wcag_does() -> None:
    black, white = Colour.read("oklch(0 0 0)"), Colour.read("oklch(1 0 0)")
    grey = Colour.read("oklch(0.5999 0 0)")  # about #808080
    assert tokens.contrast(black, white) == pytest.approx(21, abs=0.01)
    assert tokens.contrast(white, grey) == pytest.approx(3.95, abs=0.05)
    red = Colour.read("oklch(0.62796 0.25768 29.234)")  # #ff0000
    assert tokens.contrast(white, red) == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("sheet", [FOLDER / "app.css", *SHEETS], ids=lambda path: path.stem)
def test_no_style_has_a_size_of_type_of_its_own(sheet: Path) -> None:
    """What is read across a room or printed is measured otherwise."""
    css = sheet.read_text("utf-8")
    css = css[css.index("@layer base") :] if sheet.name == "app.css" else css
    screen = re.sub(r"@media print \{.*", "", css, flags=re.DOTALL) if "@media print" in css else css
    own = re.findall(r"font-size: (?!var\(|max\(|clamp\(|0[;} ]|inherit)[^;}]+", screen)
    assert len(own) <= OWN_SIZES.get(sheet.stem, 0), own


OWN_SIZES = {"parts": 1, "signs": 99, "sheets": 99}  # the number of an error page; walls; paper


@pytest.mark.parametrize("sheet", [FOLDER / "app.css", *SHEETS], ids=lambda path: path.stem)
def test_a_step_of_space_is_called_by_its_name(sheet: Path) -> None:
    """Between parts there are the steps of the tokens; less than the smallest is for the eye alone."""
    css = re.sub(r"@layer tokens \{.*?\n\}", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    steps = re.findall(r"--space-\d: ([\d.]+rem)", (FOLDER / "app.css").read_text("utf-8"))
    spaces = re.findall(r"(?<![\w-])(?:gap|(?:row|column)-gap|padding[a-z-]*|margin[a-z-]*): ([^;}]+)", css)
    assert len(steps) == 7
    assert [space for space in spaces if set(space.split()) & set(steps)] == []


def test_letters_stand_apart_only_in_latin() -> None:
    """Japanese is set without letter-spacing and without slanted letters."""
    for sheet in [FOLDER / "app.css", *SHEETS]:
        for line in sheet.read_text("utf-8").splitlines():
            if "letter-spacing" in line and "letter-spacing: 0;" not in line and ":lang(en)" not in line:
                assert ".secret" in line or "code" in line, f"{sheet.name}: {line.strip()}"
            assert "font-style: italic" not in line, sheet.name


def _used(page: Path) -> set[str]:
    """The sheets that a page links beside the two of every page, those of what it extends with them."""
    text = page.read_text("utf-8")
    named = {name for call in re.findall(r"sheets\(([^)]*)\)", text) for name in re.findall(r"'([\w-]+)'", call)}
    named |= set(re.findall(r"css/([\w-]+)\.css", text))
    above = re.search(r"extends '([\w/.-]+)'", text)
    if above and above[1] != "base.html" and (ROOT / "templates" / above[1]).exists():
        named |= _used(ROOT / "templates" / above[1])
    return named


def test_a_page_links_sheets_that_are_there_and_every_sheet_is_linked() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    linked = {name for page in pages for name in _used(page)} | EVERYWHERE
    papers = {name for name in linked | {sheet.stem for sheet in SHEETS} if name.startswith("page-")}  # chosen by code
    assert linked - papers == {sheet.stem for sheet in SHEETS} - papers


def test_the_styles_of_the_board_of_a_day_are_light() -> None:
    names = _used(ROOT / "templates/bookings/day.html")
    assert "parts" not in re.sub(
        r"\{% block parts %\}\{% endblock %\}", "", (ROOT / "templates/bookings/day.html").read_text()
    )
    sheets = [FOLDER / "app.css", *(FOLDER / f"css/{name}.css" for name in names | {"forms"})]
    assert sum(len(gzip.compress(sheet.read_bytes(), 9)) for sheet in sheets) < 14_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_style_page_shows_all_there_is(app: Flask, language: str) -> None:
    answer = Visitor(app).get("/style", headers={"Accept-Language": language})
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert ("ボタン" if language == "ja" else "Buttons") in page
    for name in tokens.colours():
        assert f"--{name}<" in page
    for symbol in re.findall(r'<symbol id="([a-z-]+)"', (FOLDER / "icons.svg").read_text("utf-8")):
        assert f"icons.svg#{symbol}" in page


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_style_page_is_not_there_in_production(app: Flask) -> None:
    before, app.config["ENV_NAME"] = app.config["ENV_NAME"], "production"
    try:
        assert Visitor(app).get("/style").status_code == 404
    finally:
        app.config["ENV_NAME"] = before


def test_nothing_is_styled_that_no_page_has() -> None:
    """A class stands somewhere as it is, or is put together in a template from its first part."""
    places = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "labbook").rglob("*.py"), *FOLDER.glob("*.js")]
    said = "\n".join(path.read_text("utf-8") for path in places)
    words = set(re.findall(r"[A-Za-z][\w-]*", said))
    made = set(re.findall(r"([a-z-]+-)(?:\{\{|' ~|\{)", said))
    dead = {
        f"{sheet.stem}: .{name}"
        for sheet in [FOLDER / "app.css", *SHEETS]
        for name in _classes(sheet.read_text("utf-8"))
        if name not in words | FOREIGN and not any(name.startswith(part) for part in made)
    }
    assert dead == set()


FOREIGN = {"htmx-request"}  # set by a library


def _classes(css: str) -> set[str]:
    """The classes that selectors of a sheet name."""
    bare = re.sub(r"/\*.*?\*/|@(?:layer|media|container|keyframes|page|supports)[^{]*\{", "", css, flags=re.DOTALL)
    selectors = " ".join(re.findall(r"([^{}]+)\{", bare))
    return set(re.findall(r"\.([A-Za-z][\w-]*)", selectors))
