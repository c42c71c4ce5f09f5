"""Organisers write Markdown; pages show the HTML that is left after cleaning."""

from html import unescape

import nh3
from markdown_it import MarkdownIt

_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "strong", "em", "code", "pre", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def to_html(text: str) -> str:
    """Safe HTML: raw HTML in the source is shown as text, links get rel=nofollow and http(s) or mailto only."""
    html = _reader.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return nh3.clean(html, tags=_TAGS, url_schemes={"http", "https", "mailto"}, link_rel="nofollow noopener")


def to_summary(text: str, length: int = 160) -> str:
    """The first `length` characters as plain text, cut at a word."""
    plain = " ".join(unescape(nh3.clean(_reader.render(text), tags=set())).split())
    return plain if len(plain) <= length else plain[: length - 1].rsplit(" ", 1)[0] + "…"
