"""What every test starts from: empty caches in this process and in Redis."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from events import facts, pages
from kit import shared_copies


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    facts.forget()
    pages.forget()
    cache.clear()
    shared_copies.forget_absence()
    yield
    facts.forget()
    pages.forget()
