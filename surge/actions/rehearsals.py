"""Beginning a rehearsal, judging it, and removing all that it leaves."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from events.models import Event, State, Stock
from flags.audit import signed
from flags.models import Evidence, Flag, Grant
from flags.queries import snapshot
from kit import sql
from surge import cloning, machine, proofs
from surge.models import RehearsalRun, RunState
from surge.shapes import shape_of
from surge.summary import summarise
from surge.verdict import Verdict, judge

REASON: Final = "Rehearsal"
SPARE: Final = timedelta(hours=1)  # for the end of the last orders, before grants end by themselves
PLACES: Final = 1_000_000  # in each quota, more than any crowd of ours can take
LEFT_OVER: Final = timedelta(days=1)
REMOVE: Final = "SELECT checkout_remove_rehearsal(%s::bigint)"


class IsRehearsal(Exception):
    """A rehearsal is not rehearsed."""


class IsRunning(Exception):
    """This event is being rehearsed just now."""


@dataclass(frozen=True, slots=True)
class Times:
    """When the copy goes on sale, and how many seconds the crowd keeps coming. `is_awaited`: they come before."""

    opens_at: datetime
    seconds: float
    is_awaited: bool = False


def begin(*, event: Event, settings: Mapping[str, Any], times: Times, now: datetime) -> RehearsalRun:
    """Make a copy of the event that nobody can find, with its flags, and write down what is rehearsed.

    Nobody can pay there until `pay_at` has said at which fake. Raises IsRehearsal and IsRunning.
    """
    if event.is_rehearsal:
        raise IsRehearsal
    answers = snapshot(event.pk, organiser_id=event.organiser_id, now=now)
    with signed(by=None, reason=REASON, now=now):
        Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        if RehearsalRun.objects.filter(event=event, state=RunState.RUNNING, started_at__gt=now - LEFT_OVER).exists():
            raise IsRunning
        copy = cloning.clone(event, opens_at=times.opens_at)
        if times.is_awaited:
            cloning.open_at(copy, times.opens_at)
        _grant(copy, answers, until=times.opens_at + timedelta(seconds=times.seconds) + SPARE, now=now)
        return RehearsalRun.objects.create(
            event=event, rehearsal=copy, started_at=now, commit=machine.commit(), settings=dict(settings),
            flags=dict(answers), shape=shape_of(event), hardware=machine.hardware(),
            payments_secret=f"whsec_{secrets.token_hex(16)}",
        )  # fmt: skip


def _grant(copy: Event, answers: Mapping[str, bool], *, until: datetime, now: datetime) -> None:
    """Have every flag answer for the copy as it does for the event: on, or off where it would be on by itself.

    The rows are written here and not by grants.give, past all gates that may stand before it: those ask for evidence,
    and this is how there comes to be any. Nobody can buy at the copy, and the grants go with it.
    """
    by_itself = snapshot(copy.pk, organiser_id=copy.organiser_id, now=now)
    needed = {name: is_on for name, is_on in answers.items() if is_on or by_itself.get(name)}
    rows = Flag.objects.select_for_update(no_key=True).filter(name__in=needed).order_by("pk")
    Grant.objects.bulk_create(
        Grant(flag=flag, event=copy, is_on=needed[flag.name], reason=REASON, created_at=now, expires_at=until)
        for flag in rows
    )


def pay_at(*, run: RehearsalRun, url: str) -> None:
    """Say where the fake is that takes this rehearsal's payments. The database refuses the real one's address."""
    run.payments_url = url.rstrip("/")
    run.save(update_fields=["payments_url"])


@transaction.atomic
def widen(*, run: RehearsalRun) -> None:
    """Give the copy places for whoever may come: what a site carries is not how soon an event has sold out."""
    rows = Stock.objects.select_for_update(no_key=True).filter(quota__event=run.rehearsal_id).order_by("pk")
    Stock.objects.filter(pk__in=[row.pk for row in rows]).update(capacity=F("taken") + PLACES)


@transaction.atomic
def finish(*, run: RehearsalRun, outcome: Mapping[str, Any], site: Mapping[str, Any], now: datetime) -> Verdict:
    """Judge a run and write down what came of it: evidence for each flag that was on and exercised, if it passed; and
    against each that it names, whatever else came of it.
    """
    verdict = judge(outcome, site)
    run.state = RunState.ABORTED if verdict.is_partial else RunState(verdict.mark.value)
    run.ended_at = now
    run.figures = {
        "outcome": dict(outcome), "site": dict(site), "summary": summarise(outcome), "verdict": verdict.as_json(),
        "evidence": proofs.proofs_of(verdict, site.get("flags") or (), has_passed=run.state == RunState.PASSED),
    }  # fmt: skip
    run.save(update_fields=["state", "ended_at", "figures"])
    _leave_evidence(run, proofs.against(verdict), now)
    return verdict


def _leave_evidence(run: RehearsalRun, against: Mapping[str, str], now: datetime) -> None:
    evidence = run.figures["evidence"]
    Evidence.objects.bulk_create(
        Evidence(
            flag=flag, rehearsal=run.name[:200], commit=run.commit, at=now, against=against.get(flag.name, "")[:300],
            ticket_types=len(run.shape["ticket_types"]),
            requests_per_second=run.figures["summary"]["requests_per_second"],
        )
        for flag in Flag.objects.filter(name__in=[*evidence["proven"], *evidence["against"]]).order_by("pk")
    )  # fmt: skip


def abort(*, run: RehearsalRun, why: str, now: datetime) -> None:
    """End a run of which there is nothing to judge."""
    ours = RehearsalRun.objects.filter(pk=run.pk, state=RunState.RUNNING)
    ours.update(state=RunState.ABORTED, ended_at=now, figures={"why": why})


def remove(*, run: RehearsalRun, now: datetime) -> int:
    """Remove the copy with its organiser and all that was bought there; answers how many orders that were.

    The run stays. So does what cannot be taken back: lines of the audit that flags were granted to it. Safe to call
    again, and in two steps: closed first, so that no hold comes after.
    """
    ours = Event.objects.rehearsals().filter(rehearsal_run=run)
    copy = ours.select_related("organiser").first()
    if copy is None:
        return 0
    Event.objects.filter(pk=copy.pk).update(state=State.DRAFT)
    with signed(by=None, reason="The rehearsal is over", now=now):
        orders = int(sql.value(REMOVE, (copy.pk,)))
        copy.delete()
        cloning.organisers().filter(pk=copy.organiser_id, events=None).delete()  # if staff have not moved it
    run.rehearsal = None
    return orders


def clean(*, now: datetime, older_than: timedelta = LEFT_OVER) -> int:
    """Remove what rehearsals that died have left; answers how many there were."""
    left = list(RehearsalRun.objects.abandoned(before=now - older_than).select_related("rehearsal"))
    for run in left:
        abort(run=run, why="What ran it has died.", now=now)
        remove(run=run, now=now)
    return len(left)
