"""Reads behind what is shown of rehearsals."""

from datetime import datetime

from flags.queries import snapshot
from surge.machine import commit
from surge.models import RehearsalRun
from surge.shapes import shape_of


def differs(run: RehearsalRun, *, now: datetime) -> list[str]:
    """Why a run says nothing about the event any more, in words: other code, other flags, another shape. Empty while
    it does. Four queries."""
    on_then = {name for name, is_on in run.flags.items() if is_on}
    on_now = {name for name, is_on in _answers(run, now).items() if is_on}
    changed = sorted(on_then ^ on_now)
    return [
        *(["the code has changed"] if run.commit != commit() else []),
        *([f"flags have changed: {', '.join(changed)}"] if changed else []),
        *(["what is sold has changed"] if run.shape != shape_of(run.event) else []),
    ]


def is_stale(run: RehearsalRun, *, now: datetime) -> bool:
    return bool(differs(run, now=now))


def _answers(run: RehearsalRun, now: datetime) -> dict[str, bool]:
    return dict(snapshot(run.event_id, organiser_id=run.event.organiser_id, now=now))
