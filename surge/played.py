"""What a rehearsal was played with, in words for its report: crowd, generator, event and machine. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from events.models import Kind
from surge.charts import bar
from surge.summary import BROKEN_MS
from surge.tables import UNKNOWN, Table, count, milliseconds, share

Given = Mapping[str, Any]
Facts = list[tuple[str, str]]
CURVES: Final[Mapping[str, str]] = {
    "spike": "spike: most come in the first minute", "steady": "steady: the same number each second",
    "ramp": "ramp: more and more", "waiting": "waiting: they are there before it opens",
}  # fmt: skip
KINDS: Final[Mapping[str, str]] = {kind.value: kind.label.lower() for kind in Kind}


def plan(settings: Given) -> Facts:
    """The crowd that was asked for."""
    curve = str(settings.get("curve") or UNKNOWN)
    factor = float(settings.get("factor") or 1)
    facts = [
        ("Crowd", CURVES.get(curve, f"as in {curve}")),
        ("Buyers", count(settings.get("buyers")) + (f", times {count(factor)}" if factor != 1 else "")),
        ("They come for", f"{count(settings.get('seconds'))} seconds"),
        ("At most each second", count(settings.get("ceiling_per_second"))),
        ("Site", str(settings.get("base") or "")),
    ]
    return [(name, said) for name, said in facts if said and not said.startswith(UNKNOWN)]


def carried(summary: Given) -> str:
    """When it was slow, and the most that it carried while it was not broken."""
    slow, found = summary.get("slow"), summary.get("capacity") or {}
    words = "It was never slow."
    if slow:
        until = f"second {slow['until']}" if slow["is_over"] else "the end"
        words = f"Slow from second {slow['from']} until {until}."
    holds, orders = count(found.get("holds_per_second")), count(found.get("orders_per_second"))
    most = f"{holds} holds and {orders} orders in one second"
    if (broke := found.get("broke_at_second")) is None:
        return f"{words} It carried {most}; more was not asked for."
    return f"{words} At second {broke} holds took longer than {BROKEN_MS:,} ms; where they did not it carried {most}."


def steps(found: Given | None) -> Table | None:
    """The short sales of the search, the slowest first; None where nothing was searched."""
    tried = (found or {}).get("steps") or ()
    if not found or not tried:
        return None
    limit = found["limit_ms"]
    top = max([limit * 1.1, *(step["hold_p99_ms"] or 0 for step in tried)])
    return Table(
        "What the site carries",
        ("Visitors a second", "Picture", "Hold p99", "Holds a second", "Orders a second", "Errors", "What came of it"),
        [
            (f"{step['visitors_per_second']:g}",
             bar([(_look(step), step["hold_p99_ms"] or 0)], top, limit=limit),
             milliseconds(step["hold_p99_ms"]), f"{step['holds_per_second']:g}", f"{step['orders_per_second']:g}",
             count(step["errors"]), _came_of(step))
            for step in tried
        ],
        texts=frozenset({"Picture", "What came of it"}),
        note=f"Steady sales of {count(found['step_seconds'])} s each, with places for everybody. What was carried is "
             f"counted while visitors came, but for the first third. The red line is {limit:,} ms.",
    )  # fmt: skip


def _look(step: Given) -> str:
    if step["broke"]:
        return "bad"
    return "soft" if step["late"] else "good"


def _came_of(step: Given) -> str:
    """The first of its reasons; all are in the JSON."""
    first, _, more = step["broke"].partition("; ")
    return f"{first}, and more" if more else first or ("the generator was late" if step["late"] else "carried")


def generator(outcome: Given) -> dict[str, Any] | None:
    """Whether it could ask for as much as it should; None if nothing is known of it."""
    found = outcome.get("generator")
    if not found:
        return None
    is_bottleneck, why = bool(found.get("is_bottleneck")), str(found.get("why") or "").rstrip(".")
    words = (
        f"It was the bottleneck itself{f': {why}' if why else ''}. Its figures are its own, and not the site's."
        if is_bottleneck else "It kept to its schedule: what was slow, was slow at the site."
    )  # fmt: skip
    started, scheduled = found.get("started") or 0, found.get("scheduled") or 0
    return {
        "words": words, "is_bottleneck": is_bottleneck,
        "facts": [
            ("Visitors sent", f"{count(started)} of {count(scheduled)}"),
            ("Late, 99 of 100 within", milliseconds(found.get("late_p99_ms"))),
            ("Its busiest process", f"{share(found.get('cpu_share') or 0, 1)} of a core"),
            ("Processes", count(found.get("processes"))),
        ],
    }  # fmt: skip


def shape(found: Given) -> Facts:
    """The event's size."""
    if not found:
        return []
    types = found.get("ticket_types") or ()
    unlimited = sum(capacity is None for capacity in (found.get("quotas") or {}).values())
    return [
        ("Ticket types", count(len(types))),
        ("Quotas", count(len(found.get("quotas") or {})) + (f", {unlimited} without a limit" if unlimited else "")),
        ("Places", count(found.get("capacity"))),
        ("Hold", f"{count(found.get('hold_minutes'))} minutes"),
        ("Texts", f"{count((found.get('text') or 0) + sum(one.get('text') or 0 for one in types))} characters"),
    ]


def types(found: Given) -> Table | None:
    """Every ticket type with what it draws on."""
    rows = found.get("ticket_types") or ()
    if not rows:
        return None
    capacities = found.get("quotas") or {}
    return Table(
        "Ticket types", ("Ticket type", "Kind", "Most in an order", "Quotas, with their places"),
        [
            (one["slug"], KINDS.get(one["kind"], one["kind"]), count(one.get("max_per_order")),
             ", ".join(f"{slug} ({_places(capacities.get(slug))})" for slug in one["quotas"]))
            for one in rows
        ],
        texts=frozenset({"Kind", "Quotas, with their places"}),
    )  # fmt: skip


def machine(hardware: Given) -> Facts:
    """On what it ran."""
    if not hardware:
        return []
    gigabytes = (hardware.get("memory_mb") or 0) / 1024
    return [
        ("Processor", f"{hardware.get('processor') or UNKNOWN}, {count(hardware.get('cores'))} cores"),
        ("Memory", f"{gigabytes:.0f} GB"),
        ("System", str(hardware.get("system") or UNKNOWN)),
        ("Python", str(hardware.get("python") or UNKNOWN)),
        ("Postgres", str(hardware.get("postgres") or UNKNOWN)),
        *([("Code", "with changes that no commit has")] if hardware.get("uncommitted_changes") else []),
    ]


def _places(capacity: int | None) -> str:
    return "no limit" if capacity is None else count(capacity)
