"""The panel as people meet it: in Japanese, on a phone, with a screen reader that hears one short sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from labbook.core.calendar import Span
from labbook.core.language import Words
from labbook.core.limits.allowance import Allowance
from labbook.core.limits.counting import Subject
from labbook.core.limits.length import Length
from labbook.db import db
from labbook.models import Partner, Person, Site
from tests.browser.live import served
from tests.browser.test_main_job import sign_in
from tests.cast import Cast
from tests.conftest import application, let_go
from tests.ruling import add_group, add_rules

PHONE = {"width": 390, "height": 844}
# Notes each text that a live region comes to have, as a screen reader hears it.
LISTEN = """() => {
  window.heard = [];
  const note = () => {
    const text = document.getElementById('verdict-said').textContent.trim();
    if (text !== window.heard.at(-1)) window.heard.push(text);
  };
  new MutationObserver(note).observe(document.getElementById('verdict-said'),
    { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served LabBook in which Aoba shares four hours a day, and nobody books longer than six."""
    folder = tmp_path_factory.mktemp("panel")
    with served(folder) as url:
        app = application(f"sqlite:///{folder / 'live.db'}")
        with app.app_context():
            _rule(folder)
            let_go()
        yield url


def _rule(folder: Path) -> None:
    lab = Cast(
        {one.email.partition("@")[0]: one.id for one in db.session.scalars(select(Person))},
        {one.slug: one.id for one in db.session.scalars(select(Partner))},
        {one.slug: one.id for one in db.session.scalars(select(Site))},
    )
    db.session.remove()
    add_rules(
        lab,
        Allowance(most=4 * 60, span=Span.DAY, subject=Subject.PARTNER),
        name=Words("Agreement of Aoba", "青葉バイオとの契約"),
        partner="aoba",
    )
    add_rules(lab, Length(longest=3 * 60), name=Words("House rules", "利用規則"))
    add_group("tsukuba-plain", "tsukuba-hood")


@pytest.fixture
def tomorrow() -> str:
    """Tomorrow at Tsukuba."""
    return (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=1)).date().isoformat()


def heard(page: Page) -> list[str]:
    """What a screen reader has heard so far."""
    said: list[str] = page.evaluate("window.heard")
    return said


def settled(page: Page) -> None:
    """Wait until the panel has answered."""
    page.wait_for_timeout(400)  # it answers when one stops typing
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def test_the_panel_answers_while_one_types_on_a_phone_in_japanese(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context(viewport=PHONE, locale="ja-JP", reduced_motion="reduce") as phone:  # type: ignore[arg-type]
        page = sign_in(phone, site, "hana")
        page.goto(f"{site}/resources/tsukuba-plain/book?from={tomorrow}T10:00&to={tomorrow}T12:00&exact=1")
        settled(page)
        page.evaluate(LISTEN)
        panel, live = page.locator("#verdict"), page.get_by_role("status")
        expect(live).to_have_count(1)
        expect(live).to_have_text("予約できます（送信で確定）")
        expect(panel).to_contain_text("青葉バイオとの契約")
        expect(panel).to_contain_text(
            "4時間のうち0分を使用しています（うちご自身の分は0分）。この予約で2時間増えます。"
        )
        page.get_by_label("件名").fill("固定細胞")

        page.locator(".passed > summary").click()
        page.locator("input[name=end_at]").fill("15:00")
        settled(page)
        expect(panel.locator("[data-code=allowance]")).to_contain_text("この予約には5時間が必要です。")
        expect(panel.locator("[data-code=length]")).to_contain_text("規則：利用規則")
        assert len(heard(page)) == 1
        assert heard(page)[0].startswith("予約できません：2件の規則に合いません。代わりに予約できるもの：短くする：")
        expect(page.locator(".passed")).to_have_attribute("open", "")  # what was open stays open
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

        # one tap, and nothing that was typed is lost
        panel.get_by_role("link", name="短くする").click()
        settled(page)
        expect(live).to_have_text("予約できます（送信で確定）")
        expect(page.locator("input[name=end_at]")).to_have_value("13:00")
        expect(page.get_by_label("件名")).to_have_value("固定細胞")
        expect(page.locator("form.book .actions > .primary")).to_be_focused()
        assert len(heard(page)) == 2
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("固定細胞")

        page.goto(f"{site}/allowances")
        expect(page.locator("main")).to_contain_text("利用枠")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_what_is_typed_elsewhere_is_not_read_out_again(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/resources/tsukuba-plain/book?from={tomorrow}T20:00&to={tomorrow}T21:00&exact=1")
        settled(page)
        page.evaluate(LISTEN)
        page.get_by_label("Title").press_sequentially("Cells", delay=20)
        settled(page)
        assert heard(page) == []


def test_without_javascript_the_same_panel_comes_after_sending(browser: Browser, site: str, tomorrow: str) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = sign_in(context, site, "alan")
        page.goto(f"{site}/resources/tsukuba-hood/book?from={tomorrow}T15:00&to={tomorrow}T20:00&exact=1")
        page.locator("input[name=title]").fill("Too long")
        page.locator("form.book button.primary").click()
        expect(page.locator("#verdict [data-code=length]")).to_contain_text("Rule: House rules")
        expect(page.get_by_role("link", name="Shorter:")).to_be_visible()
        page.locator("#verdict .passed > summary").click()
        expect(page.locator("#verdict .passed li").first).to_be_visible()
