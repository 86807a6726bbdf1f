"""A booking is dragged over the board to another time or unit; nothing changes before the form that opens is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browser.live import served
from tests.browser.test_main_job import sign_in

WIDE: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("dragged")) as url:
        yield url


@pytest.fixture
def day(request: pytest.FixtureRequest) -> str:
    """A day of the test's own at Tsukuba."""
    ahead = 1 + sum(map(ord, request.node.name)) % 20
    return (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=ahead)).date().isoformat()


def booked(context: BrowserContext, site: str, day: str, slug: str = "tsukuba-hood", name: str = "alan") -> Page:
    """The board of a day on which somebody has just booked from ten to eleven."""
    page = sign_in(context, site, name)
    page.goto(f"{site}/resources/{slug}/book?from={day}T10:00&to={day}T11:00&exact=1")
    page.get_by_label("Title").fill("Plates")
    page.locator("form.book .actions > .primary").click()
    expect(page.get_by_role("heading", name="Plates")).to_be_visible()
    page.goto(f"{site}/sites/tsukuba/day?on={day}")
    return page


def bar(page: Page) -> Locator:
    """The booking on the board."""
    return page.locator(".lane li.b.own")


def middle(one: Locator) -> tuple[float, float, float]:
    """Where it is, and the width of its lane."""
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    lane = one.locator("xpath=..").bounding_box()
    assert box is not None
    assert lane is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, lane["width"]


def test_to_another_time_the_form_opens_filled_and_says_what_the_rules_say(
    browser: Browser, site: str, day: str
) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = booked(context, site, day)
        x, y, width = middle(bar(page))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + width / 12, y, steps=6)
        expect(page.locator(".ghost.dragged")).to_contain_text("12:00–13:00")
        assert bar(page).locator("a").get_attribute("href")
        page.mouse.up()
        page.wait_for_url(re.compile(r"/bookings/[^/]+/move\?from="))
        expect(page.locator("input[name=start_at]")).to_have_value("12:00")
        expect(page.locator("input[name=end_at]")).to_have_value("13:00")
        expect(page.locator("#verdict [data-outcome=approved]")).to_be_visible()
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        expect(bar(page)).to_contain_text("10:00–11:00")  # nothing has changed
        page.go_back()
        page.get_by_role("button", name="Move the booking").click()
        expect(page.get_by_text("12:00–13:00").first).to_be_visible()


def test_to_another_unit(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = booked(context, site, day)
        x, y, _ = middle(bar(page))
        free = page.locator('.row[data-resource="tsukuba-hood"]').last.bounding_box()
        assert free is not None
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, free["y"] + free["height"] / 2, steps=6)
        page.mouse.up()
        page.wait_for_url(re.compile(r"/move\?from=.*unit="))
        page.get_by_role("button", name="Move the booking").click()
        expect(page.locator(".timeline")).to_contain_text("Moved")
        expect(page.locator(".timeline")).to_contain_text("→")


def test_let_go_where_it_was_or_given_up_it_stays_and_a_click_still_opens_it(
    browser: Browser, site: str, day: str
) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = booked(context, site, day)
        board, (x, y, width) = page.url, middle(bar(page))
        for escape in (False, True):
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + width / 12, y, steps=4)
            if escape:
                page.keyboard.press("Escape")
                expect(page.locator(".ghost.dragged")).to_have_count(0)
            else:
                page.mouse.move(x, y, steps=4)
            page.mouse.up()
            page.wait_for_timeout(100)
            assert page.url == board
        bar(page).locator("a").click()
        page.wait_for_url(re.compile("/requests/"))


def test_with_a_finger_that_rests_on_it(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE, has_touch=True) as context:
        page = booked(context, site, day, "tsukuba-plain")
        x, y, width = middle(bar(page))
        touch = context.new_cdp_session(page)

        def send(kind: str, at: float | None = None) -> None:
            points = [] if at is None else [{"x": at, "y": y}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        send("touchStart", x)
        page.wait_for_timeout(500)
        expect(page.locator(".ghost.dragged")).to_be_visible()
        send("touchMove", x + width / 24)
        send("touchMove", x + width / 12)
        expect(page.locator(".ghost.dragged")).to_contain_text("12:00–13:00")
        send("touchEnd")
        page.wait_for_url(re.compile(r"/move\?from="))


def test_a_colleague_cannot_take_hold_of_it(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        booked(context, site, day)
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "hana")
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        expect(page.locator("li.b.partner")).to_have_count(1)
        expect(page.locator("li.b[data-move]")).to_have_count(0)


def test_one_of_the_nearest_ends_is_taken_by_a_press_and_what_was_found_stands_beside(
    browser: Browser, site: str, day: str
) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = booked(context, site, day)
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(site + (bar(page).get_attribute("data-move") or "").replace("/move", "/end"))
        page.locator(".free-times .chip-link", has_text="10:30").click()
        expect(page.locator("input[name=end_at]")).to_have_value("10:30")
        expect(page.locator("#verdict [data-outcome=approved]")).to_contain_text("10:00–10:30")
        page.get_by_role("button", name="Let it end then").click()
        expect(page.get_by_text("10:00–10:30").first).to_be_visible()
        assert faults == []
