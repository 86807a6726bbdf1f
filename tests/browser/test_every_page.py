"""Every page has no fault that axe finds, fits a screen of 320 px, and holds letters of twice the size.

`make test` looks at each once, in a combination of language, scheme and width that goes round; `make soak` at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import Served, planted
from tests.browser.looking import cut, faults
from tests.browser.pages import Place, places, rules_of_pages

RULES = rules_of_pages()
COMBINATIONS = list(product(("en", "ja"), ("light", "dark"), (1280, 390)))
Combination = tuple[str, str, int]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The lab with everything in it, served."""
    with planted(tmp_path_factory.mktemp("planted")) as served:
        yield served


class Desk:
    """One open browser page a person and language, kept from page to page."""

    def __init__(self, browser: Browser, served: Served) -> None:
        self.browser, self.served, self.language = browser, served, ""
        self.pages: dict[tuple[str | None, str], Page] = {}

    def look(self, place: Place, combination: Combination) -> list[str]:
        """Open a page, and tell what is wrong with it."""
        language, scheme, width = combination
        page = self._page(place.viewer, language)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        answer = page.goto(self.served.url + place.path)
        assert answer is not None
        assert answer.status == 200, f"{place}: {answer.status}"
        page.locator(".htmx-request").first.wait_for(state="detached")
        found = faults(page) + cut(page)
        return [f"{place} in {language}, {scheme}, {width} px: {one}" for one in found]

    def _page(self, viewer: str | None, language: str) -> Page:
        if language != self.language:
            self.served.speak(language)
            self.language = language
        key = viewer, language
        if key not in self.pages:
            self.pages[key] = self.served.page(self.browser, viewer, language)
        return self.pages[key]


@pytest.fixture(scope="module")
def desk(browser: Browser, served: Served) -> Iterator[Desk]:
    """Where pages are looked at."""
    desk = Desk(browser, served)
    yield desk
    for page in desk.pages.values():
        page.context.close()


@pytest.mark.parametrize("rule", RULES)
def test_a_page_has_no_fault(desk: Desk, rule: str) -> None:
    place = next(places(desk.served, rule), None)
    assert place is not None, f"nobody in the lab has a page at {rule}: plant what it needs, or say why it is none"
    found = desk.look(place, COMBINATIONS[RULES.index(rule) * 3 % len(COMBINATIONS)])
    assert not found, "\n".join(found)


@pytest.mark.soak
@pytest.mark.parametrize("rule", RULES)
def test_a_page_has_no_fault_in_any_combination_and_for_anybody(desk: Desk, rule: str) -> None:
    first, *others = places(desk.served, rule)
    found = [fault for combination in COMBINATIONS for fault in desk.look(first, combination)]
    for number, place in enumerate(others):
        found += desk.look(place, COMBINATIONS[number * 3 % len(COMBINATIONS)])
    assert not found, "\n".join(found)


def test_a_fault_is_found(desk: Desk) -> None:
    """The looking is worth something: a page with faults of each kind has them all."""
    page: Any = desk._page(None, "en")
    page.set_viewport_size({"width": 320, "height": 800})
    page.set_content(
        "<html lang=en><title>t</title><main><h1>Faults</h1><p style='color:#aaa;background:#fff'>Too pale</p>"
        "<p style='width:900px'>Wide</p>"
        "<p style='width:3em;overflow:hidden;white-space:nowrap'>Cut off on the right</p>"
    )
    found = " ".join(faults(page) + cut(page))
    assert "color-contrast" in found
    assert "wider than a screen of 320 px" in found
    assert "cut off: p." in found
