"""A newcomer's way from the invitation's mail to the first booking: in Japanese, on a phone, within two minutes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from labbook.core.language import Words
from labbook.core.permissions import Role
from labbook.db import db, transactional
from labbook.models import Conditions, Partner, Person, Site
from labbook.people.queries import actor_of
from labbook.people.service.inviting import invite_to_partner
from labbook.worker import once
from tests.browser.live import served
from tests.conftest import application, let_go
from tests.notices.server import text_of

SECRET = "青い棚 seven plates 乾く"
NEWCOMER = "nina@new.example"


class Invited(NamedTuple):
    """A served LabBook, and the mail that came from it."""

    url: str
    subject: str
    text: str


@pytest.fixture(scope="module")
def invited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invited]:
    """A lab with conditions of use, from which a coordinator has invited somebody who reads Japanese."""
    folder = tmp_path_factory.mktemp("newcomer")
    with served(folder) as url:
        post = folder / "post"
        app = application(f"sqlite:///{folder / 'live.db'}", SMTP_URL=f"file://{post}", BASE_URL=url)
        with app.app_context():
            _publish()
            cora = db.session.scalars(select(Person.id).where(Person.email == "cora@lab.example")).one()
            key = db.session.scalars(select(Partner.key).where(Partner.slug == "aoba")).one()
            now = datetime.now(ZoneInfo("UTC"))
            actor = actor_of(cora, now)
            assert actor is not None
            invite_to_partner(actor, key, NEWCOMER, Role.SCIENTIST, "ja", now=now, lasts=timedelta(days=7))
            once(datetime.now(ZoneInfo("UTC")) + timedelta(seconds=1))
            let_go()
        yield Invited(url, *_letter(post))


@transactional
def _publish() -> None:
    for site in db.session.scalars(select(Site)):
        db.session.add(
            Conditions(
                site_id=site.id,
                edition="2026-04",
                text=Words("Wear a coat.", "白衣を着用してください。"),
                published_on=date(2026, 4, 1),
            )
        )


def _letter(post: Path) -> tuple[str, str]:
    """The one letter to the newcomer: subject and text."""
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in post.glob("*.eml")]
    (message,) = [one for one in found if one["To"] == NEWCOMER]
    return str(message["Subject"]), text_of(message)


def check(page: Page) -> None:
    """The page fits a phone and can be used with any aid."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_from_the_mail_to_the_first_booking_in_japanese_on_a_phone(browser: Browser, invited: Invited) -> None:
    assert invited.subject == "LabBookへのご招待"
    link = re.search(r"http://\S+/invitations/\S+", invited.text)
    assert link is not None
    tomorrow = (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=1)).date().isoformat()
    with browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP", reduced_motion="reduce") as phone:
        page = phone.new_page()
        began = time.monotonic()
        page.goto(link.group())
        expect(page.get_by_role("heading", level=1)).to_have_text("LabBookへようこそ")
        expect(page.locator("main")).to_contain_text("Aobaバイオ")
        check(page)

        # what is missing is said beside its field
        page.get_by_label("姓").fill("新田")
        page.get_by_label("名", exact=True).fill("仁奈")
        page.get_by_label("ふりがな").fill("にった にな")
        page.get_by_label("パスワード").fill("みじかい")
        page.get_by_role("button", name="承諾してはじめる").click()
        expect(page.locator("#password-errors")).to_contain_text("15文字以上")
        check(page)
        expect(page.get_by_label("姓")).to_have_value("新田")
        page.get_by_label("パスワード").fill(SECRET)
        page.get_by_role("button", name="承諾してはじめる").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("ようこそ、新田 仁奈さん")
        check(page)

        # blocked by the conditions: the form says what to do, and leads there
        page.get_by_role("link", name="設備を選ぶ").click()
        page.get_by_role("link", name="プレートリーダー").click()
        page.goto(f"{invited.url}/resources/tsukuba-plain/book?from={tomorrow}T10:00&to={tomorrow}T11:00&exact=1")
        expect(page.locator("#verdict")).to_contain_text("利用規約")
        page.goto(f"{invited.url}/welcome")
        page.get_by_role("link", name="利用規約を読む").first.click()
        expect(page.locator("main")).to_contain_text("白衣を着用してください。")
        check(page)
        page.get_by_label("利用規約を読み、同意します。").check()
        page.get_by_role("button", name="同意", exact=False).last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("ようこそ、新田 仁奈さん")
        expect(page.locator(".steps .is-done")).to_have_count(1)

        # blocked by a training: the form says which, and where to ask for it
        page.goto(f"{invited.url}/resources/tsukuba-confocal-1/book?from={tomorrow}T10:00&to={tomorrow}T11:00&exact=1")
        expect(page.locator("#verdict [data-code=training]")).to_contain_text("レーザー講習")
        expect(page.locator("#verdict [data-code=training] .help")).not_to_be_empty()
        page.goto(f"{invited.url}/card")
        expect(page.locator("main")).to_contain_text("レーザー講習")
        check(page)

        # and what needs none can be booked
        page.goto(f"{invited.url}/resources/tsukuba-plain/book?from={tomorrow}T10:00&to={tomorrow}T11:00&exact=1")
        page.locator("input[name=title]").fill("はじめての測定")
        page.locator("form.book button.primary").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("はじめての測定")
        expect(page.locator(".page-state")).to_contain_text("承認済")
        assert time.monotonic() - began < 120
        assert not re.search(r"[A-Za-z]{4,} [a-z]{3,}", page.locator("main").inner_text()), "English on the page"

        page.goto(link.group())  # the link is used up; who comes back by it is told so
        expect(page.get_by_role("heading", level=1)).to_have_text("このリンクは使えません")
