"""What organisers write becomes HTML that can do no harm."""

import pytest

from kit import markdown


def test_to_html_keeps_what_markdown_is_for() -> None:
    html = markdown.to_html("# Camp\n\nCome *early*, bring **tea**.\n\n- tent\n- [map](https://maps.example/a)\n")

    assert "<h2>Camp</h2>" in html
    assert "<p>Come <em>early</em>, bring <strong>tea</strong>.</p>" in html
    assert "<li>tent</li>" in html
    assert '<a href="https://maps.example/a" rel="nofollow noopener">map</a>' in html


def test_to_html_makes_tables() -> None:
    html = markdown.to_html("| Day | Bar |\n|---|---|\n| Fri | open |\n")

    assert "<td>Fri</td><td>open</td>" in html.replace("\n", "")


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "<style>body{display:none}</style>",
        "<iframe src='https://evil.example'></iframe>",
        "<svg onload=alert(1)>",
    ],
)
def test_to_html_shows_raw_html_as_text(source: str) -> None:
    html = markdown.to_html(source)

    assert html.startswith(("<p>&lt;", "&lt;"))
    assert "<" not in html.replace("<p>", "").replace("</p>", "")


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "&#106;avascript:alert(1)"],
)
def test_to_html_links_only_where_a_link_may_lead(link: str) -> None:
    html = markdown.to_html(f"[x]({link})")

    assert "href" not in html


def test_to_html_lets_an_address_be_written_to() -> None:
    html = markdown.to_html("[write](mailto:help@example.com)")

    assert '<a href="mailto:help@example.com" rel="nofollow noopener">write</a>' in html


def test_to_html_shows_no_picture_from_elsewhere() -> None:
    assert "<img" not in markdown.to_html("![x](https://spy.example/pixel.png)")


def test_to_summary_is_plain_text() -> None:
    assert markdown.to_summary("# Camp\n\nTea & *cake* for [all](https://x.example).") == "Camp Tea & cake for all."


def test_to_summary_is_cut_at_a_word() -> None:
    summary = markdown.to_summary("word " * 100, length=22)

    assert summary == "word word word word…"
    assert len(summary) <= 22


def test_to_summary_of_what_fits_is_all_of_it() -> None:
    assert markdown.to_summary("a" * 160) == "a" * 160
    assert markdown.to_summary("") == ""
