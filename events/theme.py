"""An event's accent colour as a stylesheet of its own, so that no page needs an inline style."""

from functools import lru_cache

from kit import colour
from kit.http import Page


@lru_cache(maxsize=512)
def stylesheet(accent: str) -> Page:
    """Custom properties for one accent (six hex digits), readable in the light and the dark scheme.

    `--accent` paints buttons and carries `--accent-ink` as its text; `--accent-text` is the accent as text on the page.
    """
    given = colour.parse(accent)
    button = colour.readable_on(given, colour.WHITE)
    on_light, on_dark = (
        colour.readable_on(given, colour.LIGHT_PAGE),
        colour.readable_on(given, colour.DARK_PAGE),
    )
    return Page.of(
        ":root{"
        f"--accent:{colour.as_hex(button)};--accent-ink:#ffffff;"
        f"--accent-text:light-dark({colour.as_hex(on_light)},{colour.as_hex(on_dark)})"
        "}",
        content_type="text/css; charset=utf-8",
    )
