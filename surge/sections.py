"""The parts of a report that are tables: what was waited for, how journeys ended, errors, the edge, flags; and the
books. Pure.

Every part bears what is missing: a run that was cut short has not all figures, one that runs has none.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from surge.charts import bar
from surge.summary import SLOW_MS, hit_rate
from surge.tables import UNKNOWN, Table, count, milliseconds, share

Figures = Mapping[str, Any]
# In the order of a journey; what is not named here comes after.
STEPS: Final = (
    "event page", "availability", "static file", "hold", "details", "review", "payment page", "pay", "return",
    "notice of payment", "confirmation", "ticket",
)  # fmt: skip
ENDED: Final[Mapping[str, tuple[str, str]]] = {
    "bought": ("Bought", "good"), "sold_out": ("Found all sold out", "soft"), "abandoned": ("Left on the way", "soft"),
    "declined": ("Card declined", "soft"), "failed": ("Failed", "bad"), "bot": ("Bots", "soft"),
}  # fmt: skip
OF_THE_EDGE: Final[Mapping[str, str]] = {
    "HIT": "answered from its copy", "STALE": "answered from an old copy", "UPDATING": "answered while a new one came",
    "REVALIDATED": "answered from a copy that was still good", "MISS": "asked the site, had no copy",
    "EXPIRED": "asked the site, its copy was old", "PASS": "a page of one buyer, never kept",
    "BYPASS": "a page of one buyer, never kept", "DISK": "the site's own files",
}  # fmt: skip
OWN_COPY: Final = ("HIT", "STALE", "UPDATING", "REVALIDATED")
BUDGETS: Final = (("queries_p95", "budget_queries"), ("ms_p95", "budget_ms"))
IN_BOOKS: Final[Mapping[str, str]] = {
    "tickets": "Tickets", "paid": "Payments", "receipts": "Buyers with a confirmation", "mail": "Mails written",
    "mail_held_back": "Mails held back", "mail_sent": "Mails sent", "oversold": "Places sold that were not there",
}  # fmt: skip
OF_ORDERS: Final = ("complete", "held", "paying", "expired", "cancelled")


def steps(outcome: Figures) -> Table | None:
    """What buyers waited for, with a bar to the longest p99: half of all, 95 and 99 of 100."""
    found: Mapping[str, Figures] = outcome.get("steps") or {}
    named = sorted((name for name in found if found[name].get("count")), key=lambda name: (_place(name), name))
    if not named:
        return None
    top = max([SLOW_MS * 1.1, *(float(found[name].get("p99_ms") or 0) for name in named)])
    return Table(
        "What buyers waited for", ("Step", "p50, p95, p99", "Times", "Errors", "p50", "p95", "p99", "Longest"),
        [_step(name, found[name], top) for name in named], texts=frozenset({"p50, p95, p99"}),
        note=f"From the moment at which a buyer was due. The red line is {SLOW_MS} ms.",
    )  # fmt: skip


def _step(name: str, step: Figures, top: float) -> tuple[Any, ...]:
    parts = [(look, float(step.get(f"{what}_ms") or 0)) for look, what in (("99", "p99"), ("95", "p95"), ("50", "p50"))]
    times = (milliseconds(step.get(f"{what}_ms")) for what in ("p50", "p95", "p99", "max"))
    drawn = bar(parts, top, limit=SLOW_MS)
    return (_capital(name), drawn, count(step.get("count") or 0), count(step.get("errors") or 0), *times)


def journeys(outcome: Figures) -> Table | None:
    """How each visitor's way ended, most first."""
    ends: Mapping[str, int] = {name: number for name, number in (outcome.get("journeys") or {}).items() if number}
    if not ends:
        return None
    whole, most = sum(ends.values()), max(ends.values())
    in_order = sorted(ends.items(), key=lambda one: -one[1])
    rows = []
    for name, number in in_order:
        words, look = ENDED.get(name, (_capital(name), "soft"))
        rows.append((words, bar([(look, number)], most), count(number), share(number, whole)))
    return Table(
        "How their visits ended", ("Visit", "Picture", "Visitors", "Share"), rows, texts=frozenset({"Picture"})
    )


def errors(outcome: Figures) -> Table | None:
    """By kind and step, most first, each with an example; None if there were none."""
    found = [error for error in outcome.get("errors") or () if error.get("count")]
    if not found:
        return None
    most = max(error["count"] for error in found)
    return Table(
        "Errors by kind", ("Kind", "Picture", "Step", "Status", "Times", "Example"),
        [
            (error.get("kind") or UNKNOWN, bar([("bad", error["count"])], most), error.get("step") or UNKNOWN,
             error.get("status") or "none", count(error["count"]), _code(error.get("example") or ""))
            for error in sorted(found, key=lambda one: -one["count"])
        ],
        texts=frozenset({"Picture", "Step", "Example"}),
    )  # fmt: skip


def edge(outcome: Figures) -> Table | None:
    """What the edge said of its answers; None without an edge."""
    told = {word: number for word, number in (outcome.get("edge") or {}).items() if number}
    if hit_rate(told) is None:
        return None
    most = max(told.values())
    return Table(
        "What the edge did", ("Answer", "Picture", "Requests", "Means"),
        [
            (word, bar([("good" if word in OWN_COPY else "soft", number)], most), count(number),
             OF_THE_EDGE.get(word, ""))
            for word, number in sorted(told.items(), key=lambda one: -one[1])
        ],
        texts=frozenset({"Picture", "Means"}),
    )  # fmt: skip


def database(site: Figures) -> str:
    """What a request of a buyer asked of it, in words; nothing where it does not count."""
    found = site.get("database")
    if not found:
        return ""
    each = f"{count(found['per_request'])} queries and {milliseconds(found['ms_per_request'])}"
    return f"{each} for each request of a buyer: {count(found['calls'])} queries, {milliseconds(found['ms'])} in all."


def pages(outcome: Figures, site: Figures) -> Table | None:
    """What each page asked of the database, in the order of a journey; None where nothing is known of it."""
    found = sorted(site.get("pages") or (), key=lambda row: (_place(row["step"]), row["step"]))
    if not found:
        return None
    most = max(row["ms"] for row in found)
    came: Mapping[str, Figures] = outcome.get("steps") or {}
    return Table(
        "What each page asked of the database",
        ("Step", "Picture", "Buyers", "Reached the site", "Queries", "95 of 100", "Database", "95 of 100", "In all"),
        [
            (_capital(row["step"]), bar([("soft", row["ms"])], most), _came(came.get(row["step"])),
             count(row["requests"]), count(round(row["queries"] / max(row["requests"], 1), 2)),
             count(row["queries_p95"]), milliseconds(row["ms"] / max(row["requests"], 1)),
             milliseconds(row["ms_p95"]), milliseconds(row["ms"]))
            for row in found
        ],
        texts=frozenset({"Picture"}),
        note="Of requests that reached the site's pages; what a copy answered never did. Time is as the site saw it, "
             "from asking to the answer, waiting and all. Where a step leads on, each of its requests counts.",
    )  # fmt: skip


def _came(step: Figures | None) -> str:
    return count(step.get("count") or 0) if step else ""


def statements(site: Figures) -> Table | None:
    """The statements that took longest in all."""
    dearest = (site.get("database") or {}).get("dearest") or ()
    if not dearest:
        return None
    most = max(one["ms"] for one in dearest)
    return Table(
        "The dearest statements", ("Statement", "Picture", "Times", "Each", "In all"),
        [
            (_code(one["text"]), bar([("soft", one["ms"])], most), count(one["calls"]), milliseconds(one["mean_ms"]),
             milliseconds(one["ms"]))
            for one in dearest
        ],
        texts=frozenset({"Picture"}), note="All that the database was asked meanwhile, by whomever.",
    )  # fmt: skip


def flags(site: Figures) -> Table | None:
    """Each flag that was on: what a request cost at p95, against what it may."""
    found: Sequence[Figures] = site.get("flags") or ()
    if not found:
        return None
    return Table(
        "What flags cost", ("Flag", "Requests", "Queries", "Of its budget", "Database", "Of its budget", "Worst at"),
        [
            (flag["name"], count(flag["requests"]),
             *_against(flag["queries_p95"], flag["budget_queries"], count),
             *_against(flag["ms_p95"], flag["budget_ms"], milliseconds),
             flag["routes"][0]["route"] if flag["routes"] else "")
            for flag in found
        ],
        texts=frozenset({"Of its budget", "Worst at"}),
        note="Of a request, as 95 of 100 kept to it. For a flag without requests nothing is proven: nobody came to it.",
    )  # fmt: skip


def _against(spent: float | None, budget: float | None, said: Any) -> tuple[str, SafeString | str]:
    if budget is None:
        return said(spent), "no budget"
    if not spent:
        return f"{said(spent)} of {said(budget)}", ""
    look = "bad" if spent > budget else "good"
    drawn = bar([(look, spent)], max(spent, budget) * 1.1, limit=budget)
    return f"{said(spent)} of {said(budget)}", drawn


def culprits(site: Figures) -> list[tuple[str, str, str]]:
    """Flag, words and statement of each that was over its budget or switched off."""
    found = []
    for flag in site.get("flags") or ():
        over = any((flag[of] or 0) > flag[to] for of, to in BUDGETS if flag[to] is not None)
        if over or flag["switched_off"]:
            asked = flag["statement"] or {}
            words = flag["switched_off"] or "over its budget"
            each = f"{milliseconds(asked['mean_ms'])} each time, {count(asked['calls'])} times" if asked else ""
            found.append((flag["name"], "; ".join(filter(None, (words.rstrip("."), each))), asked.get("text", "")))
    return found


def books(site: Figures) -> list[tuple[str, str]]:
    """What was in the site's own books at the end; nothing where nobody has looked."""
    found = site.get("books") or {}
    if not found:
        return []
    orders: Mapping[str, int] = found.get("orders") or {}
    states = sorted(orders, key=lambda name: (OF_ORDERS.index(name) if name in OF_ORDERS else 99, name))
    return [
        *((f"Orders, {name}", count(orders[name])) for name in states),
        *((words, count(found.get(name))) for name, words in IN_BOOKS.items()),
        *([("Faults of the ledger", count(len(found["ledger_faults"])))] if "ledger_faults" in found else []),
        ("Buyers who saw what is not so", count(len(found.get("wronged") or ()))),
    ]


def _place(name: str) -> int:
    return STEPS.index(name) if name in STEPS else len(STEPS)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].replace("_", " ")


def _code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text)
