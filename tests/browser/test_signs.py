"""A tablet on a wall: what it shows fits its screen and survives the loss of the network; and what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from labbook.core.language import Words
from labbook.db import db, transactional
from labbook.models import Sign
from labbook.signs import service
from labbook.signs.service import Wanted
from tests.browser.lab import Served, planted
from tests.cast import NOW, add_resource

TABLETS = [(1280, 800), (800, 1280), (1024, 600), (1920, 1080)]
LONG = Words(
    "Ultra-high-resolution-cryogenic-transmission-electron-microscope room 12", "超高分解能クライオ透過電子顕微鏡" * 2
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The lab with everything in it, some of it with long names, served."""
    with planted(tmp_path_factory.mktemp("signs")) as served:
        with served.app.app_context():
            _add_long(served.lab.sites["tsukuba"])
            db.session.remove()
        yield served


@transactional
def _add_long(site_id: int) -> None:
    add_resource(site_id, "tsukuba-long", name=LONG, pieces=12)


def put_up(served: Served, language: str = "en", **about: str) -> str:
    """The address of a new sign."""
    with served.app.app_context():
        wanted = Wanted("Door", language, **(about or {"resource": "tsukuba-plain"}))
        token = service.make(served.lab.actor("sora"), "tsukuba", wanted, now=NOW)
        db.session.remove()
    return f"{served.url}/signs/{token}"


@pytest.fixture
def tablet(browser: Browser) -> Iterator[Page]:
    """A tablet of ten inches, whose own zone is no site's."""
    with browser.new_context(
        viewport={"width": 1280, "height": 800}, timezone_id="Europe/London", reduced_motion="reduce"
    ) as context:
        yield context.new_page()


def overlapping(page: Page) -> list[str]:
    """Texts of a sign that are cut off by its edges or lie over each other."""
    found: list[str] = page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll('.sign p, .sign h1, .sign li, .sign footer, .sign-strip')]
            .filter((one) => one.getClientRects().length && one.textContent.trim());
          const faults = [];
          for (const one of boxes) {
            const a = one.getBoundingClientRect();
            if (a.left < -1 || a.top < -1 || a.right > innerWidth + 1 || a.bottom > innerHeight + 1)
              faults.push(`outside: ${one.className} ${one.textContent.trim().slice(0, 40)}`);
            if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline'
                && getComputedStyle(one).textOverflow !== 'ellipsis')
              faults.push(`cut: ${one.className} ${one.textContent.trim().slice(0, 40)}`);
            for (const other of boxes) {
              if (one === other || one.contains(other) || other.contains(one)) continue;
              const b = other.getBoundingClientRect();
              const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
              const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
              if (wide > 2 && high > 2) faults.push(`over: ${one.className} ${other.className}`);
            }
          }
          const whole = document.documentElement;
          if (whole.scrollHeight > innerHeight || whole.scrollWidth > innerWidth) faults.push('it scrolls');
          return faults;
        }"""
    )
    return found


@pytest.mark.parametrize("about", [{"area": "imaging"}, {"resource": "tsukuba-plain"}, {"resource": "tsukuba-long"}])
def test_a_sign_fits_every_tablet_in_both_languages_without_scrolling(
    served: Served, tablet: Page, about: dict[str, str]
) -> None:
    faults = []
    for language in ("en", "ja"):
        address = put_up(served, language, **about)
        for width, height in TABLETS:
            tablet.set_viewport_size({"width": width, "height": height})
            for page in range(2 if "area" in about else 1):
                tablet.goto(f"{address}?page={page}")
                faults += [f"{about} {language} {width} × {height}: {one}" for one in overlapping(tablet)]
        for scheme in ("light", "dark"):
            tablet.goto(f"{address}?look={scheme}")
            found = Axe().run(tablet)
            faults += [found.generate_report()] if found.violations_count else []
    assert faults == [], "\n".join(faults)


def test_the_word_can_be_read_at_three_metres(served: Served, tablet: Page) -> None:
    """From a tablet 217 mm wide: capital letters of 10 mm and more, which are read at three metres without effort."""
    size = "(one) => parseFloat(getComputedStyle(one).fontSize)"
    tablet.goto(put_up(served))
    millimetres = tablet.locator(".sign-standing strong").evaluate(size) * 217 / 1280
    assert millimetres * 0.7 >= 15
    tablet.goto(put_up(served, area="imaging"))
    rows = tablet.locator(".sign-rows li .sign-standing strong")
    assert rows.count() == 8
    assert rows.first.evaluate(size) * 217 / 1280 * 0.7 >= 5.5


def test_it_tells_the_sites_time_and_goes_on_telling_it(served: Served, tablet: Page) -> None:
    tablet.clock.install(time=NOW + timedelta(days=900))  # whatever the tablet believes
    tablet.goto(put_up(served))
    expect(tablet.locator(".sign-clock")).to_have_text("09:00")
    served.clock.now = NOW + timedelta(minutes=31)
    try:
        tablet.clock.fast_forward("31:00")
        expect(tablet.locator(".sign-clock")).to_have_text("09:31")
    finally:
        served.clock.now = NOW


def test_it_shows_by_itself_what_has_changed(served: Served, tablet: Page) -> None:
    tablet.clock.install()
    tablet.goto(put_up(served, resource="tsukuba-daytime"))
    expect(tablet.locator("main")).to_have_class(re.compile("is-free"))
    served.clock.now = NOW + timedelta(hours=10)
    try:
        tablet.clock.fast_forward("40")
        expect(tablet.locator("main")).to_have_class(re.compile("is-closed"))
        expect(tablet.locator(".sign-now")).to_contain_text("until tomorrow 09:00")
    finally:
        served.clock.now = NOW


def test_without_the_network_it_keeps_what_it_knew_says_since_when_and_comes_back(served: Served, tablet: Page) -> None:
    tablet.clock.install()
    tablet.goto(put_up(served, resource="tsukuba-daytime"))
    note = tablet.locator(".wall-note")
    expect(note).to_be_hidden()
    tablet.context.set_offline(True)
    expect(note).to_have_text("No connection since 09:00. What you see may have changed.")
    expect(tablet.locator(".sign-now")).to_contain_text("until 18:00")
    assert tablet.locator("footer").evaluate("(one) => getComputedStyle(one).opacity") < "0.7"

    # what was said of a time that is over by now is not known any more
    tablet.clock.fast_forward("09:30:00")
    expect(tablet.locator(".sign-now")).to_contain_text("Not known")
    expect(tablet.locator(".sign-now")).not_to_contain_text("18:00")
    expect(tablet.locator(".sign-clock")).to_have_text("18:30")

    tablet.context.set_offline(False)
    expect(note).to_be_hidden()
    expect(tablet.locator(".sign-now")).to_contain_text("until 18:00")  # the server's clock stood still


def test_a_proxys_own_page_is_not_taken_for_the_sign(served: Served, tablet: Page) -> None:
    tablet.clock.install()
    address = put_up(served)
    tablet.goto(address)
    tablet.route("**/signs/**", lambda route: route.fulfill(body="<main>Please pay for this network.</main>"))
    for _ in range(20):
        tablet.clock.fast_forward("10")
    expect(tablet.locator(".wall-note")).to_be_visible()
    expect(tablet.locator("h1")).to_contain_text("Plate reader")
    tablet.unroute("**/signs/**")
    tablet.clock.fast_forward("10")
    expect(tablet.locator(".wall-note")).to_be_hidden()


def test_one_that_is_taken_down_says_so_and_is_there_again_when_that_is_undone(served: Served, tablet: Page) -> None:
    tablet.clock.install()
    tablet.goto(put_up(served))
    with served.app.app_context():
        key = db.session.scalars(select(Sign.key).order_by(Sign.id.desc())).first() or ""
        service.end(served.lab.actor("sora"), "tsukuba", key, now=NOW)
        db.session.remove()
    tablet.clock.fast_forward("40")
    expect(tablet.locator("h1")).to_have_text("This sign has ended")
    with served.app.app_context():
        service.put_up_again(served.lab.actor("sora"), "tsukuba", key, now=NOW)
        db.session.remove()
    tablet.clock.fast_forward("06:00")
    expect(tablet.locator("h1")).to_contain_text("Plate reader")


# --- paper ------------------------------------------------------------------------------------------------------------


def pages_of(pdf: bytes) -> tuple[int, set[tuple[int, int]]]:
    """How many pages there are, and of what size in points."""
    count = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return count, {(round(float(wide)), round(float(high))) for wide, high in boxes}


@pytest.mark.parametrize(
    ("query", "count", "size"),
    [("", 1, (595, 842)), ("?first=23", 2, (595, 842)), ("?sheet=letter&first=28", 2, (612, 792))],
)
def test_labels_print_on_sheets_of_their_paper_and_on_no_more(
    served: Served, browser: Browser, query: str, count: int, size: tuple[int, int]
) -> None:
    page = served.page(browser, "sora", "en")
    page.goto(f"{served.url}/sites/tsukuba/labels{query}")
    assert pages_of(page.pdf(prefer_css_page_size=True, print_background=True)) == (count, {size})
    page.context.close()


@pytest.mark.parametrize(
    ("sheet", "first", "pitch"), [("a4", (6, 12.9), (66, 33.9)), ("letter", (3.175, 12.7), (69.85, 25.4))]
)
def test_labels_lie_where_the_sheets_are_cut(
    served: Served, browser: Browser, sheet: str, first: tuple[float, float], pitch: tuple[float, float]
) -> None:
    page = served.page(browser, "sora", "en", viewport={"width": 1280, "height": 1400})
    page.goto(f"{served.url}/sites/tsukuba/labels?sheet={sheet}")
    page.emulate_media(media="print")
    places = page.evaluate(
        """() => [...document.querySelectorAll('.label')].slice(0, 5).map((one) => {
          const a = one.getBoundingClientRect(), b = one.parentNode.getBoundingClientRect();
          return [a.left - b.left, a.top - b.top].map((px) => px * 25.4 / 96);
        })"""
    )
    expected = [(first[0] + n % 3 * pitch[0], first[1] + n // 3 * pitch[1]) for n in range(5)]
    assert [pytest.approx(place, abs=0.1) for place in expected] == places
    assert page.locator(".labels").first.evaluate("(one) => one.getBoundingClientRect().left") == 0
    inside = "(all) => all.every((one) => one.scrollHeight <= one.clientHeight + 1)"
    assert page.locator(".label").evaluate_all(inside)
    page.context.close()


def test_a_day_list_has_a_sheet_for_each_area_and_nothing_of_the_pages_frame(served: Served, browser: Browser) -> None:
    page = served.page(browser, "sora", "en")
    page.goto(f"{served.url}/sites/tsukuba/list?detail=full")
    page.emulate_media(media="print")
    for frame in (".top", ".foot", "form", "h1"):
        expect(page.locator(frame).first).to_be_hidden()
    expect(page.get_by_role("heading", name="イメージング")).to_be_visible()
    assert pages_of(page.pdf())[0] <= 2
    page.context.close()
