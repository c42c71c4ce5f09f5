"""The arithmetic of figures, and how they are written."""

import pytest

from bench.figures import Budget, Row, Section, Spread, Table, percentile
from bench.report import cell, number, text_of


def test_spread_has_the_middle_round_and_its_bounds() -> None:
    spread = Spread((3.0, 1.0, 10.0))

    found = spread.as_json()

    assert found == {"median": 3.0, "min": 1.0, "max": 10.0, "rounds": [3.0, 1.0, 10.0]}


def test_ratio_is_taken_round_by_round() -> None:
    ours, baseline = Spread((8.0, 30.0, 20.0)), Spread((2.0, 10.0, 4.0))

    ratio = ours.over(baseline)

    assert ratio == Spread((4.0, 3.0, 5.0))


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)])
def test_percentile_is_the_least_value_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    values = list(range(100, 0, -1))

    found = percentile(values, share)

    assert found == expected


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize(
    ("measured", "at_least", "is_met"), [(4.0, True, True), (3.9, True, False), (4.0, False, True), (4.1, False, False)]
)
def test_budget_is_met_up_to_its_limit(measured: float, at_least: bool, is_met: bool) -> None:
    budget = Budget("holds", measured, 4, at_least=at_least)

    assert budget.is_met == is_met


def test_table_has_every_row_s_columns_once_the_ordered_ones_first() -> None:
    rows = [Row.of("cold", [{"SQL": 3, "p50": 1}]), Row.of("warm", [{"rate": 9, "p50": 1}])]

    table = Table("pages", rows, order=("rate", "absent"))

    assert table.columns == ["rate", "SQL", "p50"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (12345.6, "12,346"), (99.95, "100.0"), (12.34, "12.3"), (1.234, "1.23"), (0.0123, "0.012")],
)
def test_number_is_written_short(value: float, expected: str) -> None:
    assert number(value) == expected


def test_cell_leaves_out_a_spread_that_cannot_be_seen() -> None:
    cells = [cell(Spread((2.0, 1.0, 3.0))), cell(Spread((5.0, 5.0, 5.001))), cell(None)]

    assert cells == ["2.00 (1.00 to 3.00)", "5.00", ""]


def test_report_says_what_is_met_missed_and_wrong() -> None:
    section = Section(
        "orders",
        tables=[Table("free order", [Row.of("one", [{"SQL": 9}]), Row.of("other", [{"ms": 2}])])],
        budgets=[Budget("statements", 9, 12), Budget("seconds", 6, 5)],
        notes=["counted on the server"],
        faults=["501 were sold"],
    )

    lines = text_of(section).splitlines()

    assert lines == [
        "",
        "free order   SQL    ms",
        "one         9.00",
        "other             2.00",
        "",
        "  met    statements: 9.00 (at most 12.0)",
        "  MISSED seconds: 6.00 (at most 5.00)",
        "  note: counted on the server",
        "  FAULT: 501 were sold",
    ]


def test_section_in_json_keeps_every_round_and_its_details() -> None:
    row = Row.of("one", [{"SQL": 9}, {"SQL": 10}])
    section = Section("orders", tables=[Table("order", [row])], budgets=[Budget("SQL", 9, 12)], details={"seen": 1})

    found = section.as_json()

    assert found["tables"][0]["rows"][0]["SQL"]["rounds"] == [9, 10]
    assert found["budgets"] == [{"promise": "SQL", "measured": 9, "limit": "<= 12", "met": True}]
    assert found["seen"] == 1
