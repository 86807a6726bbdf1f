"""Hands on a board: a mouse, a finger and keys that do the same thing to what lies on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, ViewportSize, expect

from tests.browser.test_main_job import sign_in

WIDE: ViewportSize = {"width": 2200, "height": 900}  # a whole day without scrolling
HOLD = 500  # ms that a finger rests to take hold


@dataclass(frozen=True)
class Place:
    """Where something is on the screen: its edges, its middle line, and how wide an hour is there."""

    left: float
    right: float
    y: float
    hour: float

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2


def place_of(one: Locator) -> Place:
    """Where a stretch of a lane is."""
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    lane = one.locator("xpath=..").bounding_box()
    seconds = one.evaluate("(li) => Number(li.closest('[data-start]').dataset.seconds)")
    assert box is not None
    assert lane is not None
    return Place(
        box["x"], box["x"] + box["width"], box["y"] + box["height"] / 2, lane["width"] / (float(seconds) / 3600)
    )


class Mouse:
    """Presses, draws in steps, and lets go only when told."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def drag(self, x: float, y: float, to_x: float, to_y: float | None = None) -> None:
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(to_x, y if to_y is None else to_y, steps=6)

    def drop(self) -> None:
        self.page.mouse.up()


class Finger:
    """Rests first, then draws. Of a page whose context has touch."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, x: float | None = None, y: float = 0) -> None:
        points = [] if x is None else [{"x": x, "y": y}]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def rest(self, x: float, y: float) -> None:
        self.send("touchStart", x, y)
        self.page.wait_for_timeout(HOLD)

    def drag(self, x: float, y: float, to_x: float, *, rests: bool = True) -> None:
        if rests:
            self.rest(x, y)
        else:
            self.send("touchStart", x, y)
        for part in (0.3, 0.6, 1):
            self.send("touchMove", x + (to_x - x) * part, y)

    def drop(self) -> None:
        self.send("touchEnd")


def book(page: Page, site: str, slug: str, start: str, end: str, title: str = "Plates") -> None:
    """Send a request for a time of the site's, as 2026-12-01T10:00."""
    page.goto(f"{site}/resources/{slug}/book?from={start}&to={end}&exact=1")
    page.locator("input[name=title]").fill(title)
    page.locator("form.book button.primary").last.click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def board_of(
    context: BrowserContext, site: str, name: str, place: str, day: str, *, booked: tuple[str, str, str] | None = None
) -> Page:
    """The day's board of somebody who has perhaps just booked: a resource, from and to."""
    page = sign_in(context, site, name)
    if booked:
        slug, start, end = booked
        book(page, site, slug, f"{day}T{start}", f"{day}T{end}")
    page.goto(f"{site}/sites/{place}/day?on={day}")
    return page


def asked(page: Page, act: Callable[[], None], form: str = "move") -> dict[str, str]:
    """What the form is opened with by an act: its address's from, to and what else there is."""
    act()
    page.wait_for_url(re.compile(rf"/{form}\?"))
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
