"""A table as XLSX: numbers as numbers, money with the currency's decimals, moments as on the clock at the venue."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from checkout.exports.tables import COLUMNS, Amount, Cell, Wanted, rows
from events.models import Event
from kit import money

MOST_ROWS: Final = 1_000_000  # a sheet has room for 1,048,576
LONGEST: Final = 32_000  # a cell for 32,767
OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class Writer:
    """Writes row after row; nothing but the row at hand is kept in memory."""

    def __init__(self, path: Path, event: Event, kind: str) -> None:
        self.book = xlsxwriter.Workbook(str(path), {**OPTIONS, "tmpdir": str(path.parent)})
        self.zone, self.currency, self.columns = event.zone, event.currency, COLUMNS[kind]
        places = money.exponent(self.currency)
        self.money: Any = self.book.add_format({"num_format": f"#,##0.{'0' * places}" if places else "#,##0"})
        self.moment: Any = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.head: Any = self.book.add_format({"bold": True})
        self.rows = 0

    def write(self, row: list[Cell]) -> None:
        place = self.rows % MOST_ROWS
        if place == 0:
            self._begin_sheet()
        for column, cell in enumerate(row):
            self._write_cell(place + 1, column, cell)
        self.rows += 1

    def close(self) -> None:
        if not self.rows:
            self._begin_sheet()
        self.book.close()

    def abandon(self) -> None:
        """Leave it unfinished, with no file open: the folder that it is in goes."""
        for sheet in self.book.worksheets():
            sheet.row_data_fh.close()

    def _begin_sheet(self) -> None:
        self.sheet = self.book.add_worksheet()
        self.sheet.set_column(0, len(self.columns) - 1, 18)
        self.sheet.freeze_panes(1, 0)
        for column, name in enumerate(self.columns):
            self.sheet.write_string(0, column, name, self.head)

    def _write_cell(self, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, Amount):
            major = Decimal(cell.minor).scaleb(-money.exponent(self.currency))
            self.sheet.write_number(row, column, major, self.money)
        elif isinstance(cell, datetime):
            self.sheet.write_datetime(row, column, cell.astimezone(self.zone).replace(tzinfo=None), self.moment)
        elif isinstance(cell, int):
            self.sheet.write_number(row, column, cell)
        elif cell:
            self.sheet.write_string(row, column, cell[:LONGEST])


def write(path: Path, event: Event, wanted: Wanted) -> int:
    """Write the file, and parts of it meanwhile beside it; answers how many rows it has below its heading."""
    writer = Writer(path, event, wanted.kind)
    try:
        for row in rows(event, wanted):
            writer.write(list(row))
        writer.close()
    except Exception:
        writer.abandon()
        raise
    return writer.rows
