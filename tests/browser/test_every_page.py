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

# The longest form of the page is sent as if all had been rubbed out, past the browser's own checks.
SEND_EMPTY = """() => {
  const forms = [...document.querySelectorAll('main form[method=post]')];
  const form = forms.sort((one, two) => two.elements.length - one.elements.length)[0];
  for (const one of form.elements)
    if (one.matches('input:not([type=hidden], [type=radio], [type=checkbox]), textarea')) one.value = '';
  form.noValidate = true;
  form.requestSubmit();
}"""
REFUSED = [
    ("/sign-in", None),
    ("/join", None),
    ("/resources/tsukuba-plain/book", "hana"),
    ("/waiting/new?what=resource:tsukuba-plain", "hana"),
    ("/account", "hana"),
    ("/sites/tsukuba/closures/new", "sora"),
    ("/sites/tsukuba/faults/new", "sora"),
    ("/sites/tsukuba/trainings/schedule", "sora"),
    ("/sites/tsukuba/rules/new", "rin"),
    ("/resources/tsukuba-plain/terms", "rin"),
    ("/people/sites/tsukuba", "rin"),
]


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
        page = self.open(place, combination)
        return [f"{place} in {combination}: {one}" for one in faults(page) + cut(page)]

    def open(self, place: Place, combination: Combination) -> Page:
        """The page in the browser, all of it there."""
        language, scheme, width = combination
        page = self._page(place.viewer, language)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        answer = page.goto(self.served.url + place.path)
        assert answer is not None
        assert answer.status == 200, f"{place}: {answer.status}"
        page.locator(".htmx-request").first.wait_for(state="detached")
        return page

    def refuse(self, place: Place, combination: Combination) -> list[str]:
        """Send the page's form with nothing in it, and tell what is wrong with the answer."""
        page = self.open(place, combination)
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY)
        assert page.locator("[aria-invalid=true]").count(), f"{place}: no field is marked"
        assert page.evaluate("document.activeElement.matches('[aria-invalid=true], #main, body')")
        return [f"{place}, refused, in {combination}: {one}" for one in faults(page) + cut(page)]

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


@pytest.mark.parametrize(("path", "viewer"), REFUSED)
def test_a_form_that_comes_back_has_no_fault(desk: Desk, path: str, viewer: str | None) -> None:
    number = REFUSED.index((path, viewer))
    found = desk.refuse(Place(path, viewer), COMBINATIONS[number * 3 % len(COMBINATIONS)])
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
