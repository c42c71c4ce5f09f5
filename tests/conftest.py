"""What every test starts from: empty caches in this process and in Redis."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from events import facts, pages


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    facts.forget()
    pages.forget()
    cache.clear()
    yield
    facts.forget()
    pages.forget()
