"""Folders for the tests of the embedded servers. Like root's home, pytest's are closed to other accounts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import places


@pytest.fixture
def where(tmp_path: Path, not_given: None) -> Iterator[Path]:
    """A new folder for servers of the test's own."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    yield folder
    places.remove(folder)


@pytest.fixture
def shared(shared_folder: Path, not_given: None) -> Path:
    """A folder where other tests have run servers before, or the same one has: it makes no difference."""
    return shared_folder


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Making a database takes a second, so the tests that need no new one share this."""
    folder = tmp_path_factory.mktemp("shared") / "a folder"
    folder.mkdir()
    yield folder
    places.remove(folder)


@pytest.fixture
def not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the servers of the test run itself."""
    for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_URL_FILE", "REDIS_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
