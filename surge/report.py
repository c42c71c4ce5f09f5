"""The report of a rehearsal: a page that is looked at rather than read, served by the site or written to one file.

It is drawn from a record (surge/records.py) and asks the database nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from kit.moments import moment_text
from surge import capacity, played, proofs, sections
from surge.advice import HEADLINES, next_steps
from surge.models import RunState
from surge.records import Record
from surge.summary import SLOW_MS, hit_rate
from surge.tables import count, milliseconds, share
from surge.timeline import timeline_of

STATIC: Final = Path(__file__).resolve().parents[1] / "static" / "css"
SHEETS: Final = ("tokens.css", "base.css", "utilities.css", "report.css")
# The file asks nobody for anything, whatever might have come into it.
STRICT: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
LOOKS: Final = {RunState.PASSED: "good", RunState.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class Key:
    """One of the few figures at the top; `look` is good, bad or nothing."""

    label: str
    value: str
    note: str = ""
    look: str = ""


def context_of(record: Record, *, is_for_organiser: bool = False) -> dict[str, Any]:
    """What the template shows."""
    figures = record["figures"]
    outcome, site, summary = (figures.get(part) or {} for part in ("outcome", "site", "summary"))
    findings = list((figures.get("verdict") or {}).get("findings") or ())
    state, zone = record["state"], ZoneInfo(record["event"]["timezone"])
    return {
        "record": record, "state": state, "look": LOOKS.get(state, "warn"), "headline": HEADLINES[state],
        "next": next_steps(state, findings, is_for_organiser=is_for_organiser), "why": figures.get("why", ""),
        "is_partial": bool(outcome.get("partial")),
        "began": _moment(record["started_at"], zone), "looked": _moment(record["today"]["at"], zone),
        "changed": record["today"]["changed"], "is_over": state != RunState.RUNNING,
        "keys": _keys(outcome, site, summary) if outcome else [],
        "bad": [one for one in findings if one["mark"] != "passed"],
        "good": [one for one in findings if one["mark"] == "passed"],
        "timeline": timeline_of(outcome.get("timeline") or ()), "steps": sections.steps(outcome),
        "journeys": sections.journeys(outcome), "errors": sections.errors(outcome), "edge": sections.edge(outcome),
        "pages": sections.pages(outcome, site),
        "database": sections.database(site), "statements": sections.statements(site), "flags": sections.flags(site),
        "proofs": proofs.told(figures.get("evidence")),
        "culprits": [] if is_for_organiser else sections.culprits(site), "books": sections.books(site),
        "capacity": capacity.words(site.get("capacity"), summary), "capacity_steps": played.steps(site.get("capacity")),
        "carried": played.carried(summary),
        "generator": played.generator(outcome), "plan": played.plan(record["settings"]),
        "shape": played.shape(record["shape"]), "types": played.types(record["shape"]),
        "flags_on": sorted(name for name, is_on in record["flags"].items() if is_on),
        "machine": played.machine(record["hardware"]),
    }  # fmt: skip


def file_of(record: Record) -> str:
    """The whole report as one HTML file, which needs nothing else."""
    policy = format_html('<meta http-equiv="Content-Security-Policy" content="{}">', STRICT)
    style = format_html("{}\n<style>{}</style>", policy, _stylesheet())
    text = render_to_string("surge/report.html", {**context_of(record), "stylesheet": style})
    return re.sub(r"\n\s*\n+", "\n", text)


@cache
def _stylesheet() -> SafeString:
    """Our own files, without their comments."""
    css = "\n".join((STATIC / name).read_text() for name in SHEETS)
    return mark_safe(re.sub(r"/\*.*?\*/\n?", "", css, flags=re.DOTALL).strip())  # noqa: S308  -- files of this house


def _keys(outcome: Any, site: Any, summary: Any) -> list[Key]:
    """What one wants to know first."""
    generator, hold = outcome.get("generator") or {}, (outcome.get("steps") or {}).get("hold") or {}
    came, should = generator.get("started") or 0, generator.get("scheduled") or 0
    sold = ((site.get("books") or {}).get("orders") or {}).get("complete") or 0
    errors = sum(error.get("count") or 0 for error in outcome.get("errors") or ())
    p99, requests = hold.get("p99_ms"), summary.get("requests") or 0
    out, rate = outcome.get("sold_out_at_second"), hit_rate(outcome.get("edge") or {})
    return [
        Key("Visitors", count(came), "all that were due" if came == should else f"of {count(should)} that were due"),
        Key("Orders bought", count(sold), f"{share(sold, came)} of visitors"),
        Key("Hold, 99 of 100 within", milliseconds(p99), f"limit {SLOW_MS} ms",
            "" if p99 is None else "good" if p99 < SLOW_MS else "bad"),
        Key("Failed requests", count(errors), f"of {count(requests)}", "bad" if errors else "good"),
        Key("Sold out", "no" if out is None else f"after {count(out)} s", "" if out is None else "the last hold"),
        Key("Most at once", count(summary.get("peak_arrivals") or 0), "visitors in one second"),
        Key("Answered by the edge", "no edge" if rate is None else share(rate, 1), "" if rate is None else
            "of what it keeps, from its copies"),
        *_asked(site.get("database")),
    ]  # fmt: skip


def _asked(database: Any) -> Iterator[Key]:
    """Of the database, where it counts and this reader may know."""
    if database:
        ms = milliseconds(database["ms_per_request"])
        yield Key("Queries a request", count(database["per_request"]), f"and {ms} of the database")


def _moment(at: str, zone: ZoneInfo) -> str:
    return moment_text(datetime.fromisoformat(at).astimezone(zone))
