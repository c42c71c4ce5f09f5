"""The two processes beside a rehearsal: the generator of its crowd, and the fake that takes its payments.

Both are strangers to the site. They are in process groups of their own, so that Ctrl-C reaches the command alone, which
then ends them in order. When the command is killed both end by themselves: the fake's input ends, and the generator
finds nobody to speak to.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
GRACE: Final = 30.0  # seconds that the generator has to end with its report
QUIET: Final = 120.0  # it says something every second; when nothing comes for so long it hangs
Message = dict[str, Any]


class CouldNotStart(Exception):
    """A process did not begin as it should; says why."""


@contextmanager
def fake_stripe(*, webhook_url: str, secret: str) -> Iterator[str]:
    """A fake Stripe with nothing in it, on this machine; yields its address. Raises CouldNotStart."""
    command = [
        sys.executable, "-m", "fakestripe", "--port", "0", "--webhook-url", webhook_url, "--webhook-secret", secret,
        "--until-input-ends",
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603  -- our own module
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            said = process.stdout.readline() if process.stdout else ""
            if not said.startswith("Fake Stripe ready at "):
                raise CouldNotStart(f"The fake Stripe does not start: {said.strip() or 'it says nothing'}")
            yield said.split()[4].rstrip(",")
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


class Generator:
    """The generator at work: what it says, line by line, and how it is ended."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._said: queue.Queue[Message | None] = queue.Queue()
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(  # noqa: S603  -- our own module
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def hear(self, within: float = QUIET) -> Message | None:
        """What it says next; None when it has ended. Raises CouldNotStart when it says nothing for so long."""
        try:
            return self._said.get(timeout=within)
        except queue.Empty:
            raise CouldNotStart(f"The generator says nothing any more. {self.last_words()}") from None

    def interrupt(self) -> None:
        """Ask it to end now, with a report of what it has played."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """End it, whatever it is at, with all that it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def last_words(self) -> str:
        """The end of what it wrote to its errors."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-5:])

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            with suppress(ValueError):
                message = json.loads(line.replace("\\u0000", ""))  # which Postgres keeps in no JSON
                if isinstance(message, dict):
                    self._said.put(message)
        self._said.put(None)
