"""Tables as a report shows them, and how figures are written in them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

UNKNOWN: Final = "not known"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts or drawings under their heads; the first of each row names it. `texts` are the heads of columns
    that are read and not compared; all others are figures."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    texts: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Each head, and whether figures are under it."""
        return [(head, place > 0 and head not in self.texts) for place, head in enumerate(self.heads)]

    @property
    def lines(self) -> list[tuple[Any, list[tuple[Any, bool]]]]:
        """Each row's name, and its cells with whether they are figures."""
        kinds = [is_figure for _, is_figure in self.columns][1:]
        return [(name, list(zip(cells, kinds, strict=True))) for name, *cells in self.rows]


def count(number: float | None) -> str:
    """1,234; a fraction to two places."""
    if number is None:
        return UNKNOWN
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def milliseconds(ms: float | None) -> str:
    """4.2 ms, 340 ms, 12.5 s: as many digits as can be told apart."""
    if ms is None:
        return UNKNOWN
    if ms >= 10_000:
        return f"{ms / 1000:,.1f} s"
    return f"{ms:,.0f} ms" if ms >= 10 else f"{ms:.1f} ms"


def share(part: float, whole: float) -> str:
    """38 %; less than a half percent is not nothing."""
    if not whole:
        return "0 %"
    return "<1 %" if 0 < part / whole < 0.005 else f"{100 * part / whole:.0f} %"
