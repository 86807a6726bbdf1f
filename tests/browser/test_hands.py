"""Bookings are moved and stretched on the board, and free time is chosen, by mouse, by touch and by keys alike.

The browser believes to be in London, which is the zone of neither site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.hands import WIDE, Finger, Mouse, asked, board_of, book, place_of
from tests.browser.live import served
from tests.browser.test_main_job import sign_in

LONG, SHORT = "2027-11-07", "2027-03-14"  # when the clocks of Cambridge go back and forward


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("hands")) as url:
        yield url


@pytest.fixture
def day(request: pytest.FixtureRequest) -> str:
    """A day of the test's own, everywhere still to come."""
    ahead = 3 + sum(map(ord, request.node.name)) % 20
    return (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=ahead)).date().isoformat()


def later(day: str, days: int) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=days)).date().isoformat()


def take(page: Page, key: str = "m") -> None:
    """Take hold of one's own booking by the key for it."""
    page.locator("li.b[data-move] > a").first.focus()
    page.keyboard.press(key)
    expect(page.locator(".ghost.dragged")).to_be_visible()


@pytest.mark.parametrize(("place", "slug"), [("tsukuba", "tsukuba-plain"), ("cambridge", "cambridge-scope")])
def test_mouse_finger_and_keys_give_the_same_times_of_the_site(
    browser: Browser, site: str, day: str, place: str, slug: str
) -> None:
    with browser.new_context(viewport=WIDE, has_touch=True) as context:
        page = board_of(context, site, "alan", place, day, booked=(slug, "10:00", "12:00"))
        board, own = page.url, page.locator("li.b[data-move]")

        def mouse(*, stretches: bool) -> None:
            at, hand = place_of(own), Mouse(page)
            x = at.right - 3 if stretches else at.x
            hand.drag(x, at.y, x + 2.5 * at.hour)
            hand.drop()

        def finger(*, stretches: bool) -> None:
            at, hand = place_of(own), Finger(page)
            if not stretches:
                hand.drag(at.x, at.y, at.x + 2.5 * at.hour)
                hand.drop()
                return
            hand.rest(at.x, at.y)
            hand.drop()  # it stays in the hand, with handles
            handle = page.locator(".ghost .handle.end").bounding_box()
            assert handle is not None
            assert handle["width"] >= 44
            x = handle["x"] + handle["width"] / 2
            hand.drag(x, at.y, x + 2.5 * at.hour, rests=False)
            hand.drop()
            page.locator("#hand [data-open]").tap()

        def keys(*, stretches: bool) -> None:
            take(page)
            for _ in range(5):
                page.keyboard.press("Shift+ArrowRight" if stretches else "ArrowRight")
            page.keyboard.press("Enter")

        for stretches, times in ((False, ("12:30", "14:30")), (True, ("10:00", "14:30"))):
            for act in (mouse, finger, keys):
                page.goto(board)
                found = asked(page, lambda act=act, wide=stretches: act(stretches=wide))  # type: ignore[misc]
                assert (found["from"], found["to"]) == tuple(f"{day}T{time}" for time in times), act.__name__
                expect(page.locator("input[name=start_at]")).to_have_value(times[0])
                expect(page.locator("input[name=end_at]")).to_have_value(times[1])


def test_a_clash_says_its_reason_while_dragging_in_the_readers_language(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        book(sign_in(context, site, "ben"), site, "tsukuba-plain", f"{day}T14:00", f"{day}T15:00", "Secret of Birch")
    for name, language, reason in (("alan", "en", "Someone else holds"), ("hana", "ja", "すでに確保されています")):
        with browser.new_context(viewport=WIDE) as context:
            page = board_of(context, site, name, "tsukuba", later(day, 0))
            start = "09:00" if language == "en" else "17:00"
            book(page, site, "tsukuba-plain", f"{day}T{start}", f"{day}T{int(start[:2]) + 1}:00")
            page.goto(f"{site}/sites/tsukuba/day?on={day}")
            own, box, ghost = page.locator("li.b[data-move]"), page.locator("#hand"), page.locator(".ghost.dragged")
            at, mouse = place_of(own), Mouse(page)
            hours = 14 - int(start[:2])
            mouse.drag(at.x, at.y, at.x + hours * at.hour)
            expect(box).to_have_attribute("data-outcome", "refused")
            expect(box.locator(".hand-why")).to_contain_text(reason)
            expect(ghost).to_have_attribute("data-outcome", "refused")
            expect(page.locator("#board-said")).to_contain_text(reason)
            assert "Birch" not in page.content()
            page.mouse.move(at.x + (hours - 2) * at.hour, at.y)
            expect(box).to_have_attribute("data-outcome", "approved")
            expect(box.locator(".hand-why")).to_be_empty()
            page.keyboard.press("Escape")
            mouse.drop()
            expect(box).to_be_hidden()
            own.locator("a").focus()
            page.keyboard.press("M")
            for _ in range(abs(hours) * 2):
                page.keyboard.press("ArrowRight" if hours > 0 else "ArrowLeft")
            expect(page.locator("#board-said")).to_contain_text(reason)
            expect(page.locator("#board-said")).to_contain_text("14:00–15:00")


def test_what_staff_must_decide_looks_different(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-asked", "09:00", "10:00"))
        take(page)
        page.keyboard.press("ArrowRight")
        expect(page.locator("#hand")).to_have_attribute("data-outcome", "review")
        expect(page.locator("#board-said")).to_contain_text("staff will decide")


def test_either_end_is_stretched_but_never_past_the_other(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-plain", "10:00", "12:00"))
        at, mouse = place_of(page.locator("li.b[data-move]")), Mouse(page)
        mouse.drag(at.left + 3, at.y, at.left + 3 + 5 * at.hour)
        expect(page.locator(".ghost.dragged")).to_contain_text("11:30–12:00")
        page.mouse.move(at.left + 3 - 1.1 * at.hour, at.y)
        expect(page.locator(".ghost.dragged")).to_contain_text("09:00–12:00")
        found = asked(page, mouse.drop)
        assert (found["from"], found["to"]) == (f"{day}T09:00", f"{day}T12:00")


def test_keys_move_it_to_another_unit_and_another_day_and_give_it_up(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-hood", "10:00", "11:00"))
        said = page.locator("#board-said")
        take(page)
        page.keyboard.press("ArrowDown")
        expect(said).to_contain_text("2 free, 10:00–11:00, 1 h")
        page.keyboard.press("PageDown")
        expect(page.locator("#hand")).to_have_attribute("data-outcome", "approved")
        page.keyboard.press("Escape")
        expect(said).to_contain_text("Nothing has changed")
        expect(page.locator(".ghost")).to_have_count(0)
        expect(page.locator("li.b[data-move] > a")).to_be_focused()
        take(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("PageDown")
        found = asked(page, lambda: page.keyboard.press("Enter"))
        assert (found["from"], found["to"]) == (f"{later(day, 1)}T10:00", f"{later(day, 1)}T11:00")
        assert found["unit"]


def test_free_time_is_chosen_by_keys(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-plain", "10:00", "11:00"))
        row, said = page.locator(".row", has_text="Plate reader"), page.locator("#board-said")
        row.locator("li.b[data-move] > a").focus()
        page.keyboard.press("ArrowRight")
        expect(row.locator("li.free a").last).to_be_focused()
        page.keyboard.press("Shift+ArrowRight")
        expect(said).to_contain_text("11:30–13:00, 1 h 30 min")
        for key in ("ArrowRight", "Shift+ArrowLeft", "ArrowRight"):
            page.keyboard.press(key)
        expect(said).to_contain_text("12:30–13:30, 1 h")
        page.keyboard.press("End")
        expect(said).to_contain_text("23:00–00:00")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#hand")).to_have_attribute("data-outcome", "approved")
        found = asked(page, lambda: page.keyboard.press("Enter"), "book")
        assert (found["from"], found["to"]) == (f"{day}T12:00", f"{day}T13:00")


def test_page_keys_turn_to_another_day_in_the_same_row_and_the_keys_are_explained(
    browser: Browser, site: str, day: str
) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day)
        page.locator(".row", has_text="Plate reader").locator("li.free a").first.focus()
        page.keyboard.press("PageDown")
        page.wait_for_url(re.compile(rf"on={later(day, 1)}"))
        expect(page.locator(".row", has_text="Plate reader").locator("li.free a").first).to_be_focused()
        page.keyboard.press("PageUp")
        page.wait_for_url(re.compile(rf"on={day}"))
        link = page.locator(".row", has_text="Plate reader").locator("li.free a").first
        expect(link).to_be_focused()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="The board by keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(link).to_be_focused()
        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert Axe().run(page).violations_count == 0
        page.keyboard.press("Escape")
        link.focus()
        page.keyboard.press("m")
        expect(page.locator("#hand")).to_have_attribute("data-outcome", "approved")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_days_of_25_and_23_hours_are_walked_in_true_hours(browser: Browser, site: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "cambridge", LONG)
        free, said = page.locator(".row", has_text="Microscope").locator("li.free a").first, page.locator("#board-said")
        free.focus()
        page.keyboard.press("m")
        page.keyboard.press("ArrowRight")
        expect(said).to_contain_text("00:30–01:30 EDT, 1 h")
        for _ in range(2):
            page.keyboard.press("Shift+ArrowRight")
        expect(said).to_contain_text("00:30–01:30 EST, 2 h")
        found = asked(page, lambda: page.keyboard.press("Enter"), "book")
        assert (found["to"], found["to_fold"]) == (f"{LONG}T01:30", "1")
        expect(page.locator("#verdict .verdict-when")).to_contain_text("2 h")

        page.goto(f"{site}/sites/cambridge/day?on={SHORT}")
        at, mouse = place_of(page.locator(".row", has_text="Microscope").locator("li.free").first), Mouse(page)
        mouse.drag(at.left + 1.1 * at.hour, at.y, at.left + 2.9 * at.hour)  # two hours from one o'clock
        expect(page.locator(".ghost.dragged")).to_contain_text("01:00–04:00")
        found = asked(page, mouse.drop, "book")
        assert (found["from"], found["to"]) == (f"{SHORT}T01:00", f"{SHORT}T04:00")


def test_a_lost_connection_is_said_the_ghost_stays_and_the_form_opens_when_it_is_back(
    browser: Browser, site: str, day: str
) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-plain", "10:00", "11:00"))
        board, at, mouse = page.url, place_of(page.locator("li.b[data-move]")), Mouse(page)
        mouse.drag(at.x, at.y, at.x + 2 * at.hour)
        expect(page.locator("#hand")).to_have_attribute("data-outcome", "approved")
        context.set_offline(True)
        page.mouse.move(at.x + 3 * at.hour, at.y, steps=3)
        expect(page.locator("#hand")).to_contain_text("No connection")
        mouse.drop()
        expect(page.locator("#board-said")).to_contain_text("as soon as there is one")
        expect(page.locator(".ghost.dragged")).to_contain_text("13:00–14:00")
        assert page.url == board
        context.set_offline(False)
        page.wait_for_url(re.compile(r"/move\?from=.*T13%3A00"))
        page.go_back()
        expect(page.locator(".ghost")).to_have_count(0)
        expect(page.locator("li.b[data-move]")).to_contain_text("10:00–11:00")


def test_nothing_is_sent_twice_from_two_tabs_or_by_going_back(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-plain", "10:00", "11:00"))
        other = context.new_page()
        for tab, hours in ((page, 2), (other, 4)):
            tab.goto(f"{site}/sites/tsukuba/day?on={day}")
            at, mouse = place_of(tab.locator("li.b[data-move]")), Mouse(tab)
            mouse.drag(at.x, at.y, at.x + hours * at.hour)
            mouse.drop()
            mouse.drop()
            tab.wait_for_url(re.compile(r"/move\?"))
        page.get_by_role("button", name="Move the booking").click()
        expect(page.locator(".timeline")).to_contain_text("Moved")
        with other.expect_response(lambda one: one.request.method == "POST" and "/move" in one.url) as answer:
            other.get_by_role("button", name="Move the booking").click()
        assert answer.value.status == 409
        expect(other.get_by_text("It was changed meanwhile.")).to_be_visible()
        expect(other.locator("input[name=start_at]")).to_have_value("14:00")  # what was wanted stays
        page.go_back()
        page.get_by_role("button", name="Move the booking").click()
        expect(page.locator(".timeline")).to_contain_text("Moved")
        assert page.locator(".timeline").inner_text().count("Moved") == 1


def test_at_the_brink_of_the_board_a_drag_scrolls_it(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport={"width": 800, "height": 700}) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-plain", "02:00", "03:00"))
        scroller = page.locator(".board-scroll")
        scroller.evaluate("(one) => { one.scrollLeft = 0; }")
        at, mouse = place_of(page.locator("li.b[data-move]")), Mouse(page)
        mouse.drag(at.x, at.y, 790)
        expect(page.locator(".ghost.dragged")).to_contain_text(re.compile("2[0-3]:[03]0–"))
        assert scroller.evaluate("(one) => one.scrollLeft") > 200
        page.keyboard.press("Escape")
        mouse.drop()
        expect(page.locator(".ghost")).to_have_count(0)


def test_free_time_is_chosen_with_a_finger_that_rests(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE, has_touch=True) as context:
        page = board_of(context, site, "alan", "tsukuba", day)
        at, finger = place_of(page.locator(".row", has_text="Plate reader").locator("li.free").first), Finger(page)
        x = at.left + 10.1 * at.hour
        finger.rest(x, at.y)
        finger.drop()
        expect(page.locator("#hand")).to_have_attribute("data-outcome", "approved")
        expect(page.locator("#hand")).to_contain_text("10:00–11:00")
        page.locator("#hand button", has_text="Give up").tap()
        expect(page.locator(".ghost")).to_have_count(0)
        finger.rest(x, at.y)
        finger.drop()
        handle = page.locator(".ghost .handle.start").bounding_box()
        assert handle is not None
        finger.drag(handle["x"] + 22, at.y, handle["x"] + 22 - at.hour, rests=False)
        finger.drop()
        found = asked(page, lambda: page.locator("#hand [data-open]").tap(), "book")
        assert (found["from"], found["to"]) == (f"{day}T09:00", f"{day}T11:00")


def test_of_one_that_runs_only_the_end_moves(browser: Browser, site: str, day: str) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = board_of(context, site, "alan", "tsukuba", day, booked=("tsukuba-plain", "10:00", "12:00"))
        own = page.locator("li.b[data-move]")
        # As of a booking that runs; that the server writes this then, has a test of its own.
        own.evaluate("(one) => { one.dataset.move = one.dataset.move.replace(/move$/, 'end'); }")
        take(page)
        for key in ("PageDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
        expect(page.locator("#board-said")).to_contain_text("10:00–12:30, 2 h 30 min")
        page.keyboard.press("Escape")
        at, mouse = place_of(own), Mouse(page)
        mouse.drag(at.x, at.y, at.x + at.hour)
        found = asked(page, mouse.drop, "end")
        assert (found["from"], found["to"]) == (f"{day}T10:00", f"{day}T13:00")
        expect(page.locator("input[name=end_at]")).to_have_value("13:00")
