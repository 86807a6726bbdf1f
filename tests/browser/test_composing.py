"""Whoever writes Japanese confirms words with Enter, and nothing is sent by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.live import served
from tests.cast import PASSWORD

ENTER = {"key": "Enter", "code": "Enter", "unmodifiedText": "\r", "text": "\r"}
_PRESSED = """() => { window.sent = 0; window.pressed = 0;
  document.addEventListener('submit', (event) => { window.sent += 1; event.preventDefault(); });
  document.addEventListener('keydown', (event) => { if (event.key === 'Enter') window.pressed += 1; }); }"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("composing")) as url:
        yield url


def press(keyboard: CDPSession, code: int) -> None:
    """Enter, as the system tells the browser: 229 is a key that an input method has used up."""
    codes = {"windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code}
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **ENTER, **codes})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "Enter", "code": "Enter", **codes})


def compose(keyboard: CDPSession, text: str) -> None:
    """Words that are still being chosen."""
    keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def counted(page: Page) -> Any:
    """How many forms were sent, and how many Enters reached the page."""
    return page.evaluate("[window.sent, window.pressed]")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/resources", "[name=q]"),
        ("/resources/tsukuba-confocal-1/book", "[name=title]"),
        ("/account", "[name=reading]"),
    ],
)
def test_enter_sends_nothing_before_the_words_are_chosen(site: str, page: Page, path: str, field: str) -> None:
    page.goto(f"{site}/sign-in?next={path}")
    page.fill("[name=email]", "hana@lab.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button.primary")
    expect(page.locator(field)).to_be_visible()
    page.evaluate(_PRESSED)
    keyboard = page.context.new_cdp_session(page)
    page.fill(field, "")
    page.locator(field).focus()

    compose(keyboard, "きょうしょうてん")
    press(keyboard, 13)  # while they are composed
    assert counted(page) == [0, 0]
    compose(keyboard, "共焦点")
    press(keyboard, 229)
    assert counted(page) == [0, 0]

    keyboard.send("Input.insertText", {"text": "共焦点"})
    press(keyboard, 229)  # Safari: the words are taken first, then the key is told
    assert counted(page) == [0, 0]
    expect(page.locator(field)).to_have_value("共焦点")
    press(keyboard, 13)
    assert counted(page) == [1, 1]
