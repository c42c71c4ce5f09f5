"""The site over the servers: its database prepared, then its processes started and waited for."""

import hashlib
import http.client
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from embedded import Failed, edge, environment, ports, processes
from embedded.processes import Part, Plan
from embedded.servers import Addresses


def prepare(variables: Mapping[str, str], local: Path) -> str:
    """Bring the database, the flags, the demo events and the static files up to date; returns what the demo has to say.

    Each of these does nothing where nothing has changed. Raises Failed with the end of the log.
    """
    _manage("migrate", "--noinput", variables=variables, local=local)
    _manage("flags", "sync", variables=variables, local=local)
    if variables.get("BROWSE_DATABASE_URL"):
        _manage("make_browse_role", variables=variables, local=local)
    _collect_static(variables, local)
    return _manage("seed_demo", variables=variables, local=local)


@contextmanager
def running(port: int, addresses: Addresses, variables: Mapping[str, str], local: Path) -> Iterator[list[Part]]:
    """Start the site, to be visited on `port`: gunicorn, the job worker, what stands in for Stripe, and the edge.

    Yields them with the servers' own, the site answering; stops them at the end, the last one first. Without an edge
    gunicorn has `port` itself. Raises Failed if one ends early or the site does not answer.
    """
    parts = list(addresses.parts)
    has_edge = _has_edge()
    behind = _port_behind(port, local) if has_edge else port
    with ExitStack() as stack:
        for plan in _plans(behind, port, variables, local):
            part = processes.start(plan, local)
            stack.callback(part.stop)
            parts.append(part)
        _wait_for_answer(behind, parts)
        if has_edge:
            static = Path.cwd() / "staticfiles"
            parts.append(stack.enter_context(edge.running(port=port, site=behind, static=static, local=local)))
            _wait_for_answer(port, parts)
        yield parts


def check(parts: list[Part]) -> None:
    """Raise Failed, with the end of its log, if a part has ended."""
    for part in parts:
        if not part.is_running():
            raise Failed(f"{part.name} has ended. Its log, {part.log}, ends:\n{part.last_words()}")


def _has_edge() -> bool:
    """Whether the edge is wanted and there is one for this machine; says so in a line if there is none."""
    if not edge.is_wanted():
        return False
    if edge.program():
        return True
    print(f"No edge in front: the wheel {edge.WHEEL} has no nginx for this machine.", flush=True)
    return False


def _port_behind(port: int, local: Path) -> int:
    """The port that gunicorn has while the edge has `port`."""
    kept = ports.remembered(local / "site.port")
    return kept if kept != port else ports.choose()


def _plans(behind: int, port: int, variables: Mapping[str, str], local: Path) -> list[Plan]:
    bind = f"{ports.HOST}:{behind}"
    gunicorn = ["-m", "gunicorn", "tito.wsgi:application", "-c", "tito/gunicorn.conf.py", "--bind", bind]
    plans = [
        _plan("site", gunicorn, variables, grace=25.0),  # gunicorn's own patience is 20
        _plan("worker", ["manage.py", "work"], variables),
    ]
    if environment.uses_fake_stripe():
        fake = environment.fake_stripe_arguments(port=port, local=local)
        plans.insert(0, _plan("fakestripe", fake, variables))
    return plans


def _plan(name: str, arguments: list[str], variables: Mapping[str, str], *, grace: float = 15.0) -> Plan:
    return Plan(name, [sys.executable, *arguments], environment=variables, folder=Path.cwd(), grace=grace)


def _manage(*arguments: str, variables: Mapping[str, str], local: Path) -> str:
    """Run a command of the site and return what it printed; its errors and log lines go to its own log."""
    log = processes.log_of(arguments[0], local)
    with log.open("w") as errors:
        done = processes.run(_plan(arguments[0], ["manage.py", *arguments], variables), stderr=errors)
    if done.returncode:
        tail = "\n".join([*log.read_text(errors="replace").splitlines()[-20:], done.stdout.strip()])
        raise Failed(f"manage.py {' '.join(arguments)} failed. Its log, {log}, ends:\n{tail}")
    return done.stdout


def _collect_static(variables: Mapping[str, str], local: Path) -> None:
    """Collect the static files if they, the settings or the packages have changed: compressing them takes long."""
    note = local / "collected"
    if not note.exists() or note.read_text() != _static_state():
        note.unlink(missing_ok=True)
        _manage("collectstatic", "--noinput", variables=variables, local=local)
        note.write_text(_static_state())


def _static_state() -> str:
    """A digest of all that `collectstatic` reads, and of the manifest that it writes last."""
    here = Path.cwd()
    folders = [here / "static", *here.glob("*/static"), here / "tito" / "settings"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    files += [here / "requirements" / "run.txt", here / "staticfiles" / "staticfiles.json"]
    digest = hashlib.sha256()
    for path in sorted(filter(Path.exists, files)):
        digest.update(f"{path}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _wait_for_answer(port: int, parts: list[Part]) -> None:
    statuses: list[int] = []

    def has_answered() -> bool:
        check(parts)
        statuses.append(_status(port))
        return bool(statuses[-1])

    if not processes.wait_until(has_answered, within=60.0) or statuses[-1] >= 500:
        last_words = "\n".join(f"{part.name}:\n{part.last_words()}" for part in parts)
        raise Failed(f"The site answers its front page with {statuses[-1] or 'nothing'}.\n{last_words}")


def _status(port: int) -> int:
    """The HTTP status of the front page, or 0 while nothing answers."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=20)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
