"""The audit log: what is written stays, and is told in words that last."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import log
from accounts.models import LogEntry
from tests.makers import make_event, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


def test_log_keeps_who_did_what_when_at_which_event() -> None:
    event, ada = make_event(title="Fair"), make_user(full_name="Ada Lovelace")

    log.record(organiser=event.organiser, event=event, by=ada, kind="event-made", said="Made the event.", now=NOON)
    log.record(organiser=event.organiser, kind="job-ended", said="Sent 3 mails.", now=NOON, details={"mails": 3})

    last, first = LogEntry.objects.filter(organiser=event.organiser)
    assert (first.by, first.by_id, first.event_id, first.event_title) == ("Ada Lovelace", ada.pk, event.pk, "Fair")
    assert (last.by, last.by_id, last.event_id, last.details) == ("the system", None, None, {"mails": 3})


def test_log_cuts_a_sentence_that_is_too_long_and_no_other() -> None:
    organiser = make_event().organiser

    whole, cut = (log.record(organiser=organiser, kind="x", said="a" * size, now=NOON).said for size in (500, 501))

    assert (whole, cut) == ("a" * 500, "a" * 499 + "…")


@pytest.mark.parametrize("act", ["update", "delete"])
def test_log_refuses_changes_by_anybody(act: str) -> None:
    entry = log.record(organiser=make_event().organiser, kind="x", said="Did it.", now=NOON)
    rows = LogEntry.objects.filter(pk=entry.pk)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.delete() if act == "delete" else rows.update(said="Did not.")

    assert rows.get().said == "Did it."
