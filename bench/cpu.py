"""CPU time of groups of processes, with all their children, also those that have ended. Linux only."""

import os
import time
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its parent, and the CPU seconds of the children that it has outlived."""

    parent: int
    ended_children: float


def seconds(groups: Mapping[str, int], *, without: Container[int] = ()) -> dict[str, float]:
    """CPU seconds used so far by each group, named with its first process. Processes in `without` do not count."""
    running = _running()
    children = defaultdict(list)
    for pid, process in running.items():
        children[process.parent].append(pid)
    return {name: _tree(pid, running, children, without) for name, pid in groups.items()}


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds between two readings."""
    return {name: after[name] - before[name] for name in before}


def _tree(
    pid: int, running: Mapping[int, Process], children: Mapping[int, list[int]], without: Container[int]
) -> float:
    if pid in without or pid not in running:
        return 0.0
    own = _clock(pid) + running[pid].ended_children
    return own + sum(_tree(child, running, children, without) for child in children.get(pid, ()))


def _clock(pid: int) -> float:
    """Nanoseconds exact, over all threads; clock_getcpuclockid(3) makes the clock's number so."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2) / 1e9
    except OSError:  # it has just ended
        return 0.0


def _running() -> dict[int, Process]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                found[int(folder.name)] = _process((folder / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _process(stat: str) -> Process:
    """From the line of proc_pid_stat(5): fields 4 (parent), 16 and 17 (children's time, in ticks)."""
    fields = stat.rpartition(")")[2].split()
    return Process(int(fields[1]), (int(fields[13]) + int(fields[14])) / TICK)
