"""What is wrong with a plan: whole tables read or sorted, and rows read to be thrown away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.plans.watching import Statement

# Tables that grow with each event and each order. In a small one, reading all of it is often the best plan.
BIG: Final = frozenset(
    {
        "events_event", "events_tickettype", "events_quota", "events_stock", "events_draw", "events_reminder",
        "events_waiting", "events_question", "events_questionversion", "checkout_answer",
        "checkout_order", "checkout_ticket", "checkout_orderevent", "checkout_payment",
        "checkout_refund", "checkout_number", "checkout_counted", "checkout_mail", "checkout_webhookreceipt",
        "accounts_logentry", "flags_grant", "flags_change",
    }
)  # fmt: skip
# By one node. The largest event has 1,000 ticket types with two draws each, and may be read as a whole.
MOST_READ: Final = 3000
MOST_THROWN_AWAY: Final = 1100  # of what it has read, filtered out again

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """One node that does too much, in words for the person who has just written the query."""

    place: str
    text: str
    node: str
    table: str
    what: str

    @property
    def node_of_text(self) -> tuple[str, str, str]:
        """The same at each round, though the numbers differ."""
        return self.place, self.text, self.node

    def __str__(self) -> str:
        return f"{self.place}\n    {self.node}: {self.what}\n    {self.text}"


def faults_of(statement: Statement, rows_of: Mapping[str, float]) -> Iterator[Fault]:
    """Every fault of one statement; `rows_of` says how many rows each table has."""
    for node in nodes(statement.plan):
        table = str(node.get("Relation Name", ""))
        for what in (*_of_reading(node, table), *_of_sorting(node, rows_of)):
            yield Fault(statement.place, statement.text[:600], _name(node), table, what)


def nodes(plan: Node) -> Iterator[Node]:
    """A plan's nodes, from the top down."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def _of_reading(node: Node, table: str) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan" and table in BIG:
        yield f"reads all of {table}, {_read(node):,.0f} rows, to answer {_answered(node):,.0f}"
    elif _thrown_away(node) > MOST_THROWN_AWAY:
        yield f"throws {_thrown_away(node):,.0f} rows away, of {_read(node):,.0f}"
    elif _read(node) > MOST_READ:
        yield f"reads {_read(node):,.0f} rows"


def _of_sorting(node: Node, rows_of: Mapping[str, float]) -> Iterator[str]:
    if node["Node Type"] not in {"Sort", "Incremental Sort"}:
        return
    for below in nodes(node):
        table = str(below.get("Relation Name", ""))
        if table in BIG and float(below.get("Actual Rows", 0)) > rows_of[table] / 2:
            yield f"sorts {_answered(node):,.0f} rows, most of {table}"


def _answered(node: Node) -> float:
    return float(node.get("Actual Rows", 0)) * float(node.get("Actual Loops", 0))


def _thrown_away(node: Node) -> float:
    removed = sum(float(rows) for name, rows in node.items() if name.startswith("Rows Removed by"))
    return removed * float(node.get("Actual Loops", 0))


def _read(node: Node) -> float:
    return _answered(node) + _thrown_away(node)


def _name(node: Node) -> str:
    on = " on ".join(str(node[name]) for name in ("Index Name", "Relation Name") if name in node)
    return f"{node['Node Type']} {on}".strip()
