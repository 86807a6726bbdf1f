"""Two ways of doing what a page offers, found by what it is called: without any script, and with no pointer at all."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page, expect

FAR = 250  # presses of Tab after which a thing counts as out of reach
IS_FOCUSED = "(one) => one === document.activeElement || one.contains(document.activeElement)"

# What is drawn around it, or around what stands for it: a box that is styled is drawn by its label.
SHOWS_FOCUS = """() => {
  const style = (one, name) => one && getComputedStyle(one)[name] !== 'none';
  const drawn = (one) => style(one, 'outlineStyle') || style(one, 'boxShadow');
  const focused = document.activeElement;
  return Boolean(drawn(focused) || drawn(focused.nextElementSibling) || drawn(focused.closest('label')));
}"""


def _of_date(value: str) -> tuple[str, str]:
    year, month, day = value.split("-")
    return f"{month}{day}{year}", f"{day}{month}{year}"


def _of_time(value: str) -> tuple[str, str]:
    hour, minute = map(int, value.split(":"))
    return f"{(hour - 1) % 12 + 1:02}{minute:02}{'AM' if hour < 12 else 'PM'}", value.replace(":", "")


# The parts of a date and a time as they are typed: in the order of the browser's own language, not of the page's.
PARTS = {"date": _of_date, "time": _of_time}


class Doing(Protocol):
    """Somebody at a page, who does things by their names."""

    page: Page

    def go(self, path: str) -> None:
        """Type an address."""

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """A button."""

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """A link."""

    def unfold(self, name: str, *, within: Locator | None = None) -> None:
        """What is folded away below a line."""

    def fill(self, label: str, value: str, *, within: Locator | None = None) -> None:
        """A field."""

    def choose(self, label: str, value: str, *, within: Locator | None = None) -> None:
        """One of a list's choices."""

    def tick(self, label: str, *, within: Locator | None = None) -> None:
        """A box, or one of several dots."""


class Named:
    """Finding things as people do: by what is written on them."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.site + path)

    def _within(self, within: Locator | None) -> Locator:
        return within or self.page.locator("body")

    def button(self, name: str, within: Locator | None) -> Locator:
        """The button of that name that stands first, and is to be reached."""
        return self._within(within).get_by_role("button", name=name).filter(visible=True).first

    def link(self, name: str, within: Locator | None) -> Locator:
        """The link of that name that stands first."""
        return self._within(within).get_by_role("link", name=name).filter(visible=True).first

    def line(self, name: str, within: Locator | None) -> Locator:
        """The line that something is folded away below."""
        return self._within(within).locator("summary", has_text=name).filter(visible=True).first

    def control(self, label: str, within: Locator | None) -> Locator:
        """The field with that label that stands first."""
        return self._within(within).get_by_label(label).filter(visible=True).first


class WithoutScript(Named):
    """Somebody with a pointer, whose browser runs no script."""

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """A button."""
        self.button(name, within).click()

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """A link."""
        self.link(name, within).click()

    def unfold(self, name: str, *, within: Locator | None = None) -> None:
        """What is folded away."""
        self.line(name, within).click()

    def fill(self, label: str, value: str, *, within: Locator | None = None) -> None:
        """A field."""
        self.control(label, within).fill(value)

    def choose(self, label: str, value: str, *, within: Locator | None = None) -> None:
        """A choice."""
        self.control(label, within).select_option(label=value)

    def tick(self, label: str, *, within: Locator | None = None) -> None:
        """A box."""
        self.control(label, within).check()


class ByKeys(Named):
    """Somebody with a keyboard and nothing else, who goes forward with Tab until it is there."""

    def reach(self, wanted: Locator) -> None:
        """Press Tab until it has the focus, and see that one can tell."""
        wanted.wait_for()
        thing = wanted.element_handle()
        assert thing is not None
        for _ in range(FAR):
            if thing.evaluate(IS_FOCUSED):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"no Tab leads to {wanted} on {self.page.url}")
        assert thing.evaluate(SHOWS_FOCUS), f"one cannot see that {wanted} has the focus"

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """A button."""
        self.reach(self.button(name, within))
        self._enter()

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """A link."""
        self.reach(self.link(name, within))
        self._enter()

    def unfold(self, name: str, *, within: Locator | None = None) -> None:
        """What is folded away."""
        self.reach(self.line(name, within))
        self.page.keyboard.press("Enter")

    def fill(self, label: str, value: str, *, within: Locator | None = None) -> None:
        """A field; dates and times part by part, as the browser asks for them."""
        field = self.control(label, within)
        self.reach(field)
        kind = field.get_attribute("type") or ""
        if kind in PARTS:
            self._type_parts(field, value, PARTS[kind](value))
        else:
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(value)
        expect(field).to_have_value(value)

    def choose(self, label: str, value: str, *, within: Locator | None = None) -> None:
        """A choice, by its first letters."""
        field = self.control(label, within)
        self.reach(field)
        self.page.keyboard.type(value)
        chosen = field.evaluate("(one) => one.selectedOptions[0].text.trim()")
        assert chosen == value.strip(), f"{chosen} instead of {value}"

    def tick(self, label: str, *, within: Locator | None = None) -> None:
        """A box by the space bar; of several dots the next, by an arrow, until it is the one."""
        field = self.control(label, within)
        if field.get_attribute("type") == "radio":
            name = field.get_attribute("name")
            self.reach(self.page.locator(f"fieldset:has(input[name={name}])"))
            for _ in range(12):
                if field.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        elif not field.is_checked():
            self.reach(field)
            self.page.keyboard.press("Space")
        expect(field).to_be_checked()

    def _type_parts(self, field: Locator, value: str, spellings: tuple[str, str]) -> None:
        for parts in spellings:
            self.page.keyboard.type(parts)
            if field.input_value() == value:
                return
            self.page.keyboard.press("Shift+Tab")
            self.reach(field)

    def _enter(self) -> None:
        self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()
