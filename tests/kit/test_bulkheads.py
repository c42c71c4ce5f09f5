"""Browsing has a budget of its own, and its reads go its own way."""

import pytest
from django.db import connection

from events.models import Event
from kit import bulkheads
from kit.bulkheads import ALIAS, BrowseRouter, OverBudget, browsing


@pytest.mark.django_db
def test_statements_of_one_copy_may_not_take_too_long_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkheads, "MOST_SECONDS", 0.05)

    with browsing(), connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute("SELECT pg_sleep(0.02)")
        with pytest.raises(OverBudget):
            cursor.execute("SELECT pg_sleep(0.02)")


@pytest.mark.django_db
def test_statements_outside_have_no_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkheads, "MOST_SECONDS", 0.0)
    with browsing():
        pass

    assert Event.objects.count() == 0


def test_reads_go_to_the_browsing_pool_while_somebody_browses() -> None:
    router = BrowseRouter()
    token = bulkheads._is_browsing.set(True)
    while_browsing = router.db_for_read(Event)
    bulkheads._is_browsing.reset(token)

    assert (while_browsing, router.db_for_read(Event)) == (ALIAS, None)
    assert router.allow_migrate(ALIAS, "events") is False
    assert router.allow_migrate("default", "events") is None
