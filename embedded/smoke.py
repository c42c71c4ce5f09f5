"""What a stranger does first, done by CI: `make run`, look at the front page, Ctrl-C.

`python -m embedded.smoke` prints what `make run` prints and exits with 1 if any of it goes wrong.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from typing import IO

from embedded import edge, ports

PATIENCE = 180  # seconds for all of it, on a slow machine too


def main() -> int:
    """Run it once on a port that is free; returns the exit status."""
    port = ports.choose()
    signal.alarm(PATIENCE)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    # A group of its own, because a terminal sends Ctrl-C to make and to all that make started.
    with subprocess.Popen(
        ["make", "run"],
        env={**os.environ, "PORT": str(port)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None  # noqa: S101  -- for the type checker; PIPE makes it so
        try:
            served = _becomes_ready(run.stdout) and _serves(port)
        finally:
            os.killpg(run.pid, signal.SIGINT)
        said = run.stdout.read()
    print(said)
    return 0 if served and "Stopped." in said and ports.is_free(port) else 1


def _becomes_ready(output: IO[str]) -> bool:
    started_at = time.monotonic()
    for line in output:
        print(line, end="", flush=True)
        if "Ctrl-C" in line:
            print(f"Ready after {time.monotonic() - started_at:.1f} s.")
            return True
    return False


def _serves(port: int) -> bool:
    """Whether the front page is there, with the edge's word for where it came from if there is an edge."""
    has_edge = edge.is_wanted() and edge.program() is not None
    with urllib.request.urlopen(f"http://{ports.HOST}:{port}/", timeout=20) as answer:
        is_page = answer.status == 200 and b"<html" in answer.read()
        return is_page and ("X-Edge" in answer.headers) is has_edge


if __name__ == "__main__":
    sys.exit(main())
