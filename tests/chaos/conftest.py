"""One house for all that is done to it; each test leaves it whole."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bench.house.buyers import hold
from bench.house.house import EVENTS, House
from embedded import processes


@pytest.fixture(scope="package")
def _running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            patch.delenv(name, raising=False)
        house = House(tmp_path_factory.mktemp("house"), stack)
        house.open()
        yield house


@pytest.fixture
def house(_running_house: House) -> Iterator[House]:
    """The house, every page of it warm, and again in order at the end."""
    house = _running_house
    for slug in EVENTS:
        for edge in (True, False):
            assert house.visit(f"/bench/{slug}/", edge=edge).status == 200
    yield house
    assert processes.wait_until(lambda: house.visit("/bench/fair/", edge=False).status == 200, within=20)
    assert processes.wait_until(lambda: all(hold(house, edge=False).status == 303 for _ in range(8)), within=20)
