"""The phone: from the code on an instrument to the booking in four taps, and one's own bookings without a network."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.conftest import ROOT
from tests.browser.live import served
from tests.cast import PASSWORD

TRACE = ROOT / ".cache" / "traces" / "from-code-to-booking.zip"
PHONE: ViewportSize = {"width": 360, "height": 740}
# Counts what a finger does, over all pages of a tab.
COUNTS_TAPS = """
addEventListener('pointerdown', () => {
  sessionStorage.setItem('taps', Number(sessionStorage.getItem('taps')) + 1);
}, true);
"""
KEPT = """async () => {
  const urls = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
  }
  return urls;
}"""
OWN = "async () => JSON.stringify((await (await caches.match('/now/mine.json'))?.json()) ?? '')"

WHOSE = "async () => (await caches.match('/now/mine.json'))?.headers.get('x-who') ?? ''"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("live")) as url:
        yield url


def phone(browser: Browser, **more: object) -> BrowserContext:
    """A phone of somebody who reads Japanese."""
    return browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="ja-JP", **more)  # type: ignore[arg-type]


def sign_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/sign-in")
    page.locator("input[name=email]").fill(f"{name}@lab.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button").tap()
    expect(page.locator(".person summary")).to_be_visible()


def until(page: Page, script: str, is_so: Callable[[str], bool]) -> None:
    """Wait for what a script says of the page."""
    for _ in range(100):
        if is_so(page.evaluate(script)):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate(script))


def mark_of(page: Page) -> str:
    """By what the page tells one person's phone from another's."""
    return page.locator("meta[name=pocket]").get_attribute("content") or ""


def taps(page: Page) -> int:
    """How often a finger has touched the screen."""
    return int(page.evaluate("Number(sessionStorage.getItem('taps'))"))


def test_four_taps_lead_from_the_code_on_an_instrument_to_a_booking(browser: Browser, site: str) -> None:
    TRACE.parent.mkdir(parents=True, exist_ok=True)
    with phone(browser) as context:
        context.add_init_script(COUNTS_TAPS)
        context.tracing.start(screenshots=True, snapshots=True)
        page = context.new_page()
        page.goto(f"{site}/resources/tsukuba-plain/now")  # what the camera opens; one has to sign in first
        page.locator("input[name=email]").fill("hana@lab.example")  # as a browser fills it in
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="サインイン").tap()
        expect(page.get_by_role("heading", name="プレートリーダー")).to_be_visible()
        expect(page.locator(".standing")).to_contain_text("今すぐ使える")
        page.locator(".length", has=page.locator("input[name=end]")).nth(1).tap()
        page.get_by_role("button", name="予約を確定する").tap()
        expect(page.locator(".flash").first).to_contain_text("まで予約しました")
        expect(page.locator(".own-here .state")).to_have_class("state state-approved")
        count = taps(page)
        context.tracing.stop(path=TRACE)
    assert 3 <= count <= 4
    with zipfile.ZipFile(TRACE) as kept:
        assert any(name.endswith(".trace") for name in kept.namelist())
        assert any(name.endswith((".jpeg", ".jpg", ".png")) for name in kept.namelist())


@pytest.mark.parametrize("width", [320, 360])
def test_targets_are_large_and_nothing_is_wider_than_the_screen(browser: Browser, site: str, width: int) -> None:
    size: ViewportSize = {"width": width, "height": 700}
    with browser.new_context(viewport=size, is_mobile=True, has_touch=True, locale="ja-JP") as context:
        page = context.new_page()
        sign_in(page, site, "hana")
        for path in ("/now", "/resources/tsukuba-hood/now", "/resources/tsukuba-confocal-1/now", "/offline/ja"):
            page.goto(site + path)
            found = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(found) <= 0, path
            targets = page.locator("main").locator(".near a, summary, .button, .length, .onward a, .chip-link")
            low = targets.evaluate_all(
                "all => all.map(one => [one.innerText, one.offsetHeight]).filter(one => one[1] && one[1] < 44)"
            )
            assert low == [], path


def test_everything_works_without_scripts(browser: Browser, site: str) -> None:
    with phone(browser, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, site, "chika")
        page.goto(f"{site}/now")
        page.locator(".near a[href$='/tsukuba-hood/now']").tap()
        page.locator(".length", has=page.locator("input[name=end]")).first.tap()
        page.get_by_role("button", name="予約を確定する").tap()
        expect(page.locator(".own-here .state")).to_have_class("state state-approved")


def test_without_a_network_ones_own_bookings_are_there_and_nothing_else(browser: Browser, site: str) -> None:
    day = (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=2)).date().isoformat()
    with phone(browser) as context:
        page = context.new_page()
        sign_in(page, site, "hana")
        page.goto(f"{site}/resources/tsukuba-plain/book?from={day}T10:00&to={day}T11:00&exact=1")
        page.locator("input[name=title]").fill("沖縄の試料")
        page.locator("form.book button.primary").tap()
        expect(page.locator("h1")).to_contain_text("沖縄の試料")
        page.goto(f"{site}/now")
        until(page, "() => navigator.serviceWorker.controller?.state ?? ''", lambda state: state == "activated")
        until(page, OWN, lambda kept: "沖縄の試料" in kept)
        page.goto(f"{site}/sites/tsukuba/day?on={day}")
        page.wait_for_load_state("networkidle")
        kept = page.evaluate(KEPT)
        assert all(path.startswith(("/static/", "/offline/")) or path == "/now/mine.json" for path in kept), kept

        context.set_offline(True)
        page.goto(f"{site}/bookings")
        expect(page.get_by_role("heading", name="ネットワークに接続できません")).to_be_visible()
        expect(page.locator("#ahead")).to_contain_text("沖縄の試料")
        expect(page.locator("#ahead")).to_contain_text("10:00～11:00")
        expect(page.locator("#fetched")).to_contain_text("取得日時")
        context.set_offline(False)
        expect(page.get_by_role("heading", name="自分の予約")).to_be_visible()  # by itself


def test_signing_out_and_another_person_leave_nothing_kept(browser: Browser, site: str) -> None:
    with phone(browser) as context:
        page = context.new_page()
        sign_in(page, site, "cora")
        until(page, WHOSE, lambda mark: mark == mark_of(page))
        first = mark_of(page)
        context.clear_cookies()  # the session ended elsewhere; the phone goes to somebody else
        context.route("**/now/mine.json", lambda route: route.abort())  # what is theirs does not come
        sign_in(page, site, "ben")
        until(page, OWN, lambda kept: kept == '""')
        context.unroute("**/now/mine.json")
        page.goto(f"{site}/now")
        until(page, WHOSE, lambda mark: mark == mark_of(page))
        assert mark_of(page) != first
        page.locator(".person summary").tap()
        page.locator("form[action='/sign-out'] button").tap()
        expect(page.locator("input[name=password]")).to_be_visible()
        until(page, OWN, lambda kept: kept == '""')
        context.set_offline(True)
        page.goto(f"{site}/bookings")
        expect(page.locator("#nothing")).to_be_visible()
        expect(page.locator("#ahead")).to_be_hidden()
