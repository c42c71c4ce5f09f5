"""What was measured, for people: tables in plain text."""

from collections.abc import Iterator

from bench.figures import Budget, Row, Section, Spread, Table


def text_of(section: Section) -> str:
    """The section's tables, budgets and notes."""
    return "\n".join(_lines(section))


def number(value: float) -> str:
    """Three significant figures, large numbers whole: 12,345 and 45.7 and 0.123."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def cell(spread: Spread | None) -> str:
    """The median and, where the rounds differ, the least and the most."""
    if spread is None:
        return ""
    least, most = number(min(spread.rounds)), number(max(spread.rounds))
    return number(spread.median) if least == most else f"{number(spread.median)} ({least} to {most})"


def _lines(section: Section) -> Iterator[str]:
    for table in section.tables:
        yield ""
        yield from _table(table)
    if section.budgets:
        yield ""
        yield from map(_budget, section.budgets)
    for note in section.notes:
        yield f"  note: {note}"
    for fault in section.faults:
        yield f"  FAULT: {fault}"


def _table(table: Table) -> Iterator[str]:
    columns = table.columns
    grid = [[table.title, *columns], *([row.name, *_cells(row, columns)] for row in table.rows)]
    widths = [max(len(line[place]) for line in grid) for place in range(len(columns) + 1)]
    for line in grid:
        cells = [text.rjust(width) for text, width in zip(line[1:], widths[1:], strict=True)]
        yield "  ".join([line[0].ljust(widths[0]), *cells]).rstrip()


def _cells(row: Row, columns: list[str]) -> list[str]:
    return [cell(row.values.get(column)) for column in columns]


def _budget(budget: Budget) -> str:
    bound = "at least" if budget.at_least else "at most"
    verdict = "met   " if budget.is_met else "MISSED"
    return f"  {verdict} {budget.promise}: {number(budget.measured)} ({bound} {number(budget.limit)})"
