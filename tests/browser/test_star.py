"""Stars in a browser: they turn without a reload, by the keyboard too, and without a script the page comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.lab import Served, planted

KEEP, DROP = "Keep as a favourite: Plate reader", "No longer a favourite: Plate reader"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The lab with everything in it, served."""
    with planted(tmp_path_factory.mktemp("stars")) as served:
        yield served


def test_a_star_turns_without_a_reload_and_stays_turned(browser: Browser, served: Served) -> None:
    served.speak("en")
    page: Page = served.page(browser, "hana", "en")
    page.goto(served.url + "/resources")
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_role("button", name=KEEP, exact=True).focus()
    page.keyboard.press("Enter")
    drop = page.get_by_role("button", name=DROP, exact=True)
    expect(drop).to_be_focused()
    assert page.evaluate("document.body.dataset.same") == "yes", "the page was loaded anew"
    page.goto(served.url + "/")
    expect(page.get_by_role("button", name=DROP, exact=True)).to_be_visible()
    page.get_by_role("button", name=DROP, exact=True).click()
    expect(page.get_by_role("button", name=KEEP, exact=True)).to_be_visible()
    page.reload()
    expect(page.locator(".star")).to_have_count(0)
    page.context.close()


def test_what_the_server_refuses_is_shown_by_the_page_that_comes_of_it(browser: Browser, served: Served) -> None:
    page: Page = served.page(browser, "hana", "en")
    page.goto(served.url + "/resources")
    page.evaluate("document.querySelector('#stars [name=csrf_token]').value = 'old'")
    page.get_by_role("button", name=KEEP, exact=True).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Resources")
    page.context.close()
