"""All that scientists and staff do can be done without a script, and with the keyboard alone (conftest: which when)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.doing import ByKeys, Doing, WithoutScript
from tests.browser.lab import Served, planted
from tests.cast import NOW, PASSWORD

WAYS: dict[str, type[Any]] = {"without script": WithoutScript, "by keys": ByKeys}


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """How it is done."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, way: str) -> Iterator[Served]:
    """The lab with everything in it, anew for each way."""
    with planted(tmp_path_factory.mktemp("tasks")) as served:
        served.speak("en")
        yield served


class People:
    """Whoever is needed, at a browser of their own."""

    def __init__(self, browser: Browser, served: Served, way: str) -> None:
        self.browser, self.served, self.way = browser, served, way
        self.pages: list[Page] = []

    def __call__(self, name: str | None) -> Doing:
        page = self.served.page(self.browser, name, java_script_enabled=self.way == "by keys")
        page.set_default_timeout(8_000)
        self.pages.append(page)
        doing: Doing = WAYS[self.way](page, self.served.url)
        return doing


@pytest.fixture
def people(browser: Browser, served: Served, way: str) -> Iterator[People]:
    """Who does it, from Monday morning on."""
    people, served.clock.now = People(browser, served, way), NOW
    yield people
    for page in people.pages:
        page.context.close()


def heading(one: Doing, text: str) -> None:
    """The page is headed so."""
    expect(one.page.get_by_role("heading", level=1)).to_contain_text(text)


def told(one: Doing, text: str) -> None:
    """The page tells what has happened, or shows it."""
    expect(one.page.locator("main")).to_contain_text(text)


def request_of(served: Served, name: str) -> str:
    """The address of one of Aoba's requests."""
    return f"/requests/{served.plants.requests[name]}"


def test_what_no_key_reaches_or_nobody_sees_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<a href='#' tabindex='-1'>Away</a><button style='outline: none; box-shadow: none'>Unseen</button>"
    )
    one = ByKeys(page, "")
    with pytest.raises(AssertionError, match="no Tab leads to"):
        one.follow("Away")
    with pytest.raises(AssertionError, match="one cannot see"):
        one.press("Unseen")
    page.close()


# Scientists.


def test_signing_in_and_out(people: People) -> None:
    one = people(None)
    one.go("/bookings")
    one.fill("E-mail", "alan@lab.example")
    one.fill("Password", PASSWORD)
    one.press("Sign in")
    heading(one, "My bookings")
    one.unfold("Fossa")
    one.press("Sign out")
    heading(one, "Sign in")


def test_finding_booking_changing_and_cancelling(people: People) -> None:
    one = people("hana")
    one.go("/resources")
    one.follow("Find a time")
    one.choose("What", "Hood · Tsukuba")
    one.fill("Length", "2")
    one.fill("First day", "2026-11-25")
    one.press("Find a time")
    one.follow("Hood Tsukuba", within=one.page.locator(".find-found"))
    heading(one, "Book Hood")
    one.fill("Title", "Found and booked")
    one.press("Book")
    heading(one, "Found and booked")
    told(one, "Approved")

    one.follow("Move")
    one.fill("Date", "2026-11-26", within=one.page.locator("fieldset", has_text="From"))
    one.fill("Date", "2026-11-26", within=one.page.locator("fieldset", has_text="To").last)
    one.press("Move")
    told(one, "Thu 26 Nov 2026")

    one.unfold("More")
    one.unfold("Cancel")
    one.press("Cancel this booking")
    told(one, "Cancelled")


def test_choosing_a_favourite(people: People) -> None:
    one = people("hana")
    one.go("/resources/tsukuba-plain")
    one.press("Keep as a favourite")
    expect(one.page.get_by_role("button", name="favourite")).to_contain_text("Plate reader")
    one.go("/")
    told(one, "Plate reader")


def test_checking_in_and_ending_early(people: People, served: Served) -> None:
    one = people("hana")
    one.go("/resources/tsukuba-hood/book?from=2026-11-23T10:00&to=2026-11-23T12:00&exact=1")
    one.fill("Title", "Here I am")
    one.press("Book")
    heading(one, "Here I am")
    served.clock.now += timedelta(minutes=55)
    one.go("/bookings")
    row = one.page.locator("article, li, tr").filter(has_text="Here I am").last
    one.press("Check in", within=row)
    told(one, "Checked in")
    one.follow("Here I am")
    one.unfold("More")
    one.follow("Extend or shorten")
    heading(one, "Another end")
    one.fill("Time", "11:00")
    one.press("Let it end then")
    told(one, "10:00–11:00")


def test_booking_what_is_free_now(people: People) -> None:
    one = people("alan")
    one.go("/now")
    one.follow("Bench")
    heading(one, "Bench")
    one.go("/now")
    one.follow("Hood")
    one.tick("30 min")
    one.fill("Title", "A short look")
    one.press("Book it")
    told(one, "A short look")


def test_handing_a_booking_over(people: People, served: Served) -> None:
    one = people("hana")
    one.go(request_of(served, "Pooled"))
    one.unfold("More")
    one.follow("Hand over")
    one.choose("Colleague", "Toby Tanner")
    one.fill("Reason", "I am away that day.")
    one.press("Hand it over")
    told(one, "Toby Tanner")


def test_answering_whoever_asks_for_a_time(people: People, served: Served) -> None:
    one = people("hana")
    one.go("/messages")
    one.follow("Confocal")
    one.fill("Answer", "You can have it from three o’clock.")
    one.press("Send")
    told(one, "You can have it from three o’clock.")


def test_repeating_a_booking(people: People) -> None:
    one = people("hana")
    one.go("/resources/tsukuba-hood/book?from=2026-12-01T10:00&to=2026-12-01T11:00&exact=1")
    one.fill("Title", "Each week")
    one.unfold("Repeat it")
    one.choose("Repeat", "By weeks")
    one.fill("Or so many times", "3")
    one.press("Book")
    heading(one, "Each week")
    told(one, "Tue 15 Dec 2026")


def test_waiting_for_a_time_and_leaving_the_line(people: People) -> None:
    one = people("hana")
    one.go("/resources/tsukuba-asked/book?from=2026-11-24T10:00&to=2026-11-24T12:00&exact=1")
    one.follow("Tell me when it becomes free")
    heading(one, "Tell me when it becomes free")
    one.fill("Title", "As soon as there is room")
    one.press("Tell me when it becomes free")
    told(one, "Sequencer")
    line = one.page.locator("li").filter(has_text="Sequencer").last
    one.unfold("Leave the line", within=line)
    one.press("Leave the line", within=line)
    told(one, "Waiting list")


def test_taking_a_time_that_is_kept(people: People) -> None:
    one = people("hana")
    one.go("/waiting")
    one.press("Take it")
    told(one, "Plate reader")


def test_answering_a_question_and_withdrawing(people: People, served: Served) -> None:
    one = people("hana")
    one.go(request_of(served, "Waiting"))
    one.unfold("Add something")
    one.fill("Your answer", "It has been heated.")
    one.press("Send")
    told(one, "It has been heated.")


def test_asking_whoever_has_a_time(people: People) -> None:
    one = people("ben")
    one.go("/sites/tsukuba/day?on=2026-11-24")
    link = one.page.locator("a[href^='/messages/new']").first.get_attribute("href")
    assert link
    one.go(link)
    one.fill("Message", "Could we have half an hour of it?")
    one.press("Send")
    told(one, "Could we have half an hour of it?")


def test_making_and_ending_a_feed(people: People) -> None:
    one = people("alan")
    one.go("/feeds")
    one.choose("About", "All bookings of Capybara Bio")
    one.fill("Name", "Our group")
    one.press("Make the feed")
    expect(one.page.locator("#made-url")).to_have_value(re.compile(r"\.ics$"))
    one.go("/feeds")
    one.unfold("Revoke Our group")
    one.press("Revoke this feed")
    told(one, "No feed")


def test_asking_for_a_training_and_taking_a_place(people: People) -> None:
    one = people("alan")
    one.go("/card")
    one.follow("See the sessions")
    one.fill("Note", "For the autumn campaign")
    one.press("Ask the site’s staff")
    told(one, "Laser sign-off")
    one.go("/trainings/laser")
    one.press("Take a place")
    told(one, "The place is yours.")
    one.press("Give it back")
    expect(one.page.get_by_role("button", name="Take a place")).to_be_visible()


def test_the_account(people: People) -> None:
    one = people("two")
    one.go("/account")
    one.follow("Choose")
    one.choose("Reminder before each of my bookings", "1 hour before")
    one.press("Save")
    expect(one.page.get_by_label("Reminder before each of my bookings")).to_have_value("60")
    one.go("/account")
    one.fill("Present password", PASSWORD)
    one.fill("New password", "a rather long heron sentence")
    one.fill("The same again", "a rather long heron sentence")
    one.press("Change the password")
    told(one, "password")


# Staff.


def test_approving_and_declining(people: People, served: Served) -> None:
    one = people("sora")
    one.go("/inbox")
    row = one.page.get_by_role("row").filter(has_text="QuokkaWishedTitle")
    one.unfold("Decline", within=row)
    one.fill("Reason", "The sorter is being moved.", within=row)
    one.press("Decline", within=row.locator("form[action$='/decline']"))
    told(one, "Declined")
    one.go(request_of(served, "Waiting"))
    one.press("Approve")
    told(one, "Approved")


def test_proposing_another_time(people: People, served: Served) -> None:
    asker, one = people("hana"), people("sora")
    asker.go("/resources/tsukuba-asked/book?from=2026-11-26T09:00&to=2026-11-26T10:00&exact=1")
    asker.fill("Title", "Rather early")
    asker.press("Send request")
    heading(asker, "Rather early")
    one.go(asker.page.url.removeprefix(served.url))
    one.follow("Propose another time or unit")
    one.follow("Thu 26 Nov 2026")
    one.fill("A word with it", "Then the room is quiet.")
    one.press("Propose it")
    told(one, "Rather early")
    asker.page.reload()
    told(asker, "Then the room is quiet.")


def test_closing_something(people: People) -> None:
    one = people("sora")
    one.go("/sites/tsukuba/closures")
    one.follow("Close something")
    one.tick("Maintenance")
    one.fill("Message in English", "New lamps")
    one.fill("Message in Japanese", "ランプ交換")
    one.fill("Date", "2026-12-24", within=one.page.locator("fieldset", has_text="From"))
    one.fill("Date", "2026-12-24", within=one.page.locator("fieldset", has_text="To").last)
    one.press("See what is booked there")
    told(one, "New lamps")
    one.press("Close")
    told(one, "New lamps")


def test_reporting_a_fault(people: People) -> None:
    one = people("sora")
    one.go("/sites/tsukuba/closures")
    one.follow("Report a fault")
    one.fill("Message in English", "It leaks")
    one.fill("Message in Japanese", "水漏れ")
    one.press("Out of order now")
    told(one, "It leaks")


def test_signing_somebody_off(people: People) -> None:
    one = people("sora")
    one.go("/sites/tsukuba/trainings")
    one.choose("Person", "Fossa Binturong", within=one.page.locator("#grant").locator(".."))
    one.press("Sign off")
    told(one, "Fossa Binturong")


def test_naming_a_session(people: People) -> None:
    one = people("sora")
    one.go("/sites/tsukuba/trainings")
    one.follow("Schedule a session")
    one.fill("Date", "2026-12-02")
    one.fill("From", "10:00")
    one.fill("To", "12:00")
    one.press("Name the session")
    told(one, "Wed 2 Dec 2026")


def test_inviting_somebody(people: People) -> None:
    one = people("cora")
    one.go("/people")
    one.fill("E-mail address", "newcomer@lab.example")
    one.press("Send the invitation")
    told(one, "newcomer@lab.example")


def test_making_a_rule(people: People) -> None:
    one = people("rin")
    one.go("/sites/tsukuba/rules")
    one.follow("New rule set")
    one.fill("Name in English", "Weekends")
    one.fill("Name in Japanese", "週末の利用")
    one.press("Make the rule set")
    heading(one, "Weekends")
    one.follow("Add a limit")
    one.follow("Length of a booking")
    one.fill("At most", "2 h")
    one.press("Save")
    heading(one, "Weekends")
    one.unfold("Remove: Length of a booking")
    one.press("Yes, remove it")
    heading(one, "Weekends")


def test_hanging_up_a_sign_and_taking_it_down(people: People) -> None:
    one = people("sora")
    one.go("/sites/tsukuba/signs")
    one.choose("What it shows", "Hood")
    one.fill("Name", "At the hoods")
    one.press("Make the sign")
    told(one, "Link of the sign “At the hoods”")
    one.go("/sites/tsukuba/signs")
    one.unfold("Take down At the hoods")
    one.press("Yes, take it down")
    expect(one.page.get_by_role("link", name="At the hoods")).to_have_count(0)


def test_printing_the_day(people: People) -> None:
    one = people("sora")
    one.go("/sites/tsukuba/signs")
    one.follow("Day list to print")
    heading(one, "Day list")
    one.fill("Date", "2026-11-24")
    one.press("Show it")
    told(one, "Plate reader")


def test_deciding_on_a_suspended_booking(people: People) -> None:
    one = people("sora")
    one.go("/flags")
    one.tick("QuokkaApprovedTitle")
    one.press("Keep the chosen")
    expect(one.page.get_by_label("QuokkaApprovedTitle")).to_have_count(0)
