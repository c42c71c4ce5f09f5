"""Starts, watches and stops the processes of a run, and ends those that a killed run left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from embedded import leash, private

BOOT = Path("/proc/sys/kernel/random/boot_id")  # some containers hide it
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """An account that processes run as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Plan:
    """How one process is to run: `grace` is the seconds it has to end after `stop_signal`."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=lambda: PLAIN_ENVIRONMENT)
    folder: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15.0
    stdin: str = ""

    def leashed(self) -> list[str]:
        """The command behind `leash.py`: as its account, ending with this process."""
        account = f"{self.account.uid}:{self.account.gid}" if self.account else "-"
        arguments = [str(os.getpid()), str(int(self.stop_signal)), account, *map(str, self.command)]
        return [sys.executable, "-I", "-S", leash.__file__, *arguments]


@dataclass(frozen=True)
class Part:
    """A process of this run, with the log that it writes and the record that outlives this run."""

    plan: Plan
    process: subprocess.Popen[str]
    log: Path
    record: Path

    @property
    def name(self) -> str:
        """What to call it in front of people."""
        return self.plan.name

    def is_running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it in its own way, or by force once its grace is over; end what one that has ended left behind.

        nginx's workers, for one, go on listening when their master is killed. They are in the group that it led.
        """
        if self.is_running():
            self.process.send_signal(self.plan.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.plan.grace)
        with suppress(ProcessLookupError, PermissionError):  # nobody is left
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.record.unlink(missing_ok=True)

    def last_words(self, lines: int = 20) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def start(plan: Plan, where: Path) -> Part:
    """Start `plan` and return at once. Its log and record are kept under the folder `where`.

    Call this from the main thread, or one that lives as long: the process ends with its starter.
    """
    log, record = log_of(plan.name, where), where / f"{plan.name}.pid"
    with log.open("w") as output:
        process = subprocess.Popen(
            plan.leashed(),
            stdin=subprocess.PIPE if plan.stdin else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(plan.environment),
            cwd=plan.folder,
            start_new_session=True,  # Ctrl-C reaches the launcher alone, which then stops things in order
            text=True,
        )
    private.write(record, f"{process.pid} {int(plan.stop_signal)} {started_at(process.pid)}")
    if process.stdin:
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(plan.stdin)
    return Part(plan, process, log, record)


def log_of(name: str, where: Path) -> Path:
    """The file that the process `name` of the folder `where` writes to."""
    folder = where / "logs"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.log"


def run(plan: Plan, *, stderr: IO[str] | int = subprocess.STDOUT) -> subprocess.CompletedProcess[str]:
    """Run `plan` to its end and return what it printed; `returncode` says how it went."""
    return subprocess.run(
        plan.leashed(),
        input=plan.stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=dict(plan.environment),
        cwd=plan.folder,
        start_new_session=True,
        text=True,
        check=False,
    )


def started_at(pid: int) -> str:
    """A mark that no later process with the same number shares; empty when there is no such process.

    The mark is the boot's identity and the process's start in clock ticks (proc(5), field 22 of stat).
    """
    if not Path("/proc/self/stat").exists():  # macOS
        return _printed("ps", "-o", "lstart=", "-p", str(pid))
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    if fields[0] in {"Z", "X"}:  # ended, and only its parent has not noticed
        return ""
    boot = BOOT.read_text().strip() if BOOT.exists() else "?"
    return f"{boot}:{fields[19]}"


def end_leftovers(where: Path) -> None:
    """End every process recorded in `where` by a run that is over, and forget it.

    A number that has since been given to another process is left alone.
    """
    records = sorted(where.glob("*.pid"))
    for record in records:
        pid, stop_signal, mark = [*record.read_text().split(" ", 2), "", "", ""][:3]
        if mark and started_at(int(pid)) == mark:
            _end(int(pid), int(stop_signal), mark)
        record.unlink()


def wait_until(met: Callable[[], bool], *, within: float) -> bool:
    """Ask `met` again and again for at most `within` seconds; whether it was."""
    deadline = time.monotonic() + within
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _end(pid: int, stop_signal: int, mark: str) -> None:
    for number, grace in ((stop_signal, 20.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: started_at(pid) != mark, within=grace):
            return


def _printed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
