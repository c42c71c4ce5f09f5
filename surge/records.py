"""A rehearsal as a plain record, the same as its JSON file: all that a report is drawn from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from surge.models import RehearsalRun

Record = Mapping[str, Any]
UNSAID: Final = "The ledger disagrees; staff can see where."  # it is of the whole site, and names others' orders


def record_of(run: RehearsalRun, *, changed: Sequence[str], now: datetime) -> dict[str, Any]:
    """All that is kept of a run but its secrets. `changed` says why it is stale, as of `now`."""
    event = run.event
    return {
        "rehearsal": run.pk,
        "event": {"title": event.title, "organiser": event.organiser.name,
                  "address": f"{event.organiser.slug}/{event.slug}", "timezone": event.timezone},
        "state": run.state,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "today": {"at": now.isoformat(), "changed": list(changed)},
        "commit": run.commit, "settings": run.settings, "flags": run.flags, "shape": run.shape,
        "hardware": run.hardware, "figures": run.figures,
    }  # fmt: skip


def for_organiser(record: Record) -> dict[str, Any]:
    """What its organiser may read: not the site's statements, machine and code, and not what is of other organisers.

    Why a run ended before its judging is in the words of programs, and is left out too.
    """
    figures = {name: part for name, part in record["figures"].items() if name != "why"}
    site = dict(figures.get("site") or {})
    if site:
        site["database"] = None
        site["flags"] = [{**flag, "statement": None, "routes": []} for flag in site.get("flags") or ()]
        site["books"] = {name: found for name, found in (site.get("books") or {}).items() if name != "ledger_faults"}
        figures["site"] = site
    if verdict := figures.get("verdict"):
        figures["verdict"] = {**verdict, "findings": [_told(finding) for finding in verdict.get("findings", ())]}
    return {**record, "figures": figures, "commit": "", "hardware": {}, "settings": _without_paths(record["settings"])}


def _told(finding: Mapping[str, str]) -> Mapping[str, str]:
    if finding["rule"] == "ledger" and finding["mark"] != "passed":
        return {**finding, "words": UNSAID}
    if finding["rule"].startswith("flag: "):
        return {**finding, "words": finding["words"].partition(" Worst at ")[0].partition(" Its statement, ")[0]}
    return finding


def _without_paths(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A curve may be a file on the operator's machine; its name is enough."""
    return {**settings, "base": "", "curve": PurePath(str(settings.get("curve", ""))).name}
