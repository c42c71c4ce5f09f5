"""Processes are watched, stopped and, when their run was killed, found again and no others with them."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import processes
from embedded.processes import Plan

SHELL = shutil.which("sh") or ""
SLEEP = shutil.which("sleep") or ""
STUBBORN = [SHELL, "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]
RUN = """
import sys
from pathlib import Path
from embedded import processes
from embedded.processes import Plan
part = processes.start(Plan("sleeper", [sys.argv[1], "600"]), Path(sys.argv[2]))
command = Path(f"/proc/{part.process.pid}/cmdline")
processes.wait_until(lambda: command.read_text().startswith(sys.argv[1]), within=20)
print(part.process.pid, flush=True)
sys.stdin.read()
"""


def test_a_part_stops_and_leaves_no_record(tmp_path: Path) -> None:
    part = processes.start(Plan("sleeper", [SLEEP, "600"]), tmp_path)
    recorded = part.record.read_text().split()

    part.stop()

    assert recorded[0] == str(part.process.pid)
    assert not part.is_running()
    assert not part.record.exists()


def test_a_part_that_will_not_stop_is_ended_when_its_grace_is_over(tmp_path: Path) -> None:
    part = processes.start(Plan("stubborn", STUBBORN, grace=0.2), tmp_path)
    assert processes.wait_until(lambda: part.last_words() == "deaf", within=20)

    part.stop()

    assert part.process.returncode == -signal.SIGKILL


def test_a_part_reads_its_input_and_its_log_ends_with_its_last_words(tmp_path: Path) -> None:
    part = processes.start(Plan("cat", [SHELL, "-c", "cat; exit 3"], stdin="one\ntwo\n"), tmp_path)

    status = part.process.wait(20)

    assert status == 3
    assert part.last_words(1) == "two"


def test_a_part_has_a_plain_environment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c fsync=off")

    done = processes.run(Plan("env", [SHELL, "-c", "env"]))

    assert {line.partition("=")[0] for line in done.stdout.splitlines()} - {"PWD", "SHLVL", "_"} == {
        "PATH", "LC_ALL", "TZ",
    }  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_part_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, SLEEP, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:  # noqa: S603  -- our own program
        assert run.stdout
        pid = int(run.stdout.readline())
        assert processes.started_at(pid)

        run.kill()

    assert processes.wait_until(lambda: not processes.started_at(pid), within=20)


def test_leftovers_are_ended_and_forgotten(tmp_path: Path) -> None:
    part = processes.start(Plan("sleeper", [SLEEP, "600"]), tmp_path)

    processes.end_leftovers(tmp_path)

    assert part.process.wait(20) == -signal.SIGTERM
    assert list(tmp_path.glob("*.pid")) == []


def test_a_recorded_number_that_is_another_process_now_is_left_alone(tmp_path: Path) -> None:
    part = processes.start(Plan("sleeper", [SLEEP, "600"]), tmp_path)
    pid, stop_signal, mark = part.record.read_text().split(" ", 2)
    part.record.write_text(f"{pid} {stop_signal} {mark}0")

    processes.end_leftovers(tmp_path)

    assert part.is_running()
    assert list(tmp_path.glob("*.pid")) == []
    part.stop()


@pytest.mark.parametrize("text", ["", "12", "12 15 ", "12 15"])
def test_a_record_that_was_written_in_part_is_forgotten(tmp_path: Path, text: str) -> None:
    (tmp_path / "postgres.pid").write_text(text)

    processes.end_leftovers(tmp_path)

    assert list(tmp_path.glob("*.pid")) == []


def test_a_process_is_known_by_its_start_and_not_by_its_number_alone(tmp_path: Path) -> None:
    part = processes.start(Plan("sleeper", [SLEEP, "600"]), tmp_path)

    marks = [processes.started_at(part.process.pid), processes.started_at(part.process.pid)]

    assert marks[0] == marks[1] != processes.started_at(os.getpid())
    part.stop()
    assert processes.started_at(part.process.pid) == ""
