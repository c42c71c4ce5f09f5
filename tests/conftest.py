"""What every test starts from: empty caches in this process and in Redis, and an eye on queries asked row by row."""

from collections.abc import Iterator
from contextlib import nullcontext
from threading import Event
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import BaseCommand
from zeal import zeal_context

from events import facts, pages
from flags import costs
from kit import shared_copies

# Acts as organisers and buyers would, one after another, for a handful of demo events.
ONE_BY_ONE = ("checkout.management.commands.seed_demo",)


@pytest.fixture(autouse=True)
def _no_command_asks_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """As zeal's middleware does for requests (tito/settings/test.py)."""
    execute = BaseCommand.execute

    def watched(self: BaseCommand, *args: Any, **options: Any) -> Any:
        with nullcontext() if type(self).__module__ in ONE_BY_ONE else zeal_context():
            return execute(self, *args, **options)

    monkeypatch.setattr(BaseCommand, "execute", watched)


@pytest.fixture(autouse=True, scope="session")
def _costs_of_flags_wait() -> Iterator[None]:
    """What flags cost is put down when a test says so, and not by a thread at a moment of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "_flush_for_ever", Event().wait)
        yield


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    facts.forget()
    pages.forget()
    cache.clear()
    shared_copies.forget_absence()
    yield
    facts.forget()
    pages.forget()
    costs.forget()  # else they are put down at the end, when Redis has gone
