"""A board that stays open is kept as the lab is now, and nothing that one is at is disturbed by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.live import served
from tests.browser.test_main_job import sign_in

WIDE: ViewportSize = {"width": 1280, "height": 500}
SLUG = "tsukuba-plain"
DAYS = count(2)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("refreshed")) as url:
        yield url


@pytest.fixture
def day() -> str:
    """A day of the test's own at Tsukuba."""
    return (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=next(DAYS))).date().isoformat()


def book(context: BrowserContext, site: str, day: str, hour: int) -> None:
    """An hour is booked in another tab."""
    page = context.new_page()
    page.goto(f"{site}/resources/{SLUG}/book?from={day}T{hour}:00&to={day}T{hour + 1}:00&exact=1")
    page.get_by_label("Title").fill(f"Plates at {hour}")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_role("heading", name=f"Plates at {hour}")).to_be_visible()
    page.close()


def ask(page: Page) -> int:
    """The board asks whether it has changed, as it does each minute; the status of the answer."""
    with page.expect_response(lambda answer: "part=board" in answer.url) as found:
        page.evaluate("dispatchEvent(new Event('online'))")
    return found.value.status


def test_what_changes_appears_and_focus_scroll_folds_and_popups_stay(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        expect(page.locator(".board.live")).to_be_visible()
        assert ask(page) == 304
        page.locator(f'[data-resource="{SLUG}"] h3 a').focus()
        page.evaluate(
            """() => {
              window.kept = document.activeElement;
              document.querySelector('.board-scroll').scrollLeft = 321;
              scrollTo(0, 77);
              document.querySelector('details.person').open = true;
            }"""
        )
        book(context, site, day, 10)
        page.bring_to_front()
        assert ask(page) == 200
        expect(page.locator(".lane .b.own")).to_have_count(1)
        assert page.evaluate(
            """() => [document.activeElement === window.kept, document.querySelector('.board-scroll').scrollLeft,
                      scrollY, document.querySelector('details.person').open]"""
        ) == [True, 321, 77, True]
        assert ask(page) == 304


@pytest.mark.parametrize("span", ["day", "week"])
def test_the_line_of_now_runs_over_what_is_booked_and_under_the_names(browser: Browser, site: str, span: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/{span}")
        expect(page.locator(".board.live")).to_be_visible()
        line, place, over, name = page.evaluate(
            """() => {
              const lane = document.querySelector('ol.lane');
              const line = getComputedStyle(lane, '::after');
              const under = document.querySelector('.lines .now').getBoundingClientRect().x;
              const bar = getComputedStyle(lane.querySelector('.b'));
              return [line.borderLeftWidth, lane.getBoundingClientRect().x + parseFloat(line.left) - 1 - under,
                      parseInt(line.zIndex) > (parseInt(bar.zIndex) || 0),
                      getComputedStyle(lane.parentNode.querySelector('h3')).zIndex > line.zIndex];
            }"""
        )
        assert (line, round(place), over, name) == ("2px", 0, True, True)


@pytest.mark.parametrize("span", ["day", "week"])
def test_kinds_of_stretches_differ_in_more_than_colour(browser: Browser, site: str, span: str) -> None:
    """However narrow: by their edge, or by what fills them."""
    kinds = ["own", "partner", "staff", "waiting", "wished", "offer", "busy", "closed"]
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/{span}")
        looks = page.evaluate(
            """(kinds) => kinds.map((kind) => {
              const one = document.createElement('li');
              one.className = `b ${kind} x`;
              one.innerHTML = '<a href="#"><b>A</b></a>';
              document.querySelector('ol.lane').append(one);
              const edge = getComputedStyle(one.firstChild);
              const fill = kind === 'own' ? 'full' : edge.backgroundImage.slice(0, 40);
              const line = edge.borderTopStyle.replace('double', edge.borderTopWidth < '3' ? 'solid' : 'double');
              return [line, edge.borderLeftWidth, edge.borderTopWidth, fill, one.offsetHeight].join();
            })""",
            kinds,
        )
        assert len(set(looks)) == len(kinds), looks


def test_paper_shows_all_areas_and_no_now(browser: Browser, site: str) -> None:
    """What is out of sight is not drawn on a screen; on paper nothing is."""
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day")
        page.emulate_media(media="print")
        found = page.evaluate(
            """() => [['.area, .lane', 'contentVisibility'], ['.lines .now, .now-label', 'display']].map(
                ([which, what]) => [...document.querySelectorAll(which)].map((one) => getComputedStyle(one)[what]))"""
        )
        assert [set(one) for one in found] == [{"visible"}, {"none"}]


def test_a_focused_stretch_of_time_that_goes_hands_the_focus_to_its_row(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        page.locator(f'[data-resource="{SLUG}"] .free a').first.focus()
        book(context, site, day, 12)
        page.bring_to_front()
        assert ask(page) == 200
        expect(page.locator(".lane .b.own")).to_have_count(1)
        assert page.evaluate("document.activeElement.closest('.row').dataset.resource") == SLUG
        expect(page.locator('.row a[tabindex="0"], .row button[tabindex="0"]')).to_have_count(1)


def test_what_is_in_the_hand_is_not_taken_away(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        book(context, site, day, 10)
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        bar = page.locator(".lane .b.own")
        bar.scroll_into_view_if_needed()
        box = bar.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 2, box["y"] + 8, steps=5)
        expect(page.locator(".ghost.dragged")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(300)
        assert not [url for url in asked if "part=board" in url]
        expect(page.locator(".ghost.dragged")).to_be_visible()
        page.keyboard.press("Escape")
        page.mouse.up()
        assert ask(page) == 304


def test_without_a_network_it_says_since_when_and_comes_back(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        expect(page.locator(".board.live")).to_be_visible()
        context.set_offline(True)
        page.evaluate("dispatchEvent(new Event('online'))")
        now = datetime.now(ZoneInfo("Asia/Tokyo"))
        expect(page.locator(".stale")).to_be_visible()
        assert page.locator(".stale b").inner_text() in {
            f"{one:%H:%M}" for one in (now, now - timedelta(minutes=1), now - timedelta(minutes=2))
        }
        context.set_offline(False)  # which the browser tells the page
        expect(page.locator(".stale")).to_be_hidden()


def test_whoever_has_signed_out_elsewhere_sees_the_board_no_longer(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        expect(page.locator(".board.live")).to_be_visible()
        other = context.new_page()
        other.goto(f"{site}/account")
        other.locator("details.person summary").click()
        other.get_by_role("button", name="Sign out", exact=True).first.click()
        other.wait_for_url(re.compile("/sign-in"))
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_url(re.compile("/sign-in"))


def test_what_one_folds_comes_folded_the_next_time(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        area = page.locator(".area").first
        key = area.get_attribute("data-area")
        area.locator("summary").click()
        expect(area).not_to_have_attribute("open", "")
        page.goto(f"{site}/sites/tsukuba/week?on={day}")
        again = page.locator(f'.area[data-area="{key}"]')
        expect(again).not_to_have_attribute("open", "")
        again.locator("summary").press("Enter")
        expect(again).to_have_attribute("open", "")
        page.reload()
        expect(page.locator(f'.area[data-area="{key}"]')).to_have_attribute("open", "")


def test_a_link_to_a_resource_shows_its_row(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(locale="en-GB", viewport={"width": 390, "height": 500}) as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/sites/tsukuba/day?on={day}#{SLUG}")
        expect(page.locator(f"#{SLUG}")).to_be_in_viewport()
