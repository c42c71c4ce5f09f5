"""What is measured, as numbers: spreads over rounds, percentiles, tables and budgets."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure, measured in several rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)

    def over(self, baseline: "Spread") -> "Spread":
        """The ratio to a baseline that was measured in turn with it, round by round."""
        return Spread(tuple(mine / other for mine, other in zip(self.rounds, baseline.rounds, strict=True)))

    def as_json(self) -> dict[str, Any]:
        return {"median": self.median, "min": min(self.rounds), "max": max(self.rounds), "rounds": list(self.rounds)}


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least `share` (0 to 1) of `values` do not exceed; `values` must not be empty."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing and its figures by column."""

    name: str
    values: Mapping[str, Spread]

    @classmethod
    def of(cls, name: str, rounds: Sequence[Mapping[str, float]]) -> "Row":
        """A row from what each round measured; every round has the same columns."""
        return cls(name, {column: Spread(tuple(one[column] for one in rounds)) for column in rounds[0]})

    def with_column(self, column: str, spread: Spread) -> "Row":
        return Row(self.name, {**self.values, column: spread})


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one title, with the columns of `order` first. A row need not have every column."""

    title: str
    rows: Sequence[Row]
    order: Sequence[str] = ()

    @property
    def columns(self) -> list[str]:
        found = dict.fromkeys(column for row in self.rows for column in row.values)
        return [*(column for column in self.order if column in found), *(c for c in found if c not in self.order)]


@dataclass(frozen=True, slots=True)
class Budget:
    """A promise of issue 2 or of docs/contributors/benchmarks.md, and what was measured."""

    promise: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(slots=True)
class Section:
    """All that one benchmark found. `faults` are disagreements in the books: there must be none."""

    name: str
    tables: list[Table] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "tables": [_table(table) for table in self.tables],
            "budgets": [_budget(budget) for budget in self.budgets],
            "notes": self.notes,
            "faults": self.faults,
            **self.details,
        }


def _table(table: Table) -> dict[str, Any]:
    rows = [
        {"name": row.name, **{column: spread.as_json() for column, spread in row.values.items()}} for row in table.rows
    ]
    return {"title": table.title, "rows": rows}


def _budget(budget: Budget) -> dict[str, Any]:
    relation = ">=" if budget.at_least else "<="
    return {
        "promise": budget.promise,
        "measured": budget.measured,
        "limit": f"{relation} {budget.limit:g}",
        "met": budget.is_met,
    }
