"""Lists of bookings, on screens of all widths and in both languages: nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live import served
from tests.browser.test_main_job import sign_in

WIDTHS = (1440, 1280, 1100, 900, 768, 390, 320)

# The parts of a row that lie over each other, and buttons that take more than a line.
FAULTS = """() => {
  const found = [];
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  for (const row of document.querySelectorAll('.booking')) {
    const buttons = '.booking-actions > .button, .booking-actions > * > .button';
    const parts = [...row.querySelectorAll(`.booking-what, .booking-when, .booking > .state, ${buttons}`)];
    const boxes = parts.map((one) => one.getBoundingClientRect());
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
      if (over(a, b)) found.push(`${parts[i].className} over ${parts[i + 1 + j].className}`);
    }));
    for (const button of row.querySelectorAll(buttons)) {
      const box = button.getBoundingClientRect();
      if (box.height > 46) found.push(`${button.textContent.trim()} is ${box.height} px high`);
      if (box.right > innerWidth || box.left < 0) found.push(`${button.textContent.trim()} leaves the screen`);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("lists")) as url:
        yield url


def _book(page: Page, site: str, title: str, hour: int) -> None:
    day = (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=1)).date()
    span = f"from={day}T{hour:02}:00&to={day}T{hour + 1:02}:00"
    page.goto(f"{site}/resources/tsukuba-plain/book?{span}&exact=1")
    page.locator("input[name=title]").fill(title)
    page.locator("form.book .actions button.primary").click()
    expect(page.locator(".page-state")).to_be_visible()


def test_rows_of_bookings_keep_their_parts_apart(browser: Browser, site: str) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = sign_in(context, site, "hana")
        _book(page, site, "Plate 3", 9)
        _book(page, site, "Averylongnamewithoutanyspace" * 4, 11)
        for language in ("en", "ja"):
            page.goto(f"{site}/bookings")
            page.locator(f"button[name=language][value={language}]").click()
            expect(page.locator(f"html[lang={language}] .booking")).to_have_count(2)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate(FAULTS) == [], f"{language}, {width} px"
        page.set_viewport_size({"width": 1280, "height": 900})
        menu = page.locator(".booking .menu").first
        menu.locator("summary").first.click()
        expect(menu.locator("form")).not_to_be_visible()  # cancelling takes a second step
        menu.locator("details summary").click()
        expect(menu.locator("button.danger")).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu.locator(".popup")).not_to_be_visible()
