"""The inbox by keys alone, beside the list, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from labbook.db import db
from labbook.models import Partner, Person, Site
from tests.browser.live import served
from tests.browser.test_main_job import sign_in
from tests.cast import Cast
from tests.conftest import application, let_go
from tests.desk.waiting import pile

WIDE: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A served LabBook in which sixty requests wait."""
    with served(tmp_path) as url:
        app = application(f"sqlite:///{tmp_path / 'live.db'}")
        with app.app_context():
            lab = Cast(
                {one.email.partition("@")[0]: one.id for one in db.session.scalars(select(Person))},
                {one.slug: one.id for one in db.session.scalars(select(Partner))},
                {one.slug: one.id for one in db.session.scalars(select(Site))},
            )
            db.session.remove()
            pile(lab, 60, now=datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
            let_go()
        yield url


@pytest.fixture
def desk(browser: Browser, site: str) -> Iterator[Page]:
    """The manager's inbox, in English."""
    with browser.new_context(viewport=WIDE, locale="en-GB") as context:
        page = sign_in(context, site, "mio")
        page.locator("button[name=language][value=en]").click()
        page.goto(f"{site}/inbox?sort=start")
        yield page


def here(page: Page) -> Locator:
    return page.locator("tr.is-here .q-open")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def has_no_faults(page: Page) -> None:
    """None that a machine finds."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_every_step_is_taken_by_keys_alone(desk: Page) -> None:
    press(desk, "j", "j", "k", "j")
    expect(here(desk)).to_have_text("Plate 1")
    press(desk, "Enter")
    beside = desk.locator("[data-beside]")
    expect(beside.locator("h1")).to_have_text("Plate 1")
    expect(desk).to_have_url(re.compile(r"/inbox\?sort=start#r-"))
    press(desk, "j")
    expect(beside.locator("h1")).to_have_text("Plate 2")

    press(desk, "a")  # approve: the next one follows, beside the list too
    expect(desk.locator(".flash")).to_contain_text("Approved")
    expect(here(desk)).to_have_text("Plate 3")
    expect(beside.locator("h1")).to_have_text("Plate 3")
    expect(desk.locator(".q-open").first).to_have_text("Plate 0")

    expect(desk.get_by_role("button", name="Keys")).to_be_visible()
    press(desk, "u")  # undone: it is there again
    expect(desk.locator(".flash").first).to_contain_text("Undone")
    expect(desk.locator(".q-open").nth(2)).to_have_text("Plate 2")
    expect(here(desk)).to_have_text("Plate 2")
    press(desk, "j")

    press(desk, "Escape")
    expect(beside).to_be_hidden()
    press(desk, "d")  # decline: the reason is typed, letters are letters
    desk.keyboard.type("a jxp reason")
    press(desk, "Tab", "Enter")
    expect(desk.locator(".flash")).to_contain_text("Declined")
    expect(here(desk)).to_have_text("Plate 4")

    press(desk, "x", "j", "x", "j")
    expect(desk.locator("[name=pick]:checked")).to_have_count(2)
    expect(desk.locator("[data-count]")).to_have_text("2")
    desk.get_by_role("button", name="Approve all").focus()
    press(desk, "Enter")
    expect(desk.locator(".flash")).to_contain_text("2 approved")
    expect(desk.get_by_role("button", name="Keys")).to_be_visible()

    press(desk, "?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    press(desk, "Escape")
    expect(desk.get_by_role("dialog")).to_be_hidden()

    press(desk, "/")
    expect(desk.locator("#q")).to_be_focused()
    desk.keyboard.type("plate 59")
    press(desk, "Enter")
    expect(desk.locator(".q-open")).to_have_text(["Plate 59"])
    expect(desk.get_by_role("button", name="Keys")).to_be_visible()
    press(desk, "j", "p")
    expect(desk).to_have_url(re.compile(r"/requests/\w+/propose"))
    desk.go_back()
    expect(here(desk)).to_have_text("Plate 59")  # where one was


def test_decisions_beside_the_list_keep_the_place_and_say_there_what_is_missing(desk: Page) -> None:
    desk.get_by_role("link", name="Plate 7", exact=True).click()
    beside = desk.locator("[data-beside]")
    expect(beside.locator("h1")).to_have_text("Plate 7")
    has_no_faults(desk)
    beside.locator(".decide form[action$='/decline'] button").click()
    expect(beside.locator(".errors")).to_contain_text("Say why")
    expect(beside.get_by_label("Reason", exact=True)).to_be_focused()
    expect(desk.locator("tr.is-here .q-open")).to_have_text("Plate 7")
    beside.locator(".decide form[action$='/approve'] button").click()
    expect(desk.locator(".flash")).to_contain_text("Approved")
    expect(beside.locator("h1")).to_have_text("Plate 8")


def test_keys_can_be_switched_off(desk: Page) -> None:
    press(desk, "?")
    desk.get_by_label("Use these keys in this browser").uncheck()
    press(desk, "Escape")
    press(desk, "j", "j", "a")
    expect(desk.locator("tr.is-here")).to_have_count(0)
    desk.reload()
    press(desk, "j")
    expect(desk.locator("tr.is-here")).to_have_count(0)
    expect(desk.get_by_role("button", name="Keys")).to_be_visible()


def test_without_scripts_rows_are_links_and_ticks_are_sent(browser: Browser, site: str) -> None:
    with browser.new_context(viewport=WIDE, locale="en-GB", java_script_enabled=False) as context:
        page = sign_in(context, site, "mio")
        page.locator("button[name=language][value=en]").click()
        page.goto(f"{site}/inbox?sort=start&page=2")
        page.get_by_role("link", name="Plate 51", exact=True).click()
        expect(page.locator("h1")).to_have_text("Plate 51")
        page.locator(".decide form[action$='/approve'] button").click()
        expect(page.locator(".q-open").first).to_have_text("Plate 50")
        expect(page).to_have_url(re.compile(r"page=2.*#r-"))
        expect(page.locator(".together")).to_be_hidden()
        for number in (0, 1):
            page.locator("[name=pick]").nth(number).check()
        page.get_by_role("button", name="Approve all").click()
        expect(page.locator(".flash")).to_contain_text("2 approved")


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_it_fits_and_what_is_ticked_stays_in_reach(browser: Browser, site: str, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB") as context:
        page = sign_in(context, site, "mio")  # reads Japanese
        page.goto(f"{site}/inbox")
        page.locator("[name=pick]").first.check()
        expect(page.locator(".together button").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        has_no_faults(page)
        page.locator(".q-open").first.click()
        expect(page).to_have_url(re.compile("/requests/"))
