"""The PDF of an order's tickets, read back: pages, words, tags, and what hostile data cannot do."""

import re
import zlib
from dataclasses import dataclass, replace

import pytest

from checkout import tickets_pdf


@dataclass(frozen=True)
class Facts:
    title: str = "Electromagnetic Field 2024"
    organiser_name: str = "EMF"
    when_text: str = "Thu 30 May 2024, 10:00 to Sun 2 June 2024, 22:00"
    zone_text: str = "BST, Europe/London"
    venue: str = "Eastnor, Herefordshire"
    accent: str = "#4338ca"
    is_test: bool = False


@dataclass(frozen=True)
class Ticket:
    number: int = 1
    type_name: str = "Full camp ticket"
    code: str = "ABCD-EFGH-JKMN"
    attendee_name: str = "Ada Lovelace"
    price_text: str = "£180.00"


def objects(pdf: bytes) -> dict[int, bytes]:
    """Each object of the file by its number; streams are inflated."""
    found = {}
    for number, body in re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, flags=re.DOTALL):
        head, stream, rest = body.partition(b"\nstream\n")
        packed = rest.removesuffix(b"\nendstream")
        found[int(number)] = head + stream + (zlib.decompress(packed) if b"FlateDecode" in head else packed)
    return found


def letters(to_unicode: bytes) -> dict[bytes, str]:
    """What the glyphs of one font mean, from its ToUnicode map."""
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", to_unicode)
    return {bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def words(pdf: bytes) -> list[str]:
    """The text of each page as a reader that only follows the fonts' ToUnicode maps would copy it."""
    every = objects(pdf)
    named = [pair for body in every.values() for pair in re.findall(rb"/(f\d+) (\d+) 0 R", body)]
    fonts = {}
    for name, number in named:
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", every[int(number)])
        assert to_unicode
        fonts[name] = letters(every[int(to_unicode[1])])
    pages = [body for body in every.values() if b"/Type/Page/" in body]
    return [_text(every[int(re.findall(rb"/Contents (\d+) 0 R", page)[0])], fonts) for page in pages]


def _text(content: bytes, fonts: dict[bytes, dict[bytes, str]]) -> str:
    shown = []
    for name, run in re.findall(rb"/(f\d+) [\d.]+ Tf.*?Tm(.*?)T[Jj]\n", content, flags=re.DOTALL):
        glyphs = b"".join(unescaped(text) for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\)", run, flags=re.DOTALL))
        shown += [fonts[name].get(glyphs[n : n + 2], "\ufffd") for n in range(0, len(glyphs), 2)] + ["\n"]
    return "".join(shown)


def unescaped(literal: bytes) -> bytes:
    """The bytes that a PDF string literal stands for (ISO 32000-1, 7.3.4.2)."""
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def meant(found: re.Match[bytes]) -> bytes:
        after = found[1]
        return bytes([int(after, 8)]) if after.isdigit() else named.get(after, after)

    return re.sub(rb"\\([0-7]{1,3}|.)", meant, literal, flags=re.DOTALL)


def test_render_makes_a_page_for_each_ticket_with_all_that_a_gate_needs() -> None:
    tickets = [Ticket(), Ticket(number=2, type_name="Campervan", code="AAAA-BBBB-CCCC", attendee_name="")]

    first, second = words(tickets_pdf.render(Facts(), "UHMF", tickets))

    assert first.splitlines() == [
        "EMF",
        "Electromagnetic Field 2024",
        "Thu 30 May 2024, 10:00 to Sun 2 June 2024, 22:00",
        "BST, Europe/London",
        "Eastnor, Herefordshire",
        "Full camp ticket",
        "Attendee",
        "Ada Lovelace",
        "ABCD-EFGH-JKMN",
        "Show this code at the entrance, on paper or on a screen. It admits one person once.",
        "Order UHMF, ticket 1 of 2",
        "£180.00",
    ]
    assert {"Campervan", "AAAA-BBBB-CCCC", "Order UHMF, ticket 2 of 2"} <= set(second.splitlines())
    assert "Attendee" not in second


def test_render_of_one_ticket_says_how_many_the_order_has() -> None:
    (page,) = words(tickets_pdf.render(Facts(), "UHMF", [Ticket(number=2)], of=3))

    assert "Order UHMF, ticket 2 of 3" in page


def test_render_is_tagged_titled_and_made_for_a_screen_reader() -> None:
    pdf = tickets_pdf.render(Facts(), "UHMF", [Ticket()])
    everything = b"\n".join(objects(pdf).values())

    assert b"/MarkInfo<</Marked true" in everything
    assert b"/Lang(en)" in everything
    assert b"<pdfuaid:part>1</pdfuaid:part>" in everything
    assert b"/Title(Tickets for Electromagnetic Field 2024, order UHMF)" in everything
    assert re.findall(rb"/S/(H\d)/P \d+ 0 R/T\(([^)]+)\)", everything) == [
        (b"H1", b"Electromagnetic Field 2024"),
        (b"H2", b"Full camp ticket"),
    ]
    assert b"/Alt(QR code of ticket ABCD-EFGH-JKMN)" in everything


@pytest.mark.parametrize("hostile", ['#panic("no")', "*bold* _x_ $x$", '"); #import "@preview/x:1.0.0"', "\\ #{1+1} ]"])
def test_render_reads_nothing_of_the_data_as_markup(hostile: str) -> None:
    (page,) = words(tickets_pdf.render(Facts(), "UHMF", [Ticket(attendee_name=hostile, type_name="Plain")]))

    assert hostile in page.splitlines()


@pytest.mark.parametrize("name", ["张伟", "Ada 🎉", "\U000f0000", "null \x00 byte"])
def test_render_admits_a_name_that_no_font_can_show(name: str) -> None:
    (page,) = words(tickets_pdf.render(Facts(), "UHMF", [Ticket(attendee_name=name)]))

    assert "ABCD-EFGH-JKMN" in page.splitlines()


@pytest.mark.parametrize("name", ["Μαρία Παπαδοπούλου", "Анна Каренина", "Łukasz Żółć", "Nguyễn Thị Minh"])
def test_render_shows_names_beyond_latin(name: str) -> None:
    (page,) = words(tickets_pdf.render(Facts(), "UHMF", [Ticket(attendee_name=name)]))

    assert name in page.splitlines()


def test_render_keeps_the_longest_texts_on_one_page() -> None:
    event = replace(Facts(), title="Wm " * 66, venue="Somewhere " * 30, organiser_name="Us and them " * 16)
    ticket = Ticket(type_name="Long type " * 20, attendee_name="Name " * 40)

    pages = words(tickets_pdf.render(event, "UHMF", [ticket, replace(ticket, number=2)]))

    assert [page.count("Name") for page in pages] == [40, 40]
    assert [page.count("ABCD-EFGH-JKMN") for page in pages] == [1, 1]


def test_render_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="without tickets"):
        tickets_pdf.render(Facts(), "UHMF", [])
