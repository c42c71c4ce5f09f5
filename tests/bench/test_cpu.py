"""CPU time of a family of processes, the dead among them, and of the machine."""

import os
import subprocess
import sys

from bench import cpu, machine
from embedded.processes import wait_until

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])\nsys.stdin.read()"


def started(program: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)  # noqa: S603  -- our own words


def test_seconds_count_children_that_have_ended() -> None:
    with started(PARENT) as parent:
        found = wait_until(lambda: cpu.seconds({"parent": parent.pid})["parent"] > 0.3, within=30)
        parent.communicate(b"")

    assert found


def test_seconds_count_each_child_once_and_leave_out_what_they_are_told_to() -> None:
    with started(BURN + "input()") as child:
        assert wait_until(lambda: cpu.seconds({"child": child.pid})["child"] > 0.3, within=30)

        alone = cpu.seconds({"own": os.getpid()}, without={child.pid})["own"]
        family = cpu.seconds({"own": os.getpid()})["own"]
        child.communicate(b"\n")

    assert 0.3 < family - alone < 0.6


def test_spent_is_what_came_between_two_readings() -> None:
    assert cpu.spent({"a": 1.0, "b": 2.0}, {"a": 1.5, "b": 2.0}) == {"a": 0.5, "b": 0.0}


def test_shares_tell_what_others_used_of_the_whole_machine() -> None:
    cores = os.cpu_count() or 1
    before = machine.Reading(at=0.0, busy=100.0, own=10.0, stolen=1.0)
    after = machine.Reading(at=10.0, busy=100.0 + 8.0 * cores, own=10.0 + 5.0 * cores, stolen=1.0 + 1.0 * cores)

    assert machine.shares(before, after) == {"others": 0.3, "stolen": 0.1}


def test_facts_say_on_what_was_measured() -> None:
    facts = machine.facts()

    assert facts["cores"] >= 1
    assert len(facts["commit"]) == 40
    assert not any(str(value).startswith("/") for value in facts.values())
