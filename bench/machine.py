"""On what a benchmark ran, so that figures of different machines are not mixed."""

import os
import platform
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import ROOT, cpu


def facts() -> dict[str, Any]:
    """Cores, processor, Python (and whether it was built with optimisation: about 15 %), and the commit."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "python_optimised": "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS")),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain")),
    }


def load_average() -> list[float]:
    """Of the last 1, 5 and 15 minutes, as the system tells it."""
    return [round(load, 2) for load in os.getloadavg()]


def loop_ms() -> float:
    """CPU milliseconds of a fixed piece of Python: how fast this machine is at this moment."""
    return min(_loop() for _ in range(5))


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU seconds since the machine started: of everybody, of our own processes, and those the host took away."""

    at: float
    busy: float
    own: float
    stolen: float


def read() -> Reading:
    """The counters of proc_stat(5), and our own."""
    user, nice, system, _idle, _waiting, irq, softirq, stolen, *_ = _ticks()
    own = cpu.seconds({"own": os.getpid()})["own"]
    return Reading(time.monotonic(), (user + nice + system + irq + softirq) / cpu.TICK, own, stolen / cpu.TICK)


def shares(before: Reading, after: Reading) -> dict[str, float]:
    """Of the machine's whole CPU time between two readings: what others used, and what the host took away."""
    whole = (after.at - before.at) * (os.cpu_count() or 1)
    others = (after.busy - before.busy) - (after.own - before.own)
    return {"others": max(0.0, others / whole), "stolen": (after.stolen - before.stolen) / whole}


def _ticks() -> list[int]:
    return [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]


def _loop() -> float:
    began = time.process_time()
    for _ in range(1_000_000):
        pass
    return 1000 * (time.process_time() - began)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607  -- git is on the path
    return done.stdout.strip()
