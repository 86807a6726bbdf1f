"""The main job as people do it: a scientist books, staff approve, the calendar shows it, and a rival sees busy."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.live import served
from tests.cast import PASSWORD

TITLE = "Fixed cells, plate 3"
JAPANESE_TITLE = "固定細胞プレート3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("live")) as url:
        yield url


@pytest.fixture
def tomorrow() -> str:
    """Tomorrow at Tsukuba."""
    return (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=1)).date().isoformat()


def sign_in(context: BrowserContext, site: str, name: str) -> Page:
    """A page of somebody who has just signed in."""
    page = context.new_page()
    page.goto(f"{site}/sign-in")
    page.locator("input[name=email]").fill(f"{name}@lab.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button").click()
    expect(page.locator(".person summary")).to_be_visible()
    return page


def feed_entry(url: str) -> dict[str, str]:
    """The only VEVENT of a feed, as property and value."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode().replace("\r\n ", "")
    assert text.count("BEGIN:VEVENT") == 1, text
    event = text.split("BEGIN:VEVENT\r\n")[1].split("END:VEVENT")[0]
    return dict(line.split(":", 1) for line in event.strip().split("\r\n"))


def test_a_booking_travels_from_the_form_to_the_calendar(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context(locale="en-GB") as scientist, browser.new_context(locale="en-GB") as staff:
        page = sign_in(scientist, site, "alan")
        page.goto(f"{site}/feeds")
        page.get_by_label("Name").fill("My phone")
        page.get_by_role("button", name="Make the feed").click()
        feed = page.locator("#made-url").input_value()

        page.goto(f"{site}/sites/tsukuba/day?on={tomorrow}")
        page.get_by_role("link", name="Sequencer").first.click()
        page.get_by_role("link", name="Book", exact=True).first.click()
        page.get_by_label("Date").first.fill(tomorrow)
        page.get_by_label("Time", exact=True).first.fill("10:00")
        page.get_by_label("Date").last.fill(tomorrow)
        page.get_by_label("Time", exact=True).last.fill("12:00")
        expect(page.locator("#verdict [data-outcome=review]")).to_contain_text("staff will decide")
        page.get_by_label("Title").fill(TITLE)
        page.get_by_role("button", name="Send request").click()
        expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        expect(page.locator(".page-state")).to_contain_text("Waiting for staff")
        asked = feed_entry(feed)
        assert asked["STATUS"] == "TENTATIVE"

        desk = sign_in(staff, site, "sora")
        desk.goto(f"{site}/inbox")
        row = desk.get_by_role("row").filter(has_text=TITLE)
        expect(row).to_be_visible()
        row.locator("form[action$='/approve'] button").click()
        expect(desk.locator(".flashes")).to_be_visible()
        approved = feed_entry(feed)
        assert approved["STATUS"] == "CONFIRMED"
        assert approved["UID"] == asked["UID"]
        assert int(approved["SEQUENCE"]) > int(asked["SEQUENCE"])

        page.goto(f"{site}/bookings")
        steps = page.locator(".booking", has_text=TITLE).locator(".menu")
        steps.locator("summary").first.click()
        steps.get_by_text("Cancel", exact=True).click()
        page.get_by_role("button", name="Cancel this booking").click()
        expect(page.locator(".page-state")).to_contain_text("Cancelled")
        cancelled = feed_entry(feed)
        assert cancelled["STATUS"] == "CANCELLED"
        assert cancelled["UID"] == asked["UID"]
        assert int(cancelled["SEQUENCE"]) > int(approved["SEQUENCE"])


def test_a_rival_sees_that_the_time_is_busy_and_nothing_else(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context() as owner, browser.new_context(locale="en-GB") as rival:
        page = sign_in(owner, site, "hana")
        page.goto(f"{site}/resources/tsukuba-plain/book?from={tomorrow}T09:00&to={tomorrow}T10:00&exact=1")
        page.locator("input[name=title]").fill(JAPANESE_TITLE)
        page.locator("form.book button.primary").click()
        expect(page.locator("h1")).to_contain_text(JAPANESE_TITLE)
        other = sign_in(rival, site, "ben")
        other.goto(f"{site}/sites/tsukuba/day?on={tomorrow}")
        busy = other.locator(".row", has_text="Plate reader").locator("li.busy")
        expect(busy).to_contain_text("Busy")
        expect(busy).to_contain_text("08:45–10:15")
        source = other.content()
        assert JAPANESE_TITLE not in source
        assert "Aoba" not in source
        assert page.url.rsplit("/", 1)[1] not in source


def test_booking_works_without_javascript(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = sign_in(context, site, "hana")
        page.goto(f"{site}/sites/tsukuba/day?on={tomorrow}")
        page.locator(".row", has_text="Confocal").or_(page.locator(".row", has_text="共焦点")).locator(
            "li.free a"
        ).first.click()
        page.locator("input[name=title]").fill("No script")
        page.locator("form.book button.primary").click()
        expect(page.locator("h1")).to_contain_text("No script")


def test_booking_works_by_keyboard_alone(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={tomorrow}&kind=equipment")
        free = page.locator(".row", has_text="Cell sorter").locator("li.free a").first
        free.focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Cell sorter")
        page.locator("input[name=title]").focus()
        page.keyboard.type("By keyboard")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("By keyboard")
        expect(page.locator(".page-state")).to_contain_text("Wished")


def test_a_page_says_nothing_to_the_console(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context() as context:
        page = sign_in(context, site, "hana")
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in (
            f"/sites/tsukuba/day?on={tomorrow}",
            "/sites/tsukuba/week",
            "/resources/tsukuba-confocal-1/book",
            "/feeds",
        ):
            page.goto(site + path)
            page.wait_for_load_state("networkidle")
        assert said == []
