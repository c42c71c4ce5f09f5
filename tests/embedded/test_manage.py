"""Commands against the running site: with its variables, and with a word when there is none."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import manage


def test_command_runs_with_what_the_site_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".local").mkdir()
    (tmp_path / "manage.py").write_text("import os, sys\nprint(os.environ['GIVEN'], *sys.argv[1:])\nsys.exit(7)\n")
    manage.remember({**os.environ, "GIVEN": "to the site"}, tmp_path / ".local")

    code = manage.main(["check_ledger", "-v", "2"])

    assert (code, capfd.readouterr().out) == (7, "to the site check_ledger -v 2\n")


def test_what_the_site_was_given_is_for_its_owner_alone(tmp_path: Path) -> None:
    manage.remember({**os.environ, "SECRET_KEY": "x"}, tmp_path)

    kept = tmp_path / "site.json"

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text() == '{"SECRET_KEY": "x"}'


def test_command_without_a_site_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert manage.main(["check_ledger"]) == 2


# Longer than subprocess.run waits for a command before it kills it.
SLOW_TO_END = """
import time
try:
    print("ready", flush=True)
    time.sleep(30)
except KeyboardInterrupt:
    time.sleep(0.6)
    print("tidied up", flush=True)
    raise SystemExit(5)
"""


def test_command_that_is_interrupted_ends_in_its_own_time(tmp_path: Path) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / "manage.py").write_text(SLOW_TO_END)
    manage.remember(dict(os.environ), tmp_path / ".local")
    environment = {**os.environ, "PYTHONPATH": str(Path(manage.__file__).parents[1])}

    with subprocess.Popen(
        [sys.executable, "-m", "embedded.manage", "rehearse"], cwd=tmp_path, env=environment, text=True,
        stdout=subprocess.PIPE, start_new_session=True,
    ) as command:  # fmt: skip
        assert command.stdout is not None
        assert command.stdout.readline() == "ready\n"
        os.killpg(command.pid, signal.SIGINT)  # as a terminal does
        rest = command.stdout.read()

    assert (command.returncode, rest) == (5, "tidied up\n")
