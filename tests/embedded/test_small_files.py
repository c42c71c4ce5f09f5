"""Secrets, locks and ports that are kept from run to run."""

import os
import socket
import stat
from pathlib import Path

import pytest

from embedded import Refused, ports, private


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = private.secret(tmp_path / "password")

    assert len(first) == 64
    assert private.secret(tmp_path / "password") == first
    assert private.secret(tmp_path / "another") != first
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600


def test_a_lock_is_held_by_one_and_names_its_holder(tmp_path: Path) -> None:
    with (
        private.lock(tmp_path / "lock"),
        pytest.raises(Refused, match=rf"process {os.getpid()}\)"),
        private.lock(tmp_path / "lock"),
    ):
        pass

    with private.lock(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_port_is_free_until_something_listens_there() -> None:
    port = ports.choose()

    with socket.create_server((ports.HOST, port)):
        assert not ports.is_free(port)
        assert not ports.becomes_free(port, within=0.1)

    assert ports.becomes_free(port, within=0.1)


@pytest.mark.parametrize("text", ["", "postgres", "80", "99999"])
def test_a_port_that_makes_no_sense_is_chosen_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "port").write_text(text)

    port = ports.remembered(tmp_path / "port")

    assert port in ports.CHOICE
    assert ports.remembered(tmp_path / "port") == port


def test_a_remembered_port_changes_only_when_it_is_taken(tmp_path: Path) -> None:
    port = ports.remembered(tmp_path / "port")

    with socket.create_server((ports.HOST, port)):
        other = ports.remembered(tmp_path / "port")

    assert other != port
    assert ports.remembered(tmp_path / "port") == other
