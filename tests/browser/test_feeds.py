"""A calendar is subscribed to on a phone, in Japanese, by keys alone; its link is renewed, and the old one is dead."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.live import served
from tests.browser.test_main_job import sign_in

CLIENTS = 11
TARGET = 44  # px, on phones
ROOM = 16  # px above what a link leads to
TWICE = "button => { button.click(); setTimeout(() => button.click(), 1); }"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook."""
    with served(tmp_path_factory.mktemp("feeds")) as url:
        yield url


def status_of(url: str) -> int:
    """What the link answers a calendar."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def look_at(page: Page) -> None:
    """No fault that axe finds, nothing wider than the screen, and every target large enough for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for target in page.locator("main :is(.button, summary, input[readonly]):visible").all():
        box = target.bounding_box()
        assert box is not None and box["height"] >= TARGET, target.inner_text()


def press(target: Locator) -> None:
    """As somebody without a mouse does it."""
    target.focus()
    target.press("Enter")


def test_a_phone_subscribes_and_renews_its_link(browser: Browser, site: str) -> None:
    with browser.new_context(
        viewport={"width": 320, "height": 700}, locale="ja-JP", reduced_motion="reduce"
    ) as context:
        said: list[str] = []
        context.on("console", lambda message: said.append(message.text))
        page = sign_in(context, site, "hana")
        page.goto(f"{site}/resources/tsukuba-plain")
        press(page.get_by_role("link", name="自分のカレンダーに表示"))
        expect(page.get_by_label("対象", exact=True)).to_have_value("resource:tsukuba-plain")
        heading = page.get_by_role("heading", name="新しい配信").bounding_box()
        assert heading is not None and heading["y"] >= ROOM
        expect(page.get_by_label("承認待ちの申請")).to_be_hidden()  # lesser choices are folded away
        press(page.get_by_text("詳細な設定"))
        expect(page.get_by_label("承認待ちの申請")).to_be_checked()
        look_at(page)
        press(page.get_by_role("button", name="配信を作成"))

        first = page.locator("#made-url").input_value()
        assert first.startswith(f"{site}/feeds/r") and status_of(first) == 200
        expect(page.get_by_role("img", name="リンクのQRコード")).to_be_visible()
        webcal = page.get_by_role("link", name="この端末で購読").get_attribute("href")
        assert webcal == first.replace("http://", "webcal://")
        clients = page.locator(".client > summary")
        assert clients.count() == CLIENTS
        for one in clients.all():
            press(one)
            expect(page.locator(".client[open]")).to_have_count(1)
        expect(page.locator(".client[open] pre").first).to_contain_text(first)
        look_at(page)

        press(page.get_by_role("link", name="配信の一覧へ"))
        press(page.locator("summary", has_text="リンクを更新"))
        look_at(page)
        press(page.get_by_role("button", name="新しいリンクを発行"))
        second = page.locator("#made-url").input_value()
        assert (status_of(first), status_of(second)) == (410, 200)

        page.goto(f"{site}/feeds")
        press(page.locator("summary", has_text="無効化"))
        press(page.get_by_role("button", name="この配信を無効にする"))
        expect(page.get_by_text("配信はまだありません")).to_be_visible()
        press(page.get_by_text("無効にした配信：1件"))
        look_at(page)
        assert status_of(second) == 410
        assert [one for one in said if "410" not in one] == []


def test_loading_a_link_again_or_pressing_twice_makes_no_other(browser: Browser, site: str) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/feeds")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
        page.get_by_role("button", name="Make the feed").evaluate(TWICE)
        expect(page.locator("#made-url")).to_be_visible()
        assert sent == ["POST"]
        link = page.locator("#made-url").input_value()
        page.reload()
        expect(page).to_have_url(f"{site}/feeds")
        expect(page.get_by_role("heading", name="Your feeds")).to_be_visible()
        expect(page.locator(".feeds > li")).to_have_count(1)
        assert status_of(link) == 200

        page.locator("summary", has_text="Renew the link").click()
        page.get_by_role("button", name="Make a new link").click()
        link = page.locator("#made-url").input_value()
        page.get_by_role("button", name="日本語").click()  # back to the list, as the address is
        expect(page.get_by_role("heading", name="作成済みの配信")).to_be_visible()
        assert status_of(link) == 200
