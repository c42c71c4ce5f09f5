"""Asks axe-core, injected into the page that a browser shows, what is wrong with it."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

SOURCE: Final = Path(__file__).resolve().parents[1] / "vendor" / "axe-core@4.14.1" / "axe.min.js"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# On a gradient, or under something that lies over it, axe cannot judge contrast and says nothing. So the bar at the
# foot is let go, and both ends of the gradient are judged in its place: all rules on the page's own colour, then
# contrast alone on the tint at the top; what axe then still cannot judge counts as a fault, save signs such as +
# that are no text.
# Sheets made by a script are not the CSP's business.
ASK: Final = """async (rules) => {
  const ours = getComputedStyle(document.documentElement).getPropertyValue("--canvas");
  const plain = (colour) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { background: ${colour} !important } .order-bar { position: static !important }`);
    document.adoptedStyleSheets = ours ? [sheet] : [];
  };
  const said = (node) => node.any[0]?.message ?? "";
  const line = (fault, node) => `${fault.id}: ${node.target} ${said(node)}`;
  const told = (found) => found.flatMap((fault) => fault.nodes.map((node) => line(fault, node)));
  plain("var(--canvas)");
  const all = await axe.run({ runOnly: rules, resultTypes: ["violations"], preload: false });
  plain("var(--accent-wash)");
  const tinted = await axe.run({ runOnly: ["color-contrast"], preload: false });
  document.adoptedStyleSheets = [];
  const unjudged = told(tinted.incomplete).filter((text) => !/non-text characters|too short/.test(text));
  return [...new Set([...told([...all.violations, ...tinted.violations]), ...unjudged])];
}"""
# Where JavaScript is off the browser still runs what a test asks it to, but no timers; axe waits for some of 0 ms.
AT_ONCE: Final = "window.setTimeout = (act, _ms, ...rest) => void Promise.resolve().then(() => act?.(...rest))"
# Tokens, ticket codes (also as an address), order references, numbers.
CHANGING: Final = re.compile(
    r"""[\w-]{20,}|\b\w{4}-\w{4}-\w{4}\b|/tickets/\w+|(?<="reference">)\w+|(?<=Order%20)\w+|\d+"""
)
clean: set[tuple[object, str]] = set()


def faults(page: Page, *, look: object, scripts: bool) -> list[str]:
    """What axe finds on the page, as `rule: element why`; contrast that it cannot judge counts.

    A page that differs only by its numbers and tokens from one that was clean in the same `look` is not asked about
    again: every journey goes through the same first pages, and axe takes longer than all the rest.
    """
    shown = (look, CHANGING.sub("", page.content()))
    if shown in clean:
        return []
    if not scripts:
        page.evaluate(AT_ONCE)
    page.evaluate(_source())
    found: Any = page.evaluate(ASK, RULES)
    if not found:
        clean.add(shown)
    return list(found)


@cache
def _source() -> str:
    return SOURCE.read_text()
