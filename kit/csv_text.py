"""Tables as CSV text: written so that no spreadsheet takes a cell for a formula, and read as spreadsheets write it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

# Source: OWASP, "CSV injection": what a spreadsheet begins to calculate at.
FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r")


class NotCsv(ValueError):
    """No text, or no table. Its text is a sentence for people."""


def safe(cell: object) -> str:
    """The cell as text, with an apostrophe before what a spreadsheet would calculate."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Line by line, as it can be streamed. The first begins with the mark by which spreadsheets know UTF-8."""
    mark = "\ufeff"
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([safe(cell) for cell in row])
        yield mark + text.getvalue()
        mark = ""


def read(content: bytes) -> list[dict[str, str]]:
    """Rows by the names in the first line, in small letters; cells without white space around, nor the apostrophe that
    `safe` adds. Comma or semicolon, whichever the first line has. Raises NotCsv."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotCsv("Save the file as CSV in UTF-8.") from None
    if "\x00" in text:
        raise NotCsv("This is no CSV file.")
    first = text.partition("\n")[0]
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True))
    except csv.Error as fault:
        raise NotCsv(f"The file cannot be read as CSV: {fault}.") from None
    if not table:
        raise NotCsv("The file is empty.")
    names = [name.strip().lower() for name in table[0]]
    return [dict(zip(names, map(_plain, row), strict=False)) for row in table[1:] if any(cell.strip() for cell in row)]


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_BEGINS) else text
