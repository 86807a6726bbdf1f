"""Take pictures of the ten main pages, each on a desktop and a phone, in English and Japanese, light and dark.

    python tools/pictures.py .cache/pictures [http://127.0.0.1:8000]

Without an address a demo of its own is made and served for as long as it takes. Says which page is wider than its
screen or says something to the console; the end is a list to look at, and 1 if there was any such page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from labbook.demo.people import DEMO_PASSWORD  # noqa: E402
from tests.browser.conftest import QUIET, chosen  # noqa: E402

SCIENTIST, STAFF = "misaki.sato@kazemori.example", "keiko.tanaka@hinoki-commons.example"
SCREENS = {"desktop": (1440, 900), "phone": (390, 844)}
LOCALES = {"en": "en-GB", "ja": "ja-JP"}
PORT = 8399

# The pages: whose, and either the address or the first link on another page that looks so.
PAGES = {
    "home": (SCIENTIST, "/", ""),
    "day": (SCIENTIST, "/sites/tsukuba/day", ""),
    "week": (SCIENTIST, "/sites/tsukuba/week", ""),
    "now": (SCIENTIST, "/now", ""),
    "resources": (SCIENTIST, "/resources", ""),
    "resource": (SCIENTIST, "/resources", r"/resources/[\w-]*confocal[\w-]*"),
    "book": (SCIENTIST, "/resources", r"/resources/[\w-]*confocal[\w-]*"),
    "bookings": (SCIENTIST, "/bookings", ""),
    "request": (SCIENTIST, "/bookings", r"/requests/\w+"),
    "inbox": (STAFF, "/inbox", ""),
}


def main(folder: Path, address: str = "") -> int:
    """Take all pictures; returns what the command is to end with."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with sync_playwright() as play, _served(folder, address) as url:
        found = chosen()
        environment = {**os.environ, **found.get("env", {})}
        browser = play.chromium.launch(executable_path=found["path"], env=environment, args=list(QUIET))
        faults = list(_taken(browser, url, folder))
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}", *faults, sep="\n")
    return 1 if faults else 0


def _taken(browser: Browser, url: str, folder: Path) -> Iterator[str]:
    for language, screen, email in product(LOCALES, SCREENS, (SCIENTIST, STAFF)):
        width, height = SCREENS[screen]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        page, said = context.new_page(), list[str]()
        _listen(page, said)
        _sign_in(page, url, email, language)
        for name, path in _paths(page, url, email).items():
            answer = page.goto(url + path)
            page.wait_for_load_state("networkidle")
            if answer is None or answer.status != 200:
                yield f"{name}, {screen}, {language}: {answer and answer.status}"
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.screenshot(path=folder / f"{name}-{screen}-{language}-{scheme}.png", full_page=screen == "phone")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                yield f"{name}, {screen}, {language}: {wide} px wider than the screen"
            yield from (f"{name}, {screen}, {language}: {one}" for one in said)
            said.clear()
        context.close()


def _listen(page: Page, said: list[str]) -> None:
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))


def _sign_in(page: Page, url: str, email: str, language: str) -> None:
    page.goto(f"{url}/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form:has(input[name=password]) button").last.click()
    page.wait_for_url(lambda now: "/sign-in" not in now)
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    page.request.post(f"{url}/language", form={"csrf_token": token, "language": language, "next": "/"})


def _paths(page: Page, url: str, email: str) -> dict[str, str]:
    """Where this person's pages are."""
    found = {}
    for name, (whose, path, link) in PAGES.items():
        if whose == email:
            found[name] = _link(page, url + path, link) if link else path
    if "book" in found:
        found["book"] += "/book"
    return found


def _link(page: Page, address: str, link: str) -> str:
    page.goto(address)
    seen = re.search(f'href="({link})"', page.content())
    if seen is None:
        raise SystemExit(f"no link like {link} on {address}")
    return seen[1].replace("&amp;", "&")


@contextmanager
def _served(folder: Path, address: str) -> Iterator[str]:
    if address:
        yield address.rstrip("/")
        return
    home = folder / "demo"
    home.mkdir(exist_ok=True)
    command = [str(Path(sys.executable).with_name("labbook")), "demo"]
    with (home / "log.txt").open("w") as log:
        demo = subprocess.Popen(command, cwd=home, env={**os.environ, "PORT": str(PORT)}, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{PORT}/healthz", demo)
            yield f"http://127.0.0.1:{PORT}"
        finally:
            demo.terminate()
            demo.wait()


def _wait(address: str, demo: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urlopen(address, timeout=2).close()  # noqa: S310  (an address of ours)
            return
        except (URLError, OSError):
            if demo.poll() is not None:
                raise SystemExit("the demo has ended; see log.txt beside the pictures") from None
            time.sleep(0.5)
    raise SystemExit("the demo does not answer")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve(), *sys.argv[2:3]))
