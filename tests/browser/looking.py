"""What is wrong with a page that a browser shows: what axe finds, what is wider than the screen, what is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Everything that axe knows by itself, and `target-size`, but for the bars of a board: those are as long as their time.
RUN = """async () => {
  const found = await axe.run(document, {
    resultTypes: ['violations'], preload: false, iframes: false,
    rules: { 'target-size': { enabled: true } },
  });
  const isBar = (rule, node) => rule === 'target-size' && document.querySelector(node.target[0]).closest('.lane');
  const said = (node) => node.any.concat(node.all, node.none).map((check) => check.message).join('; ');
  return found.violations.map((one) => [
    one.id,
    one.nodes.filter((node) => !isBar(one.id, node)).slice(0, 3)
      .map((node) => `${node.target.join(' ')} ${node.html.slice(0, 160)} ${said(node)}`),
  ]);
}"""

# Text that overflows a box which hides what overflows, and boxes that stand out of the screen on the right. What
# scrolls by itself, is shortened with an ellipsis, is a bar of a board or for screen readers only is none of these.
# Besides, on phones, rows of controls that go on beyond the edge, where nobody looks for them.
CUT = """() => {
  const screen = document.documentElement.clientWidth, found = [];
  const wide = document.documentElement.scrollWidth - screen;
  if (wide > 0) found.push(`the page is ${wide} px wider than a screen of ${screen} px`);
  const text = (one) => one.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40);
  const name = (one) => `${one.tagName.toLowerCase()}.${[...one.classList].join('.')} “${text(one)}”`;
  const scrolls = (one) =>
    one && (['auto', 'scroll'].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
  const hides = (one) => one.querySelector('a, button, input, select') && !one.closest('.board')
    && !one.querySelector('table, .board, pre');
  for (const one of document.querySelectorAll('body *')) {
    if (!one.firstChild || one.closest('svg, .vh, .lane')) continue;
    const style = getComputedStyle(one);
    if (['hidden', 'clip'].includes(style.overflowX) && one.clientWidth > 2 && one.scrollWidth > one.clientWidth + 1
        && style.textOverflow !== 'ellipsis' && one.textContent.trim()) found.push(`cut off: ${name(one)}`);
    if (screen < 400 && style.overflowX === 'auto' && one.scrollWidth > one.clientWidth + 1 && hides(one))
      found.push(`scrolls sideways: ${name(one)}`);
    const right = one.getBoundingClientRect().right;
    const isOuter = one.parentElement.getBoundingClientRect().right <= screen + 1;
    if (wide > 0 && right > screen + 1 && isOuter && !scrolls(one)) found.push(`too wide: ${name(one)}`);
  }
  return found.slice(0, 8);
}"""
# Links and forms whose address is no address of ours, nor anybody's: such as what a template took for one.
ASTRAY = """() => [...document.querySelectorAll('a[href], form[action]')]
  .map((one) => one.getAttribute('href') ?? one.getAttribute('action'))
  .filter((one) => !/^($|[/?#]|https?:|webcal:|mailto:)/.test(one)).map((one) => `leads nowhere: ${one}`)"""
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 800}


def faults(page: Page) -> list[str]:
    """What axe finds on a page, rule by rule."""
    page.evaluate(AXE_SCRIPT + ";0")
    found: list[tuple[str, list[Any]]] = page.evaluate(RUN)
    return [f"{rule}: {node}" for rule, nodes in found for node in nodes]


def cut(page: Page) -> list[str]:
    """What leads nowhere, or does not fit: the screen as it is, 320 px, and letters of twice the usual size."""
    found: list[str] = page.evaluate(ASTRAY) + page.evaluate(CUT)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    found += page.evaluate(CUT)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    with larger(page):
        found += [f"with letters of twice the size, {one}" for one in page.evaluate(CUT)]
    return found


@contextmanager
def larger(page: Page) -> Iterator[None]:
    """The browser's own setting for the size of letters, twice as large."""
    settings = page.context.new_cdp_session(page)
    settings.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    try:
        yield
    finally:
        settings.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
        settings.detach()
