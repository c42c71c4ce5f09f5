"""A table as CSV that Excel opens as it is: UTF-8 with a mark, and no cell that it would take for a formula."""

import csv
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from checkout.exports.tables import COLUMNS, Amount, Cell, Wanted, rows
from events.models import Event
from kit import money

MARK: Final = "\ufeff"
AT_ONCE: Final = 500
# What begins a formula in one spreadsheet or another, in their wide forms too. Source: OWASP, "CSV Injection".
STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Line:
    """What csv writes to: keeps the last line for its taker."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text = text


def lines(event: Event, wanted: Wanted) -> Iterator[bytes]:
    """The file, some hundred lines at a time."""
    zone, currency, last = event.zone, event.currency, _Line()
    writer = csv.writer(last)

    def line(row: list[str]) -> str:
        writer.writerow(row)
        return last.text

    yield (MARK + line(COLUMNS[wanted.kind])).encode()
    found = (line([text(cell, zone, currency) for cell in row]) for row in rows(event, wanted))
    while piece := "".join(islice(found, AT_ONCE)):
        yield piece.encode()


def text(cell: Cell, zone: ZoneInfo, currency: str) -> str:
    """One cell: money as 12.50, a moment on the clock at the venue as 2030-06-01 10:00, words made harmless."""
    if cell is None:
        return ""
    if isinstance(cell, Amount):
        return money.input_text(cell.minor, currency)
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M}"
    return harmless(cell) if isinstance(cell, str) else str(cell)


def harmless(words: str) -> str:
    """With an apostrophe before whatever a spreadsheet would reckon with."""
    words = words.replace("\x00", "")
    return f"'{words}" if words.lstrip(" ").startswith(STARTS) else words
